import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type CredentialsFacts,
  credentialsRows,
  decideCredentials,
} from "../../../src/credentials/decide.ts";
import { stepOf, testTable } from "../support/rows.ts";

const baseline: CredentialsFacts = { old: "gone", source: "own", committed: true, awaited: [] };

testTable({ rows: credentialsRows, decide: decideCredentials, baseline }, [
  {
    row: "passwords come from the primary cluster",
    when: { source: "primary-cluster", old: "kept" },
    then: "settled",
  },
  { row: "accounts could not be asked", when: { old: "unknown" }, then: "wait" },
  { row: "one password each", when: {}, then: "settled" },
  { row: "new passwords are not in writing", when: { old: "kept", committed: false }, then: "wait" },
  { row: "old passwords are in use", when: { old: "kept", awaited: ["mysql/2"] }, then: "wait" },
  { row: "old passwords are of no use", when: { old: "kept" }, then: "discard-old-passwords" },
]);

const anyFacts: fc.Arbitrary<CredentialsFacts> = fc.record({
  old: fc.constantFrom("kept", "gone", "unknown"),
  source: fc.constantFrom("own", "primary-cluster"),
  committed: fc.boolean(),
  awaited: fc.array(fc.constantFrom("mysql/1", "lisbon"), { maxLength: 2 }),
});

test("an old password ends only when nobody can need it", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const ends = stepOf(decideCredentials(facts)) === "discard-old-passwords";
      const idle = facts.committed && facts.awaited.length === 0 && facts.source === "own";
      expect(ends).toBe(idle && facts.old === "kept");
    }),
  );
});
