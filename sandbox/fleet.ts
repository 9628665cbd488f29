// The machines of all models and the agents on them: brought up when the state asks for them, taken down when it no longer does.

import { drawOne } from "../lib/juju/chance.ts";
import type { MachineRecord, Model, Unit } from "../lib/juju/model.ts";
import { setMachine } from "../lib/juju/statuses.ts";
import { Agents } from "./agents.ts";
import { awaitsStorage, markMounted, mountStorage } from "./disks.ts";
import { forgetMachine, forgetModel, isFrozen, isOff } from "./faults/fault.ts";
import { cutSites, isCutOff, networkOf } from "./faults/network.ts";
import { Strikes } from "./faults/strikes.ts";
import type { FleetMachine, FleetOptions } from "./fleet-machine.ts";
import { timestamp } from "./juju/clock.ts";
import { Elections } from "./juju/leadership.ts";
import { forgetUnit, removeUnit } from "./juju/operations/applications.ts";
import { type Turns, turnsOf } from "./juju/turns.ts";
import type { UnitAgent } from "./juju/unit-agent.ts";
import { describeSend } from "./snaps/catalogue.ts";

export class Fleet {
  readonly #options: FleetOptions;
  readonly #machines = new Map<string, FleetMachine>();
  readonly #agents: Agents;
  readonly #busy = new Map<string, Promise<void>>();
  readonly elections: Elections;
  /** Present when agents act one at a time, in an order that can be had again: with a virtual clock. */
  readonly #turns: Turns | undefined;
  #stopped = false;
  #listening: () => void = () => {};

  constructor(options: FleetOptions) {
    this.#options = options;
    const { store, clock, lease, log, retry, charms } = options;
    const { chance } = store.state;
    const isVirtual = store.state.virtualNow !== undefined && chance !== undefined;
    this.elections = new Elections(
      ...([store, clock, lease] as const),
      (model, unit) => this.#isPresent(model, unit),
      ...(isVirtual ? [(heirs: readonly string[]) => drawOne(chance, "leader", heirs)] : []),
    );
    this.#turns = isVirtual
      ? turnsOf(
          { ...store.state, chance },
          () => this.#busy.size > 0,
          (model, unit) => this.#isPresent(model, unit),
        )
      : undefined;
    this.#agents = new Agents({
      ...{ store, clock, retry, charms, log: log.append },
      strikes: new Strikes(store, this.elections, log, clock),
      describeSend,
      ...(this.#turns === undefined ? {} : { turns: this.#turns }),
      isInContact: (model, id) => this.isInContact(model, id),
      onDead: (agent) => void this.#bury(agent),
      onResigned: (model, unit) => {
        const application = model.applications[unit.application];
        if (application?.leader === unit.name) this.elections.depose(model, application, undefined);
      },
      onReboot: (agent) => void this.restart(agent.model, agent.unit.machine, { graceful: true }),
    });
  }

  #isPresent(model: Model, name: string): boolean {
    const unit = model.units[name];
    return (
      this.agentOf(model, name) !== undefined && unit !== undefined && this.isInContact(model, unit.machine)
    );
  }

  /** Waits until nothing happens any more that time alone would not bring. Only with a virtual clock. */
  async untilQuiet(): Promise<void> {
    await this.#turns?.untilQuiet();
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
      this.#agents.wake();
      this.#turns?.review();
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
    await this.#agents.stopAll();
    const running = [...this.#machines.values()].filter((machine) => machine.isRunning);
    await Promise.allSettled(
      running.map((machine) => (how === "cut power" ? machine.powerOff() : machine.stop())),
    );
  }

  agentOf(model: Model, unit: string): UnitAgent | undefined {
    return this.#agents.of(model, unit);
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
      await this.#agents.stopOn(model, record.id);
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
        this.#turns?.review();
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
      await this.#agents.stopOn(model, id);
      if (machine.isRunning) await (options.graceful ? machine.stop() : machine.powerOff());
      this.#mark(record, "down", "");
      await this.#boot(model, record, machine, true);
    });
  }

  /** Forgets a unit with its machine at once, whatever it was doing. */
  async removeUnit(model: Model, unit: Unit): Promise<void> {
    removeUnit(this.#options.store.state, model, unit);
    await this.withMachine(model, unit.machine, async () => {
      await this.#agents.stopOn(model, unit.machine);
      await this.#discard(model, unit);
    });
  }

  #bringUp(): void {
    if (this.#stopped) return;
    for (const model of Object.values(this.#options.store.state.models)) {
      for (const record of Object.values(model.machines)) {
        if (this.#busy.has(`${model.uuid}:${record.id}`)) continue;
        if (record.status === "pending")
          void this.withMachine(model, record.id, () => this.#provision(model, record));
        else if (awaitsStorage(model, record))
          void this.withMachine(model, record.id, () => this.#mountStorage(model, record));
      }
    }
  }

  async #mountStorage(model: Model, record: MachineRecord): Promise<void> {
    const machine = this.machineOf(model, record.id);
    if (machine?.isRunning === true) await mountStorage(model, record, machine);
    this.#options.store.changed();
  }

  async #provision(model: Model, record: MachineRecord): Promise<void> {
    if (record.status !== "pending" || this.#stopped) return;
    try {
      const { faults, models } = this.#options.store.state;
      const dead = Object.values(model.units).find((u) => u.machine === record.id && u.life === "dead");
      if (dead === undefined && isOff(faults, model.name, record.id)) return this.#mark(record, "down", "");
      const machine = await this.#options.makeMachine(model, record);
      this.#machines.set(`${model.uuid}:${record.id}`, machine);
      // Half of its files may be gone, and then it would not boot.
      if (dead !== undefined) return await this.#discard(model, dead);
      await machine.setNetwork(networkOf(faults, models, model.name, record.id));
      await this.#boot(model, record, machine, false);
    } catch (error) {
      this.#mark(record, "down", error instanceof Error ? error.message : String(error));
    }
  }

  async #boot(model: Model, record: MachineRecord, machine: FleetMachine, rebooted: boolean): Promise<void> {
    const units = Object.values(model.units).filter((unit) => unit.machine === record.id);
    await mountStorage(model, record, machine);
    await machine.start();
    markMounted(model, record);
    for (const unit of units) await this.#agents.start(model, unit, machine, rebooted);
    this.#markContact(model, record);
  }

  async #bury(agent: UnitAgent): Promise<void> {
    await this.withMachine(agent.model, agent.unit.machine, async () => {
      await this.#agents.stopOn(agent.model, agent.unit.machine);
      await this.#discard(agent.model, agent.unit);
    });
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
    setMachine(record, { status, message, since: timestamp(this.#options.clock) });
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
