// The documents of get-cluster-status, from what servers said: pure. Keys and values as the Python charm gives them (AdminAPI's, in lower case); names keep their case.
import type { NestedResults } from "../../lib/index.ts";
import type { ChannelFacts } from "../mysql/channel.ts";
import type { InstanceRecord, ServerView, SetRecord } from "../mysql/topology.ts";
import type { ClusterView } from "../replication/set-copies.ts";

export interface MemberLine {
  readonly label: string;
  readonly address: string;
  readonly memberrole: "primary" | "secondary" | "";
  readonly mode: "r/w" | "r/o" | "n/a";
  readonly status: string;
  readonly version: string;
}

/** The members of the server's own cluster: all that the metadata lists, with what the group says of each. */
export function memberLines(view: ServerView): readonly MemberLine[] {
  if (view.metadata === "absent") return [];
  const { clusterName, instances } = view.metadata;
  return instances.filter((each) => each.cluster === clusterName).map((each) => memberLine(each, view));
}

function memberLine(instance: InstanceRecord, view: ServerView): MemberLine {
  const member = view.group.find((each) => each.uuid === instance.uuid);
  const online = member?.state === "ONLINE";
  const writable = online && member.role === "PRIMARY" && writesTo(view);
  return {
    label: instance.label,
    address: instance.address,
    memberrole:
      member === undefined || member.role === "" ? "" : member.role === "PRIMARY" ? "primary" : "secondary",
    mode: writable ? "r/w" : online ? "r/o" : "n/a",
    status: member === undefined ? "(missing)" : member.state.toLowerCase(),
    version: member?.version ?? "",
  };
}

/** Whether the group's primary takes writes; seen exactly where the view is the primary's own. */
function writesTo(view: ServerView): boolean {
  const standby = view.metadata !== "absent" && view.metadata.set?.role === "REPLICA";
  return !standby && !(view.member.role === "PRIMARY" && view.server.superReadOnly);
}

/** AdminAPI's status of one cluster: from its quorum, and from how many failures it can bear. */
export function clusterStatus(view: ServerView): { readonly status: string; readonly text: string } {
  const lines = memberLines(view);
  const present = view.group.filter((each) => each.state === "ONLINE" || each.state === "RECOVERING").length;
  const online = view.group.filter((each) => each.state === "ONLINE").length;
  if (online === 0) return { status: "error", text: "There is no online member." };
  if (present * 2 <= view.group.length) {
    return { status: "no_quorum", text: "The cluster has no quorum and takes no writes." };
  }
  const missing = lines.filter((line) => line.mode === "n/a").length;
  const tolerance = Math.floor((present - 1) / 2);
  const partial = missing > 0 ? "_partial" : "";
  const inactive = missing === 0 ? "" : ` Members that are not active: ${missing}.`;
  if (tolerance === 0)
    return { status: `ok_no_tolerance${partial}`, text: `No failure can be borne.${inactive}` };
  return { status: `ok${partial}`, text: `Failures that can be borne: ${tolerance}.${inactive}` };
}

export function clusterDocument(view: ServerView, channel: ChannelFacts | undefined): NestedResults {
  if (view.metadata === "absent") return {};
  const { clusterName, set } = view.metadata;
  const { status, text } = clusterStatus(view);
  const lines = memberLines(view);
  const primary = lines.find((line) => line.memberrole === "primary")?.address ?? "?";
  return {
    clustername: clusterName,
    ...(set === undefined ? {} : { clusterrole: set.role.toLowerCase(), domainname: set.domain }),
    ...(set?.role === "REPLICA" ? { clustersetreplicationstatus: channelWord(channel) } : {}),
    defaultreplicaset: {
      name: "default",
      primary,
      status,
      statustext: text,
      topologymode: "single-primary",
      topology: Object.fromEntries(
        lines.map(({ label, ...line }) => [resultKey(label), { ...line, role: "ha" }]),
      ),
    },
    groupinformationsourcemember: `${view.server.host}:3306`,
  };
}

function channelWord(channel: ChannelFacts | undefined): string {
  if (channel === undefined) return "missing";
  if (channel.receiver === "CONNECTING") return "connecting";
  if (channel.errorNumber !== 0 && (channel.receiver === "OFF" || channel.applier === "OFF")) return "error";
  return channel.receiver === "ON" && channel.applier === "ON" ? "ok" : "stopped";
}

/** AdminAPI's global status of one cluster within its set. */
function globalStatus(role: "PRIMARY" | "REPLICA", invalidated: boolean, cluster: ClusterView): string {
  if (invalidated) return "invalidated";
  if (cluster === "unreachable") return "unknown";
  const { status } = clusterStatus(cluster.view);
  if (!status.startsWith("ok")) return "not_ok";
  if (role === "PRIMARY") return writesTo(cluster.view) ? "ok" : "ok_fenced_writes";
  const channel = channelWord(cluster.channel);
  if (channel === "missing") return "ok_misconfigured";
  return channel === "ok" || channel === "connecting" ? "ok" : "ok_not_replicating";
}

/** The whole ClusterSet: `seen` by cluster name. */
export function clusterSetDocument(set: SetRecord, seen: ReadonlyMap<string, ClusterView>): NestedResults {
  const clusters = set.clusters.map((record) => {
    const cluster = seen.get(record.name) ?? "unreachable";
    const status = globalStatus(record.role, record.invalidated, cluster);
    const primary =
      cluster === "unreachable"
        ? undefined
        : memberLines(cluster.view).find((line) => line.memberrole === "primary");
    return { record, cluster, status, primary: primary?.address ?? "?" };
  });
  const leader = clusters.find(({ record }) => record.role === "PRIMARY" && !record.invalidated);
  const ill = clusters.filter(({ status }) => status !== "ok").length;
  const health =
    leader === undefined || !leader.status.startsWith("ok")
      ? "unavailable"
      : ill === 0
        ? "healthy"
        : "available";
  return {
    domainname: set.domain,
    primarycluster: leader?.record.name ?? "?",
    globalprimaryinstance: leader?.primary ?? "?",
    status: health,
    statustext: healthText(health, ill),
    clusters: Object.fromEntries(
      clusters.map(({ record, cluster, status, primary }) => [
        resultKey(record.name),
        {
          clusterrole: record.role.toLowerCase(),
          globalstatus: status,
          ...(record.role === "PRIMARY" ? { primary } : {}),
          ...(record.role === "REPLICA"
            ? {
                clustersetreplicationstatus:
                  cluster === "unreachable" ? "unknown" : channelWord(cluster.channel),
              }
            : {}),
        },
      ]),
    ),
  };
}

function healthText(health: string, ill: number): string {
  if (health === "healthy") return "All clusters are available.";
  if (health === "available")
    return `The primary cluster is available. Clusters that need attention: ${ill}.`;
  return "The primary cluster is not available: restore it, or fail over to a standby.";
}

/** Keys of action results hold lower-case letters, digits, dots and dashes only; a dot would nest. */
export function resultKey(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** Rows in columns, for people. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
