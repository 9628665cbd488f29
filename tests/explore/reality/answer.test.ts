// Comparing the model's answers with those of real servers.
import { expect, test } from "vitest";
import { type Answer, differences, plain } from "./answer.ts";

const unit = {
  status: "active: Primary",
  member: "ONLINE PRIMARY",
  set: "none",
  takesWrites: true,
  rows: ["row 1"],
};
const answer: Answer = { applications: { rome: "active:" }, units: { "rome/0": unit, "rome/1": "off" } };
const changed = (part: Partial<typeof unit>): Answer => ({
  ...answer,
  units: { ...answer.units, "rome/0": { ...unit, ...part } },
});

test("equal answers have no differences", () => {
  expect(differences(answer, structuredClone(answer))).toEqual([]);
});

test.each([
  ["a status", { status: "active:" }],
  ["a member's role", { member: "ONLINE SECONDARY" }],
  ["a role in the set", { set: "gaul rome PRIMARY" }],
  ["who takes writes", { takesWrites: false }],
  ["rows", { rows: [] }],
])("%s that differs is told once", (_, part) => {
  expect(differences(answer, changed(part))).toHaveLength(1);
});

test("a unit without power, or one too many, is a difference", () => {
  expect(differences(answer, { ...answer, units: { "rome/0": unit, "rome/1": unit } })).toHaveLength(1);
  expect(differences(answer, { ...answer, units: { "rome/0": unit } })).toHaveLength(1);
  expect(differences(answer, { ...answer, applications: { rome: "waiting: " } })).toHaveLength(1);
});

test("times and made-up names are nobody's difference", () => {
  expect(plain("Standby, 12 s behind")).toBe("Standby, n s behind");
  expect(plain("group-1-of-rome-0:3-5 on rome-0")).toBe(
    plain("6ccd780c-baba-1026-9564-5b8c656024db:3-5 on rome-0"),
  );
});
