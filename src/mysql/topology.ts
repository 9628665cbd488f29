// What one server knows of itself, its group, its cluster and its ClusterSet: facts, read over SQL and never remembered.
import * as z from "zod";
import { type SystemUser, systemUsers } from "../wire/credentials.ts";
import {
  clusterName,
  flag,
  gtidSet,
  identifier,
  label,
  memberAddress,
  memberHost,
  onlyRow,
  version,
} from "./columns.ts";
import type { Session } from "./ports.ts";

const serverRow = z.object({
  version,
  uuid: identifier,
  /** Empty where the configuration gives it no name. */
  host: memberHost.nullable().transform((host) => host ?? ""),
  superReadOnly: flag,
  /** On as well wherever super_read_only is; stays on where that was lifted alone. */
  readOnly: flag,
  gtidExecuted: gtidSet,
  configured: flag,
  /** A schema of InnoDB Cluster's metadata with all that is read of it. */
  metadata: flag,
  /** What made the schema was cut short: it holds nothing yet. */
  halfMetadata: flag,
  oldPasswords: flag,
});
export type ServerFacts = z.output<typeof serverRow>;

const memberRow = z
  .object({
    uuid: identifier,
    host: memberHost,
    state: z.enum(["ONLINE", "RECOVERING", "OFFLINE", "ERROR", "UNREACHABLE"]),
    role: z.enum(["PRIMARY", "SECONDARY", ""]),
    version,
  })
  // A server in no group has a row without an id.
  .refine(({ uuid, host }) => uuid === "" || host !== "", { path: ["host"], message: "must be a host name" });
export type GroupMember = z.output<typeof memberRow>;

const clusterRow = z.object({
  id: identifier,
  name: clusterName,
  own: flag,
  inSet: flag,
  role: z.enum(["PRIMARY", "REPLICA"]).nullable(),
  invalidated: flag.nullable(),
});

const instanceRow = z.object({
  cluster: clusterName,
  label,
  address: memberAddress,
  uuid: identifier,
});
/** A view's number: a forced failover counts its upper 32 bits up, every other change its lower ones. */
const viewNumber = z
  .union([z.int().min(0), z.string().regex(/^\d{1,19}$/)], "must be a number")
  .transform((value) => ({
    generation: Number(BigInt(value) >> 32n),
    number: Number(BigInt(value) & 0xffff_ffffn),
  }));
const setRow = z.object({ id: identifier, domain: clusterName, view: viewNumber });

export interface ClusterRecord {
  readonly id: string;
  readonly name: string;
  readonly role: "PRIMARY" | "REPLICA";
  readonly invalidated: boolean;
}

export interface InstanceRecord {
  readonly cluster: string;
  readonly label: string;
  /** host:port */
  readonly address: string;
  readonly uuid: string;
}

/** The record of a ClusterSet, as one server has it. */
export interface SetRecord {
  readonly id: string;
  readonly domain: string;
  /** Of two copies of the record, the one of the higher generation counts, then the one of the higher number. */
  readonly view: { readonly generation: number; readonly number: number };
  /** Role of this server's own cluster. */
  readonly role: "PRIMARY" | "REPLICA";
  readonly invalidated: boolean;
  readonly clusters: readonly ClusterRecord[];
}

/** What the metadata schema says, as this server has it. A set member's copy can be late: an old primary's says for ever that it leads. */
export interface Metadata {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly instances: readonly InstanceRecord[];
  readonly set: SetRecord | undefined;
}

/** Everything that one server knows. */
export interface ServerView {
  readonly server: ServerFacts;
  /** Own row of the group; OFFLINE when group replication does not run. */
  readonly member: GroupMember;
  readonly group: readonly GroupMember[];
  /** `absent`: no metadata schema, or one that does not list this server — positively read. */
  readonly metadata: Metadata | "absent";
}

const users = systemUsers.map((user) => `'${user}'`).join(", ");
const KEEPS_OLD = "JSON_EXTRACT(user_attributes, '$.additional_password') IS NOT NULL";

/** AdminAPI makes the schema one object after the other. */
const readViews = [
  "v2_gr_clusters",
  "v2_this_instance",
  "v2_cs_members",
  "v2_cs_clustersets",
  "v2_instances",
];
const VIEWS_THERE = `(SELECT COUNT(*) FROM information_schema.tables
    WHERE table_schema = 'mysql_innodb_cluster_metadata'
      AND table_name IN (${readViews.map((name) => `'${name}'`).join(", ")}))`;

const SERVER_SQL = `SELECT VERSION() AS version, @@server_uuid AS uuid, @@report_host AS host,
  @@GLOBAL.super_read_only AS superReadOnly, @@GLOBAL.read_only AS readOnly, @@GLOBAL.gtid_executed AS gtidExecuted,
  EXISTS(SELECT 1 FROM mysql.func WHERE name = 'service_get_write_locks') AS configured,
  ${VIEWS_THERE} = ${readViews.length} AS metadata,
  ${VIEWS_THERE} < ${readViews.length} AND EXISTS(SELECT 1 FROM information_schema.schemata
    WHERE schema_name = 'mysql_innodb_cluster_metadata') AS halfMetadata,
  EXISTS(SELECT 1 FROM mysql.user WHERE user IN (${users}) AND ${KEEPS_OLD}) AS oldPasswords`;

const GROUP_SQL = `SELECT member_id AS uuid, member_host AS host, member_state AS state, member_role AS role,
  member_version AS version FROM performance_schema.replication_group_members ORDER BY member_host`;

const MD = "mysql_innodb_cluster_metadata";

