import fc from "fast-check";
import { expect, test } from "vitest";
import { decideRollout, type RolloutFacts, rolloutRows } from "../../../src/rollout/decide.ts";
import { statuses } from "../../../src/statuses.ts";
import { stepOf, testTable } from "../support/rows.ts";

const baseline: RolloutFacts = {
  pending: "none",
  refused: undefined,
  jobRuns: false,
  missing: [],
  primary: false,
  successor: "mysql-1",
  behind: [],
};
const refused = { server: "8.0.36", data: "8.0.44" };

testTable({ rows: rolloutRows, decide: decideRollout, baseline }, [
  { row: "server could not be asked", when: { pending: "unknown" }, then: "wait", status: statuses.unknown },
  { row: "server runs what it should", when: {}, then: "settled" },
  {
    row: "revision is older than the data",
    when: { pending: "refresh", refused },
    then: "stuck",
    status: statuses.olderThanData("8.0.36", "8.0.44"),
  },
  {
    row: "a job runs",
    when: { pending: "restart", jobRuns: true },
    then: "wait",
    status: statuses.restartAwaitsJob,
  },
  {
    row: "a member is missing",
    when: { pending: "restart", missing: ["mysql-2"] },
    then: "wait",
    status: statuses.restartAwaitsMembers("mysql-2"),
  },
  {
    row: "others go before the primary",
    when: { pending: "refresh", primary: true, behind: ["mysql/1", "mysql/2"] },
    then: "wait",
    status: statuses.restartAfter("mysql/1, mysql/2"),
  },
  {
    row: "primary hands over",
    when: { pending: "restart", primary: true },
    then: "hand-over",
    status: statuses.handingOver,
  },
  {
    row: "snap has another revision",
    when: { pending: "refresh", behind: ["mysql/2"] },
    then: "refresh",
    status: statuses.refreshing,
  },
  {
    row: "snap has another revision",
    because: "of a primary that nobody of its version can follow",
    when: { pending: "refresh", primary: true, successor: undefined },
    then: "refresh",
    status: statuses.refreshing,
  },
  {
    row: "settings need a restart",
    when: { pending: "restart", behind: ["mysql/2"] },
    then: "restart",
    status: statuses.restarting,
  },
  {
    row: "settings need a restart",
    because: "also after a revision was refused: that is about the snap only",
    when: { pending: "restart", refused },
    then: "restart",
    status: statuses.restarting,
  },
]);

const anyFacts: fc.Arbitrary<RolloutFacts> = fc.record({
  pending: fc.constantFrom("none", "restart", "refresh", "unknown"),
  refused: fc.constantFrom(undefined, refused),
  jobRuns: fc.boolean(),
  missing: fc.array(fc.constantFrom("mysql-1", "mysql-2"), { maxLength: 2 }),
  primary: fc.boolean(),
  successor: fc.constantFrom(undefined, "mysql-1"),
  behind: fc.array(fc.constantFrom("mysql/1", "mysql/2"), { maxLength: 2 }),
});

test("a server goes down only when it has to, while all members are online, and the primary last", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = stepOf(decideRollout(facts));
      if (step === undefined) return;
      expect(["restart", "refresh"]).toContain(facts.pending);
      expect([facts.missing, facts.jobRuns]).toEqual([[], false]);
      if (facts.primary) expect(facts.behind).toEqual([]);
      if (step === "restart" || step === "refresh")
        expect([step, facts.primary && facts.successor !== undefined]).toEqual([facts.pending, false]);
    }),
  );
});
