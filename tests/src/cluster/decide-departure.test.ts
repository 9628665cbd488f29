import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type DepartureFacts,
  decideDeparture,
  departureRows,
} from "../../../src/cluster/decide-departure.ts";
import { statuses } from "../../../src/statuses.ts";
import { stepOf, testTable } from "../support/rows.ts";

const other = { host: "mysql-1", online: true, stays: true };
const baseline: DepartureFacts = {
  member: "none",
  primary: false,
  quorum: true,
  others: [other],
  standby: false,
  whole: false,
  tried: [],
};

testTable({ rows: departureRows, decide: decideDeparture, baseline }, [
  { row: "server could not be asked", when: { member: "unknown" }, then: "settled" },
  { row: "server is no member", when: {}, then: "settled" },
  {
    row: "a standby's last member goes",
    when: { member: "online", standby: true, others: [] },
    then: "remove-cluster",
    status: statuses.leaving,
  },
  {
    row: "a standby's last member goes",
    because: "all its members at once: the primary tells",
    when: { member: "online", standby: true, whole: true, primary: true },
    then: "remove-cluster",
    status: statuses.leaving,
  },
  {
    row: "the cluster goes as a whole",
    because: "the primary site could not be told",
    when: { member: "online", standby: true, others: [], tried: ["remove-cluster"] },
    then: "settled",
  },
  {
    row: "the cluster goes as a whole",
    when: { member: "online", primary: true, whole: true },
    then: "settled",
  },
  {
    row: "the cluster goes as a whole",
    because: "the last member keeps the cluster in its storage",
    when: { member: "online", primary: true, others: [] },
    then: "settled",
  },
  {
    row: "primary goes",
    when: { member: "online", primary: true },
    then: "hand-over",
    status: statuses.leaving,
  },
  { row: "member goes", when: { member: "online" }, then: "remove-member", status: statuses.leaving },
  {
    row: "member goes",
    because: "the group elects a primary when it cannot be handed over",
    when: { member: "online", primary: true, tried: ["hand-over"] },
    then: "remove-member",
    status: statuses.leaving,
  },
  {
    row: "the leader takes it out later",
    because: "another operation was in the way",
    when: { member: "online", tried: ["remove-member"] },
    then: "settled",
  },
  {
    row: "the leader takes it out later",
    because: "without a quorum nothing can be changed",
    when: { member: "online", quorum: false },
    then: "settled",
  },
  {
    row: "the leader takes it out later",
    because: "nobody who stays is online",
    when: {
      member: "online",
      others: [
        { ...other, stays: false },
        { ...other, online: false },
      ],
    },
    then: "settled",
  },
]);

test("a departure ends, whatever comes of it, and each step is tried once", () => {
  const member = fc.record({ host: fc.constant("x"), online: fc.boolean(), stays: fc.boolean() });
  const facts: fc.Arbitrary<DepartureFacts> = fc.record({
    member: fc.constantFrom("unknown", "none", "online", "offline"),
    primary: fc.boolean(),
    quorum: fc.boolean(),
    others: fc.array(member, { maxLength: 3 }),
    standby: fc.boolean(),
    whole: fc.boolean(),
    tried: fc.constant([]),
  });
  fc.assert(
    fc.property(facts, (start) => {
      let now = start;
      for (let step = stepOf(decideDeparture(now)); step !== undefined; step = stepOf(decideDeparture(now))) {
        expect(now.tried).not.toContain(step);
        now = { ...now, tried: [...now.tried, step] };
      }
    }),
    { numRuns: 1_000 },
  );
});
