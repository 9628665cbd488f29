// The parts of a status document, made from facts alone.
import type { ClusterRecord } from "../metadata/snapshot.ts";
import { type Diagnosed, instanceErrors } from "./diagnostics.ts";
import type { ClusterFacts, MemberFacts } from "./facts.ts";

/** How the members' delay is told: in a ClusterSet it is counted from two sources. */
export type LagStyle = "group" | "primary cluster" | "replica cluster" | "no channel";

/** The status of a cluster and its sentence. */
export interface ClusterStatus {
  readonly status: string;
  readonly statusText: string;
}

const isActive = ({ seen }: MemberFacts): boolean => seen?.state === "ONLINE" || seen?.state === "RECOVERING";

/** The status of a cluster, from its members; `fenced` only counts for a primary cluster. */
export function clusterStatusOf(facts: ClusterFacts, fenced: boolean): ClusterStatus {
  const { availability, members, cluster } = facts;
  if (availability === "UNREACHABLE" || availability === "SOME_UNREACHABLE")
    return { status: "UNREACHABLE", statusText: "Could not connect to any ONLINE members" };
  if (availability === "OFFLINE")
    return { status: "OFFLINE", statusText: "All members of the group are OFFLINE" };
  const online = members.filter((member) => member.seen?.state === "ONLINE").length;
  if (online === 0) return { status: "ERROR", statusText: "There are no ONLINE members in the cluster." };
  const suffix = inactiveText(members.filter((member) => member.record && !isActive(member)).length);
  if (!facts.quorum)
    return {
      status: "NO_QUORUM",
      statusText: `Cluster has no quorum as visible from '${facts.source?.address}' and cannot process write transactions.${suffix}`,
    };
  if (fenced)
    return { status: "FENCED_WRITES", statusText: `Cluster is fenced from Write Traffic.${suffix}` };
  if (cluster.invalidated)
    return {
      status: "INVALIDATED",
      statusText: `Cluster was invalidated by the ClusterSet it belongs to.${suffix}`,
    };
  const partial = members.some((member) => !isActive(member)) ? "_PARTIAL" : "";
  const tolerance = Math.floor((members.filter(isActive).length - 1) / 2);
  if (tolerance === 0)
    return {
      status: `OK_NO_TOLERANCE${partial}`,
      statusText: `Cluster is NOT tolerant to any failures.${suffix}`,
    };
  const failures = tolerance === 1 ? "ONE failure" : `${tolerance} failures`;
  return {
    status: `OK${partial}`,
    statusText: `Cluster is ONLINE and can tolerate up to ${failures}.${suffix}`,
  };
}

function inactiveText(count: number): string {
  if (count === 0) return "";
  return count === 1 ? " 1 member is not active." : ` ${count} members are not active.`;
}

/** How the topology is told. */
export interface Telling {
  readonly style: LagStyle;
  readonly extended: number;
  /** recovery accounts that no member in the metadata has */
  readonly unusedAccounts: readonly string[];
  /** what `extended` 1 and more add to each member, by its label */
  readonly more: ReadonlyMap<string, object>;
}

/** The topology by label. */
export function topologyOf(facts: ClusterFacts, telling: Telling): object {
  return Object.fromEntries(facts.members.map((member) => [member.label, memberOf(facts, member, telling)]));
}

function memberOf(facts: ClusterFacts, member: MemberFacts, telling: Telling): object {
  const { own, seen, error, state, record } = member;
  const { extended, style } = telling;
  const errors = instanceErrors(diagnosed(facts, member, telling));
  return {
    address: member.address,
    memberRole: seen?.role || "SECONDARY",
    mode: modeOf(facts, member),
    readReplicas: {},
    role: "HA",
    status: seen?.state ?? "(MISSING)",
    version: own?.version ?? seen?.version,
    ...lagOf(member, style),
    ...(error === undefined ? {} : { shellConnectError: error }),
    ...(errors.length === 0 ? {} : { instanceErrors: errors }),
    ...(own?.rejoining ? { autoRejoinRunning: true } : {}),
    ...(extended >= 1 || state !== (seen?.state ?? "(MISSING)") ? { memberState: state } : {}),
    ...(extended >= 1 ? { memberId: seen?.uuid ?? "", fenceSysVars: fenceVariables(member) } : {}),
    ...(extended >= 1 && own ? { applierWorkerThreads: own.workers } : {}),
    ...telling.more.get(member.label),
    ...tagsOf(record),
  };
}

/** In a ClusterSet only the primary of the primary cluster may be writable; the size limit is the primary's in a replica. */
function diagnosed(facts: ClusterFacts, member: MemberFacts, { unusedAccounts }: Telling): Diagnosed {
  const { cluster, members } = facts;
  const primary = members.find((one) => one.seen?.role === "PRIMARY");
  const leads = cluster.setId === undefined || cluster.role === "PRIMARY";
  const stored = cluster.attributes["opt_transactionSizeLimit"];
  return {
    member,
    mustBeReadOnly: cluster.setId !== undefined && !(leads && member.seen?.role === "PRIMARY"),
    sizeLimit: leads && stored !== undefined ? Number(stored) : primary?.own?.sizeLimit,
    unusedAccounts,
  };
}

function modeOf({ quorum }: ClusterFacts, { own, seen }: MemberFacts): string {
  if (own === undefined || own.offlineMode || seen?.state !== "ONLINE") return "n/a";
  return quorum && !own.superReadOnly ? "R/W" : "R/O";
}

function lagOf({ own, seen }: MemberFacts, style: LagStyle): object {
  if (own === undefined || seen?.state !== "ONLINE") return {};
  if (style === "group")
    return { replicationLag: own.lag.immediate === "" ? "applier_queue_applied" : own.lag.immediate };
  if (style === "primary cluster" && seen.role === "PRIMARY") return {};
  if (style === "no channel")
    return { replicationLagFromImmediateSource: null, replicationLagFromOriginalSource: null };
  return {
    replicationLagFromImmediateSource: own.lag.immediate,
    replicationLagFromOriginalSource: own.lag.original,
  };
}

const fenceVariables = ({ own }: MemberFacts): readonly string[] =>
  own === undefined
    ? []
    : [
        ...(own.offlineMode ? ["offline_mode"] : []),
        ...(own.readOnly ? ["read_only"] : []),
        ...(own.superReadOnly ? ["super_read_only"] : []),
      ];

function tagsOf(record: MemberFacts["record"]): object {
  const tags = record?.attributes["tags"];
  return tags !== null && typeof tags === "object" && Object.keys(tags).length > 0 ? { tags } : {};
}

/** The members of a cluster as `describe` lists them. */
export const describeMembers = (
  members: readonly { readonly address: string; readonly label: string }[],
): object[] => members.map(({ address, label }) => ({ address, label, role: "HA" }));

/** An INVALIDATED cluster is told as a REPLICA. */
export const roleOf = (cluster: ClusterRecord): "PRIMARY" | "REPLICA" => cluster.role ?? "REPLICA";
