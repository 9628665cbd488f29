// Program, run in a hub: the snap charmed-mysql on one machine, with a real server, from install to remove.
import type { Machine } from "../../../../sandbox/machine/machine.ts";
import { storeOfMachine } from "../../../../sandbox/snaps/store.ts";
import { machineAt, openSites, report, sh } from "../../machine/in-hub.ts";

const COMMON = "/var/snap/charmed-mysql/common";
const SERVICE = "charmed-mysql.mysqld";
const [site] = await openSites(1);
if (site === undefined) throw new Error("no site");
const machine = machineAt(site, 0, await storeOfMachine());
const seen: Record<string, unknown> = {};

const snap = async (on: Machine, ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await on.exec(["snap", ...args]);
  return `${stdout}${stderr}${code === 0 ? "" : `[${code}]`}`.trim();
};
/** Waits, with a bound, for a server other than `than` to take connections; its answer to a query. */
const query = (on: Machine, sql: string, than = ""): Promise<string> =>
  sh(
    on,
    `export MYSQL_PWD=secret
    for try in $(seq 300); do
      pid=$(pgrep -x mysqld) && test "$pid" != "${than}" && charmed-mysql.mysql -uroot -Nse 'SELECT 1' >/dev/null 2>&1 && break
      sleep 0.1
    done
    charmed-mysql.mysql -uroot -Nse "${sql}"`,
  );
const mysqldPid = (): Promise<string> => sh(machine, "pgrep -x mysqld");

await machine.mountStorage("database/0", COMMON);
await machine.start();
seen["before"] = [
  await snap(machine, "list", "charmed-mysql"),
  await snap(machine, "services", "charmed-mysql"),
  await snap(machine, "start", SERVICE),
  await snap(machine, "refresh", "charmed-mysql", "--revision=104"),
  await snap(machine, "remove", "charmed-mysql"),
  await snap(machine, "install", "no-such-snap"),
  await snap(machine, "install", "charmed-mysql", "--bogus"),
  await snap(machine, "frobnicate"),
];
seen["install"] = await snap(machine, "install", "charmed-mysql", "--revision=103");
seen["install again"] = await snap(machine, "install", "charmed-mysql", "--revision=103");
seen["hold"] = await snap(machine, "refresh", "--hold", "charmed-mysql");
seen["list"] = await snap(machine, "list", "charmed-mysql");
// As an alias leaves it that is cut off before it is noted.
await sh(machine, "ln -s charmed-mysql.mysql /snap/bin/mysql");
seen["alias"] = [
  await snap(machine, "alias", "charmed-mysql.mysql", "mysql"),
  await snap(machine, "alias", "charmed-mysql.mysql", "mysql"),
  await snap(machine, "alias", "charmed-mysql.nothing", "nothing"),
];
seen["services"] = [
  await snap(machine, "services", "charmed-mysql"),
  await snap(machine, "services", "charmed-mysql.nothing"),
];
seen["paths"] = await sh(
  machine,
  `cd ${COMMON}; stat -c '%n %a %U:%G' var/lib/mysql var/run/mysqld var/log/mysql
  readlink /snap/charmed-mysql/current /var/snap/charmed-mysql/current; ls var/lib/mysql/auto.cnf 2>&1 | grep -o 'No such'`,
);
seen["storage is mounted"] = await sh(machine, `mountpoint -q ${COMMON} && echo yes`);

await sh(
  machine,
  `cd /var/snap/charmed-mysql/current/etc/mysql/mysql.conf.d
  echo "ALTER USER root@localhost IDENTIFIED BY 'secret';" >${COMMON}/init.sql
  printf '[mysqld]\\ninit_file=${COMMON}/init.sql\\nmysqlx=OFF\\nmax_connections=77\\n' >z-custom-mysqld.cnf`,
);
seen["start"] = await snap(machine, "start", "--enable", SERVICE);
seen["server"] = await query(
  machine,
  "SELECT @@datadir, @@socket, @@hostname, @@max_connections, CURRENT_USER()",
);
const uuid = await query(machine, "SELECT @@server_uuid");
seen["active"] = await snap(machine, "services", SERVICE);
seen["process"] = await sh(machine, "ps -o user= -p $(pgrep -x mysqld); cat /proc/$(pgrep -x mysqld)/comm");
seen["parent"] = await sh(
  machine,
  `pid=$(pgrep -x mysqld); parent=$(ps -o ppid= -p $pid | tr -d ' ')
  tr '\\0' '\\n' </proc/$pid/environ | grep -cx "MYSQLD_PARENT_PID=$parent"`,
);
await query(machine, "CREATE DATABASE kept");

