// cluster status and cluster describe
import type { Handle } from "../handle.ts";
import { membersOf } from "../metadata/snapshot.ts";
import { primaryOf } from "../primitives/group.ts";
import { readVariable } from "../primitives/variables.ts";
import { probeCluster } from "../probe.ts";
import type { Call } from "../shell.ts";
import { channelStatus, isFenced, requireRule } from "../situation.ts";
import { clusterStatusOf, describeMembers, type LagStyle, roleOf, topologyOf } from "./document.ts";
import { gatherCluster, groupDetails } from "./facts.ts";
import type { ChannelStatus } from "./global.ts";

const FENCED =
  "WARNING: Cluster is fenced from Write traffic. Use cluster.unfenceWrites() to unfence the Cluster.";

/** The document of `cluster status`. */
export async function clusterStatus({ args }: Call, handle: Handle): Promise<object> {
  await requireRule(handle, "cluster.status");
  const extended = args.integer("extended") ?? 0;
  const { shell, cluster, snapshot, member, set, metadataServer } = handle;
  const probe = await probeCluster(shell.pool, snapshot, cluster);
  // The member that the object was found through speaks for the group, also without a quorum.
  const facts = await gatherCluster(shell.pool, { ...probe, best: member });
  const fenced = await isFenced(handle);
  const channel = set ? await channelStatus(member, roleOf(cluster), handle.globalPrimary) : undefined;
  const style = set === undefined ? "group" : lagStyle(roleOf(cluster), channel);
  warnOfChannel(handle, channel);
  return {
    clusterName: cluster.name,
    ...(set ? { clusterRole: roleOf(cluster), domainName: set.domain } : {}),
    ...(channel && (roleOf(cluster) === "REPLICA" || !["MISSING", "STOPPED"].includes(channel))
      ? { clusterSetReplicationStatus: channel }
      : {}),
    defaultReplicaSet: {
      name: "default",
      primary: primaryOf(handle.group)?.address ?? "?",
      ssl: (await readVariable(member, "group_replication_ssl_mode")) ?? "",
      ...clusterStatusOf(facts, fenced),
      ...(fenced ? { clusterErrors: [FENCED] } : {}),
      topology: topologyOf(facts, style, extended),
      topologyMode: "Single-Primary",
      ...(extended >= 1 ? await groupDetails(member, facts.quorum, cluster.groupName) : {}),
    },
    groupInformationSourceMember: member.address,
    ...(metadataServer.address === member.address ? {} : { metadataServer: metadataServer.address }),
    ...(extended >= 1 ? { metadataVersion: snapshot.version } : {}),
  };
}

/** How delay is told in a ClusterSet. */
export function lagStyle(role: "PRIMARY" | "REPLICA", channel: ChannelStatus | undefined): LagStyle {
  if (role === "PRIMARY") return "primary cluster";
  return channel === "MISSING" ? "no channel" : "replica cluster";
}

/** A replica cluster whose channel needs a hand is announced before the document. */
export function warnOfChannel({ shell, cluster }: Handle, channel: ChannelStatus | undefined): void {
  if (
    cluster.role !== "REPLICA" ||
    !channel ||
    !["STOPPED", "ERROR", "MISSING", "MISCONFIGURED"].includes(channel)
  )
    return;
  shell.output.warning(
    `The Cluster's Replication Channel is misconfigured or stopped, topology changes will not be allowed on the InnoDB Cluster '${cluster.name}'`,
  );
  shell.output.note(
    "To restore the Cluster and ClusterSet operations, the Replication Channel must be fixed using rejoinCluster(). If there are invalid options, those must be corrected using setOption() before.",
  );
}

/** The document of `cluster describe`. */
export async function clusterDescribe(_call: Call, handle: Handle): Promise<object> {
  await requireRule(handle, "cluster.describe");
  const { cluster, snapshot } = handle;
  return {
    clusterName: cluster.name,
    defaultReplicaSet: {
      name: "default",
      topology: describeMembers(membersOf(snapshot, cluster)),
      topologyMode: "Single-Primary",
    },
  };
}
