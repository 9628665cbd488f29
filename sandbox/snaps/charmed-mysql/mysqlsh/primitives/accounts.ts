// The accounts that the AdminAPI makes for itself: names, rights, random passwords.
import { randomBytes } from "node:crypto";
import { isSqlError } from "../errors.ts";
import type { Instance } from "../session.ts";

/** An account with the password that was just given to it. */
export interface Credentials {
  readonly user: string;
  readonly host: string;
  readonly password: string;
}

/** The account by which other members recover from, and talk to, a server of the group. */
export const recoveryUser = (serverId: number | ""): string => `mysql_innodb_cluster_${serverId}`;

/** The account by which a cluster replicates inside its ClusterSet: the id of its first server, hexadecimal. */
export const replicationUser = (serverId: number): string => `mysql_innodb_cs_${serverId.toString(16)}`;

/** 32 characters that satisfy the usual password policies. */
const randomPassword = (): string => `${randomBytes(21).toString("base64url")}.aA0`;

const RIGHTS: readonly string[] = [
  "REPLICATION SLAVE, BACKUP_ADMIN ON *.*",
  "GROUP_REPLICATION_STREAM ON *.*",
  "CONNECTION_ADMIN ON *.*",
];

const SET_RIGHTS: readonly string[] = [
  "REPLICATION SLAVE, BACKUP_ADMIN ON *.*",
  "SELECT ON performance_schema.*",
  "CONNECTION_ADMIN ON *.*",
];

/** Creates a recovery account if it is missing. */
export const createRecoveryAccount = (instance: Instance, account: Credentials): Promise<void> =>
  createAccount(instance, account, RIGHTS);

/** Creates the account of a cluster in its ClusterSet if it is missing. */
export const createReplicationAccount = (instance: Instance, account: Credentials): Promise<void> =>
  createAccount(instance, account, SET_RIGHTS);

async function createAccount(
  instance: Instance,
  account: Credentials,
  rights: readonly string[],
): Promise<void> {
  const { user, host, password } = account;
  await instance.query("CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ? REQUIRE NONE PASSWORD EXPIRE NEVER", [
    user,
    host,
    password,
  ]);
  for (const right of rights) await instance.query(`GRANT ${right} TO ?@?`, [user, host]);
}

/** The account with a password of its own, for a server or cluster that gets it now. */
export const newCredentials = (user: string, host = "%"): Credentials => ({
  user,
  host,
  password: randomPassword(),
});

export async function accountExists(instance: Instance, user: string, host = "%"): Promise<boolean> {
  return (
    Number(
      await instance.value("SELECT COUNT(*) FROM mysql.user WHERE user = ? AND host = ?", [user, host]),
    ) > 0
  );
}

export const dropAccount = async (instance: Instance, user: string, host = "%"): Promise<void> => {
  await instance.query("DROP USER IF EXISTS ?@?", [user, host]);
};

/** Gives an existing account a new password; creates nothing. Answers undefined when there is no such account. */
export async function renewPassword(
  instance: Instance,
  user: string,
  host = "%",
): Promise<Credentials | undefined> {
  const fresh = newCredentials(user, host);
  try {
    await instance.query("SET PASSWORD FOR ?@? = ?", [user, host, fresh.password]);
    return fresh;
  } catch (error) {
    if (isSqlError(error, 1133, 1396)) return undefined;
    throw error;
  }
}

/** The names of all accounts that the AdminAPI made. */
export async function ownAccounts(
  instance: Instance,
): Promise<readonly { readonly user: string; readonly host: string }[]> {
  const rows = await instance.query(
    `SELECT user AS user, host AS host FROM mysql.user
     WHERE user REGEXP '^mysql_innodb_(cluster|cs|replica)_[0-9a-f]+$' ORDER BY user`,
  );
  return rows.map((row) => ({ user: String(row["user"]), host: String(row["host"]) }));
}
