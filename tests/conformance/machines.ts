// Servers as the recordings had them: one to a network namespace, with the recorded address and server id; they are killed,
// frozen and started again here.
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Connection, createConnection } from "mysql2/promise";
import { plugIn } from "../../sandbox/machine/network.ts";
import { run } from "../../sandbox/machine/run.ts";
import { serverCommand, serverOptions } from "../../sandbox/snaps/charmed-mysql/server.ts";
import { toSuite } from "./normalise.ts";

/** The letter is the cluster that the server belongs to in the recordings, the digit its place there. */
export type MachineName = `${"a" | "b" | "c"}${1 | 2 | 3}`;

/** Where the servers' programs, their template and their files are. */
export interface Place {
  readonly root: string;
  readonly template: string;
  readonly folder: string;
}

/** The recorded servers' ids: Group Replication orders members by them. */
const UUIDS: Readonly<Record<MachineName, string>> = {
  a1: "f1cd9679-e6c3-11f1-91bb-02fc00000001",
  a2: "f1c95365-e6c3-11f1-ac55-02fc00000001",
  a3: "f1d079c3-e6c3-11f1-8bf9-02fc00000001",
  b1: "f1d0519f-e6c3-11f1-8ae6-02fc00000001",
  b2: "f1cd5781-e6c3-11f1-8785-02fc00000001",
  b3: "f1c9c9fa-e6c3-11f1-a90b-02fc00000001",
  c1: "f1d2b6a0-e6c3-11f1-9d3c-02fc00000001",
  c2: "4db4633c-e6c8-11f1-9144-02fc00000001",
  c3: "4db4633c-e6c8-11f1-9145-02fc00000001",
};

/** How mysqld ends when it wants its supervisor to start it again. */
const RESTART = 16;
const BRIDGE = "suite";
const ROOT = { user: "root", password: "rootpw" };

/** Makes the network that all machines are on, where a name that is not known does not exist, rather than cannot be asked for. */
export async function openNetwork(folder: string): Promise<void> {
  const lookup = join(folder, "nsswitch.conf");
  await writeFile(lookup, "passwd: files\ngroup: files\nhosts: files\n");
  await run(["mount", "--bind", lookup, "/etc/nsswitch.conf"]);
  await run(["ip", "link", "set", "lo", "up"]);
  await run(["ip", "link", "add", BRIDGE, "type", "bridge", "stp_state", "0", "forward_delay", "0"]);
  await run(["ip", "address", "add", "10.77.0.1/16", "dev", BRIDGE]);
  await run(["ip", "link", "set", BRIDGE, "up"]);
}

/** `a2` is 127.0.1.2 in the recordings. */
const recordedAddress = (name: MachineName): string =>
  `127.0.${" abc".indexOf(name.charAt(0))}.${name.charAt(1)}`;

/** A network namespace with an address of its own. */
async function openNamespace(address: string, more: readonly string[] = []): Promise<number> {
  const holder = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
  const pid = holder.pid ?? 0;
  await entered(holder);
  await plugIn(BRIDGE, address, pid);
  const inside = ["nsenter", `--net=/proc/${pid}/ns/net`, "ip"];
  await run([...inside, "link", "set", "lo", "up"]);
  for (const one of [address, ...more]) await run([...inside, "address", "add", `${one}/16`, "dev", "eth0"]);
  await run([...inside, "link", "set", "eth0", "up"]);
  return pid;
}

/** Addresses that belong to a machine on which no server listens. */
export const openEmptyMachine = (addresses: readonly string[]): Promise<number> => {
  const [first = "", ...more] = addresses.map(toSuite);
  return openNamespace(first, more);
};

/** Returns once the child has left this process's network namespace. */
async function entered(child: ChildProcess): Promise<void> {
  const own = await readlink("/proc/self/ns/net");
  await until(async () => (await readlink(`/proc/${child.pid}/ns/net`)) !== own, "a network namespace", 30);
}

