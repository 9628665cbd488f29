// The `cluster` and `clusterset` objects: found from any member, on the newest metadata that any cluster has.
import { coded, isSqlError, runtime } from "./errors.ts";
import { type InstanceState, readState } from "./instance-state.ts";
import {
  type ClusterRecord,
  clusterOf,
  membersOf,
  readSnapshot,
  type SetRecord,
  type Snapshot,
  setOf,
} from "./metadata/snapshot.ts";
import { OBJECT_TYPES, requireType } from "./preconditions.ts";
import { hasQuorum, type Member, primaryOf, readGroup } from "./primitives/group.ts";
import { type ClusterProbe, missingPrimary, probeCluster } from "./probe.ts";
import type { Instance } from "./session.ts";
import type { Shell } from "./shell.ts";

/** A copy of the metadata with the server it was read from. */
export interface Copy {
  readonly server: Instance;
  readonly snapshot: Snapshot;
}

/** The session's cluster, and the ClusterSet around it. */
export interface Handle {
  readonly shell: Shell;
  readonly cluster: ClusterRecord;
  readonly set: SetRecord | undefined;
  readonly snapshot: Snapshot;
  /** the server whose copy of the metadata is used */
  readonly metadataServer: Instance;
  /** the member through which the cluster is seen: its primary, if the session could find one */
  readonly member: Instance;
  /** the primary of the cluster's own group */
  readonly primary: Instance | undefined;
  readonly group: readonly Member[];
  /** where metadata is written: the primary of the primary cluster, or the own one outside a ClusterSet */
  readonly globalPrimary: Instance | undefined;
  readonly globalPrimaryMissing: string | undefined;
  /** what was found of the primary cluster; undefined outside a ClusterSet */
  readonly primaryProbe: ClusterProbe | undefined;
  /** set when the cluster was taken out of a ClusterSet that its own copy still names */
  readonly removedFrom: string | undefined;
}

/** Finds the object that a command is called on. Throws when the session's server is not of the kind it takes. */
export async function resolve(shell: Shell, object: "cluster" | "clusterset"): Promise<Handle> {
  const { output, session } = shell;
  const state = await readState(session);
  requireType(output, state.type, OBJECT_TYPES[object]);
  const { member, primary, group } = await findMember(shell, state);
  const snapshot = member === session ? state.snapshot : await readSnapshot(member);
  const cluster = snapshot && clusterOf(snapshot, member.uuid);
  if (snapshot === undefined || cluster === undefined)
    throw coded(51104, `Metadata for instance '${member.address}' not found`);
  const base = { shell, member, primary, group, removedFrom: undefined };
  const set = setOf(snapshot, cluster);
  if (set === undefined) {
    if (object === "clusterset")
      throw coded(51101, `No metadata found for the ClusterSet that ${session.address} belongs to.`);
    const missing = primary ? undefined : "";
    return {
      ...base,
      cluster,
      set,
      snapshot,
      metadataServer: member,
      globalPrimary: primary,
      globalPrimaryMissing: missing,
      primaryProbe: undefined,
    };
  }
  return resolveInSet({ ...base, cluster, set, snapshot, object });
}

async function findMember(
  shell: Shell,
  { type, group }: InstanceState,
): Promise<{ member: Instance; primary: Instance | undefined; group: readonly Member[] }> {
  const { output, session, pool } = shell;
  if (type === "InnoDBClusterSetOffline") return { member: session, primary: undefined, group };
  if (!hasQuorum(group)) {
    output.warning("Cluster has no quorum and cannot process write transactions: Group has no quorum");
    output.info("Retrying getCluster() using a secondary member");
    return { member: session, primary: undefined, group };
  }
  const primary = primaryOf(group);
  if (primary === undefined)
    throw runtime(`dba.getCluster: No PRIMARY member found for the group of '${session.address}'`);
  if (primary.uuid === session.uuid) return { member: session, primary: session, group };
  try {
    const member = await pool.get(primary.address);
    return { member, primary: member, group: await readGroup(member) };
  } catch (error) {
    if (!isSqlError(error)) throw error;
    return { member: session, primary: undefined, group };
  }
}

type InSet = Pick<
  Handle,
  "shell" | "member" | "primary" | "group" | "cluster" | "snapshot" | "removedFrom"
> & {
  readonly set: SetRecord;
  readonly object: "cluster" | "clusterset";
};

