// What MySQL Shell sees from its session: the cluster, its ClusterSet on the newest copy of the metadata, and who answers.
import { coded, runtime } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { type InstanceType, typeOf } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/instance-state.ts";
import { Output } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/output.ts";
import { OBJECT_TYPES, requireType } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/preconditions.ts";
import {
  type Availability,
  availabilityOf,
} from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/status/global.ts";
import { denied, unreachable } from "../errors.ts";
import { groupOf, hasQuorum, isOnline, primaryOf } from "../groups.ts";
import { serverAt } from "../network.ts";
import { accepts } from "../sql.ts";
import type { Call, Metadata, MysqlState, Server, SetRecord } from "../state.ts";

/** Messages are nobody's here: only errors count. */
export const silent = new Output("raw", { out: () => undefined, err: () => undefined });

/** One run of MySQL Shell. */
export interface Run {
  readonly state: MysqlState;
  readonly call: Call;
}

/** A session to a server, logged in as everywhere. Throws SqlError. */
export function connect({ state, call }: Run, host: string): Server {
  const server = serverAt(state, call.from, host);
  if (server === undefined) throw unreachable(host);
  if (!accepts(server, "clusteradmin", call.password)) throw denied("clusteradmin");
  return server;
}

export function attempt(run: Run, host: string): Server | undefined {
  try {
    return connect(run, host);
  } catch {
    return undefined;
  }
}

export interface Probe {
  readonly clusterId: string;
  readonly availability: Availability;
  /** Members that answer, and how many do not. */
  readonly members: readonly Server[];
  readonly silent: readonly string[];
  readonly primary: Server | undefined;
  readonly best: Server | undefined;
}

export interface Handle extends Run {
  readonly session: Server;
  readonly type: InstanceType;
  readonly clusterId: string;
  readonly name: string;
  /** Of the copy that counts. */
  readonly metadata: Metadata;
  readonly setId: string | undefined;
  readonly set: SetRecord | undefined;
  readonly role: "PRIMARY" | "REPLICA" | undefined;
  readonly invalidated: boolean;
  readonly quorum: boolean;
  readonly primary: Server | undefined;
  readonly globalPrimary: Server | undefined;
  /** Why the primary cluster's primary cannot be had; undefined when it can. */
  readonly missing: string | undefined;
}

export function typeOfServer(state: MysqlState, server: Server): InstanceType {
  const { metadata } = server.data;
  const cluster = metadata?.instances[server.uuid]?.cluster;
  return typeOf({
    hasMetadata: metadata !== undefined,
    inMetadata: cluster !== undefined,
    inSet: cluster !== undefined && metadata?.clusters[cluster]?.set !== undefined,
    active: groupOf(state, server) !== undefined || server.stopped === "ERROR",
  });
}

/** Hosts of the members of a cluster, in the order of joining. */
export function hostsOf(metadata: Metadata, clusterId: string): readonly string[] {
  return Object.values(metadata.instances)
    .filter((each) => each.cluster === clusterId)
    .map((each) => each.host);
}

export function probe(run: Run, metadata: Metadata, clusterId: string): Probe {
  const { state } = run;
  const found = hostsOf(metadata, clusterId).map((host) => ({ host, server: attempt(run, host) }));
  const members = found.flatMap(({ server }) => (server === undefined ? [] : [server]));
  const primary = members.find((each) => leads(state, each));
  const online = members.find((each) => isOnline(state, each) && inQuorum(state, each));
  return {
    clusterId,
    members,
    primary,
    silent: found.filter(({ server }) => server === undefined).map(({ host }) => host),
    best: primary ?? online ?? members[0],
    availability: availabilityOf(
      found.map(({ server }) => ({
        reachable: server !== undefined,
        state: server === undefined ? "(MISSING)" : stateOf(state, server),
        quorum: server !== undefined && inQuorum(state, server),
        primary: server !== undefined && leads(state, server),
      })),
    ),
  };
}

export function stateOf(state: MysqlState, server: Server): string {
  return groupOf(state, server)?.members[server.host] ?? server.stopped;
}

const leads = (state: MysqlState, server: Server): boolean => {
  const group = groupOf(state, server);
  return group !== undefined && primaryOf(state, group) === server;
};

function inQuorum(state: MysqlState, server: Server): boolean {
  const group = groupOf(state, server);
  return group !== undefined && hasQuorum(group);
}

