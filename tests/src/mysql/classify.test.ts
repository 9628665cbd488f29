import { describe, expect, test } from "vitest";
import { classifyShell, classifySql } from "../../../src/mysql/classify.ts";
import type { ProblemReason } from "../../../src/problems.ts";

/** Error lines as MySQL Shell 9.6 printed them, and what each means for the charm. */
const recorded: readonly (readonly [ProblemReason, string])[] = [
  ["denied", "MySQL Error 1045 (28000): Access denied for user 'cadmin'@'127.0.1.1' (using password: NO)"],
  [
    "denied",
    "MySQL Error 1045: Could not open connection to '127.0.3.2:3306': Access denied for user 'cadmin'@'127.0.3.2' (using password: YES)",
  ],
  [
    "denied",
    "MySQL Error 1227: 127.0.3.2:3306: Access denied; you need (at least one of) the RELOAD privilege(s) for this operation",
  ],
  ["unreachable", "MySQL Error 2003 (HY000): Can't connect to MySQL server on '127.0.1.1:3999' (111)"],
  [
    "unreachable",
    "MySQL Error 2003: Could not open connection to '127.0.1.9:3306': Can't connect to MySQL server on '127.0.1.9:3306' (111)",
  ],
  ["unreachable", "MySQL Error 2005 (HY000): Unknown MySQL server host 'no-such-host.invalid' (-2)"],
  [
    "unreachable",
    "MySQL Error 2013 (HY000): Lost connection to MySQL server at 'waiting for initial communication packet', system error: 110",
  ],
  ["busy", "MYSQLSH 51500: Failed to acquire Cluster lock through primary member '127.0.2.1:3306'"],
  ["no-quorum", "MYSQLSH 51011: There is no quorum to perform the operation"],
  ["no-quorum", "MYSQLSH 51600: Invalid Cluster status: NO_QUORUM."],
  ["primary-unavailable", "MYSQLSH 51014: Could not connect to a PRIMARY member of cluster 'alpha'"],
  [
    "primary-unavailable",
    "RuntimeError: The InnoDB Cluster is part of an InnoDB ClusterSet and its PRIMARY instance isn't available. Operation is not possible when in that state: Could not connect to any ONLINE member of Primary Cluster.",
  ],
  ["already-member", "MYSQLSH 51305: Target instance already part of an InnoDB Cluster"],
  [
    "already-member",
    "RuntimeError: Dba.createCluster: Unable to create cluster. The instance '127.0.1.1:3306' already belongs to an InnoDB cluster. Use dba.getCluster() to access it.",
  ],
  ["already-member", "RuntimeError: The instance '127.0.1.3:3306' is already part of this InnoDB Cluster"],
  ["already-member", "RuntimeError: The instance '127.0.2.2:3306' is already part of another InnoDB Cluster"],
  [
    "already-member",
    "MYSQLSH 51601: This function is not available through a session to an InnoDB Cluster that belongs to an InnoDB ClusterSet",
  ],
  ["not-member", "MYSQLSH 51104: Metadata for instance '127.0.1.3:3306' not found"],
  ["not-member", "RuntimeError: The instance '127.0.2.1:3306' does not belong to the Cluster: 'alpha'."],
  ["name-in-use", "MYSQLSH 51610: Cluster name already in use."],
  ["no-such-cluster", "MYSQLSH 51101: The cluster with the name 'nosuch' does not exist."],
  ["already-primary", "MYSQLSH 51317: Cluster 'alpha' is already the PRIMARY cluster"],
  ["data-diverged", "MYSQLSH 51152: Errant transactions detected at 127.0.2.1:3306"],
  [
    "data-diverged",
    "MYSQLSH 51166: Cannot use recoveryMethod=incremental option because the GTID state is not compatible or cannot be recovered.",
  ],
  ["standalone", "MYSQLSH 51113: Metadata Schema not found."],
  [
    "standalone",
    "MYSQLSH 51314: This function is not available through a session to a standalone instance (metadata exists, instance belongs to that metadata, but GR is not active)",
  ],
  [
    "standalone",
    "RuntimeError: This function is not available through a session to a standalone instance (metadata exists, instance does not belong to that metadata, and GR is not active)",
  ],
  ["replica-unavailable", "MYSQLSH 51613: One or more replica clusters are unavailable"],
  ["fenced", "RuntimeError: Unable to perform the operation on an InnoDB Cluster with status FENCED_WRITES"],
  [
    "fenced",
    "RuntimeError: The InnoDB Cluster is part of an InnoDB ClusterSet and has global state of OK_FENCED_WRITES within the ClusterSet. Operation is not possible when in that state",
  ],
  [
    "failed",
    "RuntimeError: Group Replication failed to start: MySQL Error 3092 (HY000): 127.0.1.2:3306: The server is not configured properly to be an active member of the group. Please see more details on error log.",
  ],
  ["failed", "MYSQLSH 51167: 'recoveryMethod' option must be set to 'clone' or 'incremental'"],
  ["failed", "The following option is invalid: --noSuchOption"],
  ["failed", "LogicError: internal error"],
  ["failed", ""],
];

describe("a recorded error of MySQL Shell", () => {
  test.each(recorded)("%s: %s", (reason, line) => {
    expect(classifyShell(line)).toBe(reason);
  });
});

describe("an error of mysql2", () => {
  test.each([
    ["unreachable", { code: "ECONNREFUSED", errno: -111 }],
    ["unreachable", { code: "ENOENT", errno: -2 }],
    ["unreachable", { code: "ENOTFOUND", errno: -3008 }],
    ["unreachable", { code: "ETIMEDOUT" }],
    ["unreachable", { code: "PROTOCOL_CONNECTION_LOST" }],
    ["timed-out", { code: "PROTOCOL_SEQUENCE_TIMEOUT" }],
    ["denied", { code: "ER_ACCESS_DENIED_ERROR", errno: 1045 }],
    ["denied", { code: "ER_SPECIFIC_ACCESS_DENIED_ERROR", errno: 1227 }],
    ["denied", { code: "ER_ACCOUNT_HAS_BEEN_LOCKED", errno: 3118 }],
    ["full", { code: "ER_CON_COUNT_ERROR", errno: 1040 }],
    ["unreachable", { code: "ER_SERVER_SHUTDOWN", errno: 1053 }],
    ["read-only", { code: "ER_OPTION_PREVENTS_STATEMENT", errno: 1290 }],
    ["busy", { code: "ER_LOCKING_SERVICE_DEADLOCK", errno: 3132 }],
    ["busy", { code: "ER_LOCKING_SERVICE_TIMEOUT", errno: 3133 }],
    ["failed", { code: "ER_PARSE_ERROR", errno: 1064 }],
    ["failed", {}],
  ] as const)("%s: %j", (reason, error) => {
    expect(classifySql(error)).toBe(reason);
  });
});
