// cluster dissolve
import { runtime } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { dropSchema } from "../metadata/records.ts";
import { dropAccount, ownAccounts } from "../primitives/accounts.ts";
import { synchronise } from "../primitives/gtid.ts";
import { lock } from "../primitives/locks.ts";
import { setVariable } from "../primitives/variables.ts";
import { type MemberProbe, probeCluster } from "../probe.ts";
import type { Instance } from "../session.ts";
import type { Call } from "../shell.ts";
import { requireRule } from "../situation.ts";
import { leaveGroup, leaveSet } from "./leave.ts";
import { SYNC_LIMIT, type Writable, writable } from "./members.ts";

/** Ends the cluster: accounts, metadata and groups go, the data stays. Its members stay read only. */
export async function dissolve({ shell, args }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "cluster.dissolve");
  const handle = writable(found);
  const { cluster, snapshot, set } = handle;
  if (set && snapshot.clusters.filter((one) => one.setId === set.id).length > 1)
    throw runtime(
      `Cluster '${cluster.name}' cannot be dissolved because it is part of a ClusterSet with other Clusters.`,
    );
  await lock(shell, "cluster", handle.primary);
  const { members } = await probeCluster(shell.pool, snapshot, cluster);
  const skipped = members.filter((one) => one.state !== "ONLINE" && one.state !== "RECOVERING");
  for (const one of skipped) tellSkipped(handle, one, args.flag("force") === true);
  const online = members.flatMap((one) => (one.instance && !skipped.includes(one) ? [one.instance] : []));
  for (const instance of online) await catchUp(handle, instance);
  output.info("* Dissolving the Cluster...");
  await forgetCluster(handle);
  for (const instance of online) {
    await catchUp(handle, instance);
    await leaveGroup(output, instance, set ? "channels and actions too" : "channels too");
    await leaveSet(instance);
    if (set) await setVariable(instance, "PERSIST_ONLY", "skip_replica_start", "OFF");
  }
  output.info();
  tellEnd(handle, skipped);
  return undefined;
}

function tellSkipped({ shell }: Handle, { record }: MemberProbe, force: boolean): void {
  const { output } = shell;
  if (force) {
    output.note(
      `The instance '${record.address}' is '(MISSING)' and it will only be removed from the metadata. Please take any necessary actions to make sure that the instance will not start/rejoin the cluster if brought back online.`,
    );
    output.info();
    return;
  }
  output.error(
    `The instance '${record.address}' cannot be removed because it is on a '(MISSING)' state. Please bring the instance back ONLINE and try to dissolve the cluster again. If the instance is permanently not reachable, then please use <Cluster>.dissolve() with the force option set to true to proceed with the operation and only remove the instance from the Cluster Metadata.`,
  );
  throw runtime(`The instance '${record.address}' is '(MISSING)'`);
}

async function catchUp({ shell, primary }: Writable, instance: Instance): Promise<void> {
  shell.output.info(`* Waiting for instance '${instance.address}' to apply received transactions...`);
  await synchronise(instance, primary, SYNC_LIMIT);
  shell.output.lines("", "");
}

/** A fenced cluster is read only: it is opened for these last writes. */
async function forgetCluster({ primary }: Writable): Promise<void> {
  await setVariable(primary, "GLOBAL", "super_read_only", "OFF");
  for (const { user, host } of await ownAccounts(primary)) await dropAccount(primary, user, host);
  await dropSchema(primary);
}

function tellEnd({ shell }: Handle, skipped: readonly MemberProbe[]): void {
  const { output } = shell;
  if (skipped.length > 0) {
    const names = skipped.map((one) => `'${one.record.address}'`).join(", ");
    output.warning(
      `The cluster was successfully dissolved, but the following instances were skipped: ${names}. Please make sure these instances are permanently unavailable or take any necessary manual action to ensure the cluster is fully dissolved.`,
    );
    return;
  }
  output.info("The cluster was successfully dissolved.");
  output.lines("Replication was disabled but user data was left intact.", "");
}
