// One server's copy of the metadata, read at once: plain data that everything else decides on.
import { isSqlError } from "../errors.ts";
import type { Instance } from "../session.ts";
import { SCHEMA } from "./tables.ts";

/** JSON attributes of a row. */
export type Attributes = Readonly<Record<string, unknown>>;

export interface ClusterRecord {
  readonly id: string;
  readonly name: string;
  readonly groupName: string;
  readonly setId: string | undefined;
  /** undefined outside a ClusterSet and for an invalidated cluster */
  readonly role: "PRIMARY" | "REPLICA" | undefined;
  readonly invalidated: boolean;
  readonly attributes: Attributes;
}

export interface InstanceRecord {
  readonly id: number;
  readonly clusterId: string;
  readonly label: string;
  /** host:port */
  readonly address: string;
  readonly uuid: string;
  readonly grLocal: string;
  readonly attributes: Attributes;
}

export interface SetRecord {
  readonly id: string;
  readonly domain: string;
  readonly viewId: number;
  readonly attributes: Attributes;
}

/** A copy of the metadata. */
export interface Snapshot {
  readonly version: string;
  readonly sets: readonly SetRecord[];
  readonly clusters: readonly ClusterRecord[];
  readonly instances: readonly InstanceRecord[];
}

/** The whole copy of a server; undefined where the schema is not installed. */
export async function readSnapshot(instance: Instance): Promise<Snapshot | undefined> {
  try {
    const version = await instance.row(
      `SELECT CONCAT_WS('.', major, minor, patch) AS version FROM ${SCHEMA}.schema_version`,
    );
    return {
      version: String(version["version"]),
      sets: await readSets(instance),
      clusters: await readClusters(instance),
      instances: await readInstances(instance),
    };
  } catch (error) {
    // 1049 unknown database, 1146 no such table
    if (isSqlError(error, 1049, 1146)) return undefined;
    throw error;
  }
}

async function readSets(instance: Instance): Promise<readonly SetRecord[]> {
  const rows = await instance.query(
    `SELECT clusterset_id AS id, domain_name AS domain, view_id AS view, attributes FROM ${SCHEMA}.v2_cs_clustersets`,
  );
  return rows.map((row) => ({
    id: String(row["id"]),
    domain: String(row["domain"]),
    viewId: Number(row["view"]),
    attributes: attributesOf(row["attributes"]),
  }));
}

async function readClusters(instance: Instance): Promise<readonly ClusterRecord[]> {
  const rows = await instance.query(
    `SELECT c.cluster_id AS id, c.cluster_name AS name, c.group_name AS group_name, c.clusterset_id AS set_id,
       m.member_role AS role, COALESCE(m.invalidated, 0) AS invalidated, c.attributes AS attributes
     FROM ${SCHEMA}.v2_gr_clusters c LEFT JOIN ${SCHEMA}.v2_cs_members m USING (cluster_id) ORDER BY c.cluster_name`,
  );
  return rows.map((row) => ({
    id: String(row["id"]),
    name: String(row["name"]),
    groupName: String(row["group_name"]),
    setId: row["set_id"] === null ? undefined : String(row["set_id"]),
    role: row["role"] === "PRIMARY" || row["role"] === "REPLICA" ? row["role"] : undefined,
    invalidated: Number(row["invalidated"]) === 1,
    attributes: attributesOf(row["attributes"]),
  }));
}

async function readInstances(instance: Instance): Promise<readonly InstanceRecord[]> {
  const rows = await instance.query(
    `SELECT instance_id AS id, cluster_id AS cluster_id, instance_name AS label, mysql_server_uuid AS uuid,
       addresses->>'$.mysqlClassic' AS address, COALESCE(addresses->>'$.grLocal', '') AS gr_local, attributes
     FROM ${SCHEMA}.instances WHERE instance_type = 'group-member' ORDER BY instance_id`,
  );
  return rows.map((row) => ({
    id: Number(row["id"]),
    clusterId: String(row["cluster_id"]),
    label: String(row["label"]),
    address: String(row["address"]),
    uuid: String(row["uuid"]),
    grLocal: String(row["gr_local"]),
    attributes: attributesOf(row["attributes"]),
  }));
}

function attributesOf(value: unknown): Attributes {
  if (value !== null && typeof value === "object") return value as Attributes;
  return typeof value === "string" ? (JSON.parse(value) as Attributes) : {};
}

/** A text attribute; undefined when it is absent or empty. */
export function attribute(record: { readonly attributes: Attributes }, name: string): string | undefined {
  const value = record.attributes[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The cluster that a server belongs to by its uuid. */
export function clusterOf(snapshot: Snapshot, uuid: string): ClusterRecord | undefined {
  const own = snapshot.instances.find((one) => one.uuid === uuid);
  return snapshot.clusters.find((one) => one.id === own?.clusterId);
}

export const membersOf = (snapshot: Snapshot, cluster: ClusterRecord): readonly InstanceRecord[] =>
  snapshot.instances.filter((one) => one.clusterId === cluster.id);

export const setOf = (snapshot: Snapshot, cluster: ClusterRecord): SetRecord | undefined =>
  snapshot.sets.find((one) => one.id === cluster.setId);
