// The system accounts: the statements that create them, with their grants. Pure text.
import type { Secret } from "../../lib/index.ts";
import type { Passwords, SystemUser } from "../wire/credentials.ts";
import { clusterAdminPrivileges, rootRevocations, type Version } from "./versions.ts";

/** Makes a string a literal of SQL. */
export type Quote = (value: string) => string;

const hosts: Readonly<Record<SystemUser, string>> = {
  root: "localhost",
  serverconfig: "%",
  clusteradmin: "%",
  monitoring: "%",
  backups: "%",
};

const account = (user: SystemUser): string => `'${user}'@'${hosts[user]}'`;

/** What `dba.configureInstance()` grants to a cluster administrator on every server (MySQL Shell manual, "Configuring Users"). */
const adminPrivileges = [
  "CLONE_ADMIN",
  "CONNECTION_ADMIN",
  "CREATE USER",
  "EXECUTE",
  "FILE",
  "GROUP_REPLICATION_ADMIN",
  "PERSIST_RO_VARIABLES_ADMIN",
  "PROCESS",
  "RELOAD",
  "REPLICATION CLIENT",
  "REPLICATION SLAVE",
  "REPLICATION_APPLIER",
  "REPLICATION_SLAVE_ADMIN",
  "ROLE_ADMIN",
  "SELECT",
  "SHUTDOWN",
  "SYSTEM_VARIABLES_ADMIN",
] as const;

const metadataSchemas = [
  "mysql_innodb_cluster_metadata",
  "mysql_innodb_cluster_metadata_bkp",
  "mysql_innodb_cluster_metadata_previous",
] as const;

const schemaPrivileges =
  "ALTER, ALTER ROUTINE, CREATE, CREATE ROUTINE, CREATE TEMPORARY TABLES, CREATE VIEW, DELETE, DROP, EVENT, EXECUTE, INDEX, INSERT, LOCK TABLES, REFERENCES, SHOW VIEW, TRIGGER, UPDATE";

function grants(version: Version): readonly string[] {
  const admin = [...adminPrivileges, ...clusterAdminPrivileges(version)].join(", ");
  return [
    `GRANT ALL ON *.* TO ${account("serverconfig")} WITH GRANT OPTION`,
    `GRANT ${admin} ON *.* TO ${account("clusteradmin")} WITH GRANT OPTION`,
    `GRANT DELETE, INSERT, UPDATE ON mysql.* TO ${account("clusteradmin")} WITH GRANT OPTION`,
    ...metadataSchemas.map(
      (schema) => `GRANT ${schemaPrivileges} ON ${schema}.* TO ${account("clusteradmin")} WITH GRANT OPTION`,
    ),
    `GRANT SYSTEM_USER, SELECT, PROCESS, SUPER, REPLICATION CLIENT, RELOAD ON *.* TO ${account("monitoring")}`,
    `GRANT CONNECTION_ADMIN, BACKUP_ADMIN, PROCESS, RELOAD, LOCK TABLES, REPLICATION CLIENT ON *.* TO ${account("backups")}`,
    ...["log_status", "keyring_component_status", "replication_group_members"].map(
      (table) => `GRANT SELECT ON performance_schema.${table} TO ${account("backups")}`,
    ),
    `REVOKE ${rootRevocations(version).join(", ")} ON *.* FROM ${account("root")}`,
  ];
}

/**
 * The statements of mysqld's `init_file`: every system account with its password and grants, each statement in one
 * line, without a trace in the binary log. Running them again ends in the same accounts.
 */
export function initStatements(passwords: Passwords, version: Version, quote: Quote): string {
  const users = Object.keys(hosts) as readonly SystemUser[];
  const created = users.flatMap((user) => [
    `CREATE USER IF NOT EXISTS ${account(user)} IDENTIFIED BY ${quote(passwords[user].reveal())}`,
    alterPassword(user, passwords[user], quote),
  ]);
  const limited = `ALTER USER ${account("monitoring")} WITH MAX_USER_CONNECTIONS 3`;
  const restored = `GRANT ALL ON *.* TO ${account("root")} WITH GRANT OPTION`;
  const all = [
    "SET SESSION sql_log_bin = 0",
    restored,
    ...created,
    limited,
    ...grants(version),
    "SET SESSION sql_log_bin = 1",
  ];
  return `${all.map((statement) => `${statement};`).join("\n")}\n`;
}

/**
 * The statements that give an account another password while the old one goes on opening it. `current` is set first:
 * what a change that was cut short left must not push the password out that everybody knows.
 */
export function changePassword(
  user: SystemUser,
  current: Secret,
  next: Secret,
  quote: Quote,
): readonly [string, string] {
  return [alterPassword(user, current, quote), `${alterPassword(user, next, quote)} RETAIN CURRENT PASSWORD`];
}

/** The statements after which an account has this one password only. It opens the account at every moment. */
export function discardOldPassword(
  user: SystemUser,
  current: Secret,
  quote: Quote,
): readonly [string, string] {
  return [alterPassword(user, current, quote), `ALTER USER ${account(user)} DISCARD OLD PASSWORD`];
}

/**
 * The statement that gives all system accounts other passwords. It is one, since MySQL changes all accounts of a statement or
 * none (manual, "ALTER USER Statement"): whichever password opens serverconfig, those that belong to it open the others.
 */
export function alterPasswords(passwords: Passwords, quote: Quote): string {
  const users = Object.keys(hosts) as readonly SystemUser[];
  return `ALTER USER ${users.map((user) => identified(user, passwords[user], quote)).join(", ")}`;
}

function alterPassword(user: SystemUser, password: Secret, quote: Quote): string {
  return `ALTER USER ${identified(user, password, quote)}`;
}

function identified(user: SystemUser, password: Secret, quote: Quote): string {
  return `${account(user)} IDENTIFIED BY ${quote(password.reveal())}`;
}
