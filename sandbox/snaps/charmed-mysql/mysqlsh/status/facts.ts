// What the status documents are made of: the members of a cluster, as they answer now.
import { errorText, SqlError } from "../errors.ts";
import type { ClusterRecord, InstanceRecord } from "../metadata/snapshot.ts";
import { CLUSTERSET } from "../primitives/channel.ts";
import { GROUP, hasQuorum, type Member, ownState, RECOVERY, readGroup } from "../primitives/group.ts";
import type { ClusterProbe } from "../probe.ts";
import { bareConnectMessage, type Instance, type Row } from "../session.ts";
import type { Pool } from "../shell.ts";
import { channelDocument } from "./channel-document.ts";
import type { Availability } from "./global.ts";
import { applierThreads, groupStatistics } from "./member-transactions.ts";

/** What a reachable member says of itself. */
export interface OwnFacts {
  readonly uuid: string;
  /** host:port as it reports itself */
  readonly address: string;
  readonly version: string;
  readonly superReadOnly: boolean;
  readonly readOnly: boolean;
  readonly offlineMode: boolean;
  readonly workers: number;
  readonly preservesOrder: boolean;
  /** of a transaction in the group, in bytes; undefined without Group Replication */
  readonly sizeLimit: number | undefined;
  readonly lag: Lag;
  readonly rejoining: boolean;
  /** the account of the recovery channel; empty without one */
  readonly recoveryUser: string;
  readonly recoveryError: ChannelError | undefined;
  readonly applierError: ChannelError | undefined;
  /** whether a thread of the group's applier channel runs, and whether both do */
  readonly applierRuns: "none" | "some" | "all";
  /** channels that belong neither to the group nor to a ClusterSet */
  readonly otherChannels: readonly string[];
}

/** Why a channel stopped. */
export interface ChannelError {
  readonly thread: "receiver" | "applier";
  readonly text: string;
}

/** Empty text: nothing waits to be applied. */
interface Lag {
  readonly original: string;
  readonly immediate: string;
}

/** One member, from the metadata, the group, or both. */
export interface MemberFacts {
  readonly address: string;
  readonly label: string;
  readonly record: InstanceRecord | undefined;
  /** its row in the group as the source member sees it */
  readonly seen: Member | undefined;
  /** its state by its own account; "(MISSING)" when it does not answer */
  readonly state: string;
  readonly own: OwnFacts | undefined;
  readonly instance: Instance | undefined;
  readonly error: string | undefined;
}

/** A cluster as its status tells it. */
export interface ClusterFacts {
  readonly cluster: ClusterRecord;
  readonly availability: Availability;
  /** the member whose view of the group is told */
  readonly source: Instance | undefined;
  readonly quorum: boolean;
  readonly members: readonly MemberFacts[];
}

/** Asks the members of a cluster that was probed, and those of its group that the metadata does not know. */
export async function gatherCluster(pool: Pool, probe: ClusterProbe): Promise<ClusterFacts> {
  const source = probe.best;
  const group = (source && probe.members.find((one) => one.instance?.uuid === source.uuid)?.group) ?? [];
  const active = group.filter((member) => member.state !== "OFFLINE");
  const known = probe.members.map(
    async ({ record, instance, error, state }): Promise<MemberFacts> => ({
      address: record.address,
      label: record.label,
      record,
      seen: active.find((member) => member.uuid === record.uuid),
      state,
      own: instance && (await ownFacts(instance)),
      instance,
      error: error && errorText(error),
    }),
  );
  const unmanaged = active
    .filter((member) => !probe.members.some(({ record }) => record.uuid === member.uuid))
    .map((member) => unmanagedMember(pool, member));
  const members = await Promise.all([...known, ...unmanaged]);
  return {
    cluster: probe.cluster,
    availability: probe.availability,
    source,
    quorum: hasQuorum(group),
    members,
  };
}

async function unmanagedMember(pool: Pool, seen: Member): Promise<MemberFacts> {
  const instance = await pool.attempt(seen.address);
  const base = { address: seen.address, label: seen.address, record: undefined, seen };
  if (instance instanceof SqlError)
    return { ...base, state: "(MISSING)", own: undefined, instance: undefined, error: bareError(instance) };
  const state = ownState(await readGroup(instance), instance.uuid);
  return { ...base, state, own: await ownFacts(instance), instance, error: undefined };
}

/** The error of a server that the metadata does not know is told as of a session of its own. */
const bareError = (error: SqlError): string =>
  errorText(new SqlError(error.errno, "HY000", bareConnectMessage(error)));

const OWN = `SELECT @@super_read_only AS sro, @@read_only AS ro, @@offline_mode AS offline,
    @@replica_parallel_workers AS workers, @@replica_preserve_commit_order AS preserves,
    (SELECT variable_value FROM performance_schema.global_variables
      WHERE variable_name = 'group_replication_transaction_size_limit') AS size_limit,
    (SELECT COUNT(*) FROM performance_schema.threads WHERE name = 'thread/group_rpl/THD_autorejoin') AS rejoining,
    (SELECT user FROM performance_schema.replication_connection_configuration
      WHERE channel_name = '${RECOVERY}') AS recovery_user,
    TIMEDIFF(NOW(6), MIN(NULLIF(applying_transaction_original_commit_timestamp, 0))) AS original,
    TIMEDIFF(NOW(6), MIN(NULLIF(applying_transaction_immediate_commit_timestamp, 0))) AS immediate
  FROM performance_schema.replication_applier_status_by_worker
  WHERE channel_name IN ('${GROUP}', '${CLUSTERSET}') AND applying_transaction <> ''`;

