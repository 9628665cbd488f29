// The agents that run: one per unit whose machine is up, each with its view of the world around it.
import { unitPaths } from "../lib/juju/environment.ts";
import type { Model, Unit } from "../lib/juju/model.ts";
import { placeResources } from "./disks.ts";
import { type AgentDisk, installAgent } from "./juju/agent-files.ts";
import type { AgentWorld } from "./juju/agent-steps.ts";
import { placeCharm } from "./juju/charm-files.ts";
import { UnitAgent } from "./juju/unit-agent.ts";
import type { UnitMachine } from "./juju/unit-machine.ts";

/** What all agents have in common. */
export interface AgentsOptions
  extends Pick<
    AgentWorld,
    | "store"
    | "clock"
    | "retry"
    | "log"
    | "strikes"
    | "describeSend"
    | "turns"
    | "onDead"
    | "onResigned"
    | "onReboot"
  > {
  /** The store of charms. */
  readonly charms: string;
  /** Whether a machine is up and reaches the controller. */
  readonly isInContact: (model: Model, machine: string) => boolean;
}

export class Agents {
  readonly #options: AgentsOptions;
  readonly #agents = new Map<string, UnitAgent>();

  constructor(options: AgentsOptions) {
    this.#options = options;
  }

  of(model: Model, unit: string): UnitAgent | undefined {
    return this.#agents.get(`${model.uuid}:${unit}`);
  }

  /** Something may have changed for any of them. */
  wake(): void {
    for (const agent of this.#agents.values()) agent.wake();
  }

  /** Starts the agent of a unit on its machine, which runs. */
  async start(model: Model, unit: Unit, machine: UnitMachine & AgentDisk, rebooted: boolean): Promise<void> {
    const { charms, isInContact, ...common } = this.#options;
    const known = unit.local.installed || unit.local.hook !== null;
    await installAgent(unit, machine, charms);
    await placeResources(model, unit, machine);
    const world: AgentWorld = {
      ...common,
      machine,
      inContact: () => isInContact(model, unit.machine),
      placeCharm: async (owner, charm) => {
        await placeCharm(charms, charm, machine.disk(unitPaths(owner.name).charmDir));
        await placeResources(model, owner, machine);
      },
    };
    const agent = new UnitAgent(world, model, unit, { rebooted: rebooted || known });
    await agent.start();
    this.#agents.set(`${model.uuid}:${unit.name}`, agent);
  }

  /** Ends the agents on a machine, hooks and all. */
  async stopOn(model: Model, machine: string): Promise<void> {
    for (const [key, agent] of this.#agents) {
      if (agent.model !== model || agent.unit.machine !== machine) continue;
      this.#agents.delete(key);
      await agent.stop();
    }
    this.#options.store.changed();
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.stop()));
  }
}
