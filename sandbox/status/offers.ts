// The offers of a model with who uses them, as `juju offers` shows them. Pure.

import { counterpartOf } from "../../lib/juju/cross-model.ts";
import type { Model, Offer, Relation, SandboxState } from "../../lib/juju/model.ts";
import { columns, table } from "./table.ts";

export interface Connection {
  readonly relation: number;
  readonly status: "joined" | "joining" | "suspended" | "broken";
  readonly endpoint: string;
  readonly interface: string;
  readonly role: string;
  /** The network of the model that consumes. */
  readonly ingress: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The relations to an offer, by id. */
export function connectionsOf(state: SandboxState, model: Model, offer: Offer): Connection[] {
  return Object.values(model.relations)
    .filter((relation) =>
      relation.endpoints.some((end) => {
        const remote = model.remotes[end.application];
        return remote?.side === "consumer" && remote.offer === offer.name;
      }),
    )
    .map((relation) => connection(state, offer, relation));
}

function connection(state: SandboxState, offer: Offer, relation: Relation): Connection {
  const own = relation.endpoints.find((end) => end.application === offer.application);
  const there = counterpartOf(state, relation)?.model;
  const ingress = there === undefined ? "" : `10.${there.site}.0.0/24`;
  const status = statusOf(relation);
  const endpoint = own?.name ?? "";
  return {
    relation: relation.id,
    status,
    endpoint,
    interface: own?.interface ?? "",
    role: own?.role ?? "",
    ingress,
    json: {
      "source-model-uuid": there?.uuid ?? "",
      username: "admin",
      "relation-id": relation.id,
      endpoint,
      status: {
        current: status,
        ...(relation.suspendedReason === "" ? {} : { message: relation.suspendedReason }),
      },
      "ingress-subnets": [ingress],
    },
  };
}

function statusOf(relation: Relation): Connection["status"] {
  if (relation.suspended) return "suspended";
  if (relation.life !== "alive") return "broken";
  return Object.keys(relation.units).length === 0 ? "joining" : "joined";
}

/** The table of `juju offers`. */
export function offersTable(
  offers: readonly { readonly made: Offer; readonly connections: readonly Connection[] }[],
  width?: number,
): string {
  const rows = offers.flatMap(({ made, connections }) =>
    connections.length === 0
      ? [[made.name, "-"]]
      : connections.map((known, n) => [
          n === 0 ? made.name : "",
          "admin",
          String(known.relation),
          known.status,
          known.endpoint,
          known.interface,
          known.role,
          known.ingress,
        ]),
  );
  const titles = columns(
    "Offer",
    "User",
    "Relation ID",
    "Status",
    "Endpoint",
    "Interface",
    "Role",
    "Ingress subnets",
  );
  return table(titles, rows, width);
}
