// clusterset status and clusterset describe
import { SqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { type ClusterRecord, membersOf } from "../metadata/snapshot.ts";
import { readChannel } from "../primitives/channel.ts";
import { readVariable } from "../primitives/variables.ts";
import { type ClusterProbe, probeCluster } from "../probe.ts";
import { bareConnectMessage } from "../session.ts";
import type { Call } from "../shell.ts";
import { isFencedPrimary, requireRule, warnOfChannel } from "../situation.ts";
import { lagStyle, unusedAccounts } from "./cluster-status.ts";
import { clusterStatusOf, describeMembers, roleOf, topologyOf } from "./document.ts";
import { gatherCluster, groupDetails } from "./facts.ts";
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
  if (handle.primaryProbe) requireAnswers(handle.primaryProbe);
  const reports = await Promise.all(clusters.map((cluster) => reportOf(handle, cluster, extended)));
  for (const { cluster, globalStatus } of reports) warnOfChannel(handle.shell.output, cluster, globalStatus);
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
  const { shell, snapshot, globalPrimary, primaryProbe } = handle;
  const probe = await probeCluster(shell.pool, snapshot, cluster);
  requireAnswers(probe);
  const role = roleOf(cluster);
  const state = probe.best && (await readChannel(probe.best));
  const channel: ChannelStatus = probe.best
    ? channelStatusOf(state, role === "REPLICA" ? globalPrimary?.uuid : undefined)
    : "UNKNOWN";
  // Transactions are compared with any member of the primary cluster that answers, also when that is offline.
  const transactions = await transactionsOf(probe.best, role, primaryProbe?.best);
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
  const errors = clusterErrors(facts);
  const shown = role === "REPLICA" || (channel !== "MISSING" && channel !== "STOPPED");
  const document = {
    clusterRole: role,
    globalStatus,
    ...(role === "PRIMARY"
      ? { primary: globalStatus === "OK" ? (probe.primary?.address ?? null) : null }
      : {}),
    ...(shown ? { clusterSetReplicationStatus: channel } : {}),
    ...(errors.length === 0 ? {} : { clusterErrors: errors }),
    ...(await statusFields(handle, probe, { extended, globalStatus, fenced, channel })),
    ...(shown && channel !== "UNKNOWN" ? await replicationOf(probe, globalPrimary, extended) : {}),
    ...transactionFields(transactions, role, extended),
  };
  return { cluster, probe, globalStatus, document };
}

interface Shown {
  readonly extended: number;
  readonly globalStatus: GlobalStatus;
  readonly fenced: boolean;
  readonly channel: ChannelStatus;
}

/** The fields that a cluster's own status has too. */
async function statusFields(
  { shell, snapshot }: Handle,
  probe: ClusterProbe,
  { extended, globalStatus, fenced, channel }: Shown,
): Promise<object> {
  const facts = await gatherCluster(shell.pool, probe);
  const status = extended >= 1 || globalStatus !== "OK" ? clusterStatusOf(facts, fenced) : {};
  if (extended < 1) return status;
  const inner = extended - 1;
  const topology = topologyOf(facts, {
    style: lagStyle(roleOf(probe.cluster), channel),
    // One level less than a cluster's own status, and never counters or threads.
    extended: Math.min(inner, 1),
    unusedAccounts: probe.best ? await unusedAccounts(probe.best, snapshot) : [],
    more: new Map(),
  });
  if (inner < 1 || probe.best === undefined) return { ...status, topology };
  const { communicationStack, groupName, groupViewChangeUuid, paxosSingleLeader } = await groupDetails(
    probe.best,
    false,
    probe.cluster.groupName,
  );
  const ssl = await readVariable(probe.best, "group_replication_ssl_mode");
  return { ...status, topology, communicationStack, groupName, groupViewChangeUuid, paxosSingleLeader, ssl };
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
  if (availability === "OFFLINE" || availability === "SOME_UNREACHABLE")
    errors.push("ERROR: Cluster members are reachable but they're all OFFLINE.");
  if (availability === "UNREACHABLE")
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
