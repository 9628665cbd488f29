import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ClusterFacts,
  clusterRows,
  decideCluster,
  type JoinTarget,
  type LocalFacts,
} from "../../../src/cluster/decide.ts";
import type { JobOutcome } from "../../../src/mysql/job-outcome.ts";
import { statuses } from "../../../src/statuses.ts";
import { stepOf, testTable } from "../support/rows.ts";

const member: LocalFacts = {
  member: "ONLINE",
  cluster: "present",
  labelled: true,
  inSet: true,
  primary: true,
};
const outside: LocalFacts = {
  member: "OFFLINE",
  cluster: "absent",
  labelled: false,
  inSet: false,
  primary: false,
};
const open: JoinTarget = {
  primaryHost: "mysql-0",
  members: 1,
  recoveryMethod: "incremental",
  strangers: [],
  ahead: [],
};
const busy: JobOutcome = { kind: "failed", reason: "busy", what: "Joining: locked" };
const refused: JobOutcome = { kind: "failed", reason: "data-diverged", what: "Joining: diverged" };

const baseline: ClusterFacts = {
  label: "mysql-1",
  clusterName: "rome",
  setName: "empire",
  seed: false,
  local: member,
  standbyOf: "none",
  target: "none",
  job: { kind: "none" },
  wake: "other",
};

testTable({ rows: clusterRows, decide: decideCluster, baseline }, [
  {
    row: "a join runs",
    when: { local: "unknown", job: { kind: "running", progress: "Stage FILE COPY" } },
    then: "wait",
    status: statuses.joining("Stage FILE COPY"),
  },
  {
    row: "server could not be asked",
    when: { local: "unknown", seed: true, target: open },
    then: "wait",
    status: statuses.unknown,
  },
  { row: "a join ended", when: { job: { kind: "ended" } }, then: "clear-job" },
  { row: "a join failed but this is a member", when: { job: refused }, then: "clear-job" },
  {
    row: "member has no label",
    when: { local: { ...member, labelled: false } },
    then: "set-label",
    status: statuses.labelling,
  },
  {
    row: "cluster has no ClusterSet",
    when: { local: { ...member, inSet: false } },
    then: "create-cluster-set",
    status: statuses.creatingSet("empire"),
  },
  { row: "member is online", when: {}, then: "settled" },
  {
    row: "member is online",
    because: "a secondary leaves the ClusterSet to the primary",
    when: { local: { ...member, inSet: false, primary: false } },
    then: "settled",
  },
  {
    row: "member catches up",
    when: { local: { ...member, member: "RECOVERING" } },
    then: "wait",
    status: statuses.recovering,
  },
  {
    row: "member is not in its group",
    when: { local: { ...member, member: "ERROR" } },
    then: "wait",
    status: statuses.memberOffline("ERROR"),
  },
  {
    row: "removed from its ClusterSet",
    when: { local: outside, seed: true, standbyOf: "removed" },
    then: "stuck",
    status: statuses.removedFromSet,
  },
  {
    row: "standby awaits its primary cluster",
    when: { local: outside, seed: true, standbyOf: "awaited" },
    then: "wait",
    status: statuses.setAwaited,
  },
  {
    row: "seed forms the cluster",
    when: { local: outside, seed: true },
    then: "create-cluster",
    status: statuses.creatingCluster("rome"),
  },
  { row: "no member to join", when: { local: outside }, then: "wait", status: statuses.firstMemberAwaited },
  {
    row: "no member could be asked",
    when: { local: outside, target: "unknown" },
    then: "wait",
    status: statuses.firstMemberAwaited,
  },
  {
    row: "cluster is full",
    when: { local: outside, target: { ...open, members: 9 } },
    then: "wait",
    status: statuses.clusterFull,
  },
  {
    row: "members do not know this host",
    when: { local: outside, target: { ...open, strangers: ["mysql/0", "mysql/2"] } },
    then: "wait",
    status: statuses.hostsAwaited("mysql/0, mysql/2"),
  },
  {
    row: "a join failed just now",
    when: { local: outside, target: open, job: refused, wake: "job-ended" },
    then: "wait",
    status: statuses.operationFailed("Joining: diverged"),
  },
  {
    row: "a join failed just now",
    because: "another operation held the lock",
    when: { local: outside, target: open, job: busy, wake: "job-ended" },
    then: "wait",
    status: statuses.clusterBusy,
  },
  { row: "a join failed before", when: { local: outside, target: open, job: refused }, then: "clear-job" },
  {
    row: "another unit joins first",
    when: { local: outside, target: { ...open, ahead: ["mysql/1"] } },
    then: "wait",
    status: statuses.queued("mysql/1"),
  },
  {
    row: "unit joins",
    when: { local: outside, target: open },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "unit joins",
    because: "eight members leave room for one",
    when: { local: outside, target: { ...open, members: 8 } },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "unit joins",
    because: "update-status does not queue",
    when: { local: outside, target: { ...open, ahead: ["mysql/1"] }, wake: "update-status" },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "unit joins",
    because: "a standby whose first member was added",
    when: { local: outside, target: open, standbyOf: "initialized" },
    then: "start-join",
    status: statuses.joining(""),
  },
  {
    row: "unit joins",
    because: "a seed that lost its place joins the cluster that its peers are in",
    when: { local: outside, seed: true, target: open },
    then: "start-join",
    status: statuses.joining(""),
  },
]);

