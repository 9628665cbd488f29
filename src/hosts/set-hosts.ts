// Host names of the whole ClusterSet: sites without a relation of their own learn them from the site between them, and nobody forgets them with the relation.
import * as z from "zod";
import { type Bag, type Leader, type Relation, readBag } from "../../lib/index.ts";
import { readPeers } from "../cluster/peers.ts";
import type { ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { type HostnameDetails, hostnameDetailsSchema, PEERS } from "../wire/peers.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA, SET_HOSTS } from "../wire/replication.ts";
import { readDetails } from "./details.ts";

/** A set has few clusters of at most nine members; what is longer is not a list of them. */
const MOST_HOSTS = 200;
const listSchema = z.array(hostnameDetailsSchema).max(MOST_HOSTS);
const bagSchema = z.object({ [SET_HOSTS]: z.string().max(60_000) });

/** What another application, or the own leader, wrote of hosts; what does not fit is as good as not there. */
export function readSetHosts(bag: Bag): readonly HostnameDetails[] {
  const read = readBag(bagSchema, bag);
  if (read.kind !== "value") return [];
  try {
    const parsed = listSchema.safeParse(JSON.parse(read.value[SET_HOSTS]));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

export interface KnownHosts {
  /** What the units of related applications say of themselves. */
  readonly direct: readonly HostnameDetails[];
  /** What related applications say of others. */
  readonly told: readonly HostnameDetails[];
  /** What this application wrote before. */
  readonly kept: readonly HostnameDetails[];
  /** Hosts of the members of all clusters of the set but this one; undefined when no server could be asked. */
  readonly listed: ReadonlySet<string> | undefined;
}

/** Pure. Whoever speaks for itself is believed; others only of hosts that the set has. */
export function mergeHosts({ direct, told, kept, listed }: KnownHosts): readonly HostnameDetails[] {
  const isListed = (host: HostnameDetails): boolean => host.names.some((name) => listed?.has(name) === true);
  const hearsay = listed === undefined ? kept : [...told, ...kept].filter(isListed);
  const merged = new Map<string, HostnameDetails>();
  for (const host of [...direct, ...hearsay]) {
    const [name] = host.names;
    if (name !== undefined && !merged.has(name)) merged.set(name, host);
  }
  return [...merged.values()]
    .sort((a, b) => ((a.names[0] ?? "") < (b.names[0] ?? "") ? -1 : 1))
    .slice(0, MOST_HOSTS);
}

/** Runs on the leader: what the set knows of hosts goes to the peers and to every other site. True when the peers' list changed. */
export async function shareSetHosts(
  ports: Ports,
  leader: Leader,
  view: ServerView | "unknown",
): Promise<boolean> {
  const { model } = ports;
  const peers = await model.peer(PEERS);
  if (peers === undefined) return false;
  const relations: Relation[] = [];
  for (const endpoint of [ASYNC_PRIMARY, ASYNC_REPLICA] as const)
    relations.push(...(await model.relations(endpoint)).filter((relation) => !relation.broken));
  const bags = await Promise.all(relations.map((relation) => model.readApp(relation, "remote")));
  const hosts = mergeHosts({
    direct: (await Promise.all(relations.map((relation) => detailsOf(ports, relation)))).flat(),
    told: bags.flatMap((bag) => readSetHosts(bag ?? {})),
    kept: readSetHosts((await model.readApp(peers, "local")) ?? {}),
    listed: (await isEachAlike(ports, view)) ? listedHosts(view) : undefined,
  });
  const text = hosts.length === 0 ? "" : JSON.stringify(hosts);
  const before = (await model.readApp(peers, "local"))?.[SET_HOSTS] ?? "";
  for (const relation of [peers, ...relations]) model.writeApp(leader, relation, { [SET_HOSTS]: text });
  return text !== before;
}

async function detailsOf(ports: Ports, relation: Relation): Promise<readonly HostnameDetails[]> {
  const units = await ports.model.remoteUnits(relation);
  const details = await Promise.all(units.map((unit) => readDetails(ports, relation, unit)));
  return details.filter((each) => each !== undefined);
}

/** A server without a cluster says nothing of those whose peers are still in one: they may need the names to find out. */
async function isEachAlike(ports: Ports, view: ServerView | "unknown"): Promise<boolean> {
  if (view === "unknown" || view.metadata !== "absent") return true;
  return (await readPeers(ports)).every(({ facts }) => facts["unit-initialized"] === undefined);
}

function listedHosts(view: ServerView | "unknown"): ReadonlySet<string> | undefined {
  if (view === "unknown") return undefined;
  if (view.metadata === "absent") return new Set();
  const { clusterName, instances } = view.metadata;
  return new Set(
    instances.filter((each) => each.cluster !== clusterName).map((each) => each.address.replace(/:\d+$/, "")),
  );
}
