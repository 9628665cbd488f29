// Two clusters whose relation ends, by the newest record of their set and what their servers said. Pure.
import type { ServerView } from "../mysql/topology.ts";
import { isSameName } from "../wire/names.ts";
import type { PartingCluster } from "./decide-parting.ts";
import { conditionOf, type Others, withNewest } from "./set-copies.ts";

/** The name as the set spells it; undefined where the set has no such cluster beside this one. */
export function inSet(
  view: ServerView | "unknown",
  others: Others,
  name: string | undefined,
): string | undefined {
  if (view === "unknown" || view.metadata === "absent" || name === undefined) return undefined;
  const own = view.metadata.clusterName;
  const { metadata } = withNewest(view, others).view;
  const clusters = metadata === "absent" ? [] : (metadata.set?.clusters ?? []);
  return clusters.map((each) => each.name).find((each) => each !== own && isSameName(each, name));
}

/** This application's cluster, of which `view` is what its primary said. */
export function partingCluster(view: ServerView | "unknown", others: Others): PartingCluster {
  if (view === "unknown") return "unknown";
  if (view.metadata === "absent") return view.member.state === "OFFLINE" ? "absent" : "unknown";
  const newest = withNewest(view, others);
  const set = newest.view.metadata === "absent" ? undefined : newest.view.metadata.set;
  // A cluster that was removed and still stands leaves first: the guard sees to it. One in no set is on its way out:
  // those that stay are in a set, if only with themselves.
  if (set === undefined) return "unknown";
  if (newest.standing === "removed" || view.member.state !== "ONLINE") return "unknown";
  const own = view.metadata.clusterName;
  const leader = set.clusters.find((each) => each.role === "PRIMARY" && !each.invalidated)?.name ?? own;
  return {
    name: own,
    setName: set.domain,
    leader,
    clusters: set.clusters.map((each) => each.name),
    leaderAnswers: leader === own || conditionOf(others.get(leader)) !== "silent",
    invalidated: newest.standing === "invalidated",
    fenced: leader === own && view.server.superReadOnly,
  };
}

/** Whether AdminAPI would find the other cluster well enough to have it do its part of the removal. */
export function canTakePart(view: ServerView, others: Others, name: string): boolean {
  const { metadata } = withNewest(view, others).view;
  const record =
    metadata === "absent" ? undefined : metadata.set?.clusters.find((each) => each.name === name);
  const other = others.get(name);
  if (record === undefined || record.invalidated || other === undefined || other === "unreachable")
    return false;
  const listed = metadata === "absent" ? [] : metadata.instances.filter((each) => each.cluster === name);
  const online = other.view.group.filter((each) => each.state === "ONLINE").length;
  const replicates = other.channel?.receiver === "ON" && other.channel.applier === "ON";
  return conditionOf(other) === "online" && replicates && online >= listed.length;
}
