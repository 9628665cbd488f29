// What stands in the way of an addition: nothing, what an earlier one left that was killed, or what is not its own. Pure.
import type { ServerView } from "../mysql/topology.ts";

/** What stands in the way of an instance's becoming a replica cluster. */
export type Remains =
  | { readonly kind: "none" }
  /** Nothing but what an earlier addition left. */
  | { readonly kind: "cut-short" }
  /** A cluster or data that no addition to this set leaves there. */
  | { readonly kind: "foreign" }
  | { readonly kind: "unknown"; readonly what: string };

/** A cluster that the primary cluster's metadata has, and that is in no set. */
export interface Unfinished {
  readonly id: string;
  /** Of its instances' servers. */
  readonly uuids: readonly string[];
}

/** A server that AdminAPI would make a cluster on. */
export const isFree = ({ member, metadata }: ServerView): boolean =>
  member.state === "OFFLINE" && metadata === "absent";

/** The record is of servers that were offered before, by units that are gone: nothing of it is on this one. */
export const isOfOthers = (record: Unfinished | undefined, { server }: ServerView): boolean =>
  record !== undefined && record.uuids.length > 0 && !record.uuids.includes(server.uuid);

/**
 * AdminAPI writes the cluster's record, then makes the server follow, then puts the cluster into the set. So what it left is a
 * record of a cluster in no set, and a server alone, of that cluster, with no transaction (`hasOwn`) that the primary cluster
 * lacks. Nobody's data hangs on the record of a server that is offered no more.
 */
export function judgeRemains(
  record: Unfinished | undefined,
  instance: ServerView,
  hasOwn: boolean,
): Exclude<Remains["kind"], "unknown"> {
  const { server, group, metadata } = instance;
  const others = isOfOthers(record, instance);
  if (!others && record?.uuids.some((uuid) => uuid !== server.uuid) === true) return "foreign";
  if (isFree(instance)) return record === undefined ? "none" : "cut-short";
  if (hasOwn || group.some(({ uuid }) => uuid !== server.uuid)) return "foreign";
  if (metadata === "absent") return "cut-short";
  const isRecorded = record === undefined || others || record.id === metadata.clusterId;
  return metadata.set === undefined && isRecorded ? "cut-short" : "foreign";
}
