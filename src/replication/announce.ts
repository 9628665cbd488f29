// Says over Juju which record of the ClusterSet this application has seen, and hears it from others: the one way around a cut network.
import type { Leader, Relation } from "../../lib/index.ts";
import type { ServerView, SetRecord } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { PEERS } from "../wire/peers.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA, SET_VIEW, toldGeneration } from "../wire/replication.ts";

/**
 * Every unit tells its peers, so that the leader hears of what was done through another unit; the leader tells other
 * sites. Those that are related to this one only hear from each other in this way.
 */
export async function announceView(
  ports: Ports,
  leader: Leader | undefined,
  view: ServerView | "unknown",
): Promise<void> {
  const set = view === "unknown" || view.metadata === "absent" ? undefined : view.metadata.set;
  if (set === undefined || set.clusters.length < 2) return;
  const { model } = ports;
  const told = { [SET_VIEW]: `${set.id}:${set.view.generation}.${set.view.number}` };
  const peers = await model.peer(PEERS);
  if (peers !== undefined) model.writeUnit(peers, told);
  if (leader === undefined) return;
  for (const relation of await otherSites(ports)) model.writeApp(leader, relation, told);
}

/** Whether another site has seen a forced failover of this set that the record at hand does not know. */
export async function hearsOfFailover(ports: Ports, set: SetRecord): Promise<boolean> {
  const relations = await otherSites(ports);
  const bags = await Promise.all(relations.map((relation) => ports.model.readApp(relation, "remote")));
  return bags.some((bag) => (toldGeneration(bag ?? {}, set.id) ?? 0) > set.view.generation);
}

/** Relations to the applications of other clusters. */
export async function otherSites({ model }: Ports): Promise<readonly Relation[]> {
  const relations: Relation[] = [];
  for (const endpoint of [ASYNC_PRIMARY, ASYNC_REPLICA] as const)
    relations.push(...(await model.relations(endpoint)).filter((relation) => !relation.broken));
  return relations;
}
