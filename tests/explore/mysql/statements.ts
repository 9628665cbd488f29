// The statements that the charm runs, and what each does to a server. Any other is refused loudly.
import { SqlError } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { stopChannel } from "./channel.ts";
import { commit } from "./data.ts";
import { readOnly } from "./errors.ts";
import { groupOf, leave, setActions } from "./groups.ts";
import type { Data, MysqlState, Server } from "./state.ts";

export interface Connection {
  readonly server: Server;
  /** Whether what it changes goes to the binary log. */
  logs: boolean;
}

type Given = Readonly<{ state: MysqlState; connection: Connection; values: readonly (string | number)[] }>;
type Effect = (given: Given, match: RegExpExecArray) => unknown;

const statements: readonly (readonly [RegExp, Effect])[] = [
  [/^SET SESSION sql_log_bin = 0$/, ({ connection }) => Object.assign(connection, { logs: false })],
  [/^SET GLOBAL super_read_only = (ON|OFF)$/, (given, [, value]) => setSuperReadOnly(given, value === "ON")],
  [/^SET GLOBAL read_only = (ON|OFF)$/, (given, [, value]) => setReadOnly(given, value === "ON")],
  [/^SET PERSIST super_read_only = ON$/, persistReadOnly],
  [
    /^SET PERSIST group_replication_start_on_boot = OFF$/,
    ({ connection }) => Object.assign(connection.server, { startOnBoot: false }),
  ],
  [
    /^SET GLOBAL (\w+) = \?$/,
    ({ connection, values }, [, name = ""]) => {
      connection.server.variables[name] = String(values[0]);
    },
  ],
  [/^STOP GROUP_REPLICATION$/, ({ state, connection }) => leave(state, connection.server)],
  [/^STOP REPLICA FOR CHANNEL 'clusterset_replication'$/, (given) => stopChannel(requireChannel(given))],
  [
    /^RESET REPLICA ALL FOR CHANNEL 'clusterset_replication'$/,
    (given) => delete requireChannel(given).channel,
  ],
  // Which group is followed is a part of the channel here.
  [/^DO asynchronous_connection_failover_delete_managed\(/, requireChannel],
  [
    /^DO group_replication_disable_member_action\('mysql_disable_super_read_only_if_primary'/,
    ({ state, connection }) => {
      if (connection.server.superReadOnly) throw readOnly();
      setActions(state, connection.server, { writable: false });
    },
  ],
  [/^DO group_replication_reset_member_actions\(\)$/, resetActions],
  [/^DROP SCHEMA IF EXISTS mysql_innodb_cluster_metadata$/, dropMetadata],
  [
    /^DELETE FROM mysql_innodb_cluster_metadata\.(instances|clusters) WHERE cluster_id = \?$/,
    (given, [, table = ""]) =>
      change(given, ({ metadata }) => {
        const [id] = given.values;
        for (const [uuid, { cluster }] of Object.entries(metadata?.instances ?? {}))
          if (table === "instances" && cluster === id) delete metadata?.instances[uuid];
        if (table === "clusters") delete metadata?.clusters[String(id)];
      }),
  ],
  [
    /^ALTER USER '(\w+)'@'[^']+' DISCARD OLD PASSWORD$/,
    (given, [, user = ""]) =>
      change(given, ({ passwords }) => {
        const known = passwords[user];
        if (known !== undefined) passwords[user] = { current: known.current };
      }),
  ],
  [/^ALTER USER '(\w+)'@'[^']+' IDENTIFIED BY '([^']*)'( RETAIN CURRENT PASSWORD)?$/, setPassword],
  [/^ALTER USER ('\w+'@'[^']+' IDENTIFIED BY '[^']*'(?:, (?!$)|$))+$/, setPasswords],
  [/^CREATE TABLE IF NOT EXISTS mysql\.juju_units_operations/, (given) => change(given, () => undefined)],
  [/^INSERT IGNORE INTO mysql\.juju_units_operations/, (given) => change(given, () => undefined)],
];

/** Throws an SqlError where mysqld refuses it, Hangs where it never ends. */
export function runStatement(
  state: MysqlState,
  connection: Connection,
  text: string,
  values: readonly (string | number)[],
): void {
  for (const [pattern, effect] of statements) {
    const match = pattern.exec(text);
    if (match === null) continue;
    effect({ state, connection, values }, match);
    return;
  }
  throw new Error(`the model cannot answer the statement: ${text}`);
}

/** A change of data: logged, it is a transaction of the whole group; not logged, it is this server's alone. */
function change({ state, connection }: Given, effect: (data: Data) => void): void {
  const { server, logs } = connection;
  if (logs) commit(state, server, effect);
  else if (server.superReadOnly) throw readOnly();
  else effect(server.data);
}

function setPassword(given: Given, [, user = "", password = "", retain]: RegExpExecArray): void {
  change(given, ({ passwords }) => {
    const known = passwords[user];
    const old = retain === undefined ? known?.old : known?.current;
    passwords[user] = { current: password, ...(old === undefined ? {} : { old }) };
  });
}

/** All of them or none. */
function setPasswords(given: Given, { 0: text }: RegExpExecArray): void {
  change(given, ({ passwords }) => {
    for (const [, user = "", current = ""] of text.matchAll(/'(\w+)'@'[^']+' IDENTIFIED BY '([^']*)'/g))
      passwords[user] = { ...passwords[user], current };
  });
}

function requireChannel({ connection: { server } }: Given): Server {
  if (server.channel === undefined) throw new SqlError(3074, "HY000", "The channel does not exist");
  return server;
}

/** Not logged, the server counts transactions as executed whose tables it has not. */
function dropMetadata(given: Given): void {
  change(given, (data) => {
    if (data.metadata !== undefined && !given.connection.logs) data.gaps = true;
    delete data.metadata;
  });
}

function resetActions({ state, connection: { server } }: Given): void {
  if (groupOf(state, server) !== undefined) throw new SqlError(1123, "HY000", "The member is in a group");
  if (server.superReadOnly) throw new SqlError(1123, "HY000", "Server must have super_read_only=0.");
  server.actions = { writable: true, channel: true };
}

function setSuperReadOnly({ connection: { server } }: Given, on: boolean): void {
  server.superReadOnly = on;
  if (on) server.readOnly = true;
}

/** Lifting it lifts super_read_only as well. */
function setReadOnly({ connection: { server } }: Given, on: boolean): void {
  server.readOnly = on;
  if (!on) server.superReadOnly = false;
}

function persistReadOnly({ connection: { server } }: Given): void {
  Object.assign(server, { persistedReadOnly: true, superReadOnly: true, readOnly: true });
}
