// What a server's configuration must be, how it is told, and small judgements about names and roles.
import { describe, expect, it } from "vitest";
import { changesOf } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/cluster/set-primary-instance.ts";
import {
  findingsOf,
  printFindings,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/dba/instance-check.ts";
import { requireLabel, requireName } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/names.ts";
import {
  recoveryUser,
  replicationUser,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/primitives/accounts.ts";
import type { Member } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/primitives/group.ts";
import { hasQuorum } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/primitives/group.ts";
import { capture } from "./support/captured.ts";

const GOOD = {
  binlog_format: "ROW",
  enforce_gtid_consistency: "ON",
  gtid_mode: "ON",
  log_bin: "ON",
  log_replica_updates: "ON",
  replica_preserve_commit_order: "ON",
  report_port: "3306",
  port: "3306",
};

const findings = (changes: object, persisted: object = {}) =>
  findingsOf(new Map(Object.entries({ ...GOOD, ...changes })), new Map(Object.entries(persisted)));

describe("the check of a server", () => {
  it("has nothing to say of a good one", () => {
    expect(findings({})).toEqual([]);
    expect(findings({ report_port: "0" })).toEqual([]);
  });

  it("knows what needs a restart, and what only waits for one", () => {
    expect(findings({ gtid_mode: "OFF", replica_preserve_commit_order: "OFF", report_port: "3307" })).toEqual(
      [
        { option: "gtid_mode", current: "OFF", required: "ON", action: "server_update+restart" },
        { option: "replica_preserve_commit_order", current: "OFF", required: "ON", action: "server_update" },
        { option: "report_port", current: "3307", required: "3306", action: "server_update+restart" },
      ],
    );
    expect(findings({ gtid_mode: "OFF" }, { gtid_mode: "ON" })[0]?.action).toBe("restart");
  });

  it("skips variables that a server does not have", () => {
    expect(findingsOf(new Map(), new Map())).toEqual([]);
  });

  it("is told as the recorded table, one message for each cell", () => {
    const { output, lines } = capture();
    printFindings(output, findings({ enforce_gtid_consistency: "OFF", gtid_mode: "OFF" }));
    const rule =
      "+--------------------------+---------------+----------------+--------------------------------------------------+";
    expect(lines().map((line) => Object.values(JSON.parse(line) as object)[0] as string)).toEqual([
      "Some configuration options need to be fixed:\n",
      `${rule}\n`,
      "| ",
      "Variable                 | ",
      "Current Value | ",
      "Required Value | ",
      "Note                                             |",
      "\n",
      `${rule}\n`,
      "| ",
      "enforce_gtid_consistency | ",
      "OFF           | ",
      "ON             | ",
      "Update read-only variable and restart the server |",
      "\n",
      "| ",
      "gtid_mode                | ",
      "OFF           | ",
      "ON             | ",
      "Update read-only variable and restart the server |",
      "\n",
      `${rule}\n\n`,
      "Some variables need to be changed, but cannot be done dynamically on the server.\n",
    ]);
  });
});

describe("names", () => {
  it.each(["alpha", "_a", ".a-b_9"])("%s may be a cluster's", (name) => {
    expect(() => requireName("Cluster", name)).not.toThrow();
  });

  it.each(["1 bad name", "9a", "a b", "x'); import os", "é"])("%s may not", (name) => {
    expect(() => requireName("Cluster", name)).toThrow(
      `Cluster name may only contain alphanumeric characters, '_', '-', or '.' and may not start with a number (${name})`,
    );
  });

  it("have a length", () => {
    expect(() => requireName("ClusterSet", "")).toThrow("cannot be empty");
    expect(() => requireName("ClusterSet", "a".repeat(64))).toThrow("63 characters");
  });

  it("of members are wider", () => {
    expect(() => requireLabel("rome-0")).not.toThrow();
    expect(() => requireLabel("10.0.0.1:3306")).not.toThrow();
    for (const label of ["", "-a", "a b", "a'b"]) expect(() => requireLabel(label)).toThrow(/label can/);
  });

  it("of accounts follow the server's id", () => {
    expect([recoveryUser(101), replicationUser(101)]).toEqual([
      "mysql_innodb_cluster_101",
      "mysql_innodb_cs_65",
    ]);
  });
});

const member = (uuid: string, role: Member["role"], state = "ONLINE"): Member => ({
  uuid,
  address: `${uuid}:3306`,
  state,
  role,
  version: "9.7.4",
});

describe("a group", () => {
  it("tells who changed roles", () => {
    const before = [member("a", "PRIMARY"), member("b", "SECONDARY"), member("c", "SECONDARY")];
    const after = [member("a", "SECONDARY"), member("b", "PRIMARY"), member("c", "SECONDARY")];
    expect(changesOf(before, after)).toEqual([
      "Instance 'a:3306' was switched from PRIMARY to SECONDARY.",
      "Instance 'b:3306' was switched from SECONDARY to PRIMARY.",
      "Instance 'c:3306' remains SECONDARY.",
    ]);
  });

  it.each([
    [["ONLINE", "ONLINE", "UNREACHABLE"], true],
    [["ONLINE", "RECOVERING", "UNREACHABLE"], true],
    [["ONLINE", "UNREACHABLE", "UNREACHABLE"], false],
    [["ONLINE", "UNREACHABLE"], false],
    [["ONLINE"], true],
    [["OFFLINE"], false],
  ])("of %j has a quorum: %s", (states, quorum) => {
    expect(hasQuorum(states.map((state, index) => member(String(index), "", state)))).toBe(quorum);
  });
});
