// clusterset remove-cluster: a replica cluster leaves the ClusterSet and is dissolved.
import { leaveGroup, leaveSet } from "../cluster/leave.ts";
import { SYNC_LIMIT, type Writable, waitForMembers, writable } from "../cluster/members.ts";
import { coded, errorText } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { changeSet, deleteCluster } from "../metadata/records.ts";
import { attribute, type ClusterRecord, membersOf } from "../metadata/snapshot.ts";
import { dropAccount } from "../primitives/accounts.ts";
import { readChannel } from "../primitives/channel.ts";
import { setWritableByElection } from "../primitives/group.ts";
import { lock } from "../primitives/locks.ts";
import { setVariable } from "../primitives/variables.ts";
import { type ClusterProbe, probeCluster } from "../probe.ts";
import type { Instance } from "../session.ts";
import type { Call } from "../shell.ts";
import { requireRule } from "../situation.ts";
import { keepCluster } from "./keep-cluster.ts";
import { setSizeLimit, sizeLimitOf } from "./replica.ts";

/** What is removed, and how much may be missing. */
export interface Removal {
  readonly handle: Writable;
  readonly probe: ClusterProbe;
  readonly force: boolean;
  readonly seconds: number;
  /** members that are ONLINE and follow the primary cluster */
  readonly online: readonly Instance[];
}

/** Removes a replica cluster; with `--force` also one that is unreachable or does not follow. */
export async function removeCluster({ shell, args }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "clusterset.removeCluster");
  const handle = writable({ ...found, primary: found.primary ?? found.globalPrimary });
  const keep = args.flag("dissolve") === false;
  const force = args.flag("force") === true;
  const cluster = requireReplica(handle, args.at(0));
  const probe = await probeCluster(shell.pool, handle.snapshot, cluster);
  requireReachable(handle, probe, force);
  if (keep)
    output.warning(
      `In order to turn '${cluster.name}' into a standalone Cluster (after removing it from the ClusterSet), errant transactions must be introduced on it. This makes the Cluster diverge from the ClusterSet's transaction set.`,
    );
  await lock(shell, "clusterset", handle.globalPrimary);
  if (probe.primary) await lock(shell, "cluster", probe.primary);
  output.lines(`The Cluster '${cluster.name}' will be removed from the InnoDB ClusterSet.`, "");
  const online = probe.members.flatMap(({ instance, state }) =>
    instance && state === "ONLINE" ? [instance] : [],
  );
  const removal = { handle, probe, force, online, seconds: args.integer("timeout") ?? SYNC_LIMIT };
  try {
    await requireFollowing(removal);
    if (args.flag("dryRun") !== true) {
      if (keep && probe.primary) await keepCluster(removal, probe.primary);
      else await remove(removal);
    }
  } catch (error) {
    output.error(`Error removing Replica Cluster: ${errorText(error)}`);
    output.note("Reverting changes...");
    output.lines("", "Changes successfully reverted.");
    throw error;
  }
  output.lines("", `The Cluster '${cluster.name}' was removed from the ClusterSet.`, "");
  return undefined;
}

function requireReplica({ snapshot, set, shell }: Handle, name: string): ClusterRecord {
  const cluster = snapshot.clusters.find((one) => one.name === name && one.setId === set?.id);
  if (cluster === undefined) {
    shell.output.error(`The Cluster '${name}' does not exist or does not belong to the ClusterSet.`);
    throw coded(51101, `The cluster with the name '${name}' does not exist.`);
  }
  if (cluster.role !== "PRIMARY") return cluster;
  shell.output.error("Cannot remove the PRIMARY Cluster of the ClusterSet.");
  throw coded(51608, `The Cluster '${name}' is the PRIMARY Cluster of the ClusterSet.`);
}

function requireReachable({ shell }: Handle, { cluster, primary }: ClusterProbe, force: boolean): void {
  if (primary) return;
  const text =
    "The target Cluster's Primary instance is unavailable so the Cluster cannot be cleanly removed from the ClusterSet.";
  if (force) {
    shell.output.warning(`${text} Removing anyway because 'force' is enabled.`);
    return;
  }
  shell.output.error(`${text} Use the 'force' option to remove anyway from the replication topology.`);
  throw coded(
    51118,
    `PRIMARY instance of Cluster '${cluster.name}' is unavailable: 'MYSQLSH 51014: Could not connect to a PRIMARY member of cluster '${cluster.name}''`,
  );
}

