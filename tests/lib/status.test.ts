import { expect, test } from "vitest";
import { type Status, sameStatus, worst } from "../../lib/index.ts";

const status = (kind: Status["kind"], message = ""): Status => ({ kind, message });

test.each<[Status["kind"], Status["kind"]]>([
  ["blocked", "maintenance"],
  ["maintenance", "waiting"],
  ["waiting", "active"],
])("%s wins over %s, whatever the order", (winner, loser) => {
  expect(worst([status(loser), status(winner)])?.kind).toBe(winner);
  expect(worst([status(winner), status(loser)])?.kind).toBe(winner);
});

test("the first among equals wins, and nothing gives nothing", () => {
  expect(worst([status("waiting", "a"), status("waiting", "b")])?.message).toBe("a");
  expect(worst([])).toBeUndefined();
});

test("statuses are the same when an operator sees the same", () => {
  expect(sameStatus(status("active", "a"), status("active", "a"))).toBe(true);
  expect(sameStatus(status("active", "a"), status("active", "b"))).toBe(false);
  expect(sameStatus(status("active"), status("waiting"))).toBe(false);
  expect(sameStatus(undefined, undefined)).toBe(false);
});
