// clusterset force-primary-cluster: failover when the primary cluster is lost.
import { SYNC_LIMIT } from "../cluster/members.ts";
import { coded, errorText, runtime } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { changeSet, type SetChange } from "../metadata/records.ts";
import type { ClusterRecord } from "../metadata/snapshot.ts";
import { CLUSTERSET } from "../primitives/channel.ts";
import { GROUP } from "../primitives/group.ts";
import { known, subtract, waitForSet } from "../primitives/gtid.ts";
import { lock } from "../primitives/locks.ts";
import { probeCluster } from "../probe.ts";
import type { Call } from "../shell.ts";
import { requireRule } from "../situation.ts";
import {
  followAll,
  forgetChannels,
  primaryClusterOf,
  promote,
  setSizeLimit,
  sizeLimitOf,
} from "./replica.ts";
import { type Checked, checkClusters, namedClusters } from "./set-primary-cluster.ts";

/** Promotes a replica cluster while the primary cluster cannot be reached, and invalidates that one. */
export async function forcePrimaryCluster({ shell, args }: Call, handle: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(handle, "clusterset.forcePrimaryCluster");
  const name = args.at(0);
  const dryRun = args.flag("dryRun") === true;
  output.info(`Failing-over primary cluster of the clusterset to '${name}'`);
  output.info("* Verifying primary cluster status");
  const lost = await requireLost(handle);
  const cluster = requireCandidate(handle, name);
  output.info("* Verifying clusterset status");
  const checked = await checkClusters(handle, namedClusters(handle, args), lost);
  const target = checked.available.find((one) => one.cluster.id === cluster.id);
  if (target === undefined) throw runtime(`Cluster '${name}' cannot be promoted and invalidated at once`);
  for (const one of checked.available) await lock(shell, "cluster", one.primary);
  await requireNewest(checked, target, args.integer("timeout") ?? SYNC_LIMIT, handle);
  output.info(`* Promoting cluster '${name}'`);
  if (dryRun) output.info("* Updating metadata");
  else await perform(handle, checked, target, lost);
  tellEnd(handle, target, lost);
  if (dryRun) output.lines("dryRun finished.", "");
  return undefined;
}

async function requireLost({ shell, snapshot, set }: Handle): Promise<ClusterRecord> {
  const { output, pool } = shell;
  const primary = primaryClusterOf(snapshot, set?.id ?? "");
  if (primary === undefined) throw runtime("The ClusterSet has no PRIMARY cluster");
  const { availability } = await probeCluster(pool, snapshot, primary);
  const { name } = primary;
  if (availability === "ONLINE" || availability === "ONLINE_NO_PRIMARY") {
    output.error(`The PRIMARY cluster '${name}' is still available and has quorum.`);
    throw coded(51615, `PRIMARY cluster '${name}' is still available`);
  }
  if (availability === "NO_QUORUM" || availability === "OFFLINE") {
    output.error(
      availability === "OFFLINE"
        ? `Instances of the PRIMARY cluster '${name}' are reachable but OFFLINE. Use the dba.rebootClusterFromCompleteOutage() command to restore it.`
        : `The PRIMARY cluster '${name}' is reachable but has no quorum. Use the <Cluster>.forceQuorumUsingPartitionOf() command to restore it.`,
    );
    throw coded(51614, `PRIMARY cluster '${name}' is in state ${availability} but can still be restored`);
  }
  output.info(`None of the instances of the PRIMARY cluster '${name}' could be reached.`);
  return primary;
}

function requireCandidate({ snapshot, set, shell }: Handle, name: string): ClusterRecord {
  const cluster = snapshot.clusters.find((one) => one.name === name && one.setId === set?.id);
  const refuse = (error: Error): never => {
    shell.output.error(`Could not reach cluster '${name}': ${errorText(error)}`);
    throw error;
  };
  if (cluster === undefined)
    return refuse(coded(51101, `The cluster with the name '${name}' does not exist.`));
  if (cluster.invalidated) return refuse(coded(51121, `Cluster '${name}' is invalidated`));
  if (cluster.role === "PRIMARY") throw coded(51317, `Cluster '${name}' is already the PRIMARY cluster`);
  return cluster;
}

type Available = Checked["available"][number];

/** The target applies what it received; no other cluster that is reachable may know more. */
async function requireNewest(
  checked: Checked,
  target: Available,
  seconds: number,
  { shell }: Handle,
): Promise<void> {
  shell.output.info("** Waiting for instances to apply pending received transactions...");
  const channels = [CLUSTERSET, GROUP];
  for (const { primary } of checked.available)
    await waitForSet(primary, await known(primary, channels), seconds);
  shell.output.info("** Checking whether target cluster has the most recent GTID set");
  const own = await known(target.primary, channels);
  for (const { primary, cluster } of checked.available) {
    if ((await subtract(primary, await known(primary, channels), own)) === "") continue;
    shell.output.error(
      `Cluster '${cluster.name}' has transactions that cluster '${target.cluster.name}' does not have.`,
    );
    throw coded(51311, "Target cluster is behind other candidates");
  }
}

async function perform(
  handle: Handle,
  checked: Checked,
  target: Available,
  lost: ClusterRecord,
): Promise<void> {
  const { output } = handle.shell;
  await setSizeLimit(target, sizeLimitOf(target.cluster));
  await promote(target.primary);
  await forgetChannels(target);
  output.info("* Updating metadata");
  const changes: SetChange[] = [{ kind: "primary_force_changed", cluster: target.cluster.id }];
  for (const one of [lost, ...checked.invalidated])
    changes.push({ kind: "add_invalidated_member", cluster: one.id });
  await changeSet(target.primary, handle.set?.id ?? "", changes);
  const others = checked.available.filter((one) => one !== target);
  if (others.length > 0) output.info("* Updating replica clusters");
  for (const other of others)
    await followAll(output, other, {
      source: target.primary,
      groupName: target.cluster.groupName,
      credentials: undefined,
    });
}

function tellEnd({ shell }: Handle, { cluster, primary }: Available, lost: ClusterRecord): void {
  shell.output.lines(
    "",
    `PRIMARY cluster failed-over to '${cluster.name}'. The PRIMARY instance is '${primary.address}'`,
    `Former PRIMARY cluster '${lost.name}' was INVALIDATED, transactions that were not yet replicated may be lost.`,
    `In case of network partitions and similar, the former PRIMARY Cluster '${lost.name}' may still be online and a split-brain can happen. To avoid it, use <Cluster>.fenceAllTraffic() to fence the Cluster from all application traffic, or <Cluster>.fenceWrites() to fence it from write traffic only.`,
    "",
  );
}
