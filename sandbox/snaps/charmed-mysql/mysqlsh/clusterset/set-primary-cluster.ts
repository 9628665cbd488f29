// clusterset set-primary-cluster: a planned switch of the primary cluster.
import { SYNC_LIMIT, type Writable, writable } from "../cluster/members.ts";
import { argument, coded, errorText } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { changeSet, type SetChange } from "../metadata/records.ts";
import type { ClusterRecord } from "../metadata/snapshot.ts";
import type { Arguments } from "../options.ts";
import { CLUSTERSET } from "../primitives/channel.ts";
import { GROUP } from "../primitives/group.ts";
import { known, synchronise, waitForSet } from "../primitives/gtid.ts";
import { lock } from "../primitives/locks.ts";
import { type ClusterProbe, probeCluster } from "../probe.ts";
import type { Instance } from "../session.ts";
import type { Call } from "../shell.ts";
import { errantSet, requireRule } from "../situation.ts";
import { Undo } from "../undo.ts";
import { membersPrimaryLast } from "./replica.ts";
import { switchover } from "./switchover.ts";

/** The clusters that take part in a change of the primary cluster. */
export interface Change {
  readonly handle: Writable;
  readonly target: ClusterProbe & { readonly primary: Instance };
  /** the primary cluster that is to step down */
  readonly demoted: ClusterProbe & { readonly primary: Instance };
  readonly others: readonly (ClusterProbe & { readonly primary: Instance })[];
  readonly invalidated: readonly ClusterRecord[];
  readonly seconds: number;
}

/** Promotes a replica cluster; the primary cluster becomes a replica. Writes wait for a moment. */
export async function setPrimaryCluster({ shell, args }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "clusterset.setPrimaryCluster");
  const handle = writable(found);
  const name = args.at(0);
  output.info(`Switching the primary cluster of the clusterset to '${name}'`);
  const dryRun = args.flag("dryRun") === true;
  if (dryRun) output.note("dryRun enabled, no changes will be made");
  const cluster = requireCandidate(handle, name);
  output.info("* Verifying clusterset status");
  const invalidate = namedClusters(handle, args);
  const { available, invalidated } = await checkClusters(handle, invalidate);
  const change = changeOf(handle, cluster, available, invalidated, args.integer("timeout") ?? SYNC_LIMIT);
  await lock(shell, "clusterset", handle.globalPrimary);
  for (const one of [change.target, change.demoted, ...change.others])
    await lock(shell, "cluster", one.primary);
  await requireClean(change);
  output.info();
  if (dryRun) tellDryRun(change);
  else await perform(change);
  output.info(
    `Cluster '${name}' was promoted to PRIMARY of the clusterset. The PRIMARY instance is '${change.target.primary.address}'`,
  );
  output.info();
  if (dryRun) output.lines("dryRun finished.", "");
  return undefined;
}

function requireCandidate({ snapshot, set, shell }: Handle, name: string): ClusterRecord {
  const cluster = snapshot.clusters.find((one) => one.name === name && one.setId === set?.id);
  const refuse = (error: Error): never => {
    shell.output.error(`Cluster '${name}' cannot be promoted: ${errorText(error)}`);
    throw error;
  };
  if (cluster === undefined)
    return refuse(coded(51101, `The cluster with the name '${name}' does not exist.`));
  if (cluster.invalidated) return refuse(coded(51121, `Cluster '${name}' is invalidated`));
  if (cluster.role === "PRIMARY") throw coded(51317, `Cluster '${name}' is already the PRIMARY cluster`);
  return cluster;
}

/** The clusters that the command names to be given up. Throws ArgumentError for a name that is no live cluster of the set. */
export function namedClusters({ snapshot, set }: Handle, args: Arguments): readonly ClusterRecord[] {
  return args.list("invalidateReplicaClusters").map((name) => {
    const found = snapshot.clusters.find(
      (one) => one.name === name && one.setId === set?.id && !one.invalidated,
    );
    if (!found) throw argument(`Invalid cluster name '${name}' in option invalidateReplicaClusters`);
    return found;
  });
}

/** What was found of the clusters that take part. */
export interface Checked {
  readonly available: readonly (ClusterProbe & { readonly primary: Instance })[];
  readonly invalidated: readonly ClusterRecord[];
}

