// Makes this unit a member of its cluster, and again when it fell out: forms the cluster on the seed, joins it everywhere else.
import { act, type Decision, decideBy, type Row, settled, stuck, wait } from "../../lib/index.ts";
import { statuses } from "../statuses.ts";
import type { ClusterFacts, ClusterStep, JoinTarget, LocalFacts } from "./facts.ts";

const is = (f: ClusterFacts): LocalFacts | undefined => (f.local === "unknown" ? undefined : f.local);
const online = (f: ClusterFacts): boolean => is(f)?.member === "ONLINE" && is(f)?.cluster === "present";
const absent = (f: ClusterFacts): boolean => is(f)?.cluster === "absent";
const isCatchingUp = (f: ClusterFacts): boolean => is(f)?.member === "RECOVERING";
/** In its group it does not count yet: it lacks data, or no metadata lists it. */
const isJoining = (f: ClusterFacts): boolean => isCatchingUp(f) || (absent(f) && is(f)?.member === "ONLINE");
/** It belongs to a cluster and is not in its group. */
const isOut = (f: ClusterFacts): boolean =>
  is(f)?.cluster === "present" && is(f)?.member !== "ONLINE" && !isCatchingUp(f);
const sameName = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
/** It has no cluster, and is not as AdminAPI leaves one that it removed. */
const lingers = (f: ClusterFacts): boolean =>
  absent(f) && (is(f)?.member !== "OFFLINE" || is(f)?.leftovers === true);
const target = (f: ClusterFacts): JoinTarget | undefined =>
  typeof f.target === "string" ? undefined : f.target;

const isListed = (f: ClusterFacts): boolean => target(f)?.listed === true;

/** A relation that makes this cluster a standby changes nothing until the leader released the seed. */
const beforeStandby = (f: ClusterFacts): boolean =>
  f.standbyOf === "none" || (f.standbyOf === "awaited" && f.seedHeld);

const mayForm = (f: ClusterFacts): boolean => absent(f) && f.seed && beforeStandby(f) && f.target === "none";

/** Its cluster was given up for a relation that is gone. */
const isLeftAlone = (f: ClusterFacts): boolean =>
  absent(f) && f.target === "none" && f.standbyOf === "none" && !f.seedHeld;

/** What stands here is no cluster of its own, and nobody is going to make one of it: the relation for which it was begun is gone. */
const isAbandoned = (f: ClusterFacts): boolean =>
  is(f)?.halfInSet === true && !f.seedHeld && (f.standbyOf === "none" || f.standbyOf === "removed");

/** A new unit of a primary cluster has none either: it joins where the others have theirs. */
const isRemoved = (f: ClusterFacts): boolean =>
  absent(f) && f.standbyOf === "removed" && target(f) === undefined;

const MOST_MEMBERS = 9;

/** AdminAPI refused because of another of its operations, and nobody tells when that one ends. */
export const OPERATION_IN_THE_WAY = "another operation was in the way";

/** Rows at rest for what passes unannounced: the charm looks again soon, and not only at the next update-status. */
export const passing: ReadonlySet<string> = new Set([
  "member catches up",
  "member looks for its group",
  OPERATION_IN_THE_WAY,
  "leaves the ClusterSet that removed it",
  "half in a set, and AdminAPI is at work on it",
]);