const CHANNELS = `SELECT s.channel_name AS name, s.service_state AS receiver, a.service_state AS applier,
    s.last_error_number AS receiver_error, s.last_error_message AS receiver_text, s.last_error_timestamp AS receiver_time,
    w.last_error_number AS applier_error, w.last_error_message AS applier_text, w.last_error_timestamp AS applier_time
  FROM performance_schema.replication_connection_status s
  JOIN performance_schema.replication_applier_status a USING (channel_name)
  LEFT JOIN performance_schema.replication_applier_status_by_worker w
    ON w.channel_name = s.channel_name AND w.last_error_number > 0`;

async function ownFacts(instance: Instance): Promise<OwnFacts> {
  const row = await instance.row(OWN);
  const channels = await instance.query(CHANNELS);
  const named = (name: string): Row | undefined => channels.find((one) => one["name"] === name);
  const known = [GROUP, RECOVERY, CLUSTERSET];
  const names = new Set(channels.map((one) => String(one["name"])));
  return {
    uuid: instance.uuid,
    address: instance.address,
    version: instance.version,
    superReadOnly: Number(row["sro"]) === 1,
    readOnly: Number(row["ro"]) === 1,
    offlineMode: Number(row["offline"]) === 1,
    workers: Number(row["workers"]),
    preservesOrder: Number(row["preserves"]) === 1,
    sizeLimit: row["size_limit"] === null ? undefined : Number(row["size_limit"]),
    rejoining: Number(row["rejoining"]) > 0,
    lag: { original: lagText(row["original"]), immediate: lagText(row["immediate"]) },
    recoveryUser: String(row["recovery_user"] ?? ""),
    recoveryError: channelError(named(RECOVERY)),
    applierError: channelError(named(GROUP)),
    applierRuns: runs(named(GROUP)),
    otherChannels: [...names].filter((name) => !known.includes(name)),
  };
}

/** Only a thread that stopped has failed: one that tries again has not. */
function channelError(row: Row | undefined): ChannelError | undefined {
  for (const thread of ["receiver", "applier"] as const)
    if (row?.[thread] === "OFF" && Number(row[`${thread}_error`]) > 0)
      return {
        thread,
        text: `${String(row[`${thread}_text`])} (${String(row[`${thread}_error`])}) at ${String(row[`${thread}_time`])}`,
      };
  return undefined;
}

function runs(row: Row | undefined): OwnFacts["applierRuns"] {
  const on = [row?.["receiver"], row?.["applier"]].filter((state) => state === "ON").length;
  return on === 0 ? "none" : on === 1 ? "some" : "all";
}

/** Clocks differ and a transaction may be applied just now: less than nothing is nothing. */
const lagText = (value: unknown): string =>
  value === null || value === undefined || String(value).startsWith("-") ? "" : String(value);

/** What `extended` adds about the group, asked of its source member. */
export async function groupDetails(
  source: Instance,
  quorum: boolean,
  groupName: string,
): Promise<Readonly<Record<string, unknown>>> {
  const row = await source.row(
    `SELECT (SELECT view_id FROM performance_schema.replication_group_member_stats
         WHERE channel_name = '${GROUP}' AND member_id = @@server_uuid) AS view,
       MAX(IF(variable_name = 'group_replication_communication_stack', variable_value, NULL)) AS stack,
       MAX(IF(variable_name = 'group_replication_view_change_uuid', variable_value, NULL)) AS view_uuid,
       MAX(IF(variable_name = 'group_replication_paxos_single_leader', variable_value, NULL)) AS paxos
     FROM performance_schema.global_variables WHERE variable_name LIKE 'group\\_replication\\_%'`,
  );
  const protocol = quorum
    ? await source.value("SELECT group_replication_get_communication_protocol() AS version")
    : null;
  return {
    GRProtocolVersion: protocol,
    communicationStack: String(row["stack"] ?? "MYSQL").toUpperCase(),
    groupName,
    groupViewChangeUuid: row["view_uuid"] ?? undefined,
    groupViewId: row["view"],
    paxosSingleLeader: row["paxos"] ?? "OFF",
  };
}

/** What `extended` adds to each member, by its label: counters of the group, threads, and channels that should not run. */
export async function memberDetails(
  { members, source }: Pick<ClusterFacts, "members" | "source">,
  extended: number,
): Promise<ReadonlyMap<string, object>> {
  const statistics = extended >= 2 && source ? await groupStatistics(source) : undefined;
  const entries = members.map(async (member): Promise<[string, object]> => {
    const { transactions, recovery } = statistics?.get(member.record?.uuid ?? "") ?? {};
    const threads = extended >= 3 && member.instance ? await applierThreads(member.instance) : undefined;
    const all = transactions || threads ? { transactions: { ...transactions, ...threads } } : {};
    return [
      member.label,
      { ...all, ...(recovery ? { recovery } : {}), ...(await strayApplier(member, extended)) },
    ];
  });
  return new Map(await Promise.all(entries));
}

/** The group's applier channel is told where it runs without the group, or does not within it. */
async function strayApplier({ own, state, instance }: MemberFacts, extended: number): Promise<object> {
  if (extended < 1 || own === undefined || instance === undefined || state === "RECOVERING") return {};
  const asItShould = state === "ONLINE" ? "all" : "none";
  if (own.applierRuns === asItShould) return {};
  const told = await channelDocument(instance, GROUP, { level: extended - 1, source: false });
  return told ? { applierChannel: told } : {};
}
