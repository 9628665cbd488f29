// The operations of `clusterset` on clusters that are in it: switchover, failover, rejoin, removal.
import { coded, runtime } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { channelFacts } from "../channel.ts";
import { isOnline } from "../groups.ts";
import { isSubset } from "../gtid.ts";
import type { Plan, Step } from "../state.ts";
import { plan, step, undoable } from "./plan.ts";
import {
  type Available,
  available,
  followSteps,
  givenUp,
  membersPrimaryLast,
  requireCandidate,
  requireClean,
  requireCluster,
} from "./replica.ts";
import { requireLocks, requireRule } from "./rules.ts";
import { type Handle, leaderOf, type Probe, probe, type Run, resolve } from "./sight.ts";

export function setPrimaryCluster(run: Run): Plan {
  const handle = resolve(run, "clusterset");
  requireRule(handle, "clusterset.setPrimaryCluster");
  const [name = ""] = run.call.args;
  const candidate = requireCandidate(handle, name);
  const clusters = available(handle, givenUp(handle));
  const target = clusters.find((each) => each.clusterId === candidate);
  const demoted = clusters.find((each) => handle.set?.members[each.clusterId] === "PRIMARY");
  if (target === undefined || demoted === undefined) throw runtime(`Cluster '${name}' cannot be promoted`);
  const locks = [
    `clusterset ${demoted.primary.host}`,
    ...clusters.map((each) => `cluster ${each.primary.host}`),
  ];
  requireLocks(run, locks);
  requireClean(target.primary, demoted.primary);
  const others = clusters.filter((each) => each !== target && each !== demoted);
  return plan(locks, switchover(handle, target, demoted, others));
}

/** Each step with its way back: the old primary cluster follows, then the new one leads. */
function switchover(
  handle: Handle,
  target: Available,
  demoted: Available,
  others: readonly Available[],
): readonly Step[] {
  const [to, from] = [target.primary.host, demoted.primary.host];
  const set = handle.setId ?? "";
  const back = (cluster: string): Step => step("record-switchover", from, set, cluster);
  return [
    step("synchronise", to, from),
    step("renew-account", from, demoted.clusterId),
    step("synchronise", to, from),
    undoable(back(target.clusterId), back(demoted.clusterId)),
    ...followSteps(handle, demoted, to, demoted.clusterId).map((each) =>
      undoable(each, step(each.args[0] === from ? "lead-again" : "forget-channel", each.args[0] ?? "")),
    ),
    ...[target, ...others].map(({ primary }) => step("synchronise", primary.host, from)),
    step("read-only", from),
    undoable(step("lead", to), step("follow-again", to)),
    ...others.flatMap((each) =>
      followSteps(handle, each, to, "").map((one) =>
        undoable(one, step("follow", one.args[0] ?? "", from, "", one.args[3] ?? "")),
      ),
    ),
    ...membersPrimaryLast(handle, target).map((host) => step("forget-channel", host)),
  ];
}

export function forcePrimaryCluster(run: Run): Plan {
  const handle = resolve(run, "clusterset");
  requireRule(handle, "clusterset.forcePrimaryCluster");
  const [name = ""] = run.call.args;
  const lost = requireLost(handle);
  const candidate = requireCandidate(handle, name);
  const invalidated = givenUp(handle);
  const clusters = available(handle, invalidated, lost);
  const target = clusters.find((each) => each.clusterId === candidate);
  if (target === undefined) throw runtime(`Cluster '${name}' cannot be promoted and invalidated at once`);
  const locks = clusters.map((each) => `cluster ${each.primary.host}`);
  requireLocks(run, locks);
  const newest = clusters.every((each) => isSubset(each.primary.data.executed, target.primary.data.executed));
  if (!newest) throw coded(51311, "Target cluster is behind other candidates");
  const to = target.primary.host;
  return plan(locks, [
    step("lead", to),
    ...membersPrimaryLast(handle, target).map((host) => step("forget-channel", host)),
    step("record-failover", to, handle.setId ?? "", candidate, lost, ...invalidated),
    ...clusters.filter((each) => each !== target).flatMap((each) => followSteps(handle, each, to, "")),
  ]);
}

