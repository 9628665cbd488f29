// The adapter over mysql2: connections, bound values, checked rows, classified errors.
import type { Connection, ConnectionOptions } from "mysql2/promise";
import type * as z from "zod";
import { MysqlProblem } from "../problems.ts";
import { classifySql } from "./classify.ts";
import { checkRows } from "./columns.ts";
import type { Login, Session, Sql, Target } from "./ports.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** No statement of the charm reads more than a few rows; one that hangs (lost quorum) must not hang the hook. */
const QUERY_TIMEOUT_MS = 20_000;

/** Connections to real servers. mysql2 is loaded on first use, so that a dispatch without SQL does not pay for it. */
export function mysqlSql(): Sql {
  return {
    connect,
    quoting: async () => {
      const { escape: quote } = await import("mysql2");
      return (value) => quote(value);
    },
  };
}

async function connect(target: Target, login: Login): Promise<Session> {
  const { createConnection } = await import("mysql2/promise");
  const where = address(target);
  const name = "host" in target ? `MySQL on ${target.host}` : "the local MySQL server";
  const connection = await createConnection({
    ...where,
    user: login.user,
    password: login.password.reveal(),
    connectTimeout: CONNECT_TIMEOUT_MS,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
  }).catch((error: unknown) => {
    throw problem(`Connecting to ${name} as ${login.user}`, error);
  });
  // A server that goes away between two statements must not crash the hook as an unhandled event.
  connection.on("error", () => undefined);
  return session(connection, name);
}

function address(target: Target): ConnectionOptions {
  if ("socket" in target) return { socketPath: target.socket };
  const ssl = { rejectUnauthorized: false };
  return "host" in target
    ? { host: target.host, port: 3306, ssl }
    : { host: "127.0.0.1", port: target.adminPort, ssl };
}

function session(connection: Connection, name: string): Session {
  const send = async (text: string, values: readonly (string | number)[]): Promise<unknown> => {
    try {
      const [result] = await connection.query({ sql: text, values: [...values], timeout: QUERY_TIMEOUT_MS });
      return result;
    } catch (error) {
      throw problem(`A statement on ${name}`, error);
    }
  };
  return {
    rows: async <T>(schema: z.ZodType<T>, text: string, values: readonly (string | number)[] = []) => {
      const result = await send(text, values);
      return checkRows(schema, Array.isArray(result) ? result : [], `A statement on ${name}`);
    },
    run: async (text, values = []) => {
      await send(text, values);
    },
    [Symbol.asyncDispose]: async () => {
      await connection.end().catch(() => connection.destroy());
    },
  };
}

/** mysqld's message may repeat the statement; only its number and the class of failure go on. */
function problem(operation: string, error: unknown): MysqlProblem {
  const failure = error as { readonly errno?: number; readonly code?: string; readonly sqlState?: string };
  const number =
    failure.sqlState === undefined ? failure.code : `MySQL error ${failure.errno} (${failure.code})`;
  const reason = classifySql(failure);
  return new MysqlProblem(reason, operation, number === undefined ? "" : String(number), {
    cause: undefined,
  });
}
