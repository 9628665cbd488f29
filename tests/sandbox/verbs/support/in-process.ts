// The whole sandbox without namespaces or processes: verbs as a person types them, agents, and machines that are folders.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Model, Unit } from "../../../../lib/juju/model.ts";
import { Fleet } from "../../../../sandbox/fleet.ts";
import type { FleetMachine } from "../../../../sandbox/fleet-machine.ts";
import { DebugLog } from "../../../../sandbox/juju/debug-log.ts";
import { Store } from "../../../../sandbox/juju/store.ts";
import { runVerb } from "../../../../sandbox/verbs/index.ts";
import { TestClock } from "../../juju/support/agents.ts";
import { type Dispatch, FakeMachine } from "../../juju/support/fake-machine.ts";
import { untilHolds } from "../../juju/support/until.ts";

export const tinyCharm = fileURLToPath(new URL("../../juju/fixtures/tiny", import.meta.url));

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

class FolderMachine extends FakeMachine implements FleetMachine {
  readonly hookTool = "/bin/true";
  readonly mounted = new Map<string, string>();
  isRunning = false;
  disk(inside: string): string {
    return this.path(inside);
  }
  async start(): Promise<void> {
    this.isRunning = true;
  }
  async stop(): Promise<void> {
    this.isRunning = false;
  }
  async powerOff(): Promise<void> {
    this.isRunning = false;
  }
  async destroy(): Promise<void> {
    this.isRunning = false;
  }
  readonly isFrozen = false;
  async freeze(): Promise<void> {}
  async thaw(): Promise<void> {}
  async setNetwork(): Promise<void> {}
  async mountStorage(id: string, inside: string): Promise<void> {
    this.mounted.set(id, inside);
  }
}

export class InProcess {
  readonly clock = new TestClock();
  readonly store: Store;
  fleet: Fleet;
  readonly machines = new Map<string, FolderMachine>();
  /** What the charm does on every machine. */
  dispatch: Dispatch = () => 0;
  /** Machines that do not boot: their files are not whole. */
  readonly ruined = new Set<string>();
  readonly #folder = mkdtempSync(join(tmpdir(), "verbs-"));
  readonly #log: DebugLog;

  constructor() {
    this.store = new Store(join(this.#folder, "state.json"));
    this.#log = new DebugLog(join(this.#folder, "log"));
    this.fleet = this.#makeFleet();
    this.fleet.start();
  }

  #makeFleet(): Fleet {
    return new Fleet({
      store: this.store,
      clock: this.clock,
      log: this.#log,
      charms: join(this.#folder, "charms"),
      makeMachine: async (model, record) => {
        const machine = new FolderMachine(join(this.#folder, `${model.name}-${record.id}`));
        machine.dispatch = (env, tool, print) => this.dispatch(env, tool, print);
        const id = `${model.name}/${record.id}`;
        if (this.ruined.has(id)) machine.start = () => Promise.reject(new Error("its files are not whole"));
        this.machines.set(id, machine);
        return machine;
      },
      removeNetwork: async () => {},
      setCuts: async () => {},
      retry: { first: 5_000, longest: 300_000 },
      lease: 30_000,
    });
  }

  /** All that runs ends, and another controller goes on with the same state. */
  async startAgain(): Promise<void> {
    await this.fleet.stop("cut power");
    this.fleet = this.#makeFleet();
    this.fleet.start();
  }

  /** Carries out a command line, words split at blanks unless given as a list, and waits until every unit rests. */
  async juju(
    line: string | readonly string[],
    options: { signal?: AbortSignal; color?: boolean } = {},
  ): Promise<Said> {
    const said = { out: "", err: "" };
    const screen = {
      out: (text: string) => {
        said.out += text;
      },
      err: (text: string) => {
        said.err += text;
      },
      signal: options.signal ?? new AbortController().signal,
      cwd: this.#folder,
      color: options.color ?? false,
      isTerminal: false,
      onInput: () => {},
    };
    const world = {
      store: this.store,
      fleet: this.fleet,
      log: this.#log,
      clock: this.clock,
      charms: join(this.#folder, "charms"),
    };
    const code = await runVerb(world, screen, typeof line === "string" ? line.split(" ") : line);
    return { code, ...said };
  }

  /** Like juju, for a line that has to succeed; gives what it printed. */
  async out(line: string | readonly string[]): Promise<string> {
    const { code, out, err } = await this.juju(line);
    if (code !== 0) throw new Error(`${line}: ${err}`);
    return out;
  }

  /** Resolves when the condition holds; it is looked at after every change. */
  until(holds: () => boolean): Promise<void> {
    return untilHolds(this.store, holds);
  }

  /** Resolves when no unit has anything to do. */
  async settled(): Promise<void> {
    await this.until(() =>
      this.#models().every((model) =>
        Object.values(model.units).every((unit) => ["idle", "error"].includes(unit.agent.status)),
      ),
    );
  }

  model(name: string): Model {
    const model = this.store.state.models[name];
    if (model === undefined) throw new Error(`no model ${name}`);
    return model;
  }

  unit(model: string, name: string): Unit {
    const unit = this.model(model).units[name];
    if (unit === undefined) throw new Error(`no unit ${name}`);
    return unit;
  }

  /** The hooks and actions that a machine ran since this was last asked. */
  runs(machine: string): string[] {
    return this.machines.get(machine)?.runs.splice(0) ?? [];
  }

  /** A folder for files of the test; relative paths of command lines start here. */
  get folder(): string {
    mkdirSync(this.#folder, { recursive: true });
    return this.#folder;
  }

  async stop(): Promise<void> {
    await this.fleet.stop("cut power");
    await this.store.saved();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #models(): Model[] {
    return Object.values(this.store.state.models);
  }
}
