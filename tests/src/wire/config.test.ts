import { expect, test } from "vitest";
import { readConfig } from "../../../src/wire/config.ts";

const unset = { profile: "production", "binlog-retention-days": 7, "logs-retention-period": "auto" } as const;

test("nothing set: the defaults", () => {
  expect(readConfig({ profile: "production" })).toEqual({ kind: "value", config: unset });
  expect(readConfig({})).toEqual({ kind: "value", config: unset });
});

test("an empty name is as good as none", () => {
  const read = readConfig({ "cluster-name": "", "cluster-set-name": "" });
  expect(read).toEqual({
    kind: "value",
    config: { ...unset, "cluster-name": undefined, "cluster-set-name": undefined },
  });
});

test("all options, at their bounds", () => {
  const raw = { "cluster-name": "a".repeat(63), "cluster-set-name": "A-_.9", profile: "testing" };
  for (const memory of [600, 9_999_999]) {
    const config = { ...raw, "profile-limit-memory": memory };
    expect(readConfig(config)).toEqual({ kind: "value", config: { ...unset, ...config } });
  }
});

test.each([
  ["experimental-max-connections", [10, 100_000]],
  ["binlog-retention-days", [1, 49_710]],
  ["logs-retention-period", ["auto", "3", "30", "9999"]],
])("%s takes %j", (option, values) => {
  for (const value of values) {
    const config = { ...unset, [option]: value };
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
  ["experimental-max-connections", 9, "must be from 10 to 100000"],
  ["experimental-max-connections", 100_001, "must be from 10 to 100000"],
  ["binlog-retention-days", 0, "must be from 1 to 49710 (days)"],
  ["binlog-retention-days", 49_711, "must be from 1 to 49710 (days)"],
  ["logs-retention-period", "2", 'must be "auto" or a number of days from 3 to 9999'],
  ["logs-retention-period", "", 'must be "auto" or a number of days from 3 to 9999'],
  ["logs-retention-period", "7 days", 'must be "auto" or a number of days from 3 to 9999'],
  ["profile-limit-memory", 10_000_000, "must be from 600 to 9999999 (MB)"],
])("%s of %j is refused with its name and the rule", (option, value, reason) => {
  expect(readConfig({ [option]: value })).toEqual({ kind: "invalid", option, reason });
});
