// cluster status and cluster describe
import type { Handle } from "../handle.ts";
import { attribute, membersOf, type Snapshot } from "../metadata/snapshot.ts";
import { ownAccounts, recoveryUser } from "../primitives/accounts.ts";
import { primaryOf } from "../primitives/group.ts";
import { readVariable } from "../primitives/variables.ts";
import { probeCluster } from "../probe.ts";
import type { Instance } from "../session.ts";
import type { Call } from "../shell.ts";
import { channelStatus, isFenced, requireRule } from "../situation.ts";
import { clusterStatusOf, describeMembers, type LagStyle, roleOf, topologyOf } from "./document.ts";
import { gatherCluster, groupDetails, memberDetails } from "./facts.ts";
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
  const telling = {
    style,
    extended,
    unusedAccounts: await unusedAccounts(member, snapshot),
    more: await memberDetails(facts, extended),
  };
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
      topology: topologyOf(facts, telling),
      topologyMode: "Single-Primary",
      ...(extended >= 1 ? await groupDetails(member, facts.quorum, cluster.groupName) : {}),
    },
    groupInformationSourceMember: member.address,
    ...(metadataServer.address === member.address ? {} : { metadataServer: metadataServer.address }),
    ...(extended >= 1 ? { metadataVersion: snapshot.version } : {}),
  };
}

/** Recovery accounts at a server that no member in the metadata has. */
export async function unusedAccounts(server: Instance, snapshot: Snapshot): Promise<readonly string[]> {
  const used = new Set(snapshot.instances.map((one) => attribute(one, "recoveryAccountUser")));
  const accounts = await ownAccounts(server);
  const recovery = accounts.filter(({ user }) => user.startsWith(recoveryUser("")));
  return recovery.map(({ user }) => user).filter((user) => !used.has(user));
}

/** How delay is told in a ClusterSet. */
export function lagStyle(role: "PRIMARY" | "REPLICA", channel: ChannelStatus | undefined): LagStyle {
  if (role === "PRIMARY") return "primary cluster";
  return channel === "MISSING" ? "no channel" : "replica cluster";
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