const first = await mysqldPid();
seen["RESTART"] = await query(machine, "RESTART");
seen["after RESTART"] = await query(machine, "SHOW DATABASES LIKE 'kept'", first);
const second = await mysqldPid();
seen["restarted as another process"] = first !== second;
await sh(machine, "pkill -9 -x mysqld");
seen["after kill -9"] = await query(machine, "SHOW DATABASES LIKE 'kept'", second);
const third = await mysqldPid();
seen["restart"] = await snap(machine, "restart", SERVICE);
seen["after restart"] = await query(machine, "SHOW DATABASES LIKE 'kept'", third);

await machine.stop();
await machine.start();
seen["after reboot"] = await query(machine, "SHOW DATABASES LIKE 'kept'");
await machine.powerOff();
await machine.start();
seen["after a power cut"] = await query(machine, "SHOW DATABASES LIKE 'kept'");
seen["aliases"] = await snap(machine, "aliases");

seen["stop"] = await snap(machine, "stop", "--disable", SERVICE);
seen["stopped"] = [
  await snap(machine, "services", SERVICE),
  await sh(machine, `pgrep -x mysqld; ls ${COMMON}/var/run/mysqld`),
];
await machine.stop();
await machine.start();
seen["stopped after reboot"] = [
  await snap(machine, "services", SERVICE),
  await sh(machine, "pgrep -x mysqld || echo none"),
];

seen["refresh"] = await snap(machine, "refresh", "charmed-mysql", "--revision=104");
seen["refresh again"] = await snap(machine, "refresh", "charmed-mysql", "--revision=104");
await snap(machine, "start", "charmed-mysql");
seen["after refresh"] = await query(machine, "SELECT @@max_connections, DATABASE() IS NULL");

seen["options"] = [
  await snap(machine, "get", "charmed-mysql"),
  await snap(machine, "set", "charmed-mysql", "exporter.user=watcher", "exporter.password=x=y"),
  await snap(machine, "get", "charmed-mysql", "exporter.user", "exporter.password"),
  await snap(machine, "unset", "charmed-mysql", "exporter.user"),
  await snap(machine, "get", "charmed-mysql", "exporter.user"),
];
seen["unalias"] = [await snap(machine, "unalias", "mysql"), await snap(machine, "unalias", "mysql")];
seen["remove"] = await snap(machine, "remove", "--purge", "charmed-mysql");
seen["removed"] = await sh(
  machine,
  `ls /snap /snap/bin; ls /var/snap/charmed-mysql; mount | grep -c ' /snap/'; pgrep -x mysqld; ls ${COMMON}/var/lib/mysql/ibdata1`,
);
seen["install on a used storage"] = await snap(machine, "install", "charmed-mysql", "--channel=edge");
await snap(machine, "start", SERVICE);
// The root password is the one that was set when the storage was first used.
seen["used storage"] = [
  await query(machine, "SHOW DATABASES LIKE 'kept'"),
  (await query(machine, "SELECT @@server_uuid")) === uuid,
];

await sh(
  machine,
  "printf '[mysqld]\\nnonsense_option=1\\n' >/var/snap/charmed-mysql/current/etc/mysql/mysql.conf.d/bad.cnf",
);
await snap(machine, "restart", SERVICE);
seen["cannot start"] = await sh(
  machine,
  `for try in $(seq 300); do snap services | grep -q inactive && break; sleep 0.1; done; snap services | tail -1; snap logs ${SERVICE} | tail -1`,
);
await machine.stop();
report(seen);
process.exit(0);