const units = fc.array(fc.constantFrom("mysql/0", "mysql/2"), { maxLength: 2 });
const anyFacts: fc.Arbitrary<ClusterFacts> = fc.record({
  label: fc.constant("mysql-1"),
  clusterName: fc.constant("rome"),
  setName: fc.constant("empire"),
  seed: fc.boolean(),
  local: fc.oneof(
    fc.constant("unknown" as const),
    fc.record({
      member: fc.constantFrom("ONLINE", "RECOVERING", "OFFLINE", "ERROR", "UNREACHABLE"),
      cluster: fc.constantFrom("absent", "present"),
      labelled: fc.boolean(),
      inSet: fc.boolean(),
      primary: fc.boolean(),
    }),
  ),
  standbyOf: fc.constantFrom("none", "awaited", "initialized", "removed"),
  target: fc.oneof(
    fc.constantFrom("none" as const, "unknown" as const),
    fc.record({
      primaryHost: fc.constant("mysql-0"),
      members: fc.integer({ min: 1, max: 9 }),
      recoveryMethod: fc.constantFrom("incremental", "clone"),
      strangers: units,
      ahead: units,
    }),
  ),
  job: fc.oneof(
    fc.constantFrom<JobOutcome>({ kind: "none" }, { kind: "running", progress: "" }, { kind: "ended" }),
    fc.constantFrom(busy, refused),
  ),
  wake: fc.constantFrom("job-ended", "update-status", "other"),
});
const runs = { numRuns: 3_000 };

test("whatever the facts, the table has an answer", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => void decideCluster(facts)),
    runs,
  );
});

test("a cluster is created by the seed only, where positively none is, and never by a standby", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideCluster(facts)) !== "create-cluster") return;
      expect(facts.seed).toBe(true);
      expect(facts.local).toMatchObject({ cluster: "absent" });
      expect(facts.standbyOf).toBe("none");
      expect(facts.target).toBe("none");
      expect(facts.job.kind).not.toBe("running");
    }),
    runs,
  );
});

test("a ClusterSet is founded by an online primary that is in none and is no standby", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideCluster(facts)) !== "create-cluster-set") return;
      expect(facts.local).toMatchObject({
        member: "ONLINE",
        cluster: "present",
        inSet: false,
        primary: true,
      });
      expect(facts.standbyOf).toBe("none");
    }),
    runs,
  );
});

test("a server that could not be asked, or whose join runs, is left alone", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.local !== "unknown" && facts.job.kind !== "running") return;
      expect(stepOf(decideCluster(facts))).toBeUndefined();
    }),
    runs,
  );
});

test("a join starts only from outside, through a member that knows this host, with no job left over", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideCluster(facts)) !== "start-join") return;
      expect(facts.local).toMatchObject({ cluster: "absent" });
      expect(facts.target).toMatchObject({ strangers: [] });
      expect(facts.job).toEqual({ kind: "none" });
      expect(["none", "initialized"]).toContain(facts.standbyOf);
    }),
    runs,
  );
});
