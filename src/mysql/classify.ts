// What the texts and numbers of MySQL Shell and of mysqld mean. Nothing else matches on them.
import type { ProblemReason } from "../problems.ts";

/** Error numbers of AdminAPI (`MYSQLSH 5xxxx: …`), as recorded from MySQL Shell 9.6. */
const shellCodes: Readonly<Record<number, ProblemReason>> = {
  51004: "unreachable",
  51011: "no-quorum",
  51014: "primary-unavailable",
  51101: "no-such-cluster",
  51104: "not-member",
  51113: "standalone",
  51118: "primary-unavailable",
  51121: "invalidated",
  51152: "data-diverged",
  51153: "data-diverged",
  51166: "data-diverged",
  51311: "behind",
  51300: "standalone",
  51305: "already-member",
  51314: "standalone",
  51317: "already-primary",
  51500: "busy",
  51601: "already-member",
  51610: "name-in-use",
  51613: "replica-unavailable",
};

/** Errors of mysqld and of the client library. Source: MySQL Error Message Reference. */
const serverCodes: Readonly<Record<number, ProblemReason>> = {
  1040: "full",
  1044: "denied",
  1045: "denied",
  1053: "unreachable",
  1227: "denied",
  1290: "read-only",
  1698: "denied",
  2002: "unreachable",
  2003: "unreachable",
  2005: "unreachable",
  2006: "unreachable",
  2013: "unreachable",
  3032: "denied",
  3118: "denied",
  // Of the locking service: a lock is taken, or taking it would be a deadlock.
  3132: "busy",
  3133: "busy",
};

/** System errors of a connection attempt, by Node's code. */
const connectionCodes: Readonly<Record<string, ProblemReason>> = {
  ECONNREFUSED: "unreachable",
  ECONNRESET: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ENOENT: "unreachable",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  EPIPE: "unreachable",
  ETIMEDOUT: "unreachable",
  PROTOCOL_CONNECTION_LOST: "unreachable",
  PROTOCOL_SEQUENCE_TIMEOUT: "timed-out",
};

/** AdminAPI errors without a number. */
const shellTexts: readonly (readonly [RegExp, ProblemReason])[] = [
  [/already belongs to an InnoDB cluster|already part of (?:this|another) InnoDB Cluster/i, "already-member"],
  [/PRIMARY instance isn't available|Could not connect to PRIMARY of Primary Cluster/, "primary-unavailable"],
  [/does not belong to the cluster/i, "not-member"],
  [/FENCED_WRITES/, "fenced"],
  [/global state of INVALIDATED/, "invalidated"],
  [/not available through a session to a standalone instance/, "standalone"],
  [/no[ _]quorum/i, "no-quorum"],
];

/** The last error line of a failed mysqlsh run → a reason. */
export function classifyShell(error: string): ProblemReason {
  const coded = /^MYSQLSH (\d+):/.exec(error);
  if (coded !== null) return shellCodes[Number(coded[1])] ?? byText(error);
  const server = /MySQL Error (\d+)/.exec(error);
  if (server !== null) return serverCodes[Number(server[1])] ?? "failed";
  return byText(error);
}

function byText(error: string): ProblemReason {
  return shellTexts.find(([pattern]) => pattern.test(error))?.[1] ?? "failed";
}

/** An error thrown by mysql2 → a reason. */
export function classifySql(error: { readonly errno?: number; readonly code?: string }): ProblemReason {
  const byCode = error.code === undefined ? undefined : connectionCodes[error.code];
  if (byCode !== undefined) return byCode;
  return (error.errno === undefined ? undefined : serverCodes[error.errno]) ?? "failed";
}
