// The port to MySQL over servers of the model: logins, questions, and statements.
import type * as z from "zod";
import { SqlError } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { classifySql } from "../../../src/mysql/classify.ts";
import type { Login, Session, Sql, Target } from "../../../src/mysql/ports.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { answer } from "../../src/support/mysql.ts";
import { areTaken } from "./admin/rules.ts";
import { denied, Hangs, lockTaken, unreachable } from "./errors.ts";
import { gtidText, isSubset, parseGtids, subtractText } from "./gtid.ts";
import { serverAt } from "./network.ts";
import type { MysqlState, Server } from "./state.ts";
import { type Connection, runStatement } from "./statements.ts";
import { type Tap, tapped } from "./tap.ts";
import { viewOf } from "./views.ts";

/** Sessions from one machine. */
export function machineSql(state: MysqlState, host: string, tap: Tap): Sql {
  return {
    quoting: async () => (value) => `'${value}'`,
    connect: async (target, login) => {
      const to = "host" in target ? target.host : host;
      return tellProblems(`Connecting to ${to} as ${login.user}`, () => {
        const server = logIn(state, host, target, login);
        return sessionOf(state, host, server, tap);
      });
    },
  };
}

function logIn(state: MysqlState, from: string, target: Target, { user, password }: Login): Server {
  const to = "host" in target ? target.host : from;
  const server = serverAt(state, from, to);
  if (server === undefined) throw unreachable(to);
  if (!accepts(server, user, password.reveal())) throw denied(user);
  return server;
}

/** Whether the server lets the account in with this password. */
export function accepts({ data }: Server, user: string, password: string): boolean {
  const known = data.passwords[user];
  return known !== undefined && [known.current, known.old].includes(password);
}

function sessionOf(state: MysqlState, from: string, server: Server, tap: Tap): Session {
  const connection: Connection = { server, logs: true };
  // A session is with one run of mysqld: it does not survive that.
  const requireUp = (): void => {
    if (serverAt(state, from, server.host) !== server && server.host !== from) throw unreachable(server.host);
    if (!server.up) throw unreachable(server.host);
  };
  const operation = `A statement on MySQL on ${server.host}`;
  return {
    rows: async <T>(schema: z.ZodType<T>, text: string, values: readonly (string | number)[] = []) =>
      tellProblems(operation, () => {
        requireUp();
        return ask(state, server, text, values).map((row) => schema.parse(row));
      }),
    run: async (text, values = []) =>
      tellProblems(operation, () => {
        requireUp();
        const told = text
          .replace(/ IDENTIFIED BY '[^']*'/, "")
          .replace(/\s+/g, " ")
          .slice(0, 90);
        // What a session does to itself only is no effect.
        if (text.startsWith("SET SESSION ")) runStatement(state, connection, text, values);
        else
          tapped(tap, `SQL on ${server.host}: ${told}`, () => runStatement(state, connection, text, values));
      }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

type Rows = readonly Readonly<Record<string, unknown>>[];

const flag = (value: boolean): number => (value ? 1 : 0);

/** Questions about sets of transactions are the model's own to answer. */
function ask(state: MysqlState, server: Server, text: string, values: readonly (string | number)[]): Rows {
  const [first = "", second = ""] = values.map(String);
  const { executed } = server.data;
  if (text.includes("AS holds")) return [{ holds: flag(isSubset(parseGtids(first), parseGtids(second))) }];
  if (text.includes("AS missing")) return [{ missing: subtractText(parseGtids(first), executed) }];
  if (text.includes("AS executed") && !text.includes("AS holds")) return [{ executed: gtidText(executed) }];
  if (text.includes("AS purged")) {
    const given = parseGtids(first);
    return [{ subset: flag(isSubset(given, executed)), purged: flag(isSubset(server.purged, given)) }];
  }
  // A dispatch is one move here: nothing comes between the lock and its end.
  if (text.includes("AS locked") && areTaken(state, [`clusterset ${server.host}`])) throw lockTaken();
  if (text.includes("AS administered")) {
    const locks = ["clusterset", "cluster", "instance"].map((kind) => `${kind} ${server.host}`);
    return [{ administered: flag(areTaken(state, locks)) }];
  }
  return answer(viewOf(state, server), text);
}

/** mysqld's errors as the charm's adapter hands them on. */
function tellProblems<T>(operation: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Hangs) throw new MysqlProblem("timed-out", operation, "PROTOCOL_SEQUENCE_TIMEOUT");
    if (error instanceof SqlError)
      throw new MysqlProblem(classifySql({ errno: error.errno }), operation, `MySQL error ${error.errno}`);
    throw error;
  }
}
