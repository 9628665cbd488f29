import fc from "fast-check";
import { expect, test } from "vitest";
import { decideGuard, type GuardFacts, guardRows } from "../../../src/replication/decide-guard.ts";
import { statuses } from "../../../src/statuses.ts";
import { stepOf, testTable } from "../support/rows.ts";

const writable = { superReadOnly: false, electsWritable: true };
const fenced = { superReadOnly: true, electsWritable: false };
const baseline: GuardFacts = {
  ...{ clusterName: "rome", setName: "empire", related: true },
  ...{ standing: "member", othersSilent: false, primary: writable },
};

testTable({ rows: guardRows, decide: decideGuard, baseline }, [
  { row: "cluster stands in its set", when: {}, then: "settled" },
  {
    row: "cluster stands in its set",
    because: "in no set",
    when: { standing: "none", primary: undefined },
    then: "settled",
  },
  {
    row: "replaced cluster takes writes",
    when: { standing: "invalidated" },
    then: "fence",
    status: statuses.fencing,
  },
  {
    row: "replaced cluster takes writes",
    because: "it would after the next election",
    when: { standing: "invalidated", primary: { ...fenced, electsWritable: true } },
    then: "fence",
    status: statuses.fencing,
  },
  {
    row: "replaced cluster takes writes",
    because: "half done",
    when: { standing: "invalidated", primary: { ...fenced, superReadOnly: false } },
    then: "fence",
    status: statuses.fencing,
  },
  {
    row: "replaced cluster takes writes",
    because: "removed",
    when: { standing: "removed" },
    then: "fence",
    status: statuses.fencing,
  },
  {
    row: "cluster was invalidated, its relation has ended, and the others are silent",
    when: { standing: "invalidated", primary: fenced, related: false, othersSilent: true },
    then: "leave-set",
    status: statuses.clearingRemoved,
  },
  {
    row: "cluster was invalidated, and the others are silent",
    when: { standing: "invalidated", primary: fenced, othersSilent: true },
    then: "stuck",
    status: statuses.invalidatedAlone("rome"),
  },
  {
    row: "replaced cluster takes writes",
    because: "its relation has ended, and the others are silent",
    when: { standing: "invalidated", related: false, othersSilent: true },
    then: "fence",
    status: statuses.fencing,
  },
  {
    row: "cluster stands in its set",
    because: "the others are silent, and none of them has said that it was replaced",
    when: { related: false, othersSilent: true },
    then: "settled",
  },
  {
    row: "standby takes writes",
    when: { standing: "standby" },
    then: "fence",
    status: statuses.fencing,
  },
  {
    row: "cluster stands in its set",
    because: "a standby whose primary takes none",
    when: { standing: "standby", primary: undefined },
    then: "settled",
  },
  {
    row: "removed cluster still stands",
    when: { standing: "removed", primary: fenced },
    then: "leave-set",
    status: statuses.clearingRemoved,
  },
  {
    row: "removed cluster still stands",
    because: "and lies still",
    when: { standing: "removed", primary: undefined },
    then: "leave-set",
    status: statuses.clearingRemoved,
  },
  {
    row: "cluster was invalidated",
    when: { standing: "invalidated", primary: fenced },
    then: "stuck",
    status: statuses.invalidated("rome"),
  },
  {
    row: "cluster was invalidated",
    because: "it lies still",
    when: { standing: "invalidated", primary: undefined },
    then: "stuck",
    status: statuses.invalidated("rome"),
  },
  {
    row: "cluster was invalidated, and its relation has ended",
    when: { standing: "invalidated", primary: fenced, related: false },
    then: "wait",
    status: statuses.leavingSet("empire"),
  },
]);

test("a server leaves its set only where the record does not have its cluster, or not as one of it, and takes no writes then", () => {
  const primary = fc.record({ superReadOnly: fc.boolean(), electsWritable: fc.boolean() });
  const facts = fc.record({
    ...{ clusterName: fc.constant("rome"), setName: fc.constant("empire"), related: fc.boolean() },
    othersSilent: fc.boolean(),
    standing: fc.constantFrom("none", "member", "standby", "invalidated", "removed"),
    primary: fc.option(primary, { nil: undefined }),
  });
  fc.assert(
    fc.property(facts, (each) => {
      if (stepOf(decideGuard(each)) !== "leave-set") return;
      if (each.related || !each.othersSilent) expect(each.standing).toBe("removed");
      else expect(["removed", "invalidated"]).toContain(each.standing);
      expect([undefined, fenced]).toContainEqual(each.primary);
    }),
  );
});

test("nothing but a newer record, and an open primary, leads to a fence", () => {
  const primary = fc.record({ superReadOnly: fc.boolean(), electsWritable: fc.boolean() });
  const facts = fc.record({
    ...{ clusterName: fc.constant("rome"), setName: fc.constant("empire"), related: fc.boolean() },
    othersSilent: fc.boolean(),
    standing: fc.constantFrom("none", "member", "standby", "invalidated", "removed"),
    primary: fc.option(primary, { nil: undefined }),
  });
  fc.assert(
    fc.property(facts, (each) => {
      const open = each.primary !== undefined && (!each.primary.superReadOnly || each.primary.electsWritable);
      const replaced = each.standing === "invalidated" || each.standing === "removed";
      const writes = each.standing === "standby" && each.primary?.superReadOnly === false;
      expect(stepOf(decideGuard(each)) === "fence").toBe((open && replaced) || writes);
    }),
  );
});