/** The primary cluster, of which no member may answer. */
function requireLost(handle: Handle): string {
  const leader = leaderOf(handle.set);
  if (leader === undefined) throw runtime("The ClusterSet has no PRIMARY cluster");
  const { availability } = probe(handle, handle.metadata, leader);
  const name = handle.metadata.clusters[leader]?.name;
  if (availability === "ONLINE" || availability === "ONLINE_NO_PRIMARY")
    throw coded(51615, `PRIMARY cluster '${name}' is still available`);
  if (availability === "NO_QUORUM" || availability === "OFFLINE")
    throw coded(51614, `PRIMARY cluster '${name}' is in state ${availability} but can still be restored`);
  return leader;
}

export function rejoinCluster(run: Run): Plan {
  const handle = resolve(run, "clusterset");
  requireRule(handle, "clusterset.rejoinCluster");
  const [id, { name }] = requireCluster(handle, run.call.args[0] ?? "");
  const found = probe(handle, handle.metadata, id);
  if (found.primary === undefined) {
    if (found.availability === "OFFLINE")
      throw coded(51619, `The Cluster '${name}' is reachable but OFFLINE.`);
    throw coded(51014, `Could not connect to a PRIMARY member of cluster '${name}'`);
  }
  const locks = [`cluster ${found.primary.host}`];
  requireLocks(run, locks);
  return plan(locks, bringBackSteps(handle, { ...found, primary: found.primary }));
}

/** Also for a replica cluster that was started again. */
export function bringBackSteps(handle: Handle, cluster: Available): readonly Step[] {
  const { globalPrimary, set, setId = "" } = handle;
  const role = set?.members[cluster.clusterId];
  if (role === "PRIMARY" || globalPrimary === undefined) return [];
  requireClean(cluster.primary, globalPrimary);
  const writer = globalPrimary.host;
  return [
    ...(role === undefined ? [step("record-replica", writer, setId, cluster.clusterId)] : []),
    step("renew-account", writer, cluster.clusterId),
    ...followSteps(handle, cluster, writer, cluster.clusterId),
  ];
}

export function removeCluster(run: Run): Plan {
  const handle = resolve(run, "clusterset");
  requireRule(handle, "clusterset.removeCluster");
  const writer = handle.globalPrimary;
  if (writer === undefined) throw runtime("This operation requires a PRIMARY instance available");
  const force = run.call.options["force"] === "true";
  const [id, { name }] = requireCluster(handle, run.call.args[0] ?? "");
  if (handle.set?.members[id] === "PRIMARY")
    throw coded(51608, `The Cluster '${name}' is the PRIMARY Cluster of the ClusterSet.`);
  const found = probe(handle, handle.metadata, id);
  if (found.primary === undefined && !force)
    throw coded(51118, `PRIMARY instance of Cluster '${name}' is unavailable`);
  const own = found.primary === undefined ? [] : [`cluster ${found.primary.host}`];
  const locks = [`clusterset ${writer.host}`, ...own];
  requireLocks(run, locks);
  if (!force) requireFollowing(handle, found);
  return plan(locks, removalSteps(handle, found, writer.host));
}

function requireFollowing({ state }: Handle, { primary, silent, clusterId }: Probe): void {
  const facts = primary === undefined ? undefined : channelFacts(state, primary);
  if (primary !== undefined && facts === undefined) throw coded(51133, "Replication channel does not exist");
  if (facts !== undefined && (facts.receiver !== "ON" || facts.applier !== "ON"))
    throw coded(51132, "Replication channel is not active");
  if (silent.length > 0) throw coded(51161, `The Cluster '${clusterId}' has unreachable instances`);
}

function removalSteps(handle: Handle, found: Probe, writer: string): readonly Step[] {
  const { state } = handle;
  const { primary, members, clusterId } = found;
  const online = members.filter((each) => isOnline(state, each)).map(({ host }) => host);
  const follows = primary?.channel !== undefined;
  const wait = follows ? online.map((host) => step("synchronise", host, writer)) : [];
  const last = primary === undefined ? [] : [primary];
  const leaving = [...members.filter((each) => each !== primary), ...last];
  return [
    ...wait,
    step("forget-cluster", writer, clusterId),
    ...wait,
    ...online.map((host) => step("forget-channel", host)),
    ...(primary === undefined ? [] : [step("elects-writable", primary.host)]),
    ...online.map((host) => step("stay-read-only", host)),
    ...(primary === undefined ? [] : leaving.map(({ host }) => step("leave-group", host))),
  ];
}
