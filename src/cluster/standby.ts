// Whether this application's cluster is, or was, the work of another cluster's primary: by its relation, and by its own record.
import { readBag } from "../../lib/index.ts";
import type { Ports } from "../ports.ts";
import { type PeerApp, readSetRelations } from "../wire/peers.ts";
import { ASYNC_REPLICA, primaryBagSchema } from "../wire/replication.ts";
import type { ClusterFacts } from "./facts.ts";

/** A server without a cluster whose application was in a set with others was removed from it: nothing forms by itself. */
export function wasInSet(names: PeerApp): boolean {
  const joined = Object.values(readSetRelations(names["set-relations"])).some((each) => each.cluster !== "");
  return names["removed-from-cluster-set"] === "true" || joined;
}

/** Whether this cluster is a standby to be, and how far its primary cluster got with it. */
export async function readStandby(ports: Ports, removed: boolean): Promise<ClusterFacts["standbyOf"]> {
  const relation = (await ports.model.relations(ASYNC_REPLICA)).find((each) => !each.broken);
  if (relation === undefined) return removed ? "removed" : "none";
  const bag = readBag(primaryBagSchema, (await ports.model.readApp(relation, "remote")) ?? {});
  return bag.kind === "value" && bag.value["replica-state"] === "initialized" ? "initialized" : "awaited";
}
