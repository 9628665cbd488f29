// What may be looked at to find this unit's place in its cluster, and the steps that lead there.
import type { RecoveryMethod } from "../mysql/commands.ts";
import type { JobOutcome } from "../mysql/job-outcome.ts";

/** A cluster of this application, with a quorum, that a member of it was seen to be in. */
export interface JoinTarget {
  readonly primaryHost: string;
  /** Those in the group, or those that the metadata lists where they are more. */
  readonly members: number;
  /** `diverged`: this server has transactions that the cluster lacks, and databases of a user's. */
  readonly recovery: RecoveryMethod | "diverged";
  /** It is the cluster that this server's own metadata names. */
  readonly same: boolean;
  /** Its metadata lists this server, which may not have that record itself. */
  readonly listed: boolean;
  /** Units that run already but cannot resolve this unit's name yet. */
  readonly strangers: readonly string[];
  /** Units of lower number that are ready to join: AdminAPI takes one at a time. */
  readonly ahead: readonly string[];
}

/** What woke the charm: a failed join is tried again when something else than its own end happened. */
export type Wake = "job-ended" | "update-status" | "other";

export interface ClusterFacts {
  readonly unit: string;
  readonly label: string;
  readonly clusterName: string;
  readonly setName: string;
  /** This unit is the one that may form the cluster. */
  readonly seed: boolean;
  /** Some unit is: the cluster of this application's own goes before any standby. */
  readonly seedHeld: boolean;
  /** Of this server, as it says itself; `unknown` when it could not be asked. */
  readonly local: "unknown" | LocalFacts;
  /** Whether another cluster's primary is, or was, to form this cluster. */
  readonly standbyOf: "none" | "awaited" | "initialized" | "removed";
  /** `none`: no other unit was ever a member. `down`: all that were say that they are in no group now. */
  readonly target: JoinTarget | "none" | "unknown" | "down";
  readonly job: JobOutcome;
  /** A unit starts the whole cluster again. */
  readonly restarting: boolean;
  readonly wake: Wake;
}

export interface LocalFacts {
  readonly member: "ONLINE" | "RECOVERING" | "OFFLINE" | "ERROR" | "UNREACHABLE";
  /** Whether the server's own metadata lists it, and the name of that cluster. */
  readonly cluster: "absent" | "present";
  readonly inCluster: string;
  readonly labelled: boolean;
  readonly inSet: boolean;
  readonly primary: boolean;
  /** More than half of its group is there. */
  readonly quorum: boolean;
  /** A primary that is to take writes, and does not. */
  readonly readOnly: boolean;
  /** mysqld was just started and looks for its group by itself. */
  readonly starting: boolean;
  /** A person keeps it out of its group. */
  readonly heldBack: boolean;
  /** Without metadata: something of its group, of its ClusterSet, or of a schema that was being made is there. */
  readonly leftovers: boolean;
  /** Without metadata: clients' writes are taken. */
  readonly writable: boolean;
  /** It follows another cluster, and its own is in no set: on the way in or out, where AdminAPI is or was cut short. */
  readonly halfInSet: boolean;
  /** Where something of a set is half made or half gone: AdminAPI is at work on its group. */
  readonly administered: boolean;
}

export type ClusterStep =
  | "set-label"
  | "create-cluster"
  | "create-cluster-set"
  | "make-writable"
  | "stop-group"
  | "leave-group"
  | "forget-cluster"
  | "start-join"
  | "start-rejoin"
  | "clear-job";
