// Brings a running server to other settings or another revision of the snap: one member at a time, the primary last.
import { act, type Decision, decideBy, type Row, settled, stuck, wait } from "../../lib/index.ts";
import { statuses } from "../statuses.ts";

export interface RolloutFacts {
  /** What the server needs to run what this charm and its options ask for; `unknown` when it could not be asked. */
  readonly pending: "none" | "restart" | "refresh" | "unknown";
  /** The snap's revision was tried: its MySQL is older than the data. */
  readonly refused: { readonly server: string; readonly data: string } | undefined;
  /** A job of this unit, such as a clone, that a restart would break off. */
  readonly jobRuns: boolean;
  /** Labels of members that are not online. */
  readonly missing: readonly string[];
  readonly primary: boolean;
  /** Another member that can be the primary of this group. */
  readonly successor: string | undefined;
  /** Units whose servers run something else still, or that did not say. */
  readonly behind: readonly string[];
}

export type RolloutStep = "hand-over" | "restart" | "refresh";

export const rolloutRows: readonly Row<RolloutFacts, RolloutStep>[] = [
  {
    name: "server could not be asked",
    when: (f) => f.pending === "unknown",
    then: () => wait(statuses.unknown),
  },
  { name: "server runs what it should", when: (f) => f.pending === "none", then: () => settled() },
  {
    name: "revision is older than the data",
    when: (f) => f.pending === "refresh" && f.refused !== undefined,
    then: (f) => stuck(statuses.olderThanData(f.refused?.server ?? "", f.refused?.data ?? "")),
  },
  { name: "a job runs", when: (f) => f.jobRuns, then: () => wait(statuses.restartAwaitsJob) },
  {
    name: "a member is missing",
    when: (f) => f.missing.length > 0,
    then: (f) => wait(statuses.restartAwaitsMembers(f.missing.join(", "))),
  },
  {
    name: "others go before the primary",
    when: (f) => f.primary && f.behind.length > 0,
    then: (f) => wait(statuses.restartAfter(f.behind.join(", "))),
  },
  {
    name: "primary hands over",
    when: (f) => f.primary && f.successor !== undefined,
    then: () => act("hand-over", statuses.handingOver),
  },
  {
    name: "snap has another revision",
    when: (f) => f.pending === "refresh",
    then: () => act("refresh", statuses.refreshing),
  },
  {
    name: "settings need a restart",
    when: () => true,
    then: () => act("restart", statuses.restarting),
  },
];

export function decideRollout(facts: RolloutFacts): Decision<RolloutStep> {
  return decideBy(rolloutRows, facts);
}
