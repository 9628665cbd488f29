// dba reboot-cluster-from-complete-outage: a cluster whose members are all down in the group starts again.

import { writable } from "../cluster/members.ts";
import { rejoin } from "../cluster/rejoin-instance.ts";
import { bringBack } from "../clusterset/rejoin-cluster.ts";
import { coded, logic, runtime } from "../errors.ts";
import { newestCopy, resolve } from "../handle.ts";
import { readState } from "../instance-state.ts";
import {
  type ClusterRecord,
  clusterOf,
  readSnapshot,
  type SetRecord,
  type Snapshot,
  setOf,
} from "../metadata/snapshot.ts";
import { Arguments } from "../options.ts";
import type { ObjectResult } from "../output.ts";
import { RULES, requireType } from "../preconditions.ts";
import { hasQuorum } from "../primitives/group.ts";
import { type ClusterProbe, probeCluster } from "../probe.ts";
import { notDone } from "../refusals.ts";
import type { Instance } from "../session.ts";
import type { Call, Shell } from "../shell.ts";
import { chooseSeed, restoreSeed } from "./reboot-seed.ts";

/** Starts the group again from the member that knows most, and brings the others back. */
export async function rebootCluster({ shell, args }: Call): Promise<ObjectResult | undefined> {
  const { output } = shell;
  if (args.has("switchCommunicationStack"))
    throw notDone("rebootClusterFromCompleteOutage with switchCommunicationStack");
  const dryRun = args.flag("dryRun") === true;
  const { cluster, snapshot, removed } = await findCluster(shell, args.optional(0));
  if (cluster.invalidated && args.flag("force") === true)
    throw runtime(
      "The 'force' option cannot be used in a Cluster that belongs to a ClusterSet and is INVALIDATED.",
    );
  if (dryRun)
    output.note("dryRun option was specified. Validations will be executed, but no changes will be applied.");
  else output.lines(`Restoring the Cluster '${cluster.name}' from complete outage...`, "");
  const probe = await probeCluster(shell.pool, snapshot, cluster);
  requireOutage(shell, probe, args.flag("force") === true || cluster.invalidated);
  const seed = await chooseSeed(shell, probe, args.text("primary"), args.flag("force") === true);
  if (dryRun) {
    output.lines("dryRun finished.", "");
    return undefined;
  }
  const readOnly = cluster.invalidated && !removed;
  await restoreSeed({ shell, args }, seed, { cluster, snapshot, readOnly });
  await bringOthersBack(shell, probe, seed, cluster);
  output.lines("The Cluster was successfully rebooted.", "");
  return { class: "Cluster", name: cluster.name };
}

async function findCluster(
  shell: Shell,
  name: string | undefined,
): Promise<{ cluster: ClusterRecord; snapshot: Snapshot; removed: boolean }> {
  const { output, session } = shell;
  const state = await readState(session);
  requireType(output, state.type, RULES["dba.rebootClusterFromCompleteOutage"].types);
  const { snapshot } = state;
  const own = snapshot && clusterOf(snapshot, session.uuid);
  if (snapshot === undefined || own === undefined || (name !== undefined && name !== own.name))
    throw coded(51101, `The cluster with the name '${name ?? ""}' does not exist.`);
  const set = setOf(snapshot, own);
  if (set === undefined) return { cluster: own, snapshot, removed: false };
  if (own.role === "PRIMARY" && state.type === "InnoDBClusterSetOffline")
    output.info(`No PRIMARY member found for cluster '${own.name}'`);
  const newest = await newestCopy(shell, { server: session, snapshot }, set);
  if (newest.server === session && (await isForgotten(shell, snapshot, set))) throw logic("internal error");
  const cluster = newest.snapshot.clusters.find((one) => one.id === own.id);
  // A cluster that was removed from its ClusterSet is started from its own copy, alone like an invalidated one, but writable.
  if (cluster === undefined)
    return { cluster: { ...own, invalidated: true, role: undefined }, snapshot, removed: true };
  if (cluster.invalidated)
    output.warning(`Cluster '${own.name}' was INVALIDATED and must be removed from the ClusterSet.`);
  return { cluster, snapshot: newest.snapshot, removed: false };
}

/** True when the primary cluster's members answer and know of no ClusterSet: it was dissolved. MySQL Shell has no words for that. */
async function isForgotten({ pool }: Shell, snapshot: Snapshot, set: SetRecord): Promise<boolean> {
  const primary = snapshot.clusters.find((one) => one.setId === set.id && one.role === "PRIMARY");
  const { best } = primary ? await probeCluster(pool, snapshot, primary) : { best: undefined };
  return best !== undefined && (await readSnapshot(best)) === undefined;
}

function requireOutage({ output }: Shell, { members }: ClusterProbe, lenient: boolean): void {
  const states = members.map(
    ({ record, instance, state }) => `'${record.address}' (${instance ? state : "UNREACHABLE"})`,
  );
  output.info(`Cluster instances: ${states.join(", ")}`);
  const online = members.filter((one) => one.state === "ONLINE");
  if (online.length > 0)
    throw runtime(
      online.some((one) => hasQuorum(one.group))
        ? "The Cluster is ONLINE"
        : "The Cluster has lost quorum but has ONLINE members that are reachable. Please use <Cluster>.forceQuorumUsingPartitionOf() to restore it.",
    );
  const unreachable = members.filter((one) => !one.instance).map((one) => `'${one.record.address}'`);
  if (unreachable.length === 0) return;
  if (lenient) return;
  output.warning(
    `One or more instances of the Cluster could not be reached and cannot be rejoined nor ensured to be OFFLINE: ${unreachable.join(", ")}. Cluster may diverge and become inconsistent unless all instances are either reachable or certain to be OFFLINE and not accepting new transactions. You may use the 'force' option to bypass this check and proceed anyway.`,
  );
  throw runtime("Could not determine if Cluster is completely OFFLINE");
}

async function bringOthersBack(
  shell: Shell,
  probe: ClusterProbe,
  seed: Instance,
  cluster: ClusterRecord,
): Promise<void> {
  const { output } = shell;
  const skipped = (why: string): void =>
    output.info(
      `Skipping rejoining remaining instances because the Cluster belongs to a ClusterSet and ${why}. Please add or remove the instances after the Cluster is rejoined to the ClusterSet.`,
    );
  if (cluster.invalidated) {
    skipped("is INVALIDATED");
    if (cluster.role === undefined && cluster.setId) await tellRemoved(shell, seed);
    return;
  }
  const handle = await resolve({ ...shell, session: seed }, "cluster");
  if (handle.globalPrimary === undefined) {
    skipped("its PRIMARY cluster is not available");
    return;
  }
  const ready = writable(handle);
  if (handle.set && handle.cluster.role === "REPLICA") {
    output.lines("Rejoining Cluster into its original ClusterSet...", "");
    output.info(`Rejoining cluster '${cluster.name}' to the clusterset`);
    const own = await probeCluster(shell.pool, handle.snapshot, handle.cluster);
    await bringBack(ready, { ...own, primary: seed });
  }
  const options = new Arguments([], new Map());
  for (const { instance } of probe.members)
    if (instance && instance.uuid !== seed.uuid) await rejoin(ready, instance, options);
}

/** Says so when the seed's cluster is no longer part of the ClusterSet that its copy names. */
async function tellRemoved(shell: Shell, seed: Instance): Promise<void> {
  await resolve({ ...shell, session: seed }, "cluster").catch(() => undefined);
}
