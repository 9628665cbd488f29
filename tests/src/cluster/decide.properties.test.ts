import fc from "fast-check";
import { expect, test } from "vitest";
import { decideCluster } from "../../../src/cluster/decide.ts";
import type { ClusterFacts } from "../../../src/cluster/facts.ts";
import type { JobOutcome } from "../../../src/mysql/job-outcome.ts";
import { stepOf } from "../support/rows.ts";
import { busy, refused } from "./facts.ts";

const units = fc.array(fc.constantFrom("mysql/0", "mysql/2"), { maxLength: 2 });
const anyRecord: fc.Arbitrary<ClusterFacts> = fc.record({
  unit: fc.constant("mysql/1"),
  label: fc.constant("mysql-1"),
  clusterName: fc.constant("rome"),
  setName: fc.constant("empire"),
  seed: fc.boolean(),
  seedHeld: fc.boolean(),
  local: fc.oneof(
    fc.constant("unknown" as const),
    fc.record({
      member: fc.constantFrom("ONLINE", "RECOVERING", "OFFLINE", "ERROR", "UNREACHABLE"),
      cluster: fc.constantFrom("absent", "present"),
      inCluster: fc.constantFrom("rome", "Rome", "carthage"),
      quorum: fc.boolean(),
      readOnly: fc.boolean(),
      starting: fc.boolean(),
      heldBack: fc.boolean(),
      leftovers: fc.boolean(),
      halfInSet: fc.boolean(),
      administered: fc.boolean(),
      writable: fc.boolean(),
      labelled: fc.boolean(),
      inSet: fc.boolean(),
      primary: fc.boolean(),
    }),
  ),
  standbyOf: fc.constantFrom("none", "awaited", "initialized", "removed"),
  target: fc.oneof(
    fc.constantFrom("none" as const, "unknown" as const, "down" as const),
    fc.record({
      primaryHost: fc.constant("mysql-0"),
      members: fc.integer({ min: 1, max: 9 }),
      recovery: fc.constantFrom("incremental", "clone", "diverged"),
      same: fc.boolean(),
      listed: fc.boolean(),
      strangers: units,
      ahead: units,
    }),
  ),
  job: fc.oneof(
    fc.constantFrom<JobOutcome>({ kind: "none" }, { kind: "running", progress: "" }, { kind: "ended" }),
    fc.constantFrom(busy, refused),
  ),
  restarting: fc.boolean(),
  wake: fc.constantFrom("job-ended", "update-status", "other"),
});
/** A server without metadata of its own can get into any cluster: findTarget says so. */
const anyFacts = anyRecord.map((facts): ClusterFacts => {
  const { local, target } = facts;
  if (typeof target === "string" || local === "unknown" || local.cluster === "present") return facts;
  return { ...facts, target: { ...target, same: true } };
});
const runs = { numRuns: 3_000 };

test("whatever the facts, the table has an answer", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => void decideCluster(facts)),
    runs,
  );
});

test("a cluster is created by the seed only, where positively none is, and never by a standby whose seed was released", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideCluster(facts)) !== "create-cluster") return;
      expect(facts.seed).toBe(true);
      expect(facts.local).toMatchObject({ cluster: "absent" });
      expect(["none", facts.seedHeld ? "awaited" : "none"]).toContain(facts.standbyOf);
      expect(facts.target).toBe("none");
      expect(facts.job.kind).not.toBe("running");
    }),
    runs,
  );
});

test("a ClusterSet is founded by an online primary that is in none, before it becomes a standby", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideCluster(facts)) !== "create-cluster-set") return;
      expect(facts.local).toMatchObject({
        member: "ONLINE",
        cluster: "present",
        inSet: false,
        primary: true,
      });
      expect(["none", facts.seedHeld ? "awaited" : "none"]).toContain(facts.standbyOf);
    }),
    runs,
  );
});

test("a server that could not be asked, or whose join runs into a group that can be, is left alone", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.local !== "unknown" && (facts.job.kind !== "running" || facts.target === "down")) return;
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
      expect(facts.target).toMatchObject({ strangers: [], listed: false });
      expect(facts.target).not.toMatchObject({ recovery: "diverged" });
      expect(facts.job).toEqual({ kind: "none" });
      expect(["none", "initialized", "removed", facts.seedHeld ? "awaited" : "none"]).toContain(
        facts.standbyOf,
      );
    }),
    runs,
  );
});

test("what a server has of its own is never given up: neither by a clone nor by forgetting its cluster", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = stepOf(decideCluster(facts)) ?? "";
      if (!["start-join", "start-rejoin", "forget-cluster"].includes(step)) return;
      expect(facts.target).not.toMatchObject({ recovery: "diverged" });
      if (step !== "start-join")
        expect(facts.target).toMatchObject({ same: true, listed: step === "start-rejoin" });
    }),
    runs,
  );
});

test("a member that a person keeps out, or whose group cannot decide, is left alone", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.local === "unknown" || facts.local.cluster === "absent") return;
      const { member, heldBack, quorum, halfInSet } = facts.local;
      // Nobody keeps what is no cluster yet: leaving it is what holds it back.
      if (halfInSet) return;
      const left = member === "ONLINE" ? !quorum : heldBack;
      if (left) expect([undefined, "clear-job"]).toContain(stepOf(decideCluster(facts)));
    }),
    runs,
  );
});
