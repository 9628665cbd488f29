// The client of the demo, inside a machine: writes numbered rows to whichever server is writable, and counts rows everywhere.
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";

/** What the demo says, one JSON object a line on standard input; each line is answered by one on standard output. */
export type Request =
  | {
      readonly verb: "prepare";
      readonly servers: readonly string[];
      readonly user: string;
      readonly password: string;
    }
  | { readonly verb: "servers"; readonly servers: readonly string[] }
  | { readonly verb: "look" | "mark" | "count" | "stop" };

/** Since the last mark: how many rows were acknowledged in all, and the longest time between two of them. */
export interface Mark {
  readonly acknowledged: number;
  readonly longestPauseMs: number;
  /** Host name of the server that acknowledged the last row. */
  readonly server: string;
}

/** The rows of one server; `first` and `last` are the lowest and highest number. */
export interface Count {
  readonly address: string;
  readonly rows: number;
  readonly first: number;
  readonly last: number;
  readonly error?: string;
}

export type Answer =
  | { readonly ready: true }
  | { readonly mark: Mark }
  | { readonly counts: readonly Count[] }
  | { readonly failed: string };

interface Login {
  readonly user: string;
  readonly password: string;
}

interface Primary {
  readonly connection: Connection;
  readonly host: string;
}

/** Between two rows: fast enough to see pauses well, slow enough to leave two cores to the servers. */
const RHYTHM_MS = 20;
const ASK_AGAIN_MS = 50;
const CONNECT_LIMIT_MS = 3_000;
const STATEMENT_LIMIT_MS = 15_000;
/** Without a writable server for so long, the client gives up. */
const PATIENCE_MS = 180_000;
const DUPLICATE = 1062;

const WRITABLE = `SELECT @@hostname AS host, @@GLOBAL.super_read_only = 0 AND EXISTS(
  SELECT 1 FROM performance_schema.replication_group_members
  WHERE member_id = @@server_uuid AND member_role = 'PRIMARY' AND member_state = 'ONLINE') AS writable`;

async function connect(address: string, login: Login): Promise<Connection> {
  const connection = await createConnection({
    host: address,
    ...login,
    ssl: { rejectUnauthorized: false },
    connectTimeout: CONNECT_LIMIT_MS,
  });
  connection.on("error", () => undefined);
  return connection;
}

async function rows(connection: Connection, sql: string): Promise<RowDataPacket[]> {
  const [found] = await connection.query<RowDataPacket[]>({ sql, timeout: STATEMENT_LIMIT_MS });
  return found;
}

/** The server if it takes writes now. */
async function writable(address: string, login: Login): Promise<Primary | undefined> {
  let connection: Connection | undefined;
  try {
    connection = await connect(address, login);
    const [row] = await rows(connection, WRITABLE);
    if (Number(row?.["writable"]) === 1) return { connection, host: String(row?.["host"]) };
  } catch {
    // Not reachable, or it does not know the account yet: not writable for this client.
  }
  connection?.destroy();
  return undefined;
}

/** The one server that takes writes, waiting for it. */
async function findPrimary(servers: () => readonly string[], login: Login): Promise<Primary> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const all = await Promise.all(servers().map((address) => writable(address, login)));
    const [primary, ...more] = all.filter((found) => found !== undefined);
    if (primary !== undefined && more.length === 0) return primary;
    // Asked in the middle of a change, so that both the old and the new one said yes.
    for (const { connection } of all.filter((found) => found !== undefined)) connection.destroy();
    await pause(ASK_AGAIN_MS);
  }
  throw new Error(`no server took writes for ${PATIENCE_MS / 1000} s: ${servers().join(", ")}`);
}

