// Every reason for which MySQL can refuse or fail, and whether trying again can help. What an operator sees of it is in statuses.ts.
import type { Trouble } from "./mysql/error-log.ts";

/** unreachable ≠ denied ≠ busy ≠ already done: each calls for another answer. */
export const problemReasons = {
  unreachable: { retry: true, text: "the server does not answer" },
  full: { retry: true, text: "clients have taken all connections of the server" },
  denied: { retry: false, text: "the server refuses the login" },
  busy: { retry: true, text: "another cluster operation is running" },
  "no-quorum": { retry: true, text: "the cluster has no quorum" },
  "primary-unavailable": { retry: true, text: "the primary cluster of the ClusterSet cannot be reached" },
  "already-member": { retry: false, text: "the server is already a member of a cluster" },
  "not-member": { retry: false, text: "the server is not a member of the cluster" },
  "name-in-use": { retry: false, text: "another cluster of the ClusterSet has that name" },
  "no-such-cluster": { retry: false, text: "the ClusterSet has no such cluster" },
  "already-primary": { retry: false, text: "the cluster already is the primary cluster" },
  "data-diverged": { retry: false, text: "the server has transactions that the cluster does not have" },
  behind: { retry: false, text: "another cluster of the ClusterSet has transactions that this one lacks" },
  standalone: { retry: false, text: "the server belongs to no cluster" },
  "replica-unavailable": { retry: true, text: "another cluster of the ClusterSet is unavailable" },
  invalidated: { retry: false, text: "the cluster was invalidated by a failover" },
  fenced: { retry: false, text: "writes to the cluster are fenced" },
  "read-only": { retry: true, text: "the server is read-only" },
  "timed-out": { retry: true, text: "the operation did not end in time" },
  "not-installed": { retry: true, text: "MySQL Shell is not installed" },
  failed: { retry: true, text: "the operation failed" },
} as const;

export type ProblemReason = keyof typeof problemReasons;

/** A server that does not come up, with the reason that its error log gives. */
export class CannotStart extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(`mysqld does not start: ${trouble.kind} ${trouble.option}`.trim());
    this.name = "CannotStart";
    this.trouble = trouble;
  }
}

/** A failed operation on MySQL: a reason for the code, a message for people. Never holds a secret. */
export class MysqlProblem extends Error {
  readonly reason: ProblemReason;
  readonly operation: string;

  constructor(reason: ProblemReason, operation: string, detail: string, options?: ErrorOptions) {
    super(`${operation}: ${detail === "" ? problemReasons[reason].text : detail}`, options);
    this.name = "MysqlProblem";
    this.reason = reason;
    this.operation = operation;
  }
}
