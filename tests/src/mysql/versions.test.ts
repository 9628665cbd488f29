import { describe, expect, test } from "vitest";
import {
  canOpen,
  canReplicateFrom,
  clusterAdminPrivileges,
  compareVersions,
  OLDEST,
  parseVersion,
  rootRevocations,
} from "../../../src/mysql/versions.ts";

describe("a version", () => {
  test.each([
    ["8.0.36-0ubuntu0.22.04.1", [8, 0, 36]],
    ["9.7.0", [9, 7, 0]],
    ["8.4.10+x", [8, 4, 10]],
  ])("%s", (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  test.each(["", "8.0", "v8.0.36", "latest"])("%j is none", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  test("is ordered by numbers, not by text", () => {
    expect(compareVersions([8, 0, 9], [8, 0, 36])).toBeLessThan(0);
    expect(compareVersions([8, 4, 0], [8, 0, 44])).toBeGreaterThan(0);
    expect(compareVersions([9, 0, 0], [8, 4, 99])).toBeGreaterThan(0);
    expect(compareVersions([8, 0, 36], OLDEST)).toBe(0);
  });
});

test("a replica may be newer than its source, never older", () => {
  expect(canReplicateFrom([8, 0, 36], [8, 0, 36])).toBe(true);
  expect(canReplicateFrom([8, 0, 36], [8, 4, 0])).toBe(true);
  expect(canReplicateFrom([8, 4, 0], [8, 0, 44])).toBe(false);
  expect(canReplicateFrom([9, 7, 0], [8, 4, 0])).toBe(false);
});

describe("privileges that differ between versions", () => {
  test("tagged GTIDs came with 8.3.0", () => {
    expect(clusterAdminPrivileges([8, 2, 0])).toEqual([]);
    expect(clusterAdminPrivileges([8, 3, 0])).toEqual(["TRANSACTION_GTID_TAG"]);
    expect(clusterAdminPrivileges([9, 7, 0])).toEqual(["TRANSACTION_GTID_TAG"]);
  });

  test("SET_USER_ID was split in 8.2.0", () => {
    expect(rootRevocations([8, 0, 36])).toContain("SET_USER_ID");
    expect(rootRevocations([8, 0, 36])).not.toContain("SET_ANY_DEFINER");
    for (const version of [[8, 2, 0] as const, [8, 4, 0] as const, [9, 7, 0] as const]) {
      expect(rootRevocations(version)).not.toContain("SET_USER_ID");
      expect(rootRevocations(version)).toEqual(
        expect.arrayContaining(["SET_ANY_DEFINER", "ALLOW_NONEXISTENT_DEFINER"]),
      );
    }
  });
});

test.each([
  [[8, 0, 44], [8, 0, 44], true],
  [[8, 0, 36], [8, 0, 44], true],
  [[8, 0, 44], [8, 4, 0], true],
  [[8, 0, 44], [8, 0, 36], false],
  [[8, 4, 5], [8, 4, 0], true],
  [[8, 4, 5], [8, 0, 44], false],
  [[9, 7, 4], [9, 7, 3], false],
] as const)("data of %j can be opened by %j: %s", (data, server, opens) => {
  expect(canOpen(data, server)).toBe(opens);
});
