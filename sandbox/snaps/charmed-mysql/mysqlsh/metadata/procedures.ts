// The procedures of the metadata schema: each change of a ClusterSet is a new view, a copy of the newest with one change.
import { SCHEMA } from "./tables.ts";

/** A forced failover raises the upper 32 bits of the view id: the generation. */
const NEW_GENERATION = "4294967296";

const procedure = (name: string, parameters: string, body: string): string =>
  `CREATE PROCEDURE ${SCHEMA}.${name}(${parameters}) SQL SECURITY INVOKER BEGIN ${body} END`;

const IDS = "IN p_set VARCHAR(36) CHARSET ascii, IN p_cluster VARCHAR(36) CHARSET ascii";
const ATTRIBUTES = "IN p_attributes JSON";

/** Opens view v_new after v_old, with its row in clusterset_views. */
const nextView = (reason: string, step: string): string => `
  DECLARE v_old, v_new BIGINT UNSIGNED;
  SELECT MAX(view_id) INTO v_old FROM clusterset_views WHERE clusterset_id = p_set FOR UPDATE;
  SET v_new = v_old + ${step};
  INSERT INTO clusterset_views
    SELECT clusterset_id, v_new, topology_type, '${reason}', NOW(6),
      JSON_OBJECT('user', USER(), 'source', @@server_uuid), attributes
    FROM clusterset_views WHERE clusterset_id = p_set AND view_id = v_old;`;

const copyMembers = (condition: string): string => `
  INSERT INTO clusterset_members
    SELECT clusterset_id, v_new, cluster_id, master_cluster_id, primary_cluster, attributes
    FROM clusterset_members WHERE clusterset_id = p_set AND view_id = v_old AND ${condition};`;

const changePrimary = (reason: string, step: string): string => `
  ${nextView(reason, step)}
  INSERT INTO clusterset_members
    SELECT clusterset_id, v_new, cluster_id, IF(cluster_id = p_cluster, NULL, p_cluster), cluster_id = p_cluster,
      IF(cluster_id = p_cluster, p_attributes, attributes)
    FROM clusterset_members WHERE clusterset_id = p_set AND view_id = v_old;`;

const addMember = (reason: string): string => `
  ${nextView(reason, "1")}
  ${copyMembers("cluster_id <> p_cluster")}
  INSERT INTO clusterset_members VALUES (p_set, v_new, p_cluster, p_master, FALSE, p_attributes);
  UPDATE clusters SET clusterset_id = p_set WHERE cluster_id = p_cluster;`;

const WITH_MASTER = `${IDS}, IN p_master VARCHAR(36) CHARSET ascii, ${ATTRIBUTES}`;

/** Each procedure must be called inside a transaction of the caller. */
export const PROCEDURES: readonly string[] = [
  procedure(
    "v2_cs_created",
    `IN p_domain VARCHAR(63), IN p_cluster VARCHAR(36) CHARSET ascii, ${ATTRIBUTES}, OUT p_set VARCHAR(36) CHARSET ascii`,
    `SET p_set = UUID();
     INSERT INTO clustersets (clusterset_id, domain_name, options, attributes, router_options)
       VALUES (p_set, p_domain, '{}', '{}', '{}');
     INSERT INTO clusterset_views VALUES (p_set, 1, 'SINGLE-PRIMARY-TREE', 'CREATE', NOW(6),
       JSON_OBJECT('user', USER(), 'source', @@server_uuid), '{}');
     INSERT INTO clusterset_members VALUES (p_set, 1, p_cluster, NULL, TRUE, p_attributes);
     UPDATE clusters SET clusterset_id = p_set WHERE cluster_id = p_cluster;`,
  ),
  procedure("v2_cs_member_added", WITH_MASTER, addMember("ADD_CLUSTER")),
  procedure("v2_cs_member_rejoined", WITH_MASTER, addMember("REJOIN_CLUSTER")),
  procedure(
    "v2_cs_member_removed",
    IDS,
    `${nextView("REMOVE_CLUSTER", "1")}
     ${copyMembers("cluster_id <> p_cluster")}
     UPDATE clusters SET clusterset_id = NULL WHERE cluster_id = p_cluster;`,
  ),
  procedure("v2_cs_primary_changed", `${IDS}, ${ATTRIBUTES}`, changePrimary("SWITCH_PRIMARY", "1")),
  procedure(
    "v2_cs_primary_force_changed",
    `${IDS}, ${ATTRIBUTES}`,
    changePrimary("FORCE_PRIMARY", NEW_GENERATION),
  ),
  procedure(
    "v2_cs_add_invalidated_member",
    IDS,
    `DECLARE v_now BIGINT UNSIGNED;
     SELECT MAX(view_id) INTO v_now FROM clusterset_views WHERE clusterset_id = p_set;
     DELETE FROM clusterset_members WHERE clusterset_id = p_set AND view_id = v_now AND cluster_id = p_cluster;`,
  ),
];
