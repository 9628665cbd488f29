// The first member of a cluster that is started again: which one, and how it starts.

import { tellAutoRejoin } from "../cluster/auto-rejoin.ts";
import { argument, runtime } from "../errors.ts";
import { setInstanceAddress } from "../metadata/records.ts";
import type { ClusterRecord, Snapshot } from "../metadata/snapshot.ts";
import {
  accountExists,
  createRecoveryAccount,
  dropAccount,
  newCredentials,
  recoveryUser,
} from "../primitives/accounts.ts";
import { CLUSTERSET, setRecoveryCredentials } from "../primitives/channel.ts";
import { bootstrapGroup, GROUP, setWritableByElection, stopGroup, waitFor } from "../primitives/group.ts";
import { executed, known, subtract, waitForSet } from "../primitives/gtid.ts";
import { lock } from "../primitives/locks.ts";
import { isOn, memberOptions, readVariable, setGroupOptions, setVariable } from "../primitives/variables.ts";
import type { ClusterProbe } from "../probe.ts";
import type { Instance } from "../session.ts";
import type { Call, Shell } from "../shell.ts";
import { validateInstance } from "./instance-check.ts";

/** The member with the most transactions; the session's server if several have as many. Throws RuntimeError when they diverge. */
export async function chooseSeed(
  shell: Shell,
  probe: ClusterProbe,
  wanted: string | undefined,
  force: boolean,
): Promise<Instance> {
  const { output, session } = shell;
  const members = probe.members.flatMap(({ instance }) => (instance ? [instance] : []));
  output.info("Waiting for instances to apply pending received transactions...");
  for (const member of members) await waitForSet(member, await known(member, [GROUP, CLUSTERSET]), 60);
  const sets = await Promise.all(members.map(async (one) => ({ one, set: await executed(one) })));
  if (wanted !== undefined) {
    const found = members.find((one) => one.address === wanted);
    if (!found)
      throw argument(`The requested instance '${wanted}' isn't part of the members of the Cluster.`);
    return found;
  }
  let best = sets.find(({ one }) => one.uuid === session.uuid) ?? sets[0];
  if (best === undefined) throw runtime("No member of the Cluster could be reached");
  for (const candidate of sets) {
    const more = await subtract(session, candidate.set, best.set);
    const less = await subtract(session, best.set, candidate.set);
    if (more !== "" && less !== "" && !force)
      throw runtime(
        `The instances '${best.one.address}' and '${candidate.one.address}' have diverging transactions. Use the options 'force' and 'primary' to choose.`,
      );
    if (more !== "" && less === "") best = candidate;
  }
  if (best.one.uuid !== session.uuid)
    output.info(`Switching over to instance '${best.one.address}' to be used as seed instance.`);
  return best.one;
}

/** A server that starts Group Replication by itself waits for a group in vain; nothing can be set while it does. */
async function cancelAutoRejoin(shell: Shell, seed: Instance): Promise<void> {
  if (await tellAutoRejoin({ shell }, seed))
    shell.output.note(`Cancelling active GR auto-initialization at ${seed.address}`);
  await stopGroup(seed);
}

/** The cluster that starts again. */
export interface Restored {
  readonly cluster: ClusterRecord;
  readonly snapshot: Snapshot;
  /** nothing may make its primary writable */
  readonly readOnly: boolean;
}

/** Starts the group on the seed. An invalidated or replica cluster comes up read only. */
export async function restoreSeed(
  { shell, args }: Call,
  seed: Instance,
  { cluster, snapshot, readOnly }: Restored,
): Promise<void> {
  const { output } = shell;
  await lock(shell, "instance", seed);
  await cancelAutoRejoin(shell, seed);
  await validateInstance(output, seed);
  const writes = !cluster.invalidated && cluster.role !== "REPLICA";
  if (readOnly) await setWritableByElection(seed, false);
  else if (writes) await renewRecoveryAccount(shell, seed);
  if (await isOn(seed, "offline_mode")) output.note(`Disabling 'offline_mode' on '${seed.address}'`);
  const record = snapshot.instances.find((one) => one.uuid === seed.uuid);
  const local = args.text("localAddress") ?? (record?.grLocal || seed.address);
  await setGroupOptions(seed, {
    groupName: cluster.groupName,
    localAddress: local,
    seeds: [],
    sslMode: (await readVariable(seed, "group_replication_ssl_mode")) ?? "REQUIRED",
    communicationStack: "MYSQL",
    startOnBoot: cluster.attributes["opt_manualStartOnBoot"] !== true,
    others: memberOptions(args),
  });
  output.info("* Waiting for seed instance to become ONLINE...");
  await bootstrapGroup(seed);
  if (writes)
    await waitFor(
      async () => !(await isOn(seed, "super_read_only")),
      60,
      () => `'${seed.address}' stays read only`,
    );
  output.info(`${seed.address} was restored.`);
  if (!writes) return;
  output.info("Updating instance metadata...");
  await setInstanceAddress(seed, seed.uuid, seed.address, local);
  output.lines(`The instance metadata for '${seed.address}' was successfully updated.`, "");
}

async function renewRecoveryAccount({ output }: Shell, seed: Instance): Promise<void> {
  const account = newCredentials(recoveryUser(seed.serverId));
  await setVariable(seed, "GLOBAL", "super_read_only", "OFF");
  if (await accountExists(seed, account.user)) {
    output.note(
      `User '${account.user}'@'${account.host}' already existed at instance '${seed.address}'. It will be deleted and created again with a new password.`,
    );
    await dropAccount(seed, account.user);
  }
  await createRecoveryAccount(seed, account);
  await setRecoveryCredentials(seed, account);
}