async function requireFollowing({ handle, probe, force }: Removal): Promise<void> {
  const { output } = handle.shell;
  const { cluster, primary } = probe;
  if (primary) {
    const channel = await readChannel(primary);
    if (channel === undefined && !force) {
      output.error(
        `The ClusterSet Replication channel could not be found at the Cluster '${cluster.name}'. Use the 'force' option to ignore this check.`,
      );
      throw coded(51133, "Replication channel does not exist");
    }
    if (channel === undefined)
      output.warning("Ignoring non-existing ClusterSet Replication channel because of 'force' option");
    else if (!force && (channel.receiver !== "ON" || channel.applier !== "ON")) {
      output.error(
        `The ClusterSet Replication channel has an invalid state '${channel.receiver}'. Use the 'force' option to ignore this check.`,
      );
      throw coded(51132, "Replication channel is not active");
    }
  }
  if (probe.members.every((member) => member.instance)) return;
  if (force) {
    output.note("The Cluster has unreachable instances. Ignored because of 'force' option.");
    return;
  }
  output.error(
    "The Cluster has unreachable instances so the command cannot remove them. Please bring the instances back ONLINE and try to remove the Cluster again, or use the 'force' option.",
  );
  throw coded(51161, `The Cluster '${cluster.name}' has unreachable instances`);
}

async function remove(removal: Removal): Promise<void> {
  const { handle, probe, online, seconds } = removal;
  const { output } = handle.shell;
  const follows = probe.primary !== undefined && (await readChannel(probe.primary)) !== undefined;
  output.info("* Waiting for the Cluster to synchronize with the PRIMARY Cluster...");
  await wait(removal, follows, seconds);
  await setSizeLimit(probe, sizeLimitOf(probe.cluster));
  for (const { instance } of probe.members)
    if (instance) await setVariable(instance, "PERSIST_ONLY", "skip_replica_start", "OFF");
  output.info("* Updating topology");
  await forgetCluster(removal);
  if (follows) {
    output.info("* Waiting for the Cluster to synchronize the Metadata updates with the PRIMARY Cluster...");
    await wait(removal, follows, seconds);
  }
  output.info("* Stopping and deleting ClusterSet managed replication channel...");
  for (const instance of online) await leaveSet(instance);
  if (probe.primary) await setWritableByElection(probe.primary, true);
  for (const instance of online) await setVariable(instance, "PERSIST", "super_read_only", "ON");
  if (probe.primary) await dissolve(removal);
}

async function wait({ handle, online }: Removal, follows: boolean, seconds: number): Promise<void> {
  if (!follows) return;
  await waitForMembers(online, handle.globalPrimary, seconds);
  handle.shell.output.lines("", "");
}

/** The cluster, its members and its accounts go from the metadata of the ClusterSet. */
async function forgetCluster({ handle, probe }: Removal): Promise<void> {
  const { globalPrimary, snapshot, set } = handle;
  const { cluster } = probe;
  await changeSet(globalPrimary, set?.id ?? "", [{ kind: "member_removed", cluster: cluster.id }]);
  await globalPrimary.transaction(() => deleteCluster(globalPrimary, cluster.id));
  const replication = attribute(cluster, "replicationAccountUser");
  const users = membersOf(snapshot, cluster).map((one) => attribute(one, "recoveryAccountUser"));
  for (const user of [replication, ...users]) if (user !== undefined) await dropAccount(globalPrimary, user);
}

async function dissolve({ handle, probe }: Removal): Promise<void> {
  const { output } = handle.shell;
  output.info("* Dissolving the Cluster...");
  const offline = probe.members.filter((one) => one.instance && one.state === "OFFLINE");
  for (const { instance } of offline) if (instance) await leaveGroup(output, instance, "options");
  output.info("* Reconciling internally generated GTIDs...");
  const rest = probe.members.filter((one) => one.instance && !offline.includes(one));
  // The primary last, so that no election makes a half dissolved member writable.
  for (const { instance } of rest.toSorted((a) => (a.instance?.uuid === probe.primary?.uuid ? 1 : -1)))
    if (instance) await leaveGroup(output, instance, "options");
}
