// What promote-to-primary scope=unit may do, from what the servers said: pure.
import type { ClusterState } from "../cluster/decide-membership.ts";
import type { Standing } from "../replication/set-copies.ts";

export interface PromotionFacts {
  readonly unit: string;
  readonly force: boolean;
  /** This unit's server, as its group has it; `absent`: it belongs to no cluster. */
  readonly own:
    | "silent"
    | "absent"
    | { readonly host: string; readonly online: boolean; readonly primary: boolean };
  /** This cluster by the newest record of its ClusterSet. */
  readonly standing: Standing;
  readonly cluster: ClusterState;
}

export type PromotionPlan =
  | { readonly kind: "done" }
  | { readonly kind: "switch-over" }
  | { readonly kind: "force-quorum"; readonly lost: readonly string[] }
  | { readonly kind: "restart"; readonly clusterName: string; readonly lost: readonly string[] }
  | { readonly kind: "refuse"; readonly why: string };

const refuse = (why: string): PromotionPlan => ({ kind: "refuse", why });

/** Force is for members that are lost. Where the others decide without this unit, it would make two clusters of one. */
export function planPromotion(facts: PromotionFacts): PromotionPlan {
  const { own, standing, cluster, unit } = facts;
  if (own === "silent") return refuse(`MySQL of ${unit} could not be asked; try another unit`);
  if (own === "absent") return refuse(`${unit} is in no cluster; its status says what it waits for`);
  if (standing !== "member") {
    return refuse(
      standing === "removed"
        ? "this cluster was removed from its ClusterSet"
        : "this cluster was invalidated by a failover; take it back with rejoin-cluster on a unit of the primary cluster",
    );
  }
  switch (cluster.kind) {
    case "online":
      return inQuorum(facts, own);
    case "no-quorum":
      return withoutQuorum(facts, own, cluster.lost);
    case "outage":
      return inOutage(facts, own, cluster);
    case "unknown":
    case "vacant":
      return refuse("it is not known how the members stand; see get-cluster-status, and try again");
  }
}

type Own = Exclude<PromotionFacts["own"], string>;

function inQuorum({ unit, force }: PromotionFacts, own: Own): PromotionPlan {
  if (!own.online)
    return refuse(`${unit} is not online in its group; the charm takes it back, see its status`);
  if (own.primary) return { kind: "done" };
  return force
    ? refuse("the cluster has a quorum, and nothing has to be forced; run it without force")
    : { kind: "switch-over" };
}

function withoutQuorum({ unit, force }: PromotionFacts, own: Own, lost: readonly string[]): PromotionPlan {
  if (!own.online)
    return refuse(`${unit} is not among the members that are left; run it on one that is online`);
  if (force) return { kind: "force-quorum", lost };
  if (lost.length === 0) {
    return refuse(
      "the cluster has no quorum, and its other members are out of the group. The charm goes on by itself, in a ClusterSet once the other clusters answer; run it with force=true if none of them leads",
    );
  }
  return refuse(
    `the cluster has no quorum: ${lost.join(", ")} cannot be reached. Bring them back, or run it with force=true if they are lost for good`,
  );
}

function inOutage(
  { unit, force }: PromotionFacts,
  own: Own,
  outage: Extract<ClusterState, { readonly kind: "outage" }>,
): PromotionPlan {
  const { best, silent, clusterName, rivals } = outage;
  if (!force) {
    return refuse(
      "the whole cluster is down. The charm starts it again once all members answer; run it with force=true if the others are lost for good",
    );
  }
  if (best !== "diverged" && best !== own.host) {
    return refuse(`${best} has transactions that ${unit} lacks; run it on that unit`);
  }
  return { kind: "restart", clusterName, lost: [...silent, ...rivals] };
}
