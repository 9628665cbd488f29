import { expect, test } from "vitest";
import { didYouMean, nearest } from "../../sandbox/nearest.ts";

const known = ["status", "storage", "ssh", "run", "remove-unit", "show-unit", "debug-log"];

test.each([
  ["statsu", "status"],
  ["Status", "status"],
  ["stats", "status"],
  ["rnu", "run"],
  ["shh", "ssh"],
  ["remove-units", "remove-unit"],
  ["debug", "debug-log"],
  ["x", undefined],
  ["zzz", undefined],
  ["frobnicate", undefined],
])("%s is near to %s", (word, found) => {
  expect(nearest(word, known)).toBe(found);
});

test("the end of a message", () => {
  expect(didYouMean("--wach", ["--watch", "--format"])).toBe("; did you mean --watch?");
  expect(didYouMean("--xyz", ["--watch"])).toBe("");
});
