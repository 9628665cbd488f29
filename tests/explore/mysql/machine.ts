// One machine beside its server's data: files, the snap with its service, and what a start of mysqld takes from them.

import { SqlError } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { paths } from "../../../src/machine/paths.ts";
import type { Files, Snap } from "../../../src/machine/ports.ts";
import { refreshConnections } from "./channel.ts";
import { enter, groupOf, leave, primaryOf } from "./groups.ts";
import { recover } from "./recovery.ts";
import { type MysqlState, type Server, serverOf } from "./state.ts";
import { type Tap, tapped } from "./tap.ts";

const PINNED = "159";
const VERSION = "9.7.0";

export function machineFiles(server: Server, tap: Tap): Files {
  const { files } = server;
  return {
    read: async (path) => files[path],
    write: async (path, text) =>
      tapped(tap, `writes ${path}`, () => {
        files[path] = text;
      }),
    remove: async (path) => {
      if (files[path] !== undefined)
        tapped(tap, `removes ${path}`, () => {
          delete files[path];
        });
    },
    size: async (path) => files[path]?.length ?? 0,
    tail: async (path, bytes) => (bytes === 0 ? "" : (files[path]?.slice(-bytes) ?? "")),
    freeBytes: async () => 10 ** 11,
    readLink: async (path) => {
      if (path !== paths.snapRevision) throw new Error(`the model knows of no link ${path}`);
      return server.snap === undefined ? undefined : `/snap/charmed-mysql/${server.snap.revision}`;
    },
    isMountPoint: async (path) => path === paths.common,
    makeFolder: async () => undefined,
  };
}

export function machineSnap(state: MysqlState, server: Server, tap: Tap): Snap {
  const { host } = server;
  return {
    state: async () =>
      server.snap === undefined ? { kind: "absent" } : { kind: "installed", version: server.snap.version },
    revision: async () => server.snap?.revision,
    pinned: async () => PINNED,
    install: async () =>
      tapped(tap, `snap install on ${host}`, () => {
        server.snap = { revision: PINNED, version: VERSION };
      }),
    refresh: async () => {
      throw new Error("the model has one revision of the snap");
    },
    serviceActive: async () => server.up,
    start: async () =>
      tapped(tap, `snap start on ${host}`, () => {
        server.enabled = true;
        startServer(server);
        returnAtOnce(state, server);
      }),
    stop: async () => {
      if (server.up) tapped(tap, `snap stop on ${host}`, () => stopServer(state, server));
    },
  };
}

/** mysqld starts: with what it had persisted, and with the accounts of its init file where it has one. */
export function startServer(server: Server): void {
  if (server.up || server.snap === undefined) return;
  const { files } = server;
  if (files[paths.initConfig] !== undefined) setAccounts(server, files[paths.initStatements] ?? "");
  server.variables = readConfig(files[paths.config] ?? "");
  Object.assign(server, { up: true, stopped: "OFFLINE", offlineMode: false });
  Object.assign(server, { superReadOnly: server.persistedReadOnly, readOnly: server.persistedReadOnly });
  server.starting = server.startOnBoot === true && server.groupName !== undefined;
}

/** An ordered stop: the group hears of it. */
function stopServer(state: MysqlState, server: Server): void {
  leave(state, server);
  lose(state, server);
}

/** mysqld is gone, and with it its connections. */
export function lose(state: MysqlState, server: Server): void {
  Object.assign(server, { up: false, starting: false });
  if (server.channel !== undefined) Object.assign(server.channel, { running: false, connected: false });
  refreshConnections(state);
}

/** Nobody waits in the model: a server that its own charm starts is back before the next question, where its group is there. */
function returnAtOnce(state: MysqlState, server: Server): void {
  if (!server.starting || server.groupName === undefined) return;
  const group = state.groups[server.groupName];
  if (group === undefined || primaryOf(state, group) === undefined) return;
  lookForGroup(state, server);
  if (groupOf(state, server) !== undefined) recover(state, server);
}

/** A server that was just started comes into its group, or gives up. */
export function lookForGroup(state: MysqlState, server: Server): void {
  server.starting = false;
  const { groupName } = server;
  if (groupName === undefined) return;
  try {
    enter(state, server, groupName);
  } catch (error) {
    // It stays out: OFFLINE where no group answered, ERROR where the group has not all that it has.
    if (!(error instanceof SqlError)) throw error;
  }
}

function setAccounts(server: Server, statements: string): void {
  for (const [, user = "", password = ""] of statements.matchAll(
    /ALTER USER '(\w+)'@'[^']+' IDENTIFIED BY '([^']*)';/g,
  )) {
    server.data.passwords[user] = { current: password };
  }
}

/** Variables as performance_schema shows them. */
function readConfig(text: string): Record<string, string> {
  const settings = [...text.matchAll(/^(?:loose-)?([\w-]+) = (.*)$/gm)];
  return Object.fromEntries(settings.map(([, name = "", value = ""]) => [name.replaceAll("-", "_"), value]));
}

/** The machine of a host that runs, for a port of its unit. */
export function runningMachine(state: MysqlState, host: string): Server {
  const server = serverOf(state, host);
  if (!server.power) throw new Error(`the machine ${host} is off: nothing runs on it`);
  return server;
}
