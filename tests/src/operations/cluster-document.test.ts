import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ServerView } from "../../../src/mysql/topology.ts";
import { clusterStatus, resultKey, textTable } from "../../../src/operations/cluster-document.ts";

type State = "ONLINE" | "RECOVERING" | "OFFLINE" | "ERROR" | "UNREACHABLE";

/** A group of members in these states; `missing` more are in the metadata only. */
function viewOf(states: readonly State[], missing = 0): ServerView {
  const group = states.map((state, at) => ({
    uuid: `uuid-${at}`,
    host: `db-${at}`,
    state,
    role: at === 0 ? ("PRIMARY" as const) : ("SECONDARY" as const),
    version: "9.7.0",
  }));
  const instances = Array.from({ length: states.length + missing }, (_, at) => ({
    cluster: "rome",
    label: `db-${at}`,
    address: `db-${at}:3306`,
    uuid: `uuid-${at}`,
  }));
  const [member] = group;
  if (member === undefined) throw new Error("a group has members");
  return {
    server: {
      version: "9.7.0",
      uuid: "uuid-0",
      host: "db-0",
      superReadOnly: false,
      readOnly: false,
      gtidExecuted: "",
      configured: true,
      metadata: true,
      halfMetadata: false,
      oldPasswords: false,
    },
    member,
    group,
    metadata: { clusterId: "id-rome", clusterName: "rome", instances, set: undefined },
  };
}

describe("the status of a cluster", () => {
  test.each([
    ["ok_no_tolerance", ["ONLINE"], 0],
    ["ok_no_tolerance", ["ONLINE", "ONLINE"], 0],
    ["ok", ["ONLINE", "ONLINE", "ONLINE"], 0],
    ["ok_no_tolerance_partial", ["ONLINE", "ONLINE"], 1],
    ["ok_partial", ["ONLINE", "ONLINE", "ONLINE", "UNREACHABLE"], 0],
    ["no_quorum", ["ONLINE", "UNREACHABLE"], 0],
    ["no_quorum", ["ONLINE", "UNREACHABLE", "UNREACHABLE"], 0],
    ["error", ["OFFLINE"], 2],
  ] as const)("%s: %j and %i missing", (status, states, missing) => {
    expect(clusterStatus(viewOf(states, missing)).status).toBe(status);
  });
});

test("any name makes a key that Juju takes", () => {
  expect(resultKey("Rome_1.B")).toBe("rome-1-b");
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/), (name) => {
      expect(resultKey(name)).toMatch(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/);
    }),
  );
});

test("a table has its columns under each other, without blanks at the end", () => {
  expect(
    textTable([
      ["Name", "Role"],
      ["a", ""],
      ["longer", "primary"],
    ]),
  ).toBe("Name    Role\na\nlonger  primary");
});