const CLUSTERS_SQL = `SELECT c.cluster_id AS id, c.cluster_name AS name, t.cluster_id IS NOT NULL AS own,
  c.clusterset_id IS NOT NULL AS inSet, m.member_role AS role, m.invalidated AS invalidated
  FROM ${MD}.v2_gr_clusters c
  LEFT JOIN ${MD}.v2_this_instance t ON t.cluster_id = c.cluster_id
  LEFT JOIN ${MD}.v2_cs_members m ON m.cluster_id = c.cluster_id
  ORDER BY c.cluster_name`;

const SET_SQL = `SELECT s.clusterset_id AS id, s.domain_name AS domain, s.view_id AS view
  FROM ${MD}.v2_cs_clustersets s
  JOIN ${MD}.v2_gr_clusters c ON c.clusterset_id = s.clusterset_id
  JOIN ${MD}.v2_this_instance t ON t.cluster_id = c.cluster_id`;

const INSTANCES_SQL = `SELECT c.cluster_name AS cluster, i.label AS label, i.endpoint AS address,
  i.mysql_server_uuid AS uuid FROM ${MD}.v2_instances i JOIN ${MD}.v2_gr_clusters c ON c.cluster_id = i.cluster_id
  ORDER BY c.cluster_name, i.label`;

/** Reads one server. Throws MysqlProblem when it cannot be asked: the caller's "unknown". */
export async function readServer(session: Session): Promise<ServerView> {
  const server = onlyRow(await session.rows(serverRow, SERVER_SQL));
  const group = (await session.rows(memberRow, GROUP_SQL)).filter((member) => member.uuid !== "");
  const member = group.find((each) => each.uuid === server.uuid) ?? offline(server);
  return { server, member, group, metadata: server.metadata ? await readMetadata(session) : "absent" };
}

async function readMetadata(session: Session): Promise<Metadata | "absent"> {
  const clusters = await session.rows(clusterRow, CLUSTERS_SQL);
  const own = clusters.find((cluster) => cluster.own);
  if (own === undefined) return "absent";
  const instances = await session.rows(instanceRow, INSTANCES_SQL);
  const base = { clusterId: own.id, clusterName: own.name, instances };
  const set = own.inSet ? (await session.rows(setRow, SET_SQL))[0] : undefined;
  if (set === undefined) return { ...base, set: undefined };
  const members = clusters.filter((cluster) => cluster.inSet);
  return {
    ...base,
    set: {
      ...set,
      role: own.role ?? "REPLICA",
      invalidated: own.invalidated ?? false,
      clusters: members.map(({ id, name, role, invalidated }) => ({
        id,
        name,
        role: role ?? "REPLICA",
        invalidated: invalidated ?? false,
      })),
    },
  };
}

function offline(server: ServerFacts): GroupMember {
  return { uuid: server.uuid, host: server.host, state: "OFFLINE", role: "", version: server.version };
}

/** The system accounts that an old password opens beside the current one. */
export async function readRetained(session: Session): Promise<readonly SystemUser[]> {
  const rows = await session.rows(
    z.object({ retaining: z.enum(systemUsers) }),
    `SELECT user AS retaining FROM mysql.user WHERE user IN (${users}) AND ${KEEPS_OLD}`,
  );
  return rows.map(({ retaining }) => retaining);
}

/** Databases that are not MySQL's own: the data that dissolving and cloning would overwrite. */
export async function readUserDatabases(session: Session): Promise<readonly string[]> {
  const rows = await session.rows(
    z.object({ name: z.string() }),
    `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name NOT IN
      ('information_schema', 'mysql', 'mysql_innodb_cluster_metadata', 'performance_schema', 'sys') ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}

/** How a server can get what another has: from its binary logs, only as a copy, or not at all without losing its own. */
export type Catching = "from-logs" | "logs-purged" | "diverged";

/** How a server with `executed` can catch up with the session's server, which may have received more than it has applied. */
export async function howToCatchUp(session: Session, executed: string): Promise<Catching> {
  const rows = await session.rows(
    z.object({ subset: flag, purged: flag }),
    `SELECT GTID_SUBSET(@@GLOBAL.gtid_purged, ?) AS purged, GTID_SUBSET(?, CONCAT_WS(',', @@GLOBAL.gtid_executed,
      (SELECT received_transaction_set FROM performance_schema.replication_connection_status
        WHERE channel_name = 'group_replication_applier'))) AS subset`,
    [executed, executed],
  );
  if (!rows.every(({ subset }) => subset)) return "diverged";
  return rows.every(({ purged }) => purged) ? "from-logs" : "logs-purged";
}

/** Waits, for 15 s at most, until the server of `session` has applied all that the one of `source` has executed. */
export async function catchUpWith(session: Session, source: Session): Promise<void> {
  const rows = await source.rows(
    z.object({ executed: gtidSet }),
    "SELECT @@GLOBAL.gtid_executed AS executed",
  );
  await session.rows(z.object({}), "SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 15)", [onlyRow(rows).executed]);
}

/** Whether an election makes this group's primary writable; off where the cluster is fenced, invalidated, or a standby. */
export async function readElectsWritable(session: Session): Promise<boolean> {
  const rows = await session.rows(
    z.object({ enabled: flag }),
    `SELECT enabled FROM performance_schema.replication_group_member_actions
      WHERE name = 'mysql_disable_super_read_only_if_primary' AND event = 'AFTER_PRIMARY_ELECTION'`,
  );
  return rows.some((row) => row.enabled);
}

/** Transactions of `executed` that the session's server has not executed; "" when it has them all. Tags are kept. */
export async function missingHere(session: Session, executed: string): Promise<string> {
  const rows = await session.rows(
    z.object({ missing: gtidSet }),
    "SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed) AS missing",
    [executed],
  );
  return onlyRow(rows).missing.replaceAll(/\s+/g, "");
}
