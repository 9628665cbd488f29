// Side of `async-primary`: shares the credentials of this cluster, and adds the other application's instance as a replica cluster.
import {
  act,
  type BagValue,
  type Decision,
  decideBy,
  type Row,
  settled,
  stuck,
  wait,
} from "../../lib/index.ts";
import type { JobOutcome } from "../mysql/job-outcome.ts";
import { statuses } from "../statuses.ts";
import { isSameName } from "../wire/names.ts";
import { ADDED_ENDPOINT, type PrimaryBag, type ReplicaBag } from "../wire/replication.ts";
import { refusedBag } from "./refused-bag.ts";
import type { Remains } from "./remains.ts";

/** This application's cluster, as its own server says; `unknown` when it could not be asked. */
export type OwnCluster =
  | "unknown"
  | "forming"
  | {
      readonly name: string;
      readonly version: string;
      readonly setName: string | undefined;
      readonly role: "alone" | "primary" | "replica";
      readonly invalidated: boolean;
      readonly clusters: readonly string[];
      /** Label of the other cluster's instance at the endpoint that it offered. */
      readonly remoteLabel: string | undefined;
      /** The other cluster's members, that instance first, by the names in the metadata: set operations take no others. */
      readonly remoteHosts: readonly string[];
    };

export interface PrimaryFacts {
  readonly remoteApp: string;
  readonly own: OwnCluster;
  /** What this application wrote. */
  readonly shared: PrimaryBag;
  readonly remote: BagValue<ReplicaBag>;
  /** Whether the shared secret holds the passwords that the application has now. */
  readonly secret: "none" | "stale" | "current" | "unknown";
  /**
   * Whether the unit that offers its instance can resolve all members of this cluster: it copies one of them, and may
   * follow any. `unsaid` by an application that does not exchange host names and has its own way to resolve them.
   */
  readonly resolves: "all" | "not-yet" | "unsaid";
  /** By what Juju says and the units say of themselves: none of the other application's units is a member of its cluster. */
  readonly membersGone: boolean;
  readonly job: JobOutcome;
  /** Whether this unit is adding another application's cluster: AdminAPI takes one at a time. */
  readonly isAddingAnother: boolean;
  /** Looked at only where the addition would begin now. */
  readonly remains: Remains;
  /** The event is the end of a job: what failed just now waits for another event. */
  readonly wokenByJob: boolean;
}

export type PrimaryStep =
  | "refuse-as-replica"
  | "withdraw-refusal"
  | "share"
  | "refresh-secret"
  | "undo-addition"
  | "start-adding"
  | "clear-job"
  | "label-instance"
  | "publish-initialized";

const own = (f: PrimaryFacts): Exclude<OwnCluster, string> | undefined =>
  typeof f.own === "string" ? undefined : f.own;
const offered = (f: PrimaryFacts): ReplicaBag => (f.remote.kind === "value" ? f.remote.value : {});
const added = (f: PrimaryFacts): boolean =>
  own(f)?.clusters.some((each) => isSameName(each, offered(f)["cluster-name"])) === true;
/** The other cluster is in the set, or was told so. */
const isIn = (f: PrimaryFacts): boolean => added(f) || f.shared["replica-state"] === "initialized";
/** The job has just made it so. */
export const wasAdded = (f: PrimaryFacts): boolean => f.job.kind === "ended" && added(f);
const complete = (f: PrimaryFacts): boolean =>
  offered(f).endpoint !== undefined &&
  offered(f)["cluster-name"] !== undefined &&
  offered(f)["node-label"] !== undefined;

