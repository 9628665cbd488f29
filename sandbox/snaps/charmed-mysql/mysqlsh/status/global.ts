// The state of a cluster within its ClusterSet, computed from facts.
import type { ChannelState } from "../primitives/channel.ts";

/** Whether a cluster can be reached, and in what shape. */
export type Availability =
  | "ONLINE"
  | "ONLINE_NO_PRIMARY"
  | "NO_QUORUM"
  | "OFFLINE"
  | "SOME_UNREACHABLE"
  | "UNREACHABLE";

export type ChannelStatus =
  | "OK"
  | "CONNECTING"
  | "STOPPED"
  | "ERROR"
  | "MISCONFIGURED"
  | "MISSING"
  | "UNKNOWN";

export type GlobalStatus =
  | "OK"
  | "OK_FENCED_WRITES"
  | "OK_NOT_REPLICATING"
  | "OK_NOT_CONSISTENT"
  | "OK_MISCONFIGURED"
  | "NOT_OK"
  | "INVALIDATED"
  | "UNKNOWN";

/** What one member of a cluster looked like. */
export interface MemberFacts {
  readonly reachable: boolean;
  readonly state: string;
  readonly quorum: boolean;
  readonly primary: boolean;
}

/** How reachable a cluster is, from what its members said. */
export function availabilityOf(members: readonly MemberFacts[]): Availability {
  const online = members.filter((member) => member.reachable && member.state === "ONLINE");
  const inQuorum = online.filter((member) => member.quorum);
  if (inQuorum.some((member) => member.primary)) return "ONLINE";
  if (inQuorum.length > 0) return "ONLINE_NO_PRIMARY";
  if (online.length > 0) return "NO_QUORUM";
  if (members.every((member) => member.reachable)) return "OFFLINE";
  return members.some((member) => member.reachable) ? "SOME_UNREACHABLE" : "UNREACHABLE";
}

/** The status of a replication channel. `expected` is the uuid of the primary cluster's primary, where it is known. */
export function channelStatusOf(
  channel: ChannelState | undefined,
  expected: string | undefined,
): ChannelStatus {
  if (channel === undefined) return "MISSING";
  if (channel.applier === "OFF" && channel.applierError > 0) return "ERROR";
  if (channel.receiver === "OFF" && channel.receiverError.number > 0) return "ERROR";
  if (channel.receiver === "OFF" || channel.applier === "OFF") return "STOPPED";
  if (channel.receiver === "CONNECTING") return "CONNECTING";
  return expected !== undefined && channel.sourceUuid !== expected ? "MISCONFIGURED" : "OK";
}

/** What the global status follows from. */
export interface GlobalFacts {
  readonly role: "PRIMARY" | "REPLICA";
  readonly invalidated: boolean;
  readonly availability: Availability;
  readonly channel: ChannelStatus;
  readonly fenced: boolean;
  readonly errant: boolean;
}

/** The status of a cluster within its ClusterSet. */
export function globalStatusOf(facts: GlobalFacts): GlobalStatus {
  const { availability, channel } = facts;
  if (facts.invalidated) return "INVALIDATED";
  if (availability === "UNREACHABLE" || availability === "SOME_UNREACHABLE") return "UNKNOWN";
  if (availability === "NO_QUORUM" || availability === "OFFLINE") return "NOT_OK";
  if (facts.role === "PRIMARY") {
    if (channel === "OK" || channel === "CONNECTING") return "OK_MISCONFIGURED";
    return facts.fenced ? "OK_FENCED_WRITES" : "OK";
  }
  if (channel === "STOPPED" || channel === "ERROR") return "OK_NOT_REPLICATING";
  if (channel === "MISSING" || channel === "MISCONFIGURED") return "OK_MISCONFIGURED";
  return facts.errant ? "OK_NOT_CONSISTENT" : "OK";
}

export type SetStatus = "HEALTHY" | "AVAILABLE" | "UNAVAILABLE";

/** The status of a ClusterSet and its sentence, from the global status of its clusters. */
export function setStatusOf(
  primary: GlobalStatus,
  replicas: readonly GlobalStatus[],
): { readonly status: SetStatus; readonly statusText: string } {
  if (primary === "UNKNOWN")
    return {
      status: "UNAVAILABLE",
      statusText: "Primary Cluster is not reachable from the Shell, assuming it to be unavailable.",
    };
  if (primary === "OK_FENCED_WRITES")
    return { status: "UNAVAILABLE", statusText: "Primary Cluster is fenced from write traffic." };
  if (primary === "NOT_OK" || primary === "INVALIDATED")
    return {
      status: "UNAVAILABLE",
      statusText:
        "Primary Cluster is not available. ClusterSet availability may be restored by restoring the Primary Cluster or failover.",
    };
  if (primary !== "OK")
    return { status: "AVAILABLE", statusText: "Primary Cluster available but requires attention." };
  const bad = replicas.filter((status) => status !== "OK").length;
  if (bad === 0) return { status: "HEALTHY", statusText: "All Clusters available." };
  const which = bad === 1 ? "a Replica cluster" : `${bad} Replica Clusters`;
  return { status: "AVAILABLE", statusText: `Primary Cluster available, there are issues with ${which}.` };
}
