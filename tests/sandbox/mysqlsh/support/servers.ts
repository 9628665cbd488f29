// Real MySQL servers for scenarios: each in a network namespace of its own, restarted after a clone as a supervisor does.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Connection, createConnection } from "mysql2/promise";
import { plugIn, type Site } from "../../../../sandbox/machine/network.ts";
import { run } from "../../../../sandbox/machine/run.ts";
import { serverCommand, serverOptions } from "../../../../sandbox/snaps/charmed-mysql/server.ts";

/** How mysqld ends when it wants to be started again. */
const RESTART = 16;
const ADMIN = { user: "clusteradmin", password: "Admin-pw-1" };

/** Where the servers' programs, their template and their files are. */
export interface Place {
  readonly root: string;
  readonly template: string;
  readonly folder: string;
}

/** Every name resolves to the address of its server, in this mount namespace only. */
export async function nameServers(
  folder: string,
  addresses: Readonly<Record<string, string>>,
): Promise<void> {
  const hosts = join(folder, "hosts");
  const lines = Object.entries(addresses).map(([name, address]) => `${address} ${name}\n`);
  await writeFile(hosts, `127.0.0.1 localhost\n${lines.join("")}`);
  await run(["mount", "--bind", hosts, "/etc/hosts"]);
}

/** Starts a server and waits until it answers. */
export async function startServer(
  name: string,
  address: string,
  id: number,
  site: Site,
  place: Place,
): Promise<void> {
  const data = join(place.folder, name);
  await run(["cp", "--archive", "--sparse=always", place.template, data]);
  const namespace = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
  const pid = namespace.pid ?? 0;
  await entered(namespace);
  await plugIn(site.bridge, address, pid);
  const inside = ["nsenter", `--net=/proc/${pid}/ns/net`];
  await run([...inside, "ip", "link", "set", "lo", "up"]);
  await run([...inside, "ip", "address", "add", `${address}/24`, "dev", "eth0"]);
  await run([...inside, "ip", "link", "set", "eth0", "up"]);
  const first = join(place.folder, `${name}.sql`);
  await writeFile(first, INIT, { mode: 0o600 });
  // With --no-defaults the server would not read the variables that SET PERSIST wrote either.
  const settings = join(place.folder, `${name}.cnf`);
  await writeFile(settings, `[mysqld]\n${options(name, id, data, place).join("\n")}\n`);
  const user = process.geteuid?.() === 0 ? ["--user=root"] : [];
  const command = [...inside, ...serverCommand(place.root, "mysqld"), `--defaults-file=${settings}`, ...user];
  supervise([...command, `--init-file=${first}`], command, logOf(place, name));
  await answers(address);
}

function options(name: string, id: number, data: string, place: Place): readonly string[] {
  return [
    ...serverOptions(place.root).map((option) => option.replace(/^--/, "")),
    `datadir=${data}`,
    `socket=${join(place.folder, `${name}.sock`)}`,
    `pid-file=${join(place.folder, `${name}.pid`)}`,
    `log-error=${logOf(place, name)}`,
    "secure-file-priv=NULL",
    "loose-mysqlx=OFF",
    `server-id=${id}`,
    `report-host=${name}`,
    "report-port=3306",
    "gtid-mode=ON",
    "enforce-gtid-consistency=ON",
    "innodb-buffer-pool-size=16M",
    "innodb-flush-log-at-trx-commit=2",
    "sync-binlog=0",
    "innodb-doublewrite=OFF",
    "loose-group-replication-message-cache-size=134217728",
    "loose-group-replication-recovery-reconnect-interval=1",
  ];
}

const logOf = ({ folder }: Place, name: string): string => join(folder, `${name}.log`);

const INIT = `SET sql_log_bin=0;
CREATE USER '${ADMIN.user}'@'%' IDENTIFIED BY '${ADMIN.password}';
GRANT ALL ON *.* TO '${ADMIN.user}'@'%' WITH GRANT OPTION;
`;

/** mysqld restarts itself only under the process that MYSQLD_PARENT_PID names. Any other end is the scenario's too. */
function supervise(command: readonly string[], next: readonly string[], log: string): void {
  const environment = { PATH: process.env["PATH"], MYSQLD_PARENT_PID: String(process.pid) };
  const server = spawn(command[0] ?? "", command.slice(1), { stdio: "ignore", env: environment });
  server.on("exit", (code, signal) => {
    if (code === RESTART) supervise(next, next, log);
    else throw new Error(`mysqld ended with ${code ?? signal}:\n${readFileSync(log, "utf8")}`);
  });
}

/** Returns once the child has left this process's network namespace. */
async function entered(child: ChildProcess): Promise<void> {
  const namespaceOf = async (pid: number | string): Promise<string> =>
    (await promisify(execFile)("readlink", [`/proc/${pid}/ns/net`])).stdout;
  const own = await namespaceOf("self");
  await until(async () => (await namespaceOf(child.pid ?? 0)) !== own, "a network namespace");
}

async function answers(address: string): Promise<void> {
  await until(async () => {
    try {
      (await open(address)).destroy();
      return true;
    } catch {
      return false;
    }
  }, `the server at ${address}`);
}

/** Polls until a condition holds, for half a minute at most. */
export async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what} was not there after 30 seconds`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const open = (host: string): Promise<Connection> =>
  createConnection({ host, ...ADMIN, ssl: { rejectUnauthorized: false }, connectTimeout: 2000 });

/** The first column of each row, or the error's text. */
export async function sql(host: string, statement: string): Promise<readonly unknown[] | string> {
  const connection = await open(host);
  try {
    const [rows] = await connection.query(statement);
    return Array.isArray(rows) ? rows.map((row) => Object.values(row)[0]) : [];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    connection.destroy();
  }
}

/** What one run of mysqlsh printed and how it ended. */
export interface Ran {
  readonly code: number;
  readonly lines: readonly string[];
  /** the last line as a document */
  readonly result: unknown;
}

const MAIN = new URL("../../../../sandbox/snaps/charmed-mysql/mysqlsh/main.ts", import.meta.url).pathname;

/** Runs the stand-in against a server. The password goes by the environment. */
export function mysqlsh(host: string, ...words: readonly string[]): Promise<Ran> {
  const arguments_ = [
    MAIN,
    "--json=raw",
    "--no-wizard",
    "--uri",
    `${ADMIN.user}@${host}:3306`,
    "--",
    ...words,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, arguments_, {
      env: { PATH: process.env["PATH"], MYSQL_PWD: ADMIN.password },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      const lines = out.split("\n").slice(0, -1);
      resolve({ code: code ?? -1, lines, result: JSON.parse(lines.at(-1) ?? "null") });
    });
  });
}
