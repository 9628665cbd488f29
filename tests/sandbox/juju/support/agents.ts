// Running agents for tests: a model whose units live on fake machines, with a clock that the test moves.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Model, Unit } from "../../../../lib/juju/model.ts";
import type { AgentWorld } from "../../../../sandbox/juju/agent-steps.ts";
import type { LogLine } from "../../../../sandbox/juju/debug-log.ts";
import { Store } from "../../../../sandbox/juju/store.ts";
import { UnitAgent } from "../../../../sandbox/juju/unit-agent.ts";
import { VirtualClock } from "../../../../sandbox/juju/virtual-clock.ts";
import { type Dispatch, FakeMachine } from "./fake-machine.ts";
import { charm, nowMs } from "./models.ts";
import { untilHolds } from "./until.ts";

/** The virtual clock, moved by so much at a time. */
export class TestClock extends VirtualClock {
  constructor() {
    super(nowMs);
  }

  advance(milliseconds: number): void {
    this.moveTo(this.now() + milliseconds);
  }
}

export class Cluster {
  readonly clock = new TestClock();
  readonly store: Store;
  readonly log: LogLine[] = [];
  /** What a test does when a charm asks for a reboot. */
  onReboot: (agent: UnitAgent) => void = () => {};
  readonly agents = new Map<string, UnitAgent>();
  readonly machines = new Map<string, FakeMachine>();
  readonly #folder = mkdtempSync(join(tmpdir(), "agents-"));

  constructor() {
    this.store = new Store(join(this.#folder, "state.json"));
    this.store.state.charms["c1"] = charm;
    this.store.onChange(() => {
      for (const agent of this.agents.values()) agent.wake();
    });
  }

  /** Starts the agent of a unit on a machine that runs `dispatch`; a unit that had one gets a new one on the same machine. */
  async start(
    model: Model,
    unit: Unit,
    dispatch: Dispatch = () => 0,
    rebooted = false,
  ): Promise<FakeMachine> {
    const machine =
      this.machines.get(unit.name) ??
      new FakeMachine(join(this.#folder, unit.name.replace("/", "-")), unit.name);
    machine.dispatch = dispatch;
    this.machines.set(unit.name, machine);
    for (const storage of Object.values(model.storage)) storage.provisioned = true;
    const world: AgentWorld = {
      store: this.store,
      clock: this.clock,
      machine,
      retry: { first: 5_000, longest: 300_000 },
      log: (line) => this.log.push(line),
      placeCharm: async () => {},
      onDead: (agent) => {
        agent.unit.life = "dead";
        this.store.changed();
      },
      onResigned: (owner, resigned) => {
        const application = owner.applications[resigned.application];
        if (application?.leader === resigned.name) application.leader = null;
      },
      onReboot: (agent) => this.onReboot(agent),
    };
    const agent = new UnitAgent(world, model, unit, { rebooted });
    this.agents.set(unit.name, agent);
    await agent.start();
    return machine;
  }

  /** Resolves when the condition holds; it is looked at after every change of the state. */
  until(holds: () => boolean): Promise<void> {
    return untilHolds(this.store, holds);
  }

  /** Resolves when every agent has nothing to do. */
  async settled(): Promise<void> {
    await this.until(() => [...this.agents.values()].every((agent) => isResting(agent.unit)));
  }

  async stop(): Promise<void> {
    for (const agent of this.agents.values()) await agent.stop();
    await this.store.saved();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function isResting(unit: Unit): boolean {
  return unit.life === "dead" || unit.agent.status === "idle" || unit.agent.status === "error";
}