/** Finds the object that a command is called on. Throws what MySQL Shell throws. */
export function resolve(run: Run, object: "cluster" | "clusterset"): Handle {
  const session = connect(run, run.call.host);
  const type = typeOfServer(run.state, session);
  requireType(silent, type, OBJECT_TYPES[object]);
  const { member, primary } = findMember(run, session, type);
  const own = member.data.metadata;
  const clusterId = own?.instances[member.uuid]?.cluster;
  if (own === undefined || clusterId === undefined)
    throw coded(51104, `Metadata for instance '${member.host}:3306' not found`);
  const base = { ...run, session, type, clusterId, primary, quorum: inQuorum(run.state, member) };
  const setId = own.clusters[clusterId]?.set;
  if (setId === undefined) {
    if (object === "clusterset")
      throw coded(51101, `No metadata found for the ClusterSet that ${session.host}:3306 belongs to.`);
    return alone(base, own);
  }
  const metadata = newestCopy(run, own, clusterId, setId);
  const record = metadata.clusters[clusterId];
  if (record?.set !== setId) {
    if (object === "clusterset") throw coded(51607, "Cluster is not part of a ClusterSet");
    return alone(base, own);
  }
  return inSet(base, metadata, setId);
}

type Base = Omit<
  Handle,
  "name" | "metadata" | "setId" | "set" | "role" | "invalidated" | "globalPrimary" | "missing"
>;

function alone(base: Base, metadata: Metadata): Handle {
  const name = metadata.clusters[base.clusterId]?.name ?? "";
  const none = { setId: undefined, set: undefined, role: undefined, invalidated: false };
  const missing = base.primary === undefined ? "" : undefined;
  return { ...base, ...none, name, metadata, globalPrimary: base.primary, missing };
}

function inSet(base: Base, metadata: Metadata, setId: string): Handle {
  const set = metadata.sets[setId];
  const role = set?.members[base.clusterId];
  const leader = leaderOf(set);
  const lead = leader === undefined ? undefined : probe(base, metadata, leader);
  return {
    ...base,
    ...{ metadata, setId, set, role: role ?? "REPLICA", invalidated: role === undefined },
    name: metadata.clusters[base.clusterId]?.name ?? "",
    globalPrimary: lead?.primary,
    missing:
      lead === undefined ? "Could not connect to any ONLINE member of Primary Cluster" : missingIn(lead),
  };
}

export function leaderOf(set: SetRecord | undefined): string | undefined {
  return Object.keys(set?.members ?? {}).find((id) => set?.members[id] === "PRIMARY");
}

/** In AdminAPI's words. */
const whyMissing: Readonly<Record<Availability, string | undefined>> = {
  ONLINE: undefined,
  ONLINE_NO_PRIMARY: "Could not connect to PRIMARY of Primary Cluster",
  NO_QUORUM: "Could not connect to an ONLINE member of Primary Cluster within quorum",
  OFFLINE: "All members of Primary Cluster are OFFLINE",
  SOME_UNREACHABLE:
    "All reachable members of Primary Cluster are OFFLINE, but there are some unreachable members that could be ONLINE",
  UNREACHABLE: "Could not connect to any ONLINE member of Primary Cluster",
};

const missingIn = (lead: Probe): string | undefined => whyMissing[lead.availability];

function findMember(
  run: Run,
  session: Server,
  type: InstanceType,
): { readonly member: Server; readonly primary: Server | undefined } {
  const group = groupOf(run.state, session);
  if (type === "InnoDBClusterSetOffline" || group === undefined || !hasQuorum(group))
    return { member: session, primary: undefined };
  const primary = primaryOf(run.state, group);
  if (primary === undefined) throw runtime("dba.getCluster: No PRIMARY member found for the group");
  const member = primary === session ? session : attempt(run, primary.host);
  return member === undefined ? { member: session, primary: undefined } : { member, primary: member };
}

/** The newest copy of the set's record among the clusters that answer; of equal ones that of the primary cluster. */
export function newestCopy(run: Run, own: Metadata, ownCluster: string, setId: string): Metadata {
  let newest = own;
  let holder = ownCluster;
  const seen = new Set<string>();
  for (;;) {
    const members = newest.sets[setId]?.members ?? {};
    const next = Object.keys(members).find((id) => !seen.has(id) && id !== holder);
    if (next === undefined) return newest;
    seen.add(next);
    const copy = probe(run, newest, next).best?.data.metadata;
    const order = copy === undefined ? -1 : compareViews(copy.sets[setId], newest.sets[setId]);
    const leads = copy?.sets[setId]?.members[next] === "PRIMARY";
    if (copy !== undefined && (order > 0 || (order === 0 && leads))) [newest, holder] = [copy, next];
  }
}

function compareViews(a: SetRecord | undefined, b: SetRecord | undefined): number {
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return a.generation - b.generation || a.number - b.number;
}
