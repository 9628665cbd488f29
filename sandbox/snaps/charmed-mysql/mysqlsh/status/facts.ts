// What the status documents are made of: the members of a cluster, as they answer now.
import { errorText, SqlError } from "../errors.ts";
import type { ClusterRecord, InstanceRecord } from "../metadata/snapshot.ts";
import { CLUSTERSET } from "../primitives/channel.ts";
import { GROUP, hasQuorum, type Member } from "../primitives/group.ts";
import type { ClusterProbe } from "../probe.ts";
import type { Instance } from "../session.ts";
import type { Pool } from "../shell.ts";
import type { Availability } from "./global.ts";

/** What a reachable member says of itself. */
interface OwnFacts {
  readonly version: string;
  readonly superReadOnly: boolean;
  readonly readOnly: boolean;
  readonly offlineMode: boolean;
  readonly workers: number;
  readonly lag: Lag;
  readonly rejoining: boolean;
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
    return { ...base, state: "(MISSING)", own: undefined, error: errorText(instance) };
  return { ...base, state: seen.state, own: await ownFacts(instance), error: undefined };
}

async function ownFacts(instance: Instance): Promise<OwnFacts> {
  const row = await instance.row(
    `SELECT @@version AS version, @@super_read_only AS sro, @@read_only AS ro, @@offline_mode AS offline,
       @@replica_parallel_workers AS workers,
       (SELECT COUNT(*) FROM performance_schema.threads WHERE name = 'thread/group_rpl/THD_autorejoin') AS rejoining,
       TIMEDIFF(NOW(6), MIN(NULLIF(applying_transaction_original_commit_timestamp, 0))) AS original,
       TIMEDIFF(NOW(6), MIN(NULLIF(applying_transaction_immediate_commit_timestamp, 0))) AS immediate
     FROM performance_schema.replication_applier_status_by_worker
     WHERE channel_name IN ('${GROUP}', '${CLUSTERSET}') AND applying_transaction <> ''`,
  );
  return {
    version: instance.version,
    superReadOnly: Number(row["sro"]) === 1,
    readOnly: Number(row["ro"]) === 1,
    offlineMode: Number(row["offline"]) === 1,
    workers: Number(row["workers"]),
    rejoining: Number(row["rejoining"]) > 0,
    lag: { original: lagText(row["original"]), immediate: lagText(row["immediate"]) },
  };
}

/** Clocks differ and a transaction may be applied just now: less than nothing is nothing. */
const lagText = (value: unknown): string =>
  value === null || value === undefined || String(value).startsWith("-") ? "" : String(value);

/** What `extended` adds about the group, asked of its source member. */
export async function groupDetails(source: Instance, quorum: boolean, groupName: string): Promise<object> {
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