async function resolveInSet({ object, ...base }: InSet): Promise<Handle> {
  const { output } = base.shell;
  const offline = object === "clusterset" && base.cluster.role === "PRIMARY" && base.primary === undefined;
  if (offline) output.info(`No PRIMARY member found for cluster '${base.cluster.name}'`);
  const copy = await newestCopy(base.shell, { server: base.member, snapshot: base.snapshot }, base.set);
  const cluster = copy.snapshot.clusters.find((one) => one.id === base.cluster.id);
  const set = cluster && setOf(copy.snapshot, cluster);
  if (cluster === undefined || set === undefined) {
    output.warning(
      `The Cluster '${base.cluster.name}' appears to have been removed from the ClusterSet '${base.set.domain}', however its own metadata copy wasn't properly updated during the removal`,
    );
    if (object === "clusterset") throw coded(51607, "Cluster is not part of a ClusterSet");
    return outOfSet(base);
  }
  const probe = await probePrimaryCluster(base.shell, copy.snapshot, set);
  const found = { ...base, cluster, set, ...copy, metadataServer: copy.server };
  const missing = probe ? missingPrimary(probe) : "Could not connect to any ONLINE member of Primary Cluster";
  if (object === "clusterset" && !offline && probe?.availability === "OFFLINE")
    output.info(`No PRIMARY member found for cluster '${probe.cluster.name}'`);
  if (missing !== undefined && object === "cluster" && probe && probe.cluster.id !== cluster.id)
    output.warning(
      `Could not connect to any member of PRIMARY Cluster '${probe.cluster.name}', topology changes will not be allowed on the InnoDB Cluster '${cluster.name}'`,
    );
  return { ...found, globalPrimary: probe?.primary, globalPrimaryMissing: missing, primaryProbe: probe };
}

function outOfSet(base: Omit<InSet, "object">): Handle {
  return {
    ...base,
    cluster: { ...base.cluster, setId: undefined, role: undefined, invalidated: false },
    set: undefined,
    metadataServer: base.member,
    globalPrimary: base.primary,
    globalPrimaryMissing: base.primary ? undefined : "",
    primaryProbe: undefined,
    removedFrom: base.set.domain,
  };
}

async function probePrimaryCluster(
  shell: Shell,
  snapshot: Snapshot,
  set: SetRecord,
): Promise<ClusterProbe | undefined> {
  const primary = snapshot.clusters.find((one) => one.setId === set.id && one.role === "PRIMARY");
  return primary && probeCluster(shell.pool, snapshot, primary);
}

/**
 * The newest copy of a ClusterSet's metadata among the clusters that can be reached.
 * A forced failover raises the generation in the upper bits of the view id, so an old primary learns here that it was replaced.
 */
export async function newestCopy(shell: Shell, own: Copy, set: SetRecord): Promise<Copy> {
  let newest = own;
  const seen = new Set<string>();
  for (;;) {
    const next = newest.snapshot.clusters.find(
      (one) => one.setId === set.id && !one.invalidated && !seen.has(one.id) && !holds(newest, one),
    );
    if (next === undefined) return newest;
    seen.add(next.id);
    const copy = await copyOf(shell, newest.snapshot, next);
    if (copy && isNewer(copy, newest, set)) newest = copy;
  }
}

/** True when the copy was read from a member of this cluster. */
const holds = (copy: Copy, cluster: ClusterRecord): boolean =>
  membersOf(copy.snapshot, cluster).some((member) => member.uuid === copy.server.uuid);

async function copyOf(shell: Shell, snapshot: Snapshot, cluster: ClusterRecord): Promise<Copy | undefined> {
  const { primary, best } = await probeCluster(shell.pool, snapshot, cluster);
  const server = primary ?? best;
  const read = server && (await readSnapshot(server));
  return read && { server, snapshot: read };
}

/** Of copies with the same view, the one of the primary cluster counts: it is written there. */
function isNewer(candidate: Copy, current: Copy, set: SetRecord): boolean {
  const viewOf = (copy: Copy): number => copy.snapshot.sets.find((one) => one.id === set.id)?.viewId ?? 0;
  if (viewOf(candidate) !== viewOf(current)) return viewOf(candidate) > viewOf(current);
  const primary = candidate.snapshot.clusters.find((one) => one.role === "PRIMARY" && one.setId === set.id);
  return primary !== undefined && holds(candidate, primary);
}
