// What the actions on a ClusterSet look at before they do anything: this cluster in the newest record of its set, and the others.
import { OperatorError } from "../../lib/index.ts";
import type { ClusterRecord, ServerView, SetRecord } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { primaryHost, viewThroughAnyone } from "../replication/local-cluster.ts";
import { askOthers, type Others, withNewest } from "../replication/set-copies.ts";

export interface SetSight {
  /** This cluster. */
  readonly name: string;
  readonly set: SetRecord;
  /** The primary of this cluster's own group, as it answered. */
  readonly view: ServerView;
  readonly host: string;
  readonly others: Others;
  /** How many other clusters answered. */
  readonly answered: number;
}

const alone = "This cluster has no other cluster in its ClusterSet. Relate it to another application first.";

/** Throws OperatorError: an answer that could not be had is not taken for a "no". */
export async function seeSet(ports: Ports): Promise<SetSight> {
  const own = await viewThroughAnyone(ports);
  const host = own === "unknown" ? undefined : primaryHost(own);
  if (own === "unknown" || own.metadata === "absent" || host === undefined) {
    throw new OperatorError(
      "MySQL of this cluster could not be asked for its role. Nothing was changed; try again when it answers.",
    );
  }
  const others = await askOthers(ports, own);
  const { view, standing, answered } = withNewest(own, others);
  const set = view.metadata === "absent" ? undefined : view.metadata.set;
  if (standing === "removed") {
    throw new OperatorError("This cluster was removed from its ClusterSet. Nothing was changed.");
  }
  if (set === undefined) throw new OperatorError(alone);
  return { name: own.metadata.clusterName, set, view, host, others, answered };
}

/** The same of a set that has other clusters. */
export async function seeOthers(ports: Ports): Promise<SetSight> {
  const sight = await seeSet(ports);
  if (sight.set.clusters.length < 2) throw new OperatorError(alone);
  return sight;
}

/** The name is asked for as a confirmation. */
export function confirmSet(sight: SetSight, given: string): void {
  if (given === sight.set.domain) return;
  throw new OperatorError(
    `cluster-set-name: this cluster belongs to ClusterSet ${sight.set.domain}, not to ${given}. Nothing was changed.`,
  );
}

/** The cluster that takes the writes, by the newest record. */
export function leaderOf({ set }: Pick<SetSight, "set">): ClusterRecord | undefined {
  return set.clusters.find((each) => each.role === "PRIMARY" && !each.invalidated);
}
