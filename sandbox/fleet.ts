// The machines of all models and the agents on them: brought up when the state asks for them, taken down when it no longer does.

import { unitPaths } from "../lib/juju/environment.ts";
import type { MachineRecord, Model, Unit } from "../lib/juju/model.ts";
import { forgetMachine, forgetModel, isFrozen, isOff } from "./faults/fault.ts";
import { cutSites, isCutOff, networkOf } from "./faults/network.ts";
import { Strikes } from "./faults/strikes.ts";
import { type AgentDisk, installAgent } from "./juju/agent-files.ts";
import type { AgentWorld } from "./juju/agent-steps.ts";
import { placeCharm } from "./juju/charm-files.ts";
import { type Clock, timestamp } from "./juju/clock.ts";
import type { DebugLog } from "./juju/debug-log.ts";
import { Elections } from "./juju/leadership.ts";
import { forgetUnit, removeUnit } from "./juju/operations/applications.ts";
import type { Store } from "./juju/store.ts";
import { UnitAgent } from "./juju/unit-agent.ts";
import type { UnitMachine } from "./juju/unit-machine.ts";
import type { NetworkFaults } from "./machine/cable.ts";

/** A machine as the fleet handles it. */
export interface FleetMachine extends UnitMachine, AgentDisk {
  readonly isRunning: boolean;
  readonly isFrozen: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  powerOff(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  setNetwork(faults: NetworkFaults): Promise<void>;
  destroy(): Promise<void>;
  mountStorage(id: string, inside: string): Promise<void>;
}

export interface FleetOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: DebugLog;
  /** The store of charms. */
  readonly charms: string;
  readonly makeMachine: (model: Model, record: MachineRecord) => Promise<FleetMachine>;
  readonly removeNetwork: (site: number) => Promise<void>;
  /** Nothing passes between the sites of these numbers, and between all others it does. */
  readonly setCuts: (pairs: readonly (readonly [number, number])[]) => Promise<void>;
  readonly retry: { readonly first: number; readonly longest: number };
  /** Milliseconds for which a silent leader keeps the lead. */
  readonly lease: number;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #machines = new Map<string, FleetMachine>();
  readonly #agents = new Map<string, UnitAgent>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly elections: Elections;
  readonly #strikes: Strikes;
  #stopped = false;
  #listening: () => void = () => {};

  constructor(options: FleetOptions) {
    this.#options = options;
    const { store, clock, lease, log } = options;
    this.elections = new Elections(store, clock, lease, (model, unit) => {
      const machine = model.units[unit]?.machine;
      return (
        this.agentOf(model, unit) !== undefined && machine !== undefined && this.isInContact(model, machine)
      );
    });
    this.#strikes = new Strikes(store, this.elections, log);
  }

