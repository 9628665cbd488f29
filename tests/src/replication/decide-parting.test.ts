import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decideParting,
  type PartingCluster,
  type PartingFacts,
  partingRows,
} from "../../../src/replication/decide-parting.ts";
import { statuses } from "../../../src/statuses.ts";
import { stepOf, testTable } from "../support/rows.ts";

const own: Exclude<PartingCluster, string> = {
  name: "rome",
  setName: "empire",
  leader: "rome",
  clusters: ["rome", "lisbon"],
  leaderAnswers: true,
  invalidated: false,
  fenced: false,
};
const lisbon = { id: "4", side: "async-primary", cluster: "lisbon" } as const;
const asReplica = { ...lisbon, side: "async-replica" } as const;
const baseline: PartingFacts = {
  own,
  recorded: true,
  ended: [],
  stranded: false,
  job: { kind: "none" },
  wokenByJob: false,
};
const failed = { kind: "failed", reason: "busy", what: "Removing: locked" } as const;
const following: PartingCluster = { ...own, leader: "lisbon" };
const star: PartingCluster = { ...own, leader: "oslo", clusters: ["rome", "lisbon", "oslo"] };

testTable({ rows: partingRows, decide: decideParting, baseline }, [
  { row: "no relation has ended", when: {}, then: "settled" },
  { row: "own cluster could not be asked", when: { own: "unknown", ended: [lisbon] }, then: "wait" },
  { row: "a relation is not recorded", when: { recorded: false }, then: "record" },
  { row: "own cluster was removed", when: { own: "absent", ended: [asReplica] }, then: "note-removal" },
  {
    row: "own cluster was given up for a relation that ended",
    when: { own: "absent", stranded: true },
    then: "note-removal",
  },
  {
    row: "a relation ended before it joined clusters",
    when: { own: "absent", ended: [{ ...lisbon, cluster: "" }] },
    then: "forget",
  },
  {
    row: "clusters have parted",
    when: { own: { ...own, clusters: ["rome"] }, ended: [lisbon] },
    then: "forget",
  },
  {
    row: "clusters have parted",
    because: "they never met",
    when: { ended: [{ ...lisbon, cluster: "" }] },
    then: "forget",
  },
  {
    row: "writes are fenced while the other cluster is to leave",
    when: { own: { ...own, fenced: true }, ended: [lisbon] },
    then: "stuck",
    status: statuses.removalFenced("lisbon", "empire"),
  },
  {
    row: "writes are fenced while the other cluster is to leave",
    because: "its removal was refused",
    when: { own: { ...own, fenced: true }, ended: [lisbon], job: failed, wokenByJob: true },
    then: "stuck",
    status: statuses.removalFenced("lisbon", "empire"),
  },
  {
    row: "no relation has ended",
    because: "fenced or not",
    when: { own: { ...own, fenced: true } },
    then: "settled",
  },
  {
    row: "the other cluster leaves",
    when: { ended: [lisbon] },
    then: "start-removing",
    status: statuses.removingReplica("lisbon"),
  },
  {
    row: "the other cluster leaves",
    because: "whichever side it was related from",
    when: { ended: [{ ...asReplica, cluster: "LISBON" }] },
    then: "start-removing",
    status: statuses.removingReplica("LISBON"),
  },
  {
    row: "the other cluster leaves",
    because: "of two standbys the one that asked to follow",
    when: { own: star, ended: [lisbon] },
    then: "start-removing",
    status: statuses.removingReplica("lisbon"),
  },
  {
    row: "own cluster leaves",
    because: "of two standbys the one that asked to follow",
    when: { own: star, ended: [asReplica] },
    then: "wait",
    status: statuses.leavingSet("empire"),
  },
  {
    row: "own cluster leaves",
    when: { own: following, ended: [lisbon] },
    then: "wait",
    status: statuses.leavingSet("empire"),
  },
  {
    row: "own cluster leaves",
    because: "one that a failover invalidated cannot be promoted",
    when: { own: { ...own, leader: "lisbon", leaderAnswers: false, invalidated: true }, ended: [asReplica] },
    then: "wait",
    status: statuses.leavingSet("empire"),
  },
  {
    row: "own cluster leaves, and the leader is silent",
    when: { own: { ...own, leader: "lisbon", leaderAnswers: false }, ended: [asReplica] },
    then: "stuck",
    status: statuses.orphaned("empire"),
  },
  {
    row: "a cluster is being removed",
    when: { ended: [lisbon], job: { kind: "running", progress: "" } },
    then: "wait",
    status: statuses.removingReplica("lisbon"),
  },
  {
    row: "a cluster is being removed",
    because: "the set has it no more, but MySQL Shell has not ended",
    when: { job: { kind: "running", progress: "" } },
    then: "wait",
  },
  {
    row: "a cluster is being removed",
    because: "it is out of the record, and gets what is written",
    when: {
      own: { ...own, clusters: ["rome"] },
      ended: [lisbon],
      job: { kind: "running", progress: "" },
    },
    then: "wait",
    status: statuses.removingReplica("lisbon"),
  },
  {
    row: "removing failed just now",
    when: { ended: [lisbon], job: failed, wokenByJob: true },
    then: "wait",
    status: statuses.operationFailed("Removing: locked"),
  },
  {
    row: "the removal is over",
    because: "it failed before and is tried again",
    when: { ended: [lisbon], job: failed },
    then: "clear-job",
  },
  { row: "the removal is over", when: { job: { kind: "ended" } }, then: "clear-job" },
]);

test("a cluster is removed only from a set that has it, after its relation ended, and never the one that leads", () => {
  const names = ["rome", "lisbon", "oslo", "porto"];
  const anyFacts: fc.Arbitrary<PartingFacts> = fc.record({
    own: fc.oneof(
      fc.constantFrom<PartingCluster>("unknown", "absent"),
      fc.record({
        name: fc.constant("rome"),
        setName: fc.constant("empire"),
        leader: fc.constantFrom(...names),
        clusters: fc.subarray(names),
        leaderAnswers: fc.boolean(),
        invalidated: fc.boolean(),
        fenced: fc.boolean(),
      }),
    ),
    recorded: fc.boolean(),
    stranded: fc.boolean(),
    ended: fc.array(
      fc.record({
        id: fc.constantFrom("4", "5"),
        side: fc.constantFrom("async-primary", "async-replica"),
        cluster: fc.constantFrom("", "lisbon", "oslo"),
      }),
      { maxLength: 2 },
    ),
    job: fc.constantFrom({ kind: "none" as const }, { kind: "ended" as const }, failed),
    wokenByJob: fc.boolean(),
  });
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideParting(facts)) !== "start-removing") return;
      if (typeof facts.own === "string") throw new Error("a cluster that cannot be asked removes none");
      const { clusters, leader } = facts.own;
      expect(facts.ended.some(({ cluster }) => clusters.includes(cluster) && cluster !== leader)).toBe(true);
      expect(facts.job).toEqual({ kind: "none" });
    }),
    { numRuns: 5_000 },
  );
});
