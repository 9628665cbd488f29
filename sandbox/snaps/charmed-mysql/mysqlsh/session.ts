// One connection to one server: who the server is, and statements whose errors read as MySQL Shell's.
import type { Connection, ConnectionOptions } from "mysql2/promise";
import { isSqlError, SqlError } from "./errors.ts";

/** One row by column alias. Every statement in this folder names its columns, so the case is known. */
export type Row = Readonly<Record<string, unknown>>;

/** A place and an account. The password never leaves this object except towards the server. */
export interface Account {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly socket?: string;
}

/** Milliseconds that a connection to a member may take, as MySQL Shell's dba.connectTimeout. */
export const CONNECT_TIMEOUT = 5000;

const CLIENT_ERRORS: Readonly<Record<string, number>> = {
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  ENETUNREACH: 101,
  ENOENT: 2,
};

/** The error of MySQL Shell for what the driver reported while connecting. */
export function connectError(error: unknown, host: string, port: number): SqlError {
  const { code, errno, sqlState, message } = error as NodeJS.ErrnoException & { sqlState?: string };
  const refused = code === undefined ? undefined : CLIENT_ERRORS[code];
  if (refused !== undefined)
    return new SqlError(2003, "HY000", `Can't connect to MySQL server on '${host}:${port}' (${refused})`);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new SqlError(
      2005,
      "HY000",
      `Unknown MySQL server host '${host}' (${code === "ENOTFOUND" ? -2 : -3})`,
    );
  if (code === "ETIMEDOUT") return lost("waiting for initial communication packet", 110);
  if (sqlState === undefined) return lost("reading initial communication packet", 104);
  return new SqlError(errno ?? 2000, sqlState, message);
}

const lost = (where: string, system: number): SqlError =>
  new SqlError(2013, "HY000", `Lost connection to MySQL server at '${where}', system error: ${system}`);

/** A server and one session on it. */
export class Instance {
  /** host:port as the server reports itself (report_host, report_port). */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly uuid: string;
  readonly serverId: number;
  /** For example 9.7.4 */
  readonly version: string;
  readonly account: Account;
  readonly #connection: Connection;

  constructor(account: Account, connection: Connection, identity: Row) {
    this.account = account;
    this.#connection = connection;
    this.host = String(identity["host"]);
    this.port = Number(identity["port"]);
    this.address = `${this.host}:${this.port}`;
    this.uuid = String(identity["uuid"]);
    this.serverId = Number(identity["server_id"]);
    this.version = /^[\d.]+\d/.exec(String(identity["version"]))?.[0] ?? "";
  }

  /** Rows of a statement; `?` is replaced by the escaped value. Throws SqlError, whose text names the server. */
  async query(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      const [rows] = await this.#connection.query(sql, values as unknown[]);
      return Array.isArray(rows) ? (rows as Row[]) : [];
    } catch (error) {
      throw statementError(error, this.address);
    }
  }

  /** The first row; throws when there is none. */
  async row(sql: string, values: readonly unknown[] = []): Promise<Row> {
    const [first] = await this.query(sql, values);
    if (first === undefined) throw new Error(`${this.address}: a statement that always has a row gave none`);
    return first;
  }

  /** The first column of the first row, undefined without a row. */
  async value(sql: string, values: readonly unknown[] = []): Promise<unknown> {
    const [first] = await this.query(sql, values);
    return first === undefined ? undefined : Object.values(first)[0];
  }

  /** Runs the work with statements that are not written to this server's binary log. */
  async withoutBinlog<T>(work: () => Promise<T>): Promise<T> {
    await this.query("SET SESSION sql_log_bin=0");
    try {
      return await work();
    } finally {
      await this.query("SET SESSION sql_log_bin=1");
    }
  }

  /** Runs the work in one transaction. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query("START TRANSACTION");
    try {
      const result = await work();
      await this.query("COMMIT");
      return result;
    } catch (error) {
      await this.query("ROLLBACK").catch(() => {});
      throw error;
    }
  }

  /** True for a server of this version or later. */
  atLeast(major: number, minor: number, patch = 0): boolean {
    const [ownMajor = 0, ownMinor = 0, ownPatch = 0] = this.version.split(".").map(Number);
    if (ownMajor !== major) return ownMajor > major;
    return ownMinor !== minor ? ownMinor > minor : ownPatch >= patch;
  }

  close(): void {
    this.#connection.destroy();
  }
}

function statementError(error: unknown, address: string): SqlError {
  const { code, errno, sqlState, message } = error as NodeJS.ErrnoException & { sqlState?: string };
  if (sqlState === undefined || code === "PROTOCOL_CONNECTION_LOST")
    return new SqlError(2013, "HY000", `${address}: Lost connection to MySQL server during query`);
  return new SqlError(errno ?? 2000, sqlState, `${address}: ${message}`);
}

/** The message of a statement's error without the server's name in front. */
export const bareMessage = (error: SqlError): string => error.message.replace(/^[^\s:]+:\d+: /, "");

/** The message of a failed connection without the words that are put in front for members. */
export const bareConnectMessage = (error: SqlError): string =>
  error.message.replace(/^Could not open connection to '[^']+': /, "");

/** Connects and prepares the session as the AdminAPI does. Throws SqlError with the text of a main session. */
export async function connect(account: Account, timeout: number): Promise<Instance> {
  const { createConnection } = await import("mysql2/promise");
  const options: ConnectionOptions = {
    user: account.user,
    connectTimeout: timeout,
    supportBigNumbers: true,
    dateStrings: true,
    ssl: { rejectUnauthorized: false },
    ...(account.password === undefined ? {} : { password: account.password }),
    ...(account.socket === undefined
      ? { host: account.host, port: account.port }
      : { socketPath: account.socket }),
  };
  try {
    const connection = await createConnection(options);
    // Without a listener a connection that breaks while idle would end the program.
    connection.on("error", () => {});
    return await prepared(account, connection);
  } catch (error) {
    throw error instanceof SqlError ? error : connectError(error, account.host, account.port);
  }
}

const IDENTITY = `SELECT @@server_uuid AS uuid, @@server_id AS server_id, @@version AS version,
  COALESCE(NULLIF(@@report_host, ''), @@hostname) AS host, IF(@@report_port = 0, @@port, @@report_port) AS port,
  (SELECT COUNT(*) FROM performance_schema.global_variables
    WHERE variable_name = 'group_replication_consistency') AS has_consistency`;

async function prepared(account: Account, connection: Connection): Promise<Instance> {
  const instance = new Instance(account, connection, { host: account.host, port: account.port });
  const identity = await instance.row(IDENTITY);
  const known = new Instance(account, connection, identity);
  await known.query(
    "SET SESSION autocommit=1, sql_mode=DEFAULT, collation_connection='utf8mb4_0900_ai_ci', group_concat_max_len=1073741824",
  );
  if (Number(identity["has_consistency"]) > 0)
    await known.query("SET SESSION group_replication_consistency='EVENTUAL'");
  if (known.atLeast(8, 3)) await tagTransactions(known);
  return known;
}

/** An account without TRANSACTION_GTID_TAG works on with untagged transactions. */
async function tagTransactions(instance: Instance): Promise<void> {
  try {
    await instance.query("SET SESSION gtid_next='AUTOMATIC:mysqlsh'");
  } catch (error) {
    // 1227: no privilege; 3xxx: gtid_mode is off on a server that is not configured yet.
    if (!isSqlError(error)) throw error;
  }
}
