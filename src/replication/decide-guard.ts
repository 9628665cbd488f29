// Keeps a cluster that its ClusterSet has replaced or removed from taking writes, whatever its own copy of the record says.
import { act, type Decision, decideBy, type Row, settled, stuck, wait } from "../../lib/index.ts";
import { statuses } from "../statuses.ts";
import type { Standing } from "./set-copies.ts";

export interface GuardFacts {
  readonly clusterName: string;
  readonly setName: string;
  /** A relation to another application is there. */
  readonly related: boolean;
  /** `standby`: a member whose newest record says that another leads. `none`: in no set with others, or nothing could be asked. What cannot be asked is not writable through it either. */
  readonly standing: Standing | "none" | "standby";
  /** No server of any other cluster of the set answers. */
  readonly othersSilent: boolean;
  /** The group's primary; undefined where the group has none. */
  readonly primary:
    | {
        readonly superReadOnly: boolean;
        /** Whether the next election would make the primary writable. */
        readonly electsWritable: boolean;
      }
    | undefined;
}

export type GuardStep = "fence" | "leave-set";

export const guardRows: readonly Row<GuardFacts, GuardStep>[] = [
  {
    name: "replaced cluster takes writes",
    when: (f) =>
      (f.standing === "invalidated" || f.standing === "removed") &&
      f.primary !== undefined &&
      (!f.primary.superReadOnly || f.primary.electsWritable),
    then: () => act("fence", statuses.fencing),
  },
  {
    // A switchover was cut short after it was written down: the other cluster leads, or will once its writes are resumed.
    name: "standby takes writes",
    when: (f) => f.standing === "standby" && f.primary?.superReadOnly === false,
    then: () => act("fence", statuses.fencing),
  },
  {
    // Nobody may be left to let it go. That it leaves was ordered with the end of its relation, and its data stays.
    name: "cluster was invalidated, its relation has ended, and the others are silent",
    when: (f) => f.standing === "invalidated" && !f.related && f.othersSilent,
    then: () => act("leave-set", statuses.clearingRemoved),
  },
  {
    // The cluster that leads takes it out of the set: to come back into it would be for nothing.
    name: "cluster was invalidated, and its relation has ended",
    when: (f) => f.standing === "invalidated" && !f.related,
    then: (f) => wait(statuses.leavingSet(f.setName)),
  },
  {
    name: "cluster was invalidated, and the others are silent",
    when: (f) => f.standing === "invalidated" && f.othersSilent,
    then: (f) => stuck(statuses.invalidatedAlone(f.clusterName)),
  },
  {
    name: "cluster was invalidated",
    when: (f) => f.standing === "invalidated",
    then: (f) => stuck(statuses.invalidated(f.clusterName)),
  },
  {
    name: "removed cluster still stands",
    when: (f) => f.standing === "removed",
    then: () => act("leave-set", statuses.clearingRemoved),
  },
  { name: "cluster stands in its set", when: () => true, then: () => settled() },
];

export function decideGuard(facts: GuardFacts): Decision<GuardStep> {
  return decideBy(guardRows, facts);
}