export const primaryRows: readonly Row<PrimaryFacts, PrimaryStep>[] = [
  // Whichever side leads, and whether or not its server answers: passwords are changed on this side only.
  { name: "shared passwords are old", when: (f) => f.secret === "stale", then: () => act("refresh-secret") },
  {
    name: "own cluster could not be asked",
    when: (f) => f.own === "unknown",
    then: () => wait(statuses.unknown),
  },
  {
    name: "own cluster is not formed",
    when: (f) => f.own === "forming" || own(f)?.setName === undefined,
    then: () => wait(),
  },
  {
    // The guard says so, and what leads on.
    name: "own cluster is invalidated",
    when: (f) => own(f)?.invalidated === true,
    then: () => wait(),
  },
  {
    name: "standby was refused before",
    when: (f) => own(f)?.role !== "replica" && f.shared["is-replica"] === "true",
    then: () => act("withdraw-refusal"),
  },
  {
    // What was shared before it became a standby is of no use to whoever is not in the set by then.
    name: "standby takes no standby",
    when: (f) =>
      own(f)?.role === "replica" &&
      (f.shared["secret-id"] === undefined || !isIn(f)) &&
      f.shared["is-replica"] === undefined,
    then: () => act("refuse-as-replica"),
  },
  {
    name: "standby cannot lead",
    when: (f) => own(f)?.role === "replica" && f.shared["is-replica"] === "true",
    then: (f) => stuck(statuses.standbyCannotLead(f.remoteApp)),
  },
  // After a switchover this side is the standby: what is to do is done by the side whose cluster is the primary.
  { name: "the other side leads", when: (f) => own(f)?.role === "replica", then: () => settled() },
  {
    name: "nothing is shared yet",
    when: (f) => f.secret === "none",
    then: () => act("share", statuses.settingUp),
  },
  {
    name: "shared secret could not be read",
    when: (f) => f.secret === "unknown",
    then: () => wait(statuses.unknown),
  },
  refusedBag,
  {
    name: "remote holds user data",
    when: (f) => offered(f)["user-data-found"] === "true" && !complete(f),
    then: (f) => wait(statuses.standbyAwaited(f.remoteApp)),
  },
  {
    name: "remote offers no instance yet",
    when: (f) => !complete(f),
    then: (f) => wait(statuses.standbyAwaited(f.remoteApp)),
  },
  {
    name: "replica cluster is being added",
    when: (f) => f.job.kind === "running",
    then: (f) =>
      wait(
        statuses.addingReplica(
          offered(f)["cluster-name"] ?? "",
          f.job.kind === "running" ? f.job.progress : "",
        ),
      ),
  },
  {
    name: "the job is over",
    when: (f) => f.job.kind === "ended" || (f.job.kind === "failed" && added(f)),
    then: () => act("clear-job"),
  },
  {
    // Nobody is left to ask, and a unit that comes later finds no member to join.
    name: "no unit of the replica cluster is left",
    when: (f) => added(f) && f.membersGone,
    then: (f) => stuck(statuses.standbyLost(f.remoteApp, offered(f)["cluster-name"] ?? "")),
  },
  {
    // AdminAPI's own is an address. Any other was given by the unit itself, whoever led there before it.
    name: "instance has no label",
    when: (f) => added(f) && own(f)?.remoteLabel?.includes(":") === true,
    then: () => act("label-instance", statuses.labelling),
  },
  {
    name: "remote was not told",
    when: (f) => added(f) && f.shared["replica-state"] !== "initialized",
    then: () => act("publish-initialized"),
  },
  { name: "replica cluster is in the set", when: added, then: () => settled() },
  {
    // In a hook between the end of the relation and its own news of it, it looks as before.
    name: "replica cluster was removed, and no other instance is offered",
    when: (f) => f.shared[ADDED_ENDPOINT] !== undefined && f.shared[ADDED_ENDPOINT] === offered(f).endpoint,
    then: (f) => stuck(statuses.removedStandby(f.remoteApp, offered(f)["cluster-name"] ?? "")),
  },
  {
    name: "adding failed just now",
    when: (f) => f.job.kind === "failed" && f.wokenByJob,
    then: (f) => wait(statuses.operationFailed(f.job.kind === "failed" ? f.job.what : "")),
  },
  { name: "adding failed before", when: (f) => f.job.kind === "failed", then: () => act("clear-job") },
  {
    name: "instance cannot resolve the members yet",
    when: (f) => f.resolves === "not-yet",
    then: (f) => wait(statuses.hostsAwaited(f.remoteApp)),
  },
  {
    name: "another cluster is being added first",
    when: (f) => f.isAddingAnother,
    then: (f) => wait(statuses.addingQueued(offered(f)["cluster-name"] ?? "")),
  },
  {
    name: "own cluster leads no set",
    when: (f) => own(f)?.role !== "primary",
    then: () => wait(statuses.unknown),
  },
  {
    name: "instance could not be asked",
    when: (f) => f.remains.kind === "unknown",
    then: (f) => wait(statuses.operationFailed(f.remains.kind === "unknown" ? f.remains.what : "")),
  },
  {
    name: "instance is in use",
    when: (f) => f.remains.kind === "foreign",
    then: (f) => stuck(statuses.instanceInUse(f.remoteApp, offered(f)["cluster-name"] ?? "")),
  },
  {
    name: "an addition was cut short",
    when: (f) => f.remains.kind === "cut-short",
    then: (f) => act("undo-addition", statuses.undoingAddition(offered(f)["cluster-name"] ?? "")),
  },
  {
    name: "replica cluster is positively absent",
    when: () => true,
    then: (f) => act("start-adding", statuses.addingReplica(offered(f)["cluster-name"] ?? "", "")),
  },
];

export function decidePrimary(facts: PrimaryFacts): Decision<PrimaryStep> {
  return decideBy(primaryRows, facts);
}
