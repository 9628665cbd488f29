import { expect, test } from "vitest";
import { flattenResults } from "../../lib/index.ts";

test("nested results become dotted keys, numbers and booleans become text", () => {
  const flat = flattenResults({ status: { "cluster-name": "rome", online: 3 }, ok: true, none: undefined });
  expect(Object.fromEntries(flat)).toEqual({
    "status.cluster-name": "rome",
    "status.online": "3",
    ok: "true",
  });
});

test.each(["Upper", "under_score", "-edge", "edge-", "", "a.b", "sp ace"])("the key %j is refused", (key) => {
  expect(() => flattenResults({ outer: { [key]: "x" } })).toThrow(`outer.${key}`);
});

test.each(["stdout", "stderr-encoding"])("%s belongs to Juju at the top only", (key) => {
  expect(() => flattenResults({ [key]: "x" })).toThrow("reserved");
  expect(flattenResults({ inner: { [key]: "x" } }).size).toBe(1);
});

test("results that no command line could carry are refused", () => {
  expect(() => flattenResults({ big: "x".repeat(100 * 1024) })).toThrow(/102\d\d\d bytes|10\d{4} bytes/);
  expect(flattenResults({ big: "x".repeat(99 * 1024) }).size).toBe(1);
});