export const clusterRows: readonly Row<ClusterFacts, ClusterStep>[] = [
  {
    // As long as one holds on to the lost group, no member starts the cluster again. A join under way may be at it for long.
    name: "group went while this unit joined",
    when: (f) =>
      isJoining(f) &&
      is(f)?.quorum === false &&
      is(f)?.heldBack === false &&
      (f.job.kind !== "running" || f.target === "down"),
    then: () => act("stop-group", statuses.joining("")),
  },
  {
    name: "a join runs",
    when: (f) => f.job.kind === "running",
    then: (f) => wait(statuses.joining(f.job.kind === "running" ? f.job.progress : "")),
  },
  {
    name: "server could not be asked",
    when: (f) => f.local === "unknown",
    then: () => wait(statuses.unknown),
  },
  { name: "a join ended", when: (f) => f.job.kind === "ended", then: () => act("clear-job") },
  {
    name: "a join failed but this is a member",
    when: (f) => f.job.kind === "failed" && online(f),
    then: () => act("clear-job"),
  },
  {
    name: "group has no quorum",
    when: (f) => online(f) && is(f)?.quorum === false,
    then: (f) => stuck(statuses.noQuorum(f.unit)),
  },
  {
    name: "half in a set, and AdminAPI is at work on it",
    when: (f) => isAbandoned(f) && is(f)?.administered === true,
    then: () => wait(statuses.clusterBusy),
  },
  {
    name: "half in a set, and its relation has ended",
    when: isAbandoned,
    then: () => act("leave-group", statuses.leaving),
  },
  {
    // Its application gave up its own cluster: what stands here is the primary cluster's work, and half done.
    name: "primary cluster sets this cluster up",
    when: (f) => online(f) && is(f)?.inSet === false && f.standbyOf === "awaited" && !f.seedHeld,
    then: () => wait(statuses.setAwaited),
  },
  {
    name: "member has no label",
    when: (f) => online(f) && is(f)?.labelled === false,
    then: () => act("set-label", statuses.labelling),
  },
  {
    name: "cluster has no ClusterSet",
    when: (f) => online(f) && is(f)?.inSet === false && is(f)?.primary === true && beforeStandby(f),
    then: (f) => act("create-cluster-set", statuses.creatingSet(f.setName)),
  },
  {
    name: "primary is read-only by mistake",
    when: (f) => online(f) && is(f)?.readOnly === true,
    then: () => act("make-writable", statuses.makingWritable),
  },
  { name: "member is online", when: online, then: () => settled() },
  {
    name: "member catches up",
    when: isCatchingUp,
    then: () => wait(statuses.recovering),
  },
  {
    name: "data is of another cluster",
    when: (f) => isOut(f) && (!sameName(is(f)?.inCluster, f.clusterName) || target(f)?.same === false),
    then: (f) => stuck(statuses.foreignCluster(is(f)?.inCluster ?? "")),
  },
  {
    name: "member is kept out",
    when: (f) => isOut(f) && is(f)?.heldBack === true,
    then: () => stuck(statuses.keptOut),
  },
  {
    name: "member looks for its group",
    when: (f) => isOut(f) && is(f)?.starting === true,
    then: () => wait(statuses.comingBack),
  },
  {
    // Not at update-status: the unit that is at it may have died.
    name: "cluster is started again",
    when: (f) => isOut(f) && f.restarting && f.wake !== "update-status",
    then: () => wait(statuses.restartingCluster("")),
  },
  {
    name: "nobody has the cluster",
    when: (f) => isOut(f) && typeof f.target === "string",
    then: (f) => wait(statuses.memberOffline(is(f)?.member ?? "OFFLINE")),
  },
  {
    // The other members hear of it within the group: one that has not by then never will.
    name: "leaves the ClusterSet that removed it",
    when: (f) =>
      absent(f) &&
      f.standbyOf === "removed" &&
      is(f)?.member !== "OFFLINE" &&
      (is(f)?.administered === true || (target(f) !== undefined && f.wake !== "update-status")),
    then: () => wait(statuses.clearingRemoved),
  },
  {
    name: "removal was cut short",
    when: (f) => isRemoved(f) && (lingers(f) || is(f)?.writable === true),
    then: () => act("leave-group", statuses.clearingRemoved),
  },
  {
    name: "removed from its ClusterSet",
    when: isRemoved,
    then: () => stuck(statuses.removedFromSet),
  },
  {
    name: "standby awaits its primary cluster",
    when: (f) => absent(f) && f.standbyOf === "awaited" && !f.seedHeld,
    then: () => wait(statuses.setAwaited),
  },
  {
    // What formed or dissolved it was killed on the way, and AdminAPI forms none on a member of a group.
    name: "group is left without a cluster",
    when: (f) => (mayForm(f) || isLeftAlone(f)) && lingers(f),
    then: () => act("leave-group", statuses.leaving),
  },
  {
    name: "seed forms the cluster",
    when: mayForm,
    then: (f) => act("create-cluster", statuses.creatingCluster(f.clusterName)),
  },
  {
    name: "no member to join",
    when: (f) => f.target === "none",
    then: () => wait(statuses.firstMemberAwaited),
  },
  {
    name: "no member could be asked",
    when: (f) => f.target === "unknown" || f.target === "down",
    then: () => wait(statuses.firstMemberAwaited),
  },
  {
    name: "cluster is full",
    when: (f) => absent(f) && !isListed(f) && (target(f)?.members ?? 0) >= MOST_MEMBERS,
    then: () => wait(statuses.clusterFull),
  },
  {
    name: "server has what its cluster lacks",
    when: (f) => typeof f.target !== "string" && f.target.recovery === "diverged",
    then: () => stuck(statuses.diverged),
  },
  {
    name: "cluster has removed this member",
    when: (f) => isOut(f) && target(f)?.listed === false,
    then: () => act("forget-cluster", statuses.joining("")),
  },
  {
    name: "members do not know this host",
    when: (f) => (target(f)?.strangers.length ?? 0) > 0,
    then: (f) => wait(statuses.hostsAwaited(target(f)?.strangers.join(", ") ?? "")),
  },
  {
    name: OPERATION_IN_THE_WAY,
    when: (f) => f.job.kind === "failed" && f.job.reason === "busy" && f.wake === "job-ended",
    then: () => wait(statuses.clusterBusy),
  },
  {
    name: "a join failed just now",
    when: (f) => f.job.kind === "failed" && f.wake === "job-ended",
    then: (f) => wait(f.job.kind === "failed" ? statuses.operationFailed(f.job.what) : undefined),
  },
  { name: "a join failed before", when: (f) => f.job.kind === "failed", then: () => act("clear-job") },
  {
    // update-status does not queue: a unit ahead that never gets in must not keep the others out.
    name: "another unit joins first",
    when: (f) => absent(f) && (target(f)?.ahead.length ?? 0) > 0 && f.wake !== "update-status",
    then: (f) => wait(statuses.queued(target(f)?.ahead.join(", ") ?? "")),
  },
  {
    // AdminAPI adds nobody twice: a join that was cut off behind its record is brought to its end.
    name: "member rejoins",
    when: (f) => isOut(f) || isListed(f),
    then: () => act("start-rejoin", statuses.joining("")),
  },
  {
    name: "group has a member that its cluster lacks",
    when: lingers,
    then: () => act("leave-group", statuses.joining("")),
  },
  { name: "unit joins", when: () => true, then: () => act("start-join", statuses.joining("")) },
];

export function decideCluster(facts: ClusterFacts): Decision<ClusterStep> {
  return decideBy(clusterRows, facts);
}
