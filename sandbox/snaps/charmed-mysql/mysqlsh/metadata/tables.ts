// The tables of the metadata schema, version 2.4.0, as MySQL Router and the AdminAPI know them.

/** The name of the schema that InnoDB Cluster keeps its metadata in. */
export const SCHEMA = "mysql_innodb_cluster_metadata";

/** The version of the schema that this folder installs. */
export const VERSION = "2.4.0";

const OPTIONS = "CHARSET = utf8mb4, ROW_FORMAT = DYNAMIC";
const ID = "CHARACTER SET ascii COLLATE ascii_general_ci";

const table = (name: string, columns: string): string =>
  `CREATE TABLE ${SCHEMA}.${name} (${columns}) ${OPTIONS}`;

/** In an order that foreign keys allow. */
export const TABLES: readonly string[] = [
  table(
    "clustersets",
    `clusterset_id VARCHAR(36) ${ID} NOT NULL PRIMARY KEY,
     domain_name VARCHAR(63) NOT NULL,
     options JSON, attributes JSON, router_options JSON,
     topology_type ENUM('SINGLE-PRIMARY-STAR') NOT NULL DEFAULT 'SINGLE-PRIMARY-STAR'`,
  ),
  table(
    "clusters",
    `cluster_id CHAR(36) ${ID} NOT NULL PRIMARY KEY,
     cluster_name VARCHAR(63) NOT NULL UNIQUE,
     description TEXT, options JSON, attributes JSON,
     cluster_type ENUM('gr', 'ar') NOT NULL,
     primary_mode ENUM('pm', 'mm') NOT NULL DEFAULT 'pm',
     router_options JSON,
     clusterset_id VARCHAR(36) ${ID} DEFAULT NULL`,
  ),
  table(
    "instances",
    `instance_id INT UNSIGNED NOT NULL AUTO_INCREMENT,
     cluster_id CHAR(36) ${ID} NOT NULL,
     address VARCHAR(265) ${ID},
     mysql_server_uuid CHAR(36) ${ID} NOT NULL,
     instance_name VARCHAR(265) NOT NULL,
     addresses JSON NOT NULL, attributes JSON, description TEXT,
     instance_type ENUM('group-member', 'async-member', 'read-replica') NOT NULL DEFAULT 'group-member',
     PRIMARY KEY (instance_id, cluster_id),
     FOREIGN KEY (cluster_id) REFERENCES ${SCHEMA}.clusters (cluster_id)`,
  ),
  table(
    "async_cluster_views",
    `cluster_id CHAR(36) ${ID} NOT NULL, view_id INT UNSIGNED NOT NULL,
     topology_type ENUM('SINGLE-PRIMARY-TREE'),
     view_change_reason VARCHAR(32) NOT NULL, view_change_time TIMESTAMP(6) NOT NULL,
     view_change_info JSON NOT NULL, attributes JSON NOT NULL,
     PRIMARY KEY (cluster_id, view_id)`,
  ),
  table(
    "async_cluster_members",
    `cluster_id CHAR(36) ${ID} NOT NULL, view_id INT UNSIGNED NOT NULL, instance_id INT UNSIGNED NOT NULL,
     master_instance_id INT UNSIGNED, primary_master BOOL NOT NULL, attributes JSON NOT NULL,
     PRIMARY KEY (cluster_id, view_id, instance_id)`,
  ),
  table(
    "clusterset_views",
    `clusterset_id VARCHAR(36) ${ID} NOT NULL, view_id BIGINT UNSIGNED NOT NULL,
     topology_type ENUM('SINGLE-PRIMARY-TREE'),
     view_change_reason VARCHAR(32) NOT NULL, view_change_time TIMESTAMP(6) NOT NULL,
     view_change_info JSON NOT NULL, attributes JSON,
     PRIMARY KEY (clusterset_id, view_id)`,
  ),
  table(
    "clusterset_members",
    `clusterset_id VARCHAR(36) ${ID} NOT NULL, view_id BIGINT UNSIGNED NOT NULL,
     cluster_id CHAR(36) ${ID} NOT NULL, master_cluster_id CHAR(36) ${ID},
     primary_cluster BOOL NOT NULL, attributes JSON,
     PRIMARY KEY (clusterset_id, view_id, cluster_id)`,
  ),
  table(
    "routers",
    `router_id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     router_name VARCHAR(265) NOT NULL, product_name VARCHAR(128) NOT NULL,
     address VARCHAR(256) ${ID}, version VARCHAR(12), last_check_in TIMESTAMP NULL,
     attributes JSON, cluster_id CHAR(36) ${ID}, options JSON,
     clusterset_id VARCHAR(36) ${ID},
     UNIQUE KEY (address, router_name)`,
  ),
  table(
    "router_stats",
    `router_id INT UNSIGNED NOT NULL, timestamp TIMESTAMP NOT NULL, stats JSON,
     PRIMARY KEY (router_id, timestamp)`,
  ),
  table(
    "router_rest_accounts",
    `cluster_id CHAR(36) ${ID} NOT NULL, user VARCHAR(256) NOT NULL,
     authentication_method VARCHAR(64) NOT NULL DEFAULT 'modular_crypt_format',
     authentication_string TEXT ${ID}, description VARCHAR(255), privileges JSON, attributes JSON,
     PRIMARY KEY (cluster_id, user)`,
  ),
  table(
    "routing_guidelines",
    `guideline_id CHAR(36) ${ID} NOT NULL PRIMARY KEY,
     cluster_id CHAR(36) ${ID}, clusterset_id VARCHAR(36) ${ID}, guideline JSON NOT NULL,
     name VARCHAR(255) NOT NULL UNIQUE, default_guideline BOOL NOT NULL DEFAULT FALSE`,
  ),
];
