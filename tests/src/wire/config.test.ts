import { expect, test } from "vitest";
import { readConfig } from "../../../src/wire/config.ts";

test("nothing set: the defaults", () => {
  expect(readConfig({ profile: "production" })).toEqual({ kind: "value", config: { profile: "production" } });
  expect(readConfig({})).toMatchObject({ kind: "value", config: { profile: "production" } });
});

test("an empty name is as good as none", () => {
  const read = readConfig({ "cluster-name": "", "cluster-set-name": "" });
  expect(read).toEqual({
    kind: "value",
    config: { "cluster-name": undefined, "cluster-set-name": undefined, profile: "production" },
  });
});

test("all options, at their bounds", () => {
  const raw = { "cluster-name": "a".repeat(63), "cluster-set-name": "A-_.9", profile: "testing" };
  for (const memory of [600, 9_999_999]) {
    const config = { ...raw, "profile-limit-memory": memory };
    expect(readConfig(config)).toEqual({ kind: "value", config });
  }
});

const nameRule = 'must be 1 to 63 letters, digits, "-", "_" or ".", the first one a letter';

test.each([
  ["cluster-name", "1rome", nameRule],
  ["cluster-name", "x'); import os", nameRule],
  ["cluster-name", "a".repeat(64), nameRule],
  ["cluster-set-name", "-x", nameRule],
  ["cluster-set-name", "em\npire", nameRule],
  ["profile", "fast", 'must be "production" or "testing"'],
  ["profile", "", 'must be "production" or "testing"'],
  ["profile-limit-memory", 599, "must be from 600 to 9999999 (MB)"],
  ["profile-limit-memory", 0, "must be from 600 to 9999999 (MB)"],
  ["profile-limit-memory", 10_000_000, "must be from 600 to 9999999 (MB)"],
])("%s of %j is refused with its name and the rule", (option, value, reason) => {
  expect(readConfig({ [option]: value })).toEqual({ kind: "invalid", option, reason });
});