/** Asks every live cluster but the excepted one. Throws MYSQLSH 51613 when one is missing that the user did not give up. */
export async function checkClusters(
  handle: Handle,
  invalidate: readonly ClusterRecord[],
  except?: ClusterRecord,
): Promise<Checked> {
  const { shell, snapshot, set } = handle;
  const { output } = shell;
  const live = snapshot.clusters.filter(
    (one) => one.setId === set?.id && !one.invalidated && one.id !== except?.id,
  );
  const available: (ClusterProbe & { readonly primary: Instance })[] = [];
  const missing: ClusterRecord[] = [];
  for (const cluster of live) {
    output.info(`** Checking cluster ${cluster.name}`);
    const probe = await probeCluster(shell.pool, snapshot, cluster);
    if (probe.primary) {
      available.push({ ...probe, primary: probe.primary });
      output.info(`  Cluster '${cluster.name}' is available`);
      continue;
    }
    output.warning(
      `Could not get a handle to cluster '${cluster.name}': MYSQLSH 51014: Could not connect to a PRIMARY member of cluster '${cluster.name}'`,
    );
    if (invalidate.some((one) => one.id === cluster.id))
      output.note(`Cluster '${cluster.name}' will be INVALIDATED as requested`);
    else missing.push(cluster);
  }
  if (missing.length > 0) {
    output.error(
      `Operation cannot be completed because ${missing.length} of ${live.length} clusters are not available. Please correct these issues before proceeding. If you'd like to INVALIDATE these clusters and continue anyway, add the cluster name to the 'invalidateReplicaClusters' option.`,
    );
    throw coded(51613, "One or more replica clusters are unavailable");
  }
  const invalidated = live.filter((one) => invalidate.includes(one));
  return { available: available.filter((one) => !invalidated.includes(one.cluster)), invalidated };
}

function changeOf(
  handle: Writable,
  cluster: ClusterRecord,
  available: Checked["available"],
  invalidated: readonly ClusterRecord[],
  seconds: number,
): Change {
  const target = available.find((one) => one.cluster.id === cluster.id);
  const demoted = available.find((one) => one.cluster.role === "PRIMARY");
  if (!target || !demoted)
    throw argument(
      `Cluster '${cluster.name}' and the PRIMARY cluster cannot be named in option invalidateReplicaClusters`,
    );
  const others = available.filter((one) => one !== target && one !== demoted);
  return { handle, target, demoted, others, invalidated, seconds };
}

async function requireClean({ handle, target, demoted }: Change): Promise<void> {
  const errant = await errantSet(target.primary, demoted.primary);
  if (errant === "") return;
  const { output } = handle.shell;
  output.info(
    `${target.primary.address} has the following errant transactions not present at ${demoted.cluster.name}: ${errant}`,
  );
  output.error(
    `Cluster '${target.cluster.name}' cannot be promoted because it contains transactions that did not originate from the primary of the clusterset.`,
  );
  throw coded(51152, `Errant transactions detected at ${target.primary.address}`);
}

function tellDryRun({ handle, target, demoted }: Change): void {
  const { output } = handle.shell;
  output.info("** Waiting for the promoted cluster to apply pending received transactions...");
  output.info("* Refreshing replication account of demoted cluster");
  output.lines(
    `* Synchronizing transaction backlog at ${target.primary.address}`,
    "",
    "* Updating metadata",
    "",
  );
  output.info("* Updating topology");
  for (const member of membersPrimaryLast(demoted))
    output.info(`** Changing replication source of ${member.address} to ${target.primary.address}`);
  output.lines("* Acquiring locks in ClusterSet instances", "** Pre-synchronizing SECONDARIES");
  output.lines("** Acquiring global lock at PRIMARY", "** Acquiring global lock at SECONDARIES", "");
  output.lines(
    "* Synchronizing remaining transactions at promoted primary",
    "",
    "* Updating replica clusters",
  );
}

async function perform(change: Change): Promise<void> {
  const undo = new Undo();
  const { output } = change.handle.shell;
  try {
    await waitForApplier(change);
    await switchover(change, undo);
  } catch (error) {
    output.info(`* Could not complete operation, attempting to revert changes...`);
    const reverted = await undo.run(output);
    output.info(reverted ? "** Changes reverted" : "** Some changes could not be reverted");
    throw error;
  }
}

/** What the target has received is applied before anything changes. */
async function waitForApplier({ handle, target, demoted, seconds }: Change): Promise<void> {
  handle.shell.output.info("** Waiting for the promoted cluster to apply pending received transactions...");
  await waitForSet(target.primary, await known(target.primary, [CLUSTERSET, GROUP]), seconds);
  await synchronise(target.primary, demoted.primary, seconds);
}

/** Writes the new primary cluster down, and the clusters that are given up. */
export async function recordChange(change: Change): Promise<void> {
  const changes: SetChange[] = [{ kind: "primary_changed", cluster: change.target.cluster.id }];
  for (const one of change.invalidated) changes.push({ kind: "add_invalidated_member", cluster: one.id });
  await changeSet(change.demoted.primary, change.handle.set?.id ?? "", changes);
}