  /** Boots what the state says should run, and follows the state from then on. */
  start(): void {
    const { store } = this.#options;
    const { state } = store;
    // What was frozen has lost its power together with the controller.
    state.faults = state.faults.filter(({ kind }) => kind !== "frozen");
    for (const model of Object.values(state.models)) {
      for (const record of Object.values(model.machines))
        record.status = isOff(state.faults, model.name, record.id) ? "down" : "pending";
    }
    void this.#setCuts().catch((error: unknown) => console.error("cannot cut sites:", error));
    this.#listening = store.onChange(() => {
      this.#bringUp();
      for (const agent of this.#agents.values()) agent.wake();
    });
    this.#bringUp();
    this.elections.start();
  }

  /** Ends all agents and shuts all machines down. */
  async stop(how: "shut down" | "cut power"): Promise<void> {
    this.#stopped = true;
    this.#listening();
    this.elections.stop();
    await Promise.allSettled(this.#busy.values());
    await Promise.all([...this.#agents.values()].map((agent) => agent.stop()));
    const running = [...this.#machines.values()].filter((machine) => machine.isRunning);
    await Promise.allSettled(
      running.map((machine) => (how === "cut power" ? machine.powerOff() : machine.stop())),
    );
  }

  agentOf(model: Model, unit: string): UnitAgent | undefined {
    return this.#agents.get(`${model.uuid}:${unit}`);
  }

  machineOf(model: Model, id: string): FleetMachine | undefined {
    return this.#machines.get(`${model.uuid}:${id}`);
  }

  /** Whether a machine is up and reaches the controller. */
  isInContact(model: Model, id: string): boolean {
    const machine = this.machineOf(model, id);
    if (machine === undefined || !machine.isRunning || machine.isFrozen) return false;
    return !isCutOff(this.#options.store.state.faults, model.name, id);
  }

  /** Makes all machines and the network be as the faults in force say. */
  async applyFaults(): Promise<void> {
    await this.#setCuts();
    const { models } = this.#options.store.state;
    const all = Object.values(models).flatMap((model) =>
      Object.values(model.machines).map((record) =>
        this.withMachine(model, record.id, () => this.#applyFaultsTo(model, record)),
      ),
    );
    await Promise.all(all);
  }

  async #setCuts(): Promise<void> {
    const { state } = this.#options.store;
    await this.#options.setCuts(cutSites(state.faults, state.models));
  }

  async #applyFaultsTo(model: Model, record: MachineRecord): Promise<void> {
    const { faults, models } = this.#options.store.state;
    const machine = this.machineOf(model, record.id);
    if (isOff(faults, model.name, record.id)) {
      await this.#stopAgents(model, record.id);
      if (machine?.isRunning) await machine.powerOff();
      if (record.status !== "down") this.#mark(record, "down", "");
      return;
    }
    if (machine === undefined) {
      if (record.status === "down") this.#mark(record, "pending", "");
      return;
    }
    await machine.setNetwork(networkOf(faults, models, model.name, record.id));
    if (!machine.isRunning && record.status === "down") await this.#boot(model, record, machine, true);
    const frozen = isFrozen(faults, model.name, record.id);
    if (frozen !== machine.isFrozen) await (frozen ? machine.freeze() : machine.thaw());
    this.#markContact(model, record);
  }

  #markContact(model: Model, record: MachineRecord): void {
    const status = this.isInContact(model, record.id) ? "started" : "down";
    if (record.status !== status) this.#mark(record, status, "");
  }

  /** Does something with a machine while nothing else does. */
  async withMachine(model: Model, id: string, act: () => Promise<void>): Promise<void> {
    const key = `${model.uuid}:${id}`;
    const turn = (this.#busy.get(key) ?? Promise.resolve()).then(act);
    const settled = turn
      .catch(() => {})
      .finally(() => {
        if (this.#busy.get(key) === settled) this.#busy.delete(key);
      });
    this.#busy.set(key, settled);
    await turn;
  }

  /** Takes a machine down, hooks and all, and up again. */
  async restart(model: Model, id: string, options: { graceful: boolean }): Promise<void> {
    await this.withMachine(model, id, async () => {
      const machine = this.machineOf(model, id);
      const record = model.machines[id];
      if (machine === undefined || record === undefined) return;
      await this.#stopAgents(model, id);
      if (machine.isRunning) await (options.graceful ? machine.stop() : machine.powerOff());
      this.#mark(record, "down", "");
      await this.#boot(model, record, machine, true);
    });
  }

  /** Forgets a unit with its machine at once, whatever it was doing. */
  async removeUnit(model: Model, unit: Unit): Promise<void> {
    removeUnit(this.#options.store.state, model, unit);
    await this.withMachine(model, unit.machine, async () => {
      await this.#stopAgents(model, unit.machine);
      await this.#discard(model, unit);
    });
  }

  #bringUp(): void {
    if (this.#stopped) return;
    for (const model of Object.values(this.#options.store.state.models)) {
      for (const record of Object.values(model.machines)) {
        if (record.status !== "pending" || this.#busy.has(`${model.uuid}:${record.id}`)) continue;
        void this.withMachine(model, record.id, () => this.#provision(model, record));
      }
    }
  }

  async #provision(model: Model, record: MachineRecord): Promise<void> {
    if (record.status !== "pending" || this.#stopped) return;
    try {
      const { faults, models } = this.#options.store.state;
      if (isOff(faults, model.name, record.id)) return this.#mark(record, "down", "");
      const machine = await this.#options.makeMachine(model, record);
      this.#machines.set(`${model.uuid}:${record.id}`, machine);
      await machine.setNetwork(networkOf(faults, models, model.name, record.id));
      await this.#boot(model, record, machine, false);
    } catch (error) {
      this.#mark(record, "down", error instanceof Error ? error.message : String(error));
    }
  }

  async #boot(model: Model, record: MachineRecord, machine: FleetMachine, rebooted: boolean): Promise<void> {
    const units = Object.values(model.units).filter((unit) => unit.machine === record.id);
    const storages = Object.values(model.storage).filter((storage) =>
      units.some((unit) => unit.name === storage.unit),
    );
    for (const storage of storages)
      await machine.mountStorage(storage.id.replace("/", "-"), storage.location);
    await machine.start();
    for (const storage of storages) storage.provisioned = true;
    for (const unit of units) await this.#startAgent(model, unit, machine, rebooted);
    this.#markContact(model, record);
  }

  async #startAgent(model: Model, unit: Unit, machine: FleetMachine, rebooted: boolean): Promise<void> {
    const known = unit.local.installed || unit.local.hook !== null;
    await installAgent(unit, machine, this.#options.charms);
    const agent = new UnitAgent(this.#worldOf(machine, model, unit), model, unit, {
      rebooted: rebooted || known,
    });
    await agent.start();
    this.#agents.set(`${model.uuid}:${unit.name}`, agent);
  }

  #worldOf(machine: FleetMachine, model: Model, { machine: id }: Unit): AgentWorld {
    const { store, clock, log, retry, charms } = this.#options;
    return {
      store,
      clock,
      machine,
      retry,
      log: log.append,
      strikes: this.#strikes,
      inContact: () => this.isInContact(model, id),
      placeCharm: async (unit, charm) =>
        await placeCharm(charms, charm, machine.disk(unitPaths(unit.name).charmDir)),
      onDead: (agent) => void this.#bury(agent),
      onResigned: (model, unit) => {
        const application = model.applications[unit.application];
        if (application?.leader === unit.name) this.elections.depose(model, application, undefined);
      },
      onReboot: (agent) => void this.restart(agent.model, agent.unit.machine, { graceful: true }),
    };
  }

  async #bury(agent: UnitAgent): Promise<void> {
    await this.withMachine(agent.model, agent.unit.machine, async () => {
      await this.#stopAgents(agent.model, agent.unit.machine);
      await this.#discard(agent.model, agent.unit);
    });
  }

  async #stopAgents(model: Model, machine: string): Promise<void> {
    for (const [key, agent] of this.#agents) {
      if (agent.model !== model || agent.unit.machine !== machine) continue;
      this.#agents.delete(key);
      await agent.stop();
    }
    this.#options.store.changed();
  }

  async #discard(model: Model, unit: Unit): Promise<void> {
    const { store } = this.#options;
    const key = `${model.uuid}:${unit.machine}`;
    // Written first: should this process end halfway, the next one finishes it.
    unit.life = "dead";
    store.changed();
    await store.saved();
    await this.#machines.get(key)?.destroy();
    this.#machines.delete(key);
    forgetMachine(store.state, model.name, unit.machine);
    forgetUnit(store.state, model, unit);
    store.changed();
  }

  #mark(record: MachineRecord, status: MachineRecord["status"], message: string): void {
    Object.assign(record, { status, message, since: timestamp(this.#options.clock) });
    this.#options.store.changed();
  }

  /** Removes a model that nothing is left in. */
  async removeModel(model: Model): Promise<void> {
    const { store } = this.#options;
    delete store.state.models[model.name];
    forgetModel(store.state, model.name);
    if (store.state.currentModel === model.name) store.state.currentModel = "";
    store.changed();
    await this.#options.removeNetwork(model.site);
  }
}