/** Polls until a condition holds; throws with what was awaited after so many seconds. */
export async function until(condition: () => Promise<boolean>, what: string, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what} was not there after ${seconds} seconds`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** One server with its machine. */
export class Machine {
  readonly name: MachineName;
  readonly address: string;
  readonly namespace: number;
  readonly #place: Place;
  readonly #command: readonly string[];
  #server: ChildProcess | undefined;

  private constructor(name: MachineName, address: string, namespace: number, place: Place) {
    this.name = name;
    this.address = address;
    this.namespace = namespace;
    this.#place = place;
    const account = process.geteuid?.() === 0 ? ["--user=root"] : [];
    const settings = `--defaults-file=${join(place.folder, `${name}.cnf`)}`;
    this.#command = [...this.#inside(), ...serverCommand(place.root, "mysqld"), settings, ...account];
  }

  /** Makes the machine and starts its server for the first time, with an account `root` that may do anything. */
  static async open(name: MachineName, place: Place, options: readonly string[]): Promise<Machine> {
    const address = toSuite(recordedAddress(name));
    const machine = new Machine(name, address, await openNamespace(address), place);
    await mkdir(join(place.folder, name));
    await run(["cp", "--archive", "--sparse=always", `${place.template}/.`, machine.#file("data")]);
    await writeFile(join(place.folder, `${name}.cnf`), machine.#settings(options));
    await writeFile(machine.#file("data/auto.cnf"), `[auto]\nserver-uuid=${UUIDS[name]}\n`);
    const first = machine.#file("first.sql");
    await writeFile(first, FIRST);
    await chmod(first, 0o600);
    await machine.start([`--init-file=${first}`]);
    return machine;
  }

  #inside(): readonly string[] {
    return ["nsenter", `--net=/proc/${this.namespace}/ns/net`, "--"];
  }

  #file(name: string): string {
    return join(this.#place.folder, this.name, name);
  }

  #settings(more: readonly string[]): string {
    const { root } = this.#place;
    const id = `${" abc".indexOf(this.name.charAt(0))}0${this.name.charAt(1)}`;
    const options = [
      ...serverOptions(root).map((option) => option.replace(/^--/, "")),
      `datadir=${this.#file("data")}`,
      `socket=${this.#file("mysqld.sock")}`,
      `pid-file=${this.#file("mysqld.pid")}`,
      `log-error=${this.#file("error.log")}`,
      "secure-file-priv=NULL",
      "loose-mysqlx=OFF",
      `server-id=${id}`,
      `report-host=${this.address}`,
      "report-port=3306",
      "gtid-mode=ON",
      "enforce-gtid-consistency=ON",
      "innodb-buffer-pool-size=32M",
      "innodb-flush-log-at-trx-commit=2",
      "sync-binlog=0",
      "innodb-doublewrite=OFF",
      // A host has few slots of this kind for all its servers.
      "innodb-use-native-aio=OFF",
      "loose-group-replication-message-cache-size=134217728",
      ...more,
    ];
    return `[mysqld]\n${options.join("\n")}\n`;
  }

  /** Words that run a program on this machine. */
  on(program: readonly string[]): readonly string[] {
    return [...this.#inside(), ...program];
  }

  /** Starts the server, and starts it again whenever it asks for that, as after a clone. Returns once it answers. */
  async start(more: readonly string[] = []): Promise<void> {
    this.#supervise(more);
    const started = async (): Promise<boolean> => {
      if (this.#server === undefined) throw new Error(`the server of ${this.name} ended`);
      return this.answers();
    };
    await until(started, `the server of ${this.name}`, 120).catch(async (error: unknown) => {
      const log = await readFile(this.#file("error.log"), "utf8");
      throw new Error(log.split("\n").slice(-15).join("\n"), { cause: error });
    });
  }

  #supervise(more: readonly string[]): void {
    const [program = "", ...words] = this.#command;
    // mysqld restarts itself only under the process that this variable names.
    const env = { PATH: process.env["PATH"], MYSQLD_PARENT_PID: String(process.pid) };
    const server = spawn(program, [...words, ...more], { stdio: "ignore", env });
    this.#server = server;
    server.on("exit", (code) => {
      if (this.#server !== server) return;
      this.#server = undefined;
      if (code === RESTART) this.#supervise([]);
    });
  }

  /** Waits until a server that was told to restart itself has done so. */
  async isBack(): Promise<void> {
    const uptime = async (): Promise<number> => {
      const [seconds] = await this.sql(
        "SELECT CAST(variable_value AS SIGNED) FROM performance_schema.global_status WHERE variable_name = 'Uptime'",
      );
      return Number(seconds);
    };
    const before = await uptime().catch(() => Number.POSITIVE_INFINITY);
    await until(async () => (await uptime().catch(() => before)) < before, `the restart of ${this.name}`);
  }

  async answers(): Promise<boolean> {
    try {
      const connection = await this.connect();
      connection.destroy();
      return true;
    } catch {
      return false;
    }
  }

  /** Ends the server as `kill -9` does. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const ended = new Promise((resolve) => server.on("close", resolve));
    server.kill("SIGKILL");
    await ended;
  }

  /** The server stops working, but its connections stay. */
  freeze(): void {
    this.#server?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#server?.kill("SIGCONT");
  }

  connect(): Promise<Connection> {
    return createConnection({
      host: this.address,
      ...ROOT,
      ssl: { rejectUnauthorized: false },
      connectTimeout: 3000,
    });
  }

  /** Runs statements in one session and answers the first column of the last one's rows. */
  async sql(...statements: readonly string[]): Promise<readonly unknown[]> {
    const connection = await this.connect();
    try {
      let found: readonly unknown[] = [];
      for (const statement of statements) {
        const [rows] = await connection.query(statement);
        found = Array.isArray(rows) ? rows.map((row) => Object.values(row)[0]) : [];
      }
      return found;
    } finally {
      connection.destroy();
    }
  }
}

const FIRST = `SET sql_log_bin=0;
CREATE USER '${ROOT.user}'@'%' IDENTIFIED BY '${ROOT.password}';
GRANT ALL ON *.* TO '${ROOT.user}'@'%' WITH GRANT OPTION;
`;
