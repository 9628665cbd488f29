// Every write to the metadata: rows of clusters, instances and ClusterSet views. Runs on the global primary.
import type { Instance } from "../session.ts";
import { PROCEDURES } from "./procedures.ts";
import { SCHEMA, TABLES } from "./tables.ts";
import { VIEWS } from "./views.ts";

/** Replaces what there is by an empty schema. */
export async function installSchema(instance: Instance): Promise<void> {
  await instance.query(`DROP SCHEMA IF EXISTS ${SCHEMA}`);
  await instance.query(`CREATE SCHEMA ${SCHEMA} DEFAULT CHARACTER SET utf8mb4`);
  for (const statement of [...TABLES, ...VIEWS, ...PROCEDURES]) await instance.query(statement);
}

export const dropSchema = async (instance: Instance): Promise<void> => {
  await instance.query(`DROP SCHEMA IF EXISTS ${SCHEMA}`);
};

/** What a new cluster's row says. */
export interface NewCluster {
  readonly name: string;
  readonly groupName: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Adds a cluster and answers its id. */
export async function insertCluster(instance: Instance, cluster: NewCluster): Promise<string> {
  const id = String(await instance.value("SELECT UUID()"));
  const attributes = {
    adopted: 0,
    default: true,
    group_replication_group_name: cluster.groupName,
    ...cluster.attributes,
  };
  await instance.query(
    `INSERT INTO ${SCHEMA}.clusters
       (cluster_id, cluster_name, description, cluster_type, primary_mode, options, attributes, router_options)
     VALUES (?, ?, 'Default Cluster', 'gr', 'pm', '{}', CAST(? AS JSON), '{"tags": {}, "read_only_targets": "secondaries"}')`,
    [id, cluster.name, JSON.stringify(attributes)],
  );
  return id;
}

/** What an instance's row says. */
export interface NewInstance {
  readonly clusterId: string;
  readonly address: string;
  readonly uuid: string;
  readonly label: string;
  readonly grLocal: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export async function insertInstance(instance: Instance, row: NewInstance): Promise<void> {
  await instance.query(
    `INSERT INTO ${SCHEMA}.instances
       (cluster_id, address, mysql_server_uuid, instance_name, addresses, attributes, instance_type)
     VALUES (?, ?, ?, ?, JSON_OBJECT('mysqlClassic', ?, 'grLocal', ?), CAST(? AS JSON), 'group-member')`,
    [
      row.clusterId,
      row.address,
      row.uuid,
      row.label,
      row.address,
      row.grLocal,
      JSON.stringify(row.attributes),
    ],
  );
}

export async function deleteInstance(instance: Instance, address: string): Promise<void> {
  await instance.query(
    `DELETE FROM ${SCHEMA}.instances WHERE LOWER(addresses->>'$.mysqlClassic') = LOWER(?)`,
    [address],
  );
}

/** Sets a tag; null removes it. */
export async function setInstanceTag(
  instance: Instance,
  uuid: string,
  tag: string,
  value: unknown,
): Promise<void> {
  await instance.query(
    `UPDATE ${SCHEMA}.instances SET attributes = JSON_MERGE_PATCH(COALESCE(attributes, '{}'), CAST(? AS JSON))
     WHERE mysql_server_uuid = ?`,
    [JSON.stringify({ tags: { [tag]: value } }), uuid],
  );
}

export async function setInstanceLabel(instance: Instance, uuid: string, label: string): Promise<void> {
  await instance.query(`UPDATE ${SCHEMA}.instances SET instance_name = ? WHERE mysql_server_uuid = ?`, [
    label,
    uuid,
  ]);
}

export async function setInstanceAddress(
  instance: Instance,
  uuid: string,
  address: string,
  grLocal: string,
): Promise<void> {
  await instance.query(
    `UPDATE ${SCHEMA}.instances SET address = ?, addresses = JSON_SET(addresses, '$.mysqlClassic', ?, '$.grLocal', ?)
     WHERE mysql_server_uuid = ?`,
    [address, address, grLocal, uuid],
  );
}

export async function setClusterAttribute(
  instance: Instance,
  id: string,
  name: string,
  value: unknown,
): Promise<void> {
  await instance.query(
    `UPDATE ${SCHEMA}.clusters SET attributes = JSON_SET(COALESCE(attributes, '{}'), ?, CAST(? AS JSON)) WHERE cluster_id = ?`,
    [`$.${name}`, JSON.stringify(value), id],
  );
}

/** Deletes a cluster with its instances. */
export async function deleteCluster(instance: Instance, id: string): Promise<void> {
  await instance.query(`DELETE FROM ${SCHEMA}.instances WHERE cluster_id = ?`, [id]);
  await instance.query(`DELETE FROM ${SCHEMA}.clusters WHERE cluster_id = ?`, [id]);
}

/** Leaves nothing but one cluster in the metadata: what other clusters and sets left behind goes. */
export async function keepOnlyCluster(instance: Instance, id: string): Promise<void> {
  await instance.query(`DELETE FROM ${SCHEMA}.clusterset_members`);
  await instance.query(`DELETE FROM ${SCHEMA}.clusterset_views`);
  await instance.query(`DELETE FROM ${SCHEMA}.instances WHERE cluster_id <> ?`, [id]);
  await instance.query(`DELETE FROM ${SCHEMA}.clusters WHERE cluster_id <> ?`, [id]);
  await instance.query(`DELETE FROM ${SCHEMA}.clustersets`);
  await instance.query(`UPDATE ${SCHEMA}.clusters SET clusterset_id = NULL WHERE cluster_id = ?`, [id]);
}

const ROUTER_OPTIONS = {
  target_cluster: "primary",
  invalidated_cluster_policy: "drop_all",
  use_replica_primary_as_rw: false,
  tags: {},
  read_only_targets: "secondaries",
};

/** Makes a ClusterSet of one cluster and answers its id. Inside the caller's transaction. */
export async function createSet(
  instance: Instance,
  domain: string,
  clusterId: string,
  attributes: Readonly<Record<string, unknown>>,
): Promise<string> {
  await keepOnlyCluster(instance, clusterId);
  await instance.query(`CALL ${SCHEMA}.v2_cs_created(?, ?, '{}', @_cs_id)`, [domain, clusterId]);
  const id = String(await instance.value("SELECT @_cs_id AS id"));
  await instance.query(
    `UPDATE ${SCHEMA}.clustersets SET attributes = CAST(? AS JSON), router_options = CAST(? AS JSON) WHERE clusterset_id = ?`,
    [JSON.stringify(attributes), JSON.stringify(ROUTER_OPTIONS), id],
  );
  await instance.query(
    `UPDATE ${SCHEMA}.routers SET clusterset_id = ?, cluster_id = NULL WHERE cluster_id = ?`,
    [id, clusterId],
  );
  return id;
}

/** One change of a ClusterSet's members. */
export type SetChange =
  | { readonly kind: "member_added" | "member_rejoined"; readonly cluster: string; readonly master: string }
  | { readonly kind: "member_removed" | "add_invalidated_member"; readonly cluster: string }
  | { readonly kind: "primary_changed" | "primary_force_changed"; readonly cluster: string };

/** Records changes of a ClusterSet in one transaction. */
export async function changeSet(
  instance: Instance,
  setId: string,
  changes: readonly SetChange[],
): Promise<void> {
  await instance.transaction(async () => {
    for (const change of changes) await callSetProcedure(instance, setId, change);
  });
}

async function callSetProcedure(instance: Instance, setId: string, change: SetChange): Promise<void> {
  const procedure = `${SCHEMA}.v2_cs_${change.kind}`;
  if (change.kind === "member_added" || change.kind === "member_rejoined")
    await instance.query(`CALL ${procedure}(?, ?, ?, '{}')`, [setId, change.cluster, change.master]);
  else if (change.kind === "primary_changed" || change.kind === "primary_force_changed")
    await instance.query(`CALL ${procedure}(?, ?, '{}')`, [setId, change.cluster]);
  else await instance.query(`CALL ${procedure}(?, ?)`, [setId, change.cluster]);
}
