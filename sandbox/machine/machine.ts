// One machine of the sandbox: its life (start, stop, power cut), the programs in it, its storages, and its faults.
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { type BootSpec, boot, type Running } from "./boot.ts";
import { Cable, type NetworkFaults, NO_NETWORK_FAULTS } from "./cable.ts";
import { continueAll, processesOf, stopAll } from "./freeze.ts";
import { isPlainUser } from "./hub.ts";
import { collect, enter, type MachineProcess, type Output, type SpawnOptions } from "./process.ts";
import { type Bind, diskPath, hostBinds, makeRoot, prepareBoot, STORAGE_POOL } from "./root.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Where a machine has the project's folder and the node that runs it. */
export const INSIDE_PROJECT = "/usr/local/lib/juju-sandbox";
export const INSIDE_NODE = "/usr/local/lib/juju-sandbox-node";
/** The environment of a service or a login on a machine; programs of the sandbox that start others use it. */
export const MACHINE_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin",
  HOME: "/root",
  USER: "root",
  LANG: "C.UTF-8",
};

export interface MachineSpec extends BootSpec {
  /** Read-only files of the host, besides /usr and the project. */
  readonly binds?: readonly Bind[];
  /** Executable files that each start writes anew: path inside → text. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Programs that run one after another at each start, once storages are mounted. */
  readonly onBoot?: readonly (readonly string[])[];
}

export class Machine {
  readonly spec: MachineSpec;
  readonly #storages = new Map<string, string>();
  readonly #programs = new Set<MachineProcess>();
  readonly #cable: Cable;
  #networkFaults = NO_NETWORK_FAULTS;
  #running: Running | undefined;
  #frozen = false;

  constructor(spec: MachineSpec) {
    this.spec = spec;
    this.#cable = new Cable(spec.address, spec.bridge);
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get isFrozen(): boolean {
    return this.#frozen;
  }

  /**
   * Path on the hub's side of an absolute path inside. While the machine runs it is short (a unix socket can be bound at it)
   * and sees every mount; absolute symbolic links on the way would lead into the host. Do not keep it across a reboot.
   */
  path(inside: string): string {
    if (this.#running !== undefined) return `/proc/${this.#running.init}/root${join("/", inside)}`;
    return diskPath(this.spec.folder, inside, this.#storages);
  }

  /** Starts a program inside. Throws when the machine is off. */
  spawn(argv: readonly string[], options: SpawnOptions): MachineProcess {
    const program = enter(this.#mustRun().init, argv, options);
    this.#programs.add(program);
    void program.exited.then(() => this.#programs.delete(program));
    if (this.#frozen) program.kill("SIGSTOP");
    return program;
  }

  /** Runs a program inside to its end, whatever its exit code; by default with the environment of a login. */
  async exec(
    argv: readonly string[],
    options: Partial<SpawnOptions> & { input?: string } = {},
  ): Promise<Output> {
    const { input, ...rest } = options;
    const stdin = input === undefined ? "ignore" : "pipe";
    return await collect(this.spawn(argv, { env: MACHINE_ENVIRONMENT, stdin, ...rest }), input);
  }

  /** Boots. Its files are as they were left; the first time they are made. Throws when it does not come up. */
  async start(): Promise<void> {
    if (this.#running !== undefined) throw new Error(`machine ${this.spec.id} is already running`);
    const { folder, hostname, onBoot = [], programs = {} } = this.spec;
    if (!existsSync(join(folder, "root"))) await makeRoot(folder, { hostname, plainUser: isPlainUser() });
    const binds = [
      ...hostBinds(),
      { from: PROJECT, to: INSIDE_PROJECT },
      { from: process.execPath, to: INSIDE_NODE },
      ...(this.spec.binds ?? []),
    ];
    await prepareBoot(folder, binds, programs);
    await this.#cable.unplugged();
    const running = await boot(this.spec, binds);
    this.#running = running;
    this.#frozen = false;
    void running.ended.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
    if (this.#networkFaults !== NO_NETWORK_FAULTS) await this.#cable.apply(this.#networkFaults, running.init);
    for (const id of this.#storages.keys()) await this.#mount(id);
    for (const argv of onBoot) await this.#mustSucceed(argv);
  }

  /** Shuts down: every process gets SIGTERM and time to end (bounded by the machine's init). */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Cuts the power: every process is gone at once. Files stay. */
  async powerOff(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Nothing inside runs any more until thaw, as when a virtual machine is paused; its peers see silence. */
  async freeze(): Promise<void> {
    const { init } = this.#mustRun();
    this.#frozen = true;
    // Programs that are still on their way in, too.
    for (const program of this.#programs) program.kill("SIGSTOP");
    stopAll(init);
  }

  async thaw(): Promise<void> {
    continueAll(this.#mustRun().init);
    for (const program of this.#programs) program.kill("SIGCONT");
    this.#frozen = false;
  }

  /** Everything that runs inside, by the hub's process ids. */
  processes(): readonly number[] {
    return processesOf(this.#mustRun().init);
  }

  /** Makes the machine's network faulty, or sound again: now and at every later start. */
  async setNetwork(faults: NetworkFaults): Promise<void> {
    if (isDeepStrictEqual(faults, this.#networkFaults)) return;
    this.#networkFaults = faults;
    if (this.#running !== undefined) await this.#cable.apply(faults, this.#running.init);
  }

  /** Makes a storage (empty unless it has been there before) and mounts it, now and at every later start. */
  async mountStorage(id: string, inside: string): Promise<void> {
    await mkdir(join(this.spec.folder, "storage", id), { recursive: true });
    this.#storages.set(id, inside);
    if (this.isRunning) await this.#mount(id);
  }

  /** Unmounts a storage; its files stay in the machine's folder, at storageFolder(id). */
  async unmountStorage(id: string): Promise<void> {
    const inside = this.#storages.get(id);
    if (inside === undefined) throw new Error(`machine ${this.spec.id} has no storage ${id}`);
    if (this.isRunning) await this.#mustSucceed(["umount", inside]);
    this.#storages.delete(id);
  }

  /** The hub's path of a storage's files. Renaming it into another machine's folder moves the storage there. */
  storageFolder(id: string): string {
    return join(this.spec.folder, "storage", id);
  }

  /** Cuts the power if need be and removes everything that was ever on the machine. */
  async destroy(): Promise<void> {
    if (this.isRunning) await this.powerOff();
    await rm(this.spec.folder, { recursive: true, force: true });
  }

  #mustRun(): Running {
    if (this.#running === undefined) throw new Error(`machine ${this.spec.id} is off: start it first`);
    return this.#running;
  }

  async #mount(id: string): Promise<void> {
    const inside = this.#storages.get(id) ?? "";
    await this.#mustSucceed(["mkdir", "-p", inside]);
    await this.#mustSucceed(["mount", "--bind", `${STORAGE_POOL}/${id}`, inside]);
  }

  async #mustSucceed(argv: readonly string[]): Promise<void> {
    const { code, signal, stdout, stderr } = await this.exec(argv);
    if (code === 0) return;
    const said = `${stdout}${stderr}`.trim();
    throw new Error(`machine ${this.spec.id}: ${argv.join(" ")}: ${code ?? signal}: ${said}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#mustRun();
    // A stopped init (freeze) would not see SIGTERM.
    if (signal !== "SIGKILL") await this.thaw();
    process.kill(running.init, signal);
    await running.ended;
    this.#running = undefined;
    await this.#cable.unplugged();
  }
}
