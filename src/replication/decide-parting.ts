// Ends what a relation to another cluster began, once the relation is gone: one of the two clusters leaves the ClusterSet.
import { act, type Decision, decideBy, type Row, settled, stuck, wait } from "../../lib/index.ts";
import type { JobOutcome } from "../mysql/job-outcome.ts";
import { statuses } from "../statuses.ts";
import { isSameName } from "../wire/names.ts";
import type { SetRelations } from "../wire/peers.ts";
import { ASYNC_PRIMARY } from "../wire/replication.ts";

/** This application's cluster by the newest record of its set; `absent` is positively read. */
export type PartingCluster =
  | "unknown"
  | "absent"
  | {
      readonly name: string;
      readonly setName: string;
      /** The cluster that takes the writes. */
      readonly leader: string;
      readonly clusters: readonly string[];
      /** Whether any of the leader's servers answers. */
      readonly leaderAnswers: boolean;
      /** By a failover: it cannot be promoted. */
      readonly invalidated: boolean;
      /** It leads, and its primary takes no writes. */
      readonly fenced: boolean;
    };

/** A relation that was there, by what was recorded of it. */
export interface EndedRelation {
  readonly id: string;
  readonly side: SetRelations[string]["side"];
  readonly cluster: string;
}

export interface PartingFacts {
  readonly own: PartingCluster;
  /** Whether the relations that are there are in the records as they are now. */
  readonly recorded: boolean;
  readonly ended: readonly EndedRelation[];
  /** No unit has a cluster, none may form one, and no relation is there that would bring one. */
  readonly stranded: boolean;
  /** Of the removal of another cluster. */
  readonly job: JobOutcome;
  /** The event is the end of a job: what failed just now waits for another event. */
  readonly wokenByJob: boolean;
}

export type PartingStep = "record" | "note-removal" | "forget" | "start-removing" | "clear-job";

type Own = Exclude<PartingCluster, string>;
const own = (f: PartingFacts): Own | undefined => (typeof f.own === "string" ? undefined : f.own);

/** Whose cluster leaves: never the one that leads; of two standbys, the one that asked to follow. */
function leaves(cluster: Own, relation: EndedRelation): "own" | "other" | "none" {
  const isShared = cluster.clusters.some((name) => isSameName(relation.cluster, name));
  if (relation.cluster === "" || !isShared) return "none";
  if (isSameName(cluster.leader, cluster.name)) return "other";
  if (isSameName(cluster.leader, relation.cluster)) return "own";
  return relation.side === ASYNC_PRIMARY ? "other" : "own";
}

/** The first relation for which that cluster leaves. */
export function endedWith(f: PartingFacts, who: "own" | "other" | "none"): EndedRelation | undefined {
  const cluster = own(f);
  return cluster === undefined ? undefined : f.ended.find((each) => leaves(cluster, each) === who);
}

/** The row at which nobody tells the charm that something has moved: it looks again by itself. */
export const LEAVING = "own cluster leaves";

export const partingRows: readonly Row<PartingFacts, PartingStep>[] = [
  { name: "own cluster could not be asked", when: (f) => f.own === "unknown", then: () => wait() },
  { name: "a relation is not recorded", when: (f) => !f.recorded, then: () => act("record") },
  {
    name: "own cluster was removed",
    when: (f) => f.own === "absent" && f.ended.some(({ cluster }) => cluster !== ""),
    then: () => act("note-removal"),
  },
  {
    name: "own cluster was given up for a relation that ended",
    when: (f) => f.own === "absent" && f.stranded,
    then: () => act("note-removal"),
  },
  {
    name: "a relation ended before it joined clusters",
    when: (f) => f.own === "absent" && f.ended.length > 0,
    then: () => act("forget"),
  },
  {
    // The other one has parted only once MySQL Shell is through with it: until then it gets what is written.
    name: "a cluster is being removed",
    when: (f) => f.job.kind === "running",
    then: ({ ended: [first] }) =>
      wait(first === undefined ? undefined : statuses.removingReplica(first.cluster)),
  },
  {
    name: "clusters have parted",
    when: (f) => endedWith(f, "none") !== undefined,
    then: () => act("forget"),
  },
  {
    // AdminAPI removes none while they are.
    name: "writes are fenced while the other cluster is to leave",
    when: (f) => own(f)?.fenced === true && endedWith(f, "other") !== undefined,
    then: (f) => stuck(statuses.removalFenced(endedWith(f, "other")?.cluster ?? "", own(f)?.setName ?? "")),
  },
  {
    name: "removing failed just now",
    when: (f) => f.job.kind === "failed" && f.wokenByJob && endedWith(f, "other") !== undefined,
    then: (f) => wait(statuses.operationFailed(f.job.kind === "failed" ? f.job.what : "")),
  },
  { name: "the removal is over", when: (f) => f.job.kind !== "none", then: () => act("clear-job") },
  {
    name: "the other cluster leaves",
    when: (f) => endedWith(f, "other") !== undefined,
    then: (f) => act("start-removing", statuses.removingReplica(endedWith(f, "other")?.cluster ?? "")),
  },
  { name: "no relation has ended", when: (f) => f.ended.length === 0, then: () => settled() },
  {
    name: "own cluster leaves, and the leader is silent",
    when: (f) => own(f)?.leaderAnswers === false && own(f)?.invalidated === false,
    then: (f) => stuck(statuses.orphaned(own(f)?.setName ?? "")),
  },
  {
    name: LEAVING,
    when: () => true,
    then: (f) => wait(statuses.leavingSet(own(f)?.setName ?? "")),
  },
];

export function decideParting(facts: PartingFacts): Decision<PartingStep> {
  return decideBy(partingRows, facts);
}
