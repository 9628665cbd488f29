// clusterset dissolve: the ClusterSet ends, and every cluster with it; the data stays.
import { leaveGroup, leaveSet } from "../cluster/leave.ts";
import { SYNC_LIMIT, type Writable, writable } from "../cluster/members.ts";
import { coded, errorText, SqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { dropSchema } from "../metadata/records.ts";
import { dropAccount, ownAccounts } from "../primitives/accounts.ts";
import { CLUSTERSET } from "../primitives/channel.ts";
import { GROUP } from "../primitives/group.ts";
import { executed, known, waitForSet } from "../primitives/gtid.ts";
import { lock } from "../primitives/locks.ts";
import { setVariable } from "../primitives/variables.ts";
import { type ClusterProbe, probeCluster } from "../probe.ts";
import type { Instance } from "../session.ts";
import type { Call } from "../shell.ts";
import { requireRule } from "../situation.ts";

/** Ends the ClusterSet and its clusters; with `--force` also when some are unreachable, which keep what they have. */
export async function dissolveSet({ shell, args }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "clusterset.dissolve");
  const handle = writable({ ...found, primary: found.primary ?? found.globalPrimary });
  const force = args.flag("force") === true;
  const probes = await probeAll(handle);
  for (const probe of probes) requireReachable(handle, probe, force);
  await lock(shell, "clusterset", handle.globalPrimary);
  for (const { primary } of probes) if (primary) await lock(shell, "cluster", primary);
  const replicas = probes.filter(({ cluster }) => cluster.role !== "PRIMARY");
  const seconds = args.integer("timeout") ?? SYNC_LIMIT;
  output.info("* Waiting for all reachable REPLICA Clusters to apply received transactions...");
  for (const one of onlineOf(replicas)) await waitForSet(one, await known(one, [CLUSTERSET, GROUP]), seconds);
  output.lines("", "* Dissolving the ClusterSet...", "");
  if (args.flag("dryRun") === true) {
    output.lines("dryRun finished.", "");
    return undefined;
  }
  await forget(handle.globalPrimary);
  output.info("* Waiting for all reachable REPLICA Clusters to synchronize with the PRIMARY Cluster...");
  const last = await executed(handle.globalPrimary);
  for (const one of onlineOf(replicas)) await waitForSet(one, last, seconds);
  // The primary cluster is last, so that every other one has received all.
  for (const probe of [...replicas, ...probes.filter((one) => !replicas.includes(one))])
    await dissolveCluster(handle, probe, last, seconds);
  output.lines("", "The ClusterSet has been dissolved, user data was left intact.", "");
  return undefined;
}

const probeAll = ({ shell, snapshot, set }: Writable): Promise<readonly ClusterProbe[]> =>
  Promise.all(
    snapshot.clusters
      .filter((one) => one.setId === set?.id)
      .map((cluster) => probeCluster(shell.pool, snapshot, cluster)),
  );

function requireReachable(
  { shell }: Writable,
  { cluster, primary, members }: ClusterProbe,
  force: boolean,
): void {
  const missing = members.filter((one) => one.state !== "ONLINE").map((one) => `'${one.record.address}'`);
  if (primary && missing.length === 0) return;
  if (force) {
    shell.output.note(
      `Cluster '${cluster.name}' has instances that are not ONLINE: ${missing.join(", ")}. Ignored because of 'force' option.`,
    );
    return;
  }
  const failed = primary
    ? coded(51161, `Not all instances of cluster '${cluster.name}' are ONLINE: ${missing.join(", ")}`)
    : coded(51014, `Could not connect to a PRIMARY member of cluster '${cluster.name}'`);
  shell.output.error(
    `The ClusterSet cannot be dissolved: ${errorText(failed)}. Use the 'force' option to dissolve it anyway.`,
  );
  throw failed;
}

const onlineOf = (probes: readonly ClusterProbe[]): readonly Instance[] =>
  probes.flatMap(({ members }) =>
    members.flatMap(({ instance, state }) => (instance && state === "ONLINE" ? [instance] : [])),
  );

/** The accounts and the metadata go at the primary cluster, and so everywhere. */
async function forget(primary: Instance): Promise<void> {
  await setVariable(primary, "GLOBAL", "super_read_only", "OFF");
  for (const { user, host } of await ownAccounts(primary)) await dropAccount(primary, user, host);
  await dropSchema(primary);
}

async function dissolveCluster(
  { shell }: Writable,
  { cluster, members }: ClusterProbe,
  last: string,
  seconds: number,
): Promise<void> {
  shell.output.info(`* Synchronizing all members and dissolving cluster '${cluster.name}'...`);
  const reachable = members.flatMap(({ instance, state }) =>
    instance && state === "ONLINE" ? [instance] : [],
  );
  for (const one of reachable) await waitForSet(one, last, seconds);
  for (const one of reachable) {
    await leaveGroup(undefined, one, "channels and actions too");
    await setVariable(one, "PERSIST_ONLY", "skip_replica_start", "OFF");
    await leaveSet(one).catch((error: unknown) => {
      if (!(error instanceof SqlError)) throw error;
    });
  }
}
