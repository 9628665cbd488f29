// The views of the metadata schema: what others read instead of the tables.
import { SCHEMA, VERSION } from "./tables.ts";

const view = (name: string, select: string): string =>
  `CREATE SQL SECURITY INVOKER VIEW ${SCHEMA}.${name} AS ${select}`;

const NEWEST_SET_VIEW = `(SELECT clusterset_id, MAX(view_id) AS view_id
  FROM ${SCHEMA}.clusterset_views GROUP BY clusterset_id)`;

/** In an order in which each uses only earlier ones. */
export const VIEWS: readonly string[] = [
  view("schema_version (major, minor, patch)", `SELECT ${VERSION.split(".").join(", ")}`),
  view(
    "v2_clusters",
    `SELECT cluster_type, primary_mode, cluster_id, cluster_name, router_options, clusterset_id FROM ${SCHEMA}.clusters`,
  ),
  view(
    "v2_gr_clusters",
    `SELECT cluster_type, primary_mode, cluster_id, cluster_name,
       attributes->>'$.group_replication_group_name' AS group_name,
       attributes, options, router_options, clusterset_id
     FROM ${SCHEMA}.clusters WHERE cluster_type = 'gr'`,
  ),
  view(
    "v2_instances",
    `SELECT instance_id, cluster_id, instance_name AS label, mysql_server_uuid, address,
       addresses->>'$.mysqlClassic' AS endpoint, addresses->>'$.mysqlX' AS xendpoint,
       JSON_INSERT(COALESCE(attributes, '{}'), '$.instance_type', instance_type) AS attributes, instance_type
     FROM ${SCHEMA}.instances`,
  ),
  view(
    "v2_ar_clusters",
    `SELECT v.view_id, c.cluster_type, c.primary_mode, v.topology_type AS async_topology_type,
       c.cluster_id, c.cluster_name, c.attributes, c.options, c.router_options
     FROM ${SCHEMA}.clusters c JOIN ${SCHEMA}.async_cluster_views v USING (cluster_id)
     WHERE c.cluster_type = 'ar' AND v.view_id =
       (SELECT MAX(view_id) FROM ${SCHEMA}.async_cluster_views n WHERE n.cluster_id = c.cluster_id)`,
  ),
  view(
    "v2_ar_members",
    `SELECT m.view_id, i.cluster_id, i.instance_id, i.instance_name AS label, i.mysql_server_uuid AS member_id,
       IF(m.primary_master, 'PRIMARY', 'SECONDARY') AS member_role, m.master_instance_id, i.mysql_server_uuid
     FROM ${SCHEMA}.instances i JOIN ${SCHEMA}.v2_ar_clusters c USING (cluster_id)
     LEFT JOIN ${SCHEMA}.async_cluster_members m
       ON m.cluster_id = c.cluster_id AND m.view_id = c.view_id AND m.instance_id = i.instance_id`,
  ),
  view(
    "v2_cs_clustersets",
    `SELECT s.clusterset_id, s.domain_name, v.view_id, s.attributes, s.router_options, s.topology_type
     FROM ${SCHEMA}.clustersets s JOIN ${NEWEST_SET_VIEW} v USING (clusterset_id)`,
  ),
  view(
    "v2_cs_members",
    `SELECT v.view_id, c.clusterset_id, c.cluster_id, c.cluster_name,
       CASE m.primary_cluster WHEN 1 THEN 'PRIMARY' WHEN 0 THEN 'REPLICA' END AS member_role,
       m.master_cluster_id, m.cluster_id IS NULL AS invalidated
     FROM ${SCHEMA}.clusters c JOIN ${NEWEST_SET_VIEW} v USING (clusterset_id)
     LEFT JOIN ${SCHEMA}.clusterset_members m
       ON m.clusterset_id = c.clusterset_id AND m.view_id = v.view_id AND m.cluster_id = c.cluster_id`,
  ),
  view(
    "v2_this_instance",
    `SELECT i.cluster_id, i.instance_id, c.cluster_name, c.cluster_type
     FROM ${SCHEMA}.v2_instances i JOIN ${SCHEMA}.clusters c USING (cluster_id)
     WHERE i.mysql_server_uuid = (SELECT CONVERT(variable_value USING ascii)
       FROM performance_schema.global_variables WHERE variable_name = 'server_uuid')`,
  ),
  view(
    "v2_routers",
    `SELECT router_id, cluster_id, router_name, product_name, address AS hostname, version, last_check_in,
       attributes, options, clusterset_id FROM ${SCHEMA}.routers`,
  ),
  view(
    "v2_router_rest_accounts",
    `SELECT cluster_id, user, authentication_method, authentication_string, description, privileges, attributes
     FROM ${SCHEMA}.router_rest_accounts`,
  ),
  view(
    "v2_router_options",
    `SELECT r.router_id, r.cluster_id, CONCAT(r.address, '::', r.router_name) AS router_label,
       JSON_MERGE_PATCH(COALESCE(c.router_options, '{}'), COALESCE(r.options, '{}')) AS router_options
     FROM ${SCHEMA}.routers r JOIN ${SCHEMA}.clusters c USING (cluster_id)`,
  ),
  view(
    "v2_cs_router_options",
    `SELECT r.router_id, r.clusterset_id, CONCAT(r.address, '::', r.router_name) AS router_label,
       JSON_MERGE_PATCH(COALESCE(s.router_options, '{}'), COALESCE(r.options, '{}')) AS router_options
     FROM ${SCHEMA}.routers r JOIN ${SCHEMA}.clustersets s USING (clusterset_id)`,
  ),
];