/** Makes the table, and an account that may write to it and nothing else. */
async function prepare(servers: readonly string[], admin: Login): Promise<Login> {
  const { connection } = await findPrimary(() => servers, admin);
  const login = { user: "demo", password: randomBytes(24).toString("base64url") };
  await connection.query("CREATE DATABASE demo");
  await connection.query("CREATE TABLE demo.numbered (n BIGINT PRIMARY KEY, server VARCHAR(255) NOT NULL)");
  await connection.query("CREATE USER demo@'%' IDENTIFIED BY ?", [login.password]);
  await connection.query("GRANT SELECT, INSERT ON demo.* TO demo@'%'");
  await connection.query("GRANT SELECT ON performance_schema.replication_group_members TO demo@'%'");
  await connection.end();
  return login;
}

async function count(address: string, login: Login): Promise<Count> {
  let connection: Connection | undefined;
  try {
    connection = await connect(address, login);
    const [row] = await rows(
      connection,
      "SELECT COUNT(*) AS c, COALESCE(MIN(n), 0) AS a, COALESCE(MAX(n), 0) AS z FROM demo.numbered",
    );
    return { address, rows: Number(row?.["c"]), first: Number(row?.["a"]), last: Number(row?.["z"]) };
  } catch (error) {
    const code = (error as { readonly code?: string }).code ?? "unknown error";
    return { address, rows: 0, first: 0, last: 0, error: code };
  } finally {
    connection?.destroy();
  }
}

class Writer {
  servers: readonly string[];
  readonly login: Login;
  readonly running: Promise<void>;
  #primary: Primary | undefined;
  #acknowledged = 0;
  #lastAt = performance.now();
  #longest = 0;
  #server = "";
  #stopping = false;

  constructor(servers: readonly string[], login: Login) {
    this.servers = servers;
    this.login = login;
    this.running = this.#write();
  }

  look(): Mark {
    const longestPauseMs = Math.round(Math.max(this.#longest, performance.now() - this.#lastAt));
    return { acknowledged: this.#acknowledged, longestPauseMs, server: this.#server };
  }

  /** Looks, and measures pauses anew from now on. */
  mark(): Mark {
    const seen = this.look();
    this.#longest = 0;
    return seen;
  }

  /** Ends with the row at hand acknowledged. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.running;
    this.#primary?.connection.destroy();
  }

  async #write(): Promise<void> {
    while (!this.#stopping) {
      await this.#insert(this.#acknowledged + 1);
      const now = performance.now();
      this.#longest = Math.max(this.#longest, now - this.#lastAt);
      this.#lastAt = now;
      this.#acknowledged++;
      await pause(RHYTHM_MS);
    }
  }

  /** Tries until the row is acknowledged. A row that got in although its acknowledgement was lost is there already. */
  async #insert(n: number): Promise<void> {
    for (;;) {
      this.#primary ??= await findPrimary(() => this.servers, this.login);
      const { connection, host } = this.#primary;
      const sql = "INSERT INTO demo.numbered VALUES (?, @@hostname)";
      try {
        await connection.query({ sql, values: [n], timeout: STATEMENT_LIMIT_MS });
      } catch (error) {
        if ((error as { readonly errno?: number }).errno !== DUPLICATE) {
          connection.destroy();
          this.#primary = undefined;
          continue;
        }
      }
      this.#server = host;
      return;
    }
  }
}

function answer(said: Answer): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

async function main(): Promise<void> {
  let writer: Writer | undefined;
  answer({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    if (request.verb === "prepare") {
      const { servers, user, password } = request;
      writer = new Writer(servers, await prepare(servers, { user, password }));
      writer.running.catch(fail);
    }
    if (writer === undefined) throw new Error("nothing is prepared yet");
    if (request.verb === "servers") writer.servers = request.servers;
    if (request.verb === "stop") await writer.stop();
    const { servers, login } = writer;
    if (request.verb === "look") answer({ mark: writer.look() });
    else if (request.verb === "count")
      answer({ counts: await Promise.all(servers.map((one) => count(one, login))) });
    else answer({ mark: writer.mark() });
  }
  process.exit(0);
}

function fail(error: unknown): void {
  answer({ failed: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

main().catch(fail);
