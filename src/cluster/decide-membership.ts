// What the leader does for the cluster as a whole: names a new seed, takes out members that Juju removed, starts it again after an outage.
import { act, type Decision, decideBy, type Row, settled, stuck, wait } from "../../lib/index.ts";
import type { JobOutcome } from "../mysql/job-outcome.ts";
import { statuses } from "../statuses.ts";
import type { Wake } from "./facts.ts";

/** The cluster as the leader finds it by asking all members' servers. */
export type ClusterState =
  /** Nobody who could know was asked with success. */
  | { readonly kind: "unknown" }
  /** Every unit that Juju knows was met, and none is or was a member. */
  | { readonly kind: "vacant" }
  | {
      readonly kind: "online";
      readonly primaryHost: string;
      /** Hosts of members whose units Juju has removed. */
      readonly gone: readonly string[];
      /** Members whose units Juju is removing, and which take themselves out. */
      readonly leaving: number;
    }
  | {
      readonly kind: "no-quorum";
      /** A member that is left. */
      readonly host: string;
      /** Labels of the lost members whose units Juju still knows, but for those that answer, are out, and have nothing of their own. */
      readonly lost: readonly string[];
      /** See Outage. */
      readonly rivals: readonly string[];
    }
  | Outage;

/** No member is in a group. */
export interface Outage {
  readonly kind: "outage";
  readonly clusterName: string;
  readonly inSet: boolean;
  /** Labels of members that did not answer, and whose units Juju still knows. */
  readonly silent: readonly string[];
  /** Some did not answer, and Juju has removed their units. */
  readonly force: boolean;
  /** Host of the member that has all transactions that any has. */
  readonly best: string | "diverged";
  /** A person keeps all of them out of their group. */
  readonly heldBack: boolean;
  /** Other clusters of the ClusterSet that may lead by now and do not answer. */
  readonly rivals: readonly string[];
}

export interface MembershipFacts {
  readonly unit: string;
  readonly cluster: ClusterState;
  /** `gone`: the unit that was to form the cluster is none of those that were met. */
  readonly seed: "held" | "gone" | "released";
  /** Another cluster's primary is to make this cluster a standby. */
  readonly awaitsPrimary: boolean;
  /** Of the restart of the cluster, or of its way on without lost members. */
  readonly job: JobOutcome;
  readonly wake: Wake;
}

export type MembershipStep = "take-seed" | "remove-gone" | "force-quorum" | "reboot" | "clear-job";

const outage = (f: MembershipFacts): Outage | undefined =>
  f.cluster.kind === "outage" ? f.cluster : undefined;
const gone = (f: MembershipFacts): readonly string[] => (f.cluster.kind === "online" ? f.cluster.gone : []);

/** A unit on its way out, whose peers were told so already: nobody tells them that its member stayed behind. */
export const MEMBERS_LEAVE = "members take themselves out";

export const membershipRows: readonly Row<MembershipFacts, MembershipStep>[] = [
  {
    name: "the cluster is on its way without the lost members",
    when: (f) => f.job.kind === "running" && f.cluster.kind === "no-quorum",
    then: () => wait(statuses.restoringQuorum),
  },
  {
    name: "a restart runs",
    when: (f) => f.job.kind === "running",
    then: (f) => wait(statuses.restartingCluster(f.job.kind === "running" ? f.job.progress : "")),
  },
  { name: "a restart ended", when: (f) => f.job.kind === "ended", then: () => act("clear-job") },
  {
    name: "a restart failed but the cluster is there",
    when: (f) => f.job.kind === "failed" && f.cluster.kind === "online",
    then: () => act("clear-job"),
  },
  {
    name: "the seed is gone",
    when: (f) => f.cluster.kind === "vacant" && f.seed === "gone",
    then: () => act("take-seed"),
  },
  {
    name: "members were removed",
    when: (f) => gone(f).length > 0,
    then: (f) => act("remove-gone", statuses.removingMember(gone(f).join(", "))),
  },
  {
    name: "a restart failed just now",
    when: (f) => f.job.kind === "failed" && f.wake === "job-ended",
    then: (f) => wait(f.job.kind === "failed" ? statuses.operationFailed(f.job.what) : undefined),
  },
  { name: "a restart failed before", when: (f) => f.job.kind === "failed", then: () => act("clear-job") },
  {
    name: "all lost members are out or removed",
    when: (f) =>
      f.cluster.kind === "no-quorum" && f.cluster.lost.length === 0 && f.cluster.rivals.length === 0,
    then: () => act("force-quorum", statuses.restoringQuorum),
  },
  {
    name: MEMBERS_LEAVE,
    when: (f) => f.cluster.kind === "online" && f.cluster.leaving > 0,
    then: () => settled(),
  },
  { name: "no outage", when: (f) => outage(f) === undefined, then: () => settled() },
  {
    // It is what an addition made of it so far: started again it would be a cluster of its own, that takes writes.
    name: "standby is down before it was one",
    when: (f) => outage(f)?.inSet === false && f.seed === "released" && f.awaitsPrimary,
    then: () => wait(statuses.setAwaited),
  },
  {
    name: "a person stopped it",
    when: (f) => outage(f)?.heldBack === true,
    then: () => stuck(statuses.keptOut),
  },
  {
    name: "members do not answer",
    when: (f) => (outage(f)?.silent.length ?? 0) > 0,
    then: (f) => stuck(statuses.outageAwaits(outage(f)?.silent.join(", ") ?? "", f.unit)),
  },
  {
    name: "members have diverged",
    when: (f) => outage(f)?.best === "diverged",
    then: () => stuck(statuses.outageDiverged),
  },
  {
    name: "another cluster may lead",
    when: (f) => (outage(f)?.rivals.length ?? 0) > 0,
    then: (f) => stuck(statuses.outageSuperseded(outage(f)?.rivals.join(", ") ?? "", f.unit)),
  },
  {
    name: "all members are down",
    when: () => true,
    then: () => act("reboot", statuses.restartingCluster("")),
  },
];

export function decideMembership(facts: MembershipFacts): Decision<MembershipStep> {
  return decideBy(membershipRows, facts);
}
