// The snap charmed-mysql: its apps, its paths and users, and an install hook that gives it an initialised server.
import { existsSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../machine/run.ts";
import { type App, asSnapUser, type Definition, type Installation, storeFolder } from "../definition.ts";
import { loaderOf, serverOptions } from "./server.ts";
import { describeStatement } from "./statement.ts";

/** What mysqld exits with to be started again (MYSQLD_RESTART_EXIT in MySQL's sql/sql_const.h). */
const RESTART_EXIT = 16;
const NODE = "/usr/local/lib/juju-sandbox-node";
const STAND_IN = "/usr/local/lib/juju-sandbox/sandbox/snaps/charmed-mysql/mysqlsh/main.ts";
/** Programs of the real snap that the sandbox has nothing for. */
const ABSENT = ["mysqlrouter", "xtrabackup", "xbcloud", "xbstream"];

export const charmedMysql: Definition = {
  name: "charmed-mysql",
  publisher: "Canonical",
  channel: "8.0/stable",
  revision: "159",
  apps: {
    mysql: client("mysql"),
    mysqldump: client("mysqldump"),
    mysqlbinlog: client("mysqlbinlog"),
    mysqladmin: client("mysqladmin"),
    mysqld: { service: mysqld },
    mysqlsh: { command: mysqlsh },
    ...Object.fromEntries(ABSENT.map((name) => [name, absent(name)])),
  },
  describeSend: describeStatement,
  install,
};

function serverFiles(common: string): Readonly<Record<"data" | "socket" | "pid" | "log" | "mysqlx", string>> {
  const run = join(common, "var/run/mysqld");
  return {
    data: join(common, "var/lib/mysql"),
    socket: join(run, "mysqld.sock"),
    mysqlx: join(run, "mysqlx.sock"),
    pid: join(run, "mysqld.pid"),
    log: join(common, "var/log/mysql/error.log"),
  };
}

function mysqld(snap: Installation): ReturnType<NonNullable<App["service"]>> {
  const { socket, mysqlx, pid } = serverFiles(snap.common);
  const root = snap.facts.plainUser ? ["--user=root"] : [];
  const defaults = `--defaults-file=${join(snap.data, "etc/mysql/mysql.cnf")}`;
  return {
    argv: [...asSnapUser(snap), ...program(snap, "mysqld"), defaults, ...root],
    env: {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: snap.common,
      SNAP: snap.mount,
      SNAP_COMMON: snap.common,
    },
    parentVariable: "MYSQLD_PARENT_PID",
    restartCode: RESTART_EXIT,
    // A process id of another boot in a lock file may be somebody else's by now.
    leftovers: [socket, mysqlx, pid, `${socket}.lock`, `${mysqlx}.lock`],
  };
}

/** Through a link to the loader that has the program's name, which is what process lists then show. */
function program(snap: Installation, name: string): readonly string[] {
  const file = [`usr/sbin/${name}`, `usr/bin/${name}`].map((path) => join(snap.mount, path)).find(existsSync);
  if (file === undefined) throw new Error(`the snap has no ${name}`);
  const loader = loaderOf(snap.mount);
  if (loader === undefined) return [file];
  return [join(snap.mount, "bin", name), "--library-path", loader.libraries, "--argv0", file, file];
}

function client(name: string): App {
  return {
    command: (snap) =>
      [
        `export MYSQL_UNIX_PORT=\${MYSQL_UNIX_PORT:-${serverFiles(snap.common).socket}}`,
        `exec ${program(snap, name).join(" ")} "$@"`,
      ].join("\n"),
  };
}

function mysqlsh(snap: Installation): string {
  const real = snap.facts.programs["mysqlsh"];
  const argv = real === undefined ? [NODE, STAND_IN] : [real];
  const config = join(snap.common, "mysqlsh");
  return [
    `export MYSQLSH_USER_CONFIG_HOME=${config}`,
    ...(real === undefined ? [`export NODE_COMPILE_CACHE=${join(config, "compile-cache")}`] : []),
    `exec ${[...asSnapUser(snap), ...argv].join(" ")} "$@"`,
  ].join("\n");
}

function absent(name: string): App {
  return { command: () => `echo "${name} is not in the sandbox's charmed-mysql" >&2\nexit 127` };
}

async function install(snap: Installation): Promise<void> {
  const loader = loaderOf(snap.mount);
  await mkdir(join(snap.mount, "bin"), { recursive: true });
  if (loader !== undefined) {
    for (const name of ["mysqld", ...Object.keys(charmedMysql.apps)]) {
      const link = join(snap.mount, "bin", name);
      await rm(link, { force: true });
      await symlink(loader.loader, link);
    }
  }
  const { data, socket, log } = serverFiles(snap.common);
  const folders = [dirname(data), dirname(socket), dirname(log), join(snap.common, "mysqlsh")];
  for (const folder of folders) await mkdir(folder, { recursive: true });
  const etc = join(snap.data, "etc/mysql");
  await mkdir(join(etc, "mysql.conf.d"), { recursive: true });
  await writeFile(join(etc, "mysql.cnf"), defaultsFile(snap), { mode: 0o644 });
  // Data of a storage that was used before stays as it is.
  if (!existsSync(data)) await copyTemplate(data);
  if (!snap.facts.plainUser) await run(["chown", "-R", "snap_daemon:root", etc, snap.common]);
}

async function copyTemplate(data: string): Promise<void> {
  const partial = `${data}.partial`;
  await rm(partial, { recursive: true, force: true });
  const template = join(storeFolder("charmed-mysql"), "template");
  await run(["cp", "--archive", "--sparse=always", "--reflink=auto", template, partial]);
  await run(["chmod", "0750", partial]);
  await rename(partial, data);
}

/** The snap's own settings; the charm's file in mysql.conf.d comes later and wins. */
function defaultsFile(snap: Installation): string {
  const { data, socket, mysqlx, pid, log } = serverFiles(snap.common);
  return [
    "[mysqld]",
    ...serverOptions(snap.mount).map((option) => option.replace(/^--/, "")),
    `datadir=${data}`,
    `socket=${socket}`,
    `pid-file=${pid}`,
    `log-error=${log}`,
    "loose-mysqlx=ON",
    `loose-mysqlx-socket=${mysqlx}`,
    "secure-file-priv=NULL",
    "",
    "# Several servers share one small machine here, and a power cut of the real one is not what is tested.",
    "innodb_flush_log_at_trx_commit=2",
    "sync_binlog=0",
    "innodb_doublewrite=OFF",
    "innodb_redo_log_capacity=16M",
    "innodb_buffer_pool_size=32M",
    "innodb_log_buffer_size=4M",
    "table_open_cache=400",
    "table_definition_cache=400",
    "loose-temptable_max_ram=2M",
    "# The history tables of performance_schema take most of an idle server's memory (240 MB instead of 470).",
    ...["statements", "waits", "stages", "transactions"].map(
      (kind) => `loose-performance_schema_events_${kind}_history_long_size=100`,
    ),
    "loose-performance_schema_digests_size=200",
    "loose-performance_schema_max_digest_length=256",
    "loose-performance_schema_max_sql_text_length=256",
    "loose-performance_schema_error_size=50",
    "loose-group_replication_components_stop_timeout=10",
    "loose-group_replication_recovery_reconnect_interval=1",
    "",
    `!includedir ${join(snap.data, "etc/mysql/mysql.conf.d")}/`,
    "",
  ].join("\n");
}
