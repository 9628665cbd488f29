// The relations of a model as `juju status --relations` lists them. Pure.
import { isPeer, type Model, type Relation } from "../../lib/juju/model.ts";

export interface RelationRow {
  /** Both ends as `application:endpoint`, the provider first; a peer relation has its one end twice. */
  readonly ends: readonly [string, string];
  readonly interface: string;
  readonly type: "peer" | "regular";
  /** What is unusual about it; "" for a relation that is joined. */
  readonly status: "" | "joining" | "suspended" | "broken";
  readonly reason: string;
}

/** The relations of a model, sorted by their ends; those to its offers are listed by `juju offers`. */
export function relationRows(model: Model): RelationRow[] {
  const isOffered = (relation: Relation): boolean =>
    relation.endpoints.some((end) => model.remotes[end.application]?.side === "consumer");
  return Object.values(model.relations)
    .filter((relation) => !isOffered(relation))
    .map((relation) => rowOf(relation))
    .sort((a, b) => (a.ends.join() < b.ends.join() ? -1 : 1));
}

function rowOf(relation: Relation): RelationRow {
  const named = relation.endpoints.map((end) => `${end.application}:${end.name}`);
  const provider = relation.endpoints.findIndex((end) => end.role !== "requirer");
  const first = named[provider] ?? "";
  return {
    ends: [first, isPeer(relation) ? first : (named[1 - provider] ?? "")],
    interface: relation.endpoints[0]?.interface ?? "",
    type: isPeer(relation) ? "peer" : "regular",
    status: statusOf(relation),
    reason: relation.suspendedReason,
  };
}

function statusOf(relation: Relation): RelationRow["status"] {
  if (relation.suspended) return "suspended";
  if (relation.life !== "alive") return "broken";
  return Object.keys(relation.units).length === 0 ? "joining" : "";
}
