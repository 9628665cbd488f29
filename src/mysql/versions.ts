// What differs between MySQL 8.0.36, 8.4 and 9.x. A difference between versions is written here only, with its source.

/** Major, minor and patch of a server. */
export type Version = readonly [number, number, number];

/** The oldest server that the charm supports. */
export const OLDEST: Version = [8, 0, 36];

/** `8.0.36-0ubuntu0.22.04.1` → [8, 0, 36]; undefined when it is no version. */
export function parseVersion(text: string): Version | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Negative when `a` is older than `b`, 0 when equal, positive when newer. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

const since = (version: Version, first: Version): boolean => compareVersions(version, first) >= 0;

/**
 * Whether a replica of version `replica` may follow a source of version `source`: the same release series or
 * newer, never older (MySQL manual, "Replication Compatibility Between MySQL Versions"; AdminAPI checks the same).
 */
export function canReplicateFrom(source: Version, replica: Version): boolean {
  return compareVersions(replica, source) >= 0;
}

/**
 * Whether a server of version `server` can open a data directory that `data` used last. Back goes only a long-term
 * support series, and only within itself (MySQL manual, "Downgrading MySQL").
 */
export function canOpen(data: Version, server: Version): boolean {
  const longTerm = data[0] === 8 && data[1] === 4;
  return compareVersions(server, data) >= 0 || (longTerm && server[0] === data[0] && server[1] === data[1]);
}

/**
 * Dynamic privileges that `clusteradmin` needs beyond those that all versions have.
 * TRANSACTION_GTID_TAG came with tagged GTIDs in 8.3.0 (release notes 8.3.0; MySQL Shell grants it from there on).
 */
export function clusterAdminPrivileges(version: Version): readonly string[] {
  return since(version, [8, 3, 0]) ? ["TRANSACTION_GTID_TAG"] : [];
}

/**
 * Privileges that root loses. SET_USER_ID was replaced by SET_ANY_DEFINER and ALLOW_NONEXISTENT_DEFINER in 8.2.0
 * and removed in 8.4.0 (release notes 8.2.0, 8.4.0).
 */
export function rootRevocations(version: Version): readonly string[] {
  const definer = since(version, [8, 2, 0])
    ? ["SET_ANY_DEFINER", "ALLOW_NONEXISTENT_DEFINER"]
    : ["SET_USER_ID"];
  return [
    "SYSTEM_USER",
    "SYSTEM_VARIABLES_ADMIN",
    "SUPER",
    "REPLICATION_SLAVE_ADMIN",
    "GROUP_REPLICATION_ADMIN",
    "BINLOG_ADMIN",
    "ENCRYPTION_KEY_ADMIN",
    "CONNECTION_ADMIN",
    ...definer,
  ];
}
