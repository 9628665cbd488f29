// clusterset status and clusterset describe
import { SqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { type ClusterRecord, membersOf } from "../metadata/snapshot.ts";
import { readChannel } from "../primitives/channel.ts";
import { type ClusterProbe, probeCluster } from "../probe.ts";
import { bareConnectMessage } from "../session.ts";
import type { Call } from "../shell.ts";
import { isFencedPrimary, requireRule } from "../situation.ts";
import { lagStyle, warnOfChannel } from "./cluster-status.ts";
import { clusterStatusOf, describeMembers, roleOf, topologyOf } from "./document.ts";
import { gatherCluster } from "./facts.ts";
import {
  type ChannelStatus,
  channelStatusOf,
  type GlobalFacts,
  type GlobalStatus,
  globalStatusOf,
  setStatusOf,
} from "./global.ts";
import { replicationOf } from "./replication.ts";
import { transactionFields, transactionsOf } from "./transactions.ts";

interface ClusterReport {
  readonly cluster: ClusterRecord;
  readonly probe: ClusterProbe;
  readonly globalStatus: GlobalStatus;
  readonly document: object;
}

/** The document of `clusterset status`. */
export async function clusterSetStatus({ args }: Call, handle: Handle): Promise<object> {
  await requireRule(handle, "clusterset.status");
  const extended = args.integer("extended") ?? 0;
  const { snapshot, set, metadataServer } = handle;
  const clusters = snapshot.clusters.filter((one) => one.setId === set?.id);
  const reports = await Promise.all(clusters.map((cluster) => reportOf(handle, cluster, extended)));
  const primary = reports.find(({ cluster }) => cluster.role === "PRIMARY");
  const replicas = reports.filter((report) => report !== primary).map((report) => report.globalStatus);
  return {
    domainName: set?.domain,
    primaryCluster: primary?.cluster.name,
    globalPrimaryInstance: primary?.globalStatus === "OK" ? primary.probe.primary?.address : null,
    ...setStatusOf(primary?.globalStatus ?? "UNKNOWN", replicas),
    clusters: Object.fromEntries(reports.map(({ cluster, document }) => [cluster.name, document])),
    ...(extended >= 1 ? { metadataServer: metadataServer.address } : {}),
  };
}

async function reportOf(handle: Handle, cluster: ClusterRecord, extended: number): Promise<ClusterReport> {
  const { shell, snapshot, globalPrimary } = handle;
  const probe = await probeCluster(shell.pool, snapshot, cluster);
  requireAnswers(probe);
  const role = roleOf(cluster);
  const state = probe.best && (await readChannel(probe.best));
  const channel: ChannelStatus = probe.best
    ? channelStatusOf(state, role === "REPLICA" ? globalPrimary?.uuid : undefined)
    : "UNKNOWN";
  const transactions = await transactionsOf(probe.best, role, globalPrimary);
  const fenced = role === "PRIMARY" && probe.primary !== undefined && (await isFencedPrimary(probe.primary));
  const facts: GlobalFacts = {
    role,
    invalidated: cluster.invalidated,
    availability: probe.availability,
    channel,
    fenced,
    errant: (transactions?.errant ?? "") !== "",
  };
  const globalStatus = globalStatusOf(facts);
  if (cluster.id === handle.cluster.id) warnOfChannel(handle, channel);
  const gathered = await gatherCluster(shell.pool, probe);
  const detailed = extended >= 1 || globalStatus !== "OK";
  const errors = clusterErrors(facts);
  const document = {
    clusterRole: role,
    globalStatus,
    ...(role === "PRIMARY"
      ? { primary: globalStatus === "OK" ? (probe.primary?.address ?? null) : null }
      : {}),
    ...(role === "REPLICA" || channel === "UNKNOWN" ? { clusterSetReplicationStatus: channel } : {}),
    ...(errors.length === 0 ? {} : { clusterErrors: errors }),
    ...(detailed ? clusterStatusOf(gathered, fenced) : {}),
    ...(role === "REPLICA" && (extended >= 1 || channel === "MISSING")
      ? await replicationOf(probe, state, extended)
      : {}),
    ...(extended >= 1 ? { topology: topologyOf(gathered, lagStyle(role, channel), extended - 1) } : {}),
    ...transactionFields(transactions, role, extended),
  };
  return { cluster, probe, globalStatus, document };
}

/** Like MySQL Shell, gives up on a member that the group still counts as ONLINE but that does not answer. */
function requireAnswers({ members, best }: ClusterProbe): void {
  const group = members.find((one) => one.instance?.uuid === best?.uuid)?.group ?? [];
  for (const { record, error } of members) {
    if (!error || !group.some((one) => one.uuid === record.uuid && one.state === "ONLINE")) continue;
    throw new SqlError(error.errno, "HY000", bareConnectMessage(error));
  }
}

/** The sentences about a cluster that needs attention. */
export function clusterErrors({
  availability,
  role,
  invalidated,
  channel,
  fenced,
  errant,
}: GlobalFacts): readonly string[] {
  const errors: string[] = [];
  if (availability === "OFFLINE")
    errors.push("ERROR: Cluster members are reachable but they're all OFFLINE.");
  if (availability === "UNREACHABLE" || availability === "SOME_UNREACHABLE")
    errors.push(
      "ERROR: Could not connect to any ONLINE members but there are unreachable instances that could still be ONLINE.",
    );
  if (availability === "NO_QUORUM")
    errors.push(
      "ERROR: Could not find ONLINE members forming a quorum. Cluster will be unable to perform updates until it's restored.",
    );
  if (fenced)
    errors.push(
      "WARNING: Cluster is fenced from Write traffic. Use cluster.unfenceWrites() to unfence the Cluster.",
    );
  if (role === "REPLICA" && channel === "MISSING")
    errors.push("WARNING: Replication channel from the Primary Cluster is missing");
  if (role === "REPLICA" && ["STOPPED", "ERROR"].includes(channel))
    errors.push("WARNING: Replication from the Primary Cluster not in expected state");
  if (invalidated)
    errors.push(
      "WARNING: Cluster was invalidated and must be either removed from the ClusterSet or rejoined",
    );
  if (errant) errors.push("ERROR: Errant transactions detected");
  return errors;
}

/** The document of `clusterset describe`. */
export async function clusterSetDescribe(_call: Call, handle: Handle): Promise<object> {
  await requireRule(handle, "clusterset.describe");
  const { snapshot, set } = handle;
  const clusters = snapshot.clusters.filter((one) => one.setId === set?.id);
  return {
    domainName: set?.domain,
    primaryCluster: clusters.find((one) => one.role === "PRIMARY")?.name,
    clusters: Object.fromEntries(
      clusters.map((cluster) => [
        cluster.name,
        {
          clusterRole: roleOf(cluster),
          ...(cluster.invalidated ? { invalidated: true } : {}),
          topology: describeMembers(membersOf(snapshot, cluster)),
        },
      ]),
    ),
  };
}
