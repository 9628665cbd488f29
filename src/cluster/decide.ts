// Makes this unit a member of its cluster: forms the cluster on the seed, joins it everywhere else.
import {
  act,
  type Decision,
  decideBy,
  type Row,
  type Status,
  settled,
  stuck,
  wait,
} from "../../lib/index.ts";
import type { RecoveryMethod } from "../mysql/commands.ts";
import type { JobOutcome } from "../mysql/job-outcome.ts";
import { statuses } from "../statuses.ts";

/** A cluster of this application that a member of it was seen to be in. */
export interface JoinTarget {
  readonly primaryHost: string;
  readonly members: number;
  readonly recoveryMethod: RecoveryMethod;
  /** Units that run already but cannot resolve this unit's name yet. */
  readonly strangers: readonly string[];
  /** Units of lower number that are ready to join: AdminAPI takes one at a time. */
  readonly ahead: readonly string[];
}

/** What woke the charm: a failed join is tried again when something else than its own end happened. */
export type Wake = "job-ended" | "update-status" | "other";

export interface ClusterFacts {
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
  readonly target: JoinTarget | "none" | "unknown";
  readonly job: JobOutcome;
  readonly wake: Wake;
}

export interface LocalFacts {
  readonly member: "ONLINE" | "RECOVERING" | "OFFLINE" | "ERROR" | "UNREACHABLE";
  readonly cluster: "absent" | "present";
  readonly labelled: boolean;
  readonly inSet: boolean;
  readonly primary: boolean;
}

export type ClusterStep = "set-label" | "create-cluster" | "create-cluster-set" | "start-join" | "clear-job";

const is = (f: ClusterFacts): LocalFacts | undefined => (f.local === "unknown" ? undefined : f.local);
const online = (f: ClusterFacts): boolean => is(f)?.member === "ONLINE" && is(f)?.cluster === "present";
const absent = (f: ClusterFacts): boolean => is(f)?.cluster === "absent";
const target = (f: ClusterFacts): JoinTarget | undefined =>
  typeof f.target === "string" ? undefined : f.target;

/** A relation that makes this cluster a standby changes nothing until the leader released the seed. */
const beforeStandby = (f: ClusterFacts): boolean =>
  f.standbyOf === "none" || (f.standbyOf === "awaited" && f.seedHeld);

const MOST_MEMBERS = 9;

function failure(job: JobOutcome): Status {
  if (job.kind !== "failed") return statuses.joining("");
  return job.reason === "busy" ? statuses.clusterBusy : statuses.operationFailed(job.what);
}

export const clusterRows: readonly Row<ClusterFacts, ClusterStep>[] = [
  {
    name: "a join runs",
    when: (f) => f.job.kind === "running",
    then: (f) => wait(statuses.joining(f.job.kind === "running" ? f.job.progress : "")),
  },
  {
    name: "server could not be asked",
    when: (f) => f.local === "unknown",
    then: () => wait(statuses.unknown),
  },
  { name: "a join ended", when: (f) => f.job.kind === "ended", then: () => act("clear-job") },
  {
    name: "a join failed but this is a member",
    when: (f) => f.job.kind === "failed" && online(f),
    then: () => act("clear-job"),
  },
  {
    name: "member has no label",
    when: (f) => online(f) && is(f)?.labelled === false,
    then: () => act("set-label", statuses.labelling),
  },
  {
    name: "cluster has no ClusterSet",
    when: (f) => online(f) && is(f)?.inSet === false && is(f)?.primary === true && beforeStandby(f),
    then: (f) => act("create-cluster-set", statuses.creatingSet(f.setName)),
  },
  { name: "member is online", when: online, then: () => settled() },
  {
    name: "member catches up",
    when: (f) => is(f)?.member === "RECOVERING",
    then: () => wait(statuses.recovering),
  },
  {
    name: "member is not in its group",
    when: (f) => is(f)?.cluster === "present",
    then: (f) => wait(statuses.memberOffline(is(f)?.member ?? "OFFLINE")),
  },
  {
    name: "removed from its ClusterSet",
    when: (f) => absent(f) && f.standbyOf === "removed",
    then: () => stuck(statuses.removedFromSet),
  },
  {
    name: "standby awaits its primary cluster",
    when: (f) => absent(f) && f.standbyOf === "awaited" && !f.seedHeld,
    then: () => wait(statuses.setAwaited),
  },
  {
    name: "seed forms the cluster",
    when: (f) => absent(f) && f.seed && beforeStandby(f) && f.target === "none",
    then: (f) => act("create-cluster", statuses.creatingCluster(f.clusterName)),
  },
  {
    name: "no member to join",
    when: (f) => f.target === "none",
    then: () => wait(statuses.firstMemberAwaited),
  },
  {
    name: "no member could be asked",
    when: (f) => f.target === "unknown",
    then: () => wait(statuses.firstMemberAwaited),
  },
  {
    name: "cluster is full",
    when: (f) => (target(f)?.members ?? 0) >= MOST_MEMBERS,
    then: () => wait(statuses.clusterFull),
  },
  {
    name: "members do not know this host",
    when: (f) => (target(f)?.strangers.length ?? 0) > 0,
    then: (f) => wait(statuses.hostsAwaited(target(f)?.strangers.join(", ") ?? "")),
  },
  {
    name: "a join failed just now",
    when: (f) => f.job.kind === "failed" && f.wake === "job-ended",
    then: (f) => wait(failure(f.job)),
  },
  { name: "a join failed before", when: (f) => f.job.kind === "failed", then: () => act("clear-job") },
  {
    // update-status does not queue: a unit ahead that never gets in must not keep the others out.
    name: "another unit joins first",
    when: (f) => (target(f)?.ahead.length ?? 0) > 0 && f.wake !== "update-status",
    then: (f) => wait(statuses.queued(target(f)?.ahead.join(", ") ?? "")),
  },
  { name: "unit joins", when: (f) => absent(f), then: () => act("start-join", statuses.joining("")) },
];

export function decideCluster(facts: ClusterFacts): Decision<ClusterStep> {
  return decideBy(clusterRows, facts);
}
