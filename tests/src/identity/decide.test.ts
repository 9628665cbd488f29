import fc from "fast-check";
import { expect, test } from "vitest";
import { decideIdentity, type IdentityFacts, identityRows } from "../../../src/identity/decide.ts";
import { statuses } from "../../../src/statuses.ts";
import { stepOf, testTable } from "../support/rows.ts";

const baseline: IdentityFacts = { peers: "present", leader: true, passwords: "present", names: "present" };

testTable({ rows: identityRows, decide: decideIdentity, baseline }, [
  {
    row: "no peer relation yet",
    when: { peers: "absent", passwords: "absent", names: "absent" },
    then: "wait",
  },
  {
    row: "names cannot be read",
    when: { names: { field: "switchover", reason: "must be a number" }, passwords: "absent" },
    then: "stuck",
    status: statuses.damaged("switchover", "must be a number"),
  },
  { row: "leader creates the passwords", when: { passwords: "absent" }, then: "create-passwords" },
  { row: "leader names the cluster", when: { names: "absent" }, then: "name-cluster" },
  {
    row: "no passwords yet",
    when: { leader: false, passwords: "absent" },
    then: "wait",
    status: statuses.passwordsAwaited,
  },
  {
    row: "no passwords yet",
    because: "a leader that cannot read the passwords does not make others",
    when: { leader: true, passwords: "unreadable" },
    then: "wait",
    status: statuses.passwordsAwaited,
  },
  {
    row: "no names yet",
    when: { leader: false, names: "absent" },
    then: "wait",
    status: statuses.namesAwaited,
  },
  { row: "identity is settled", when: {}, then: "settled" },
  { row: "identity is settled", because: "for those who follow", when: { leader: false }, then: "settled" },
]);

const anyFacts: fc.Arbitrary<IdentityFacts> = fc.record({
  peers: fc.constantFrom("present", "absent"),
  leader: fc.boolean(),
  passwords: fc.constantFrom("present", "absent"),
  names: fc.constantFrom<IdentityFacts["names"]>("present", "absent", {
    field: "cluster-name",
    reason: "must be a name",
  }),
});

test("only the leader acts, and nothing that is there is made again", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = stepOf(decideIdentity(facts));
      if (step !== undefined) expect([facts.leader, facts.peers]).toEqual([true, "present"]);
      if (step === "create-passwords") expect(facts.passwords).toBe("absent");
      if (step === "name-cluster") expect(facts.names).toBe("absent");
    }),
  );
});
