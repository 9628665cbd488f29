// How a unit leaves its cluster when Juju removes it. Nothing here waits: what cannot be done now, the leader does once the unit is gone.
import { act, type Decision, decideBy, type Row, settled } from "../../lib/index.ts";
import { statuses } from "../statuses.ts";

export interface OtherMember {
  readonly host: string;
  readonly online: boolean;
  /** Juju is to keep its unit. */
  readonly stays: boolean;
}

export interface DepartureFacts {
  /** Of this unit's server; `unknown` when it could not be asked. */
  readonly member: "unknown" | "none" | "online" | "offline";
  readonly primary: boolean;
  readonly quorum: boolean;
  readonly others: readonly OtherMember[];
  /** This cluster is a standby in a ClusterSet. */
  readonly standby: boolean;
  /** No unit of the application stays. */
  readonly whole: boolean;
  /** Each step is tried once. */
  readonly tried: readonly DepartureStep[];
}

export type DepartureStep = "hand-over" | "remove-member" | "remove-cluster";

/** The member that takes over. */
export function successor(facts: DepartureFacts): OtherMember | undefined {
  return facts.others.find(({ online, stays }) => online && stays);
}

const tried = (f: DepartureFacts, step: DepartureStep): boolean => f.tried.includes(step);

export const departureRows: readonly Row<DepartureFacts, DepartureStep>[] = [
  { name: "server could not be asked", when: (f) => f.member === "unknown", then: () => settled() },
  { name: "server is no member", when: (f) => f.member === "none", then: () => settled() },
  {
    name: "a standby's last member goes",
    when: (f) =>
      f.standby &&
      (f.whole ? f.primary : f.others.length === 0) &&
      f.member === "online" &&
      !tried(f, "remove-cluster"),
    then: () => act("remove-cluster", statuses.leaving),
  },
  // Its storage keeps the cluster: a unit that gets it can start the cluster again.
  {
    name: "the cluster goes as a whole",
    when: (f) => f.whole || f.others.length === 0,
    then: () => settled(),
  },
  {
    name: "primary goes",
    when: (f) => f.primary && f.quorum && successor(f) !== undefined && !tried(f, "hand-over"),
    then: () => act("hand-over", statuses.leaving),
  },
  {
    name: "member goes",
    when: (f) => f.quorum && successor(f) !== undefined && !tried(f, "remove-member"),
    then: () => act("remove-member", statuses.leaving),
  },
  { name: "the leader takes it out later", when: () => true, then: () => settled() },
];

export function decideDeparture(facts: DepartureFacts): Decision<DepartureStep> {
  return decideBy(departureRows, facts);
}
