// The application's own cluster as replication sees it, read from the cluster's primary: its copy of the metadata is never behind.
import { type Leader, type Relation, readBag } from "../../lib/index.ts";
import { askPeers, askServer, readPeers } from "../cluster/peers.ts";
import { readNames } from "../identity/domain.ts";
import { hostOf, livePrimary } from "../mysql/group.ts";
import { readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { isSameName } from "../wire/names.ts";
import { readSetRelations } from "../wire/peers.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA, primaryBagSchema } from "../wire/replication.ts";
import type { OwnCluster } from "./decide-primary.ts";
import type { ReplicaCluster } from "./replica-facts.ts";
import type { Newest, Others } from "./set-copies.ts";

/** One relation to another cluster, as the leader's domains are given it. */
export interface SiteParts {
  readonly ports: Ports;
  readonly leader: Leader;
  readonly relation: Relation;
  /** What the other clusters of the set said when the pass began. */
  readonly others: Others;
}

/** The other application as a person knows it: Juju gives the offering side only an anonymous name, `remote-<32 hex>`. */
export function siteName(relation: Relation): string {
  return /^remote-[0-9a-f]{32}$/.test(relation.remoteApp) ? "the related application" : relation.remoteApp;
}

/** The view of the primary of this server's group, or of this server where it is in no group. "unknown": could not be asked. */
export async function viewPrimary(ports: Ports): Promise<ServerView | "unknown"> {
  try {
    await using local = await ports.keyring.connectLocal();
    const view = await readServer(local);
    const primary = view.group.find((member) => member.role === "PRIMARY" && member.state === "ONLINE");
    if (view.metadata === "absent" || primary?.uuid === view.server.uuid) return view;
    if (primary === undefined) return "unknown";
    await using session = await ports.keyring.connect({ host: primary.host });
    return await readServer(session);
  } catch (error) {
    if (error instanceof MysqlProblem) return "unknown";
    throw error;
  }
}

/** The same; where this unit's own server is in no group that can decide, another unit's is asked. */
export async function viewThroughAnyone(ports: Ports): Promise<ServerView | "unknown"> {
  const view = await viewPrimary(ports);
  if (view !== "unknown" && livePrimary(view) !== undefined) return view;
  for (const { view: seen } of await askPeers(ports, await readPeers(ports))) {
    const host = seen === "silent" ? undefined : livePrimary(seen)?.host;
    if (host === undefined) continue;
    const primary = await askServer(ports, () => ports.keyring.connect({ host }), readServer);
    if (primary !== "silent") return primary;
  }
  return view;
}

/** The same for a step, which cannot do without. Throws MysqlProblem. */
export async function requireView(ports: Ports, operation: string): Promise<ServerView> {
  const view = await viewPrimary(ports);
  if (view === "unknown") throw new MysqlProblem("unreachable", operation, "");
  return view;
}

/** Host of the member that takes writes of the group; undefined when the group has none. */
export function primaryHost(view: ServerView): string | undefined {
  return view.group.find((member) => member.role === "PRIMARY" && member.state === "ONLINE")?.host;
}

export function ownCluster(view: ServerView | "unknown", remoteCluster: string | undefined): OwnCluster {
  if (view === "unknown") return "unknown";
  if (view.metadata === "absent" || view.member.state !== "ONLINE") return "forming";
  const { set, instances } = view.metadata;
  const remote = instances.filter((each) => isSameName(each.cluster, remoteCluster));
  return {
    name: view.metadata.clusterName,
    version: view.server.version,
    setName: set?.domain,
    role: set === undefined ? "alone" : set.role === "PRIMARY" ? "primary" : "replica",
    invalidated: set?.invalidated ?? false,
    clusters: (set?.clusters ?? []).map((cluster) => cluster.name),
    // Only the first instance is named in the databag; those that join later bring their labels.
    remoteLabel: remote.length === 1 ? remote[0]?.label : undefined,
    remoteHosts: remote.map(({ address }) => hostOf(address)),
  };
}

export function replicaCluster(newest: Newest | "unknown"): ReplicaCluster {
  // A removed cluster that still stands is in the middle of something, too.
  if (newest === "unknown" || newest.standing === "removed") return "unknown";
  const { view } = newest;
  const { version } = view.server;
  if (view.metadata === "absent") {
    // A server in a group that has no metadata is in the middle of something: neither absent nor present.
    if (view.member.state === "OFFLINE") return { kind: "absent", version };
    const hosts = view.group.filter(({ state }) => state !== "UNREACHABLE").map(({ host }) => host);
    return { kind: "remnant", version, hosts };
  }
  const { set, clusterName } = view.metadata;
  return {
    kind: "present",
    name: clusterName,
    version,
    setName: set?.domain,
    role: set === undefined ? "alone" : set.role === "PRIMARY" ? "primary" : "replica",
    clusters: (set?.clusters ?? []).map((cluster) => cluster.name),
    onlineMembers: view.group.filter((member) => member.state === "ONLINE").length,
  };
}

/** Whether another relation brought the two clusters into one set, by the records: a cluster is the relation's that brought it. */
export async function isSecond(ports: Ports, relation: Relation): Promise<boolean> {
  const { model } = ports;
  const bag = readBag(primaryBagSchema, (await model.readApp(relation, "remote")) ?? {});
  const name = bag.kind === "value" ? bag.value["cluster-name"] : undefined;
  const recorded = readSetRelations((await readNames(ports))?.["set-relations"]);
  if (isSameName(recorded[relation.id]?.cluster, name)) return false;
  const others = [...(await model.relations(ASYNC_PRIMARY)), ...(await model.relations(ASYNC_REPLICA))];
  return others.some(({ id, broken }) => !broken && isSameName(recorded[id]?.cluster, name));
}
