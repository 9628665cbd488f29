// What goes with a hook besides running it: statuses that Juju sets itself, and what a finished hook means for the model.

import { mirror } from "../../lib/juju/cross-model.ts";
import { type HookInfo, hookName } from "../../lib/juju/local-state.ts";
import type { Model, SandboxState, Unit } from "../../lib/juju/model.ts";
import { addressOf, leaveScope, relationsOfApplication, writeBag } from "../../lib/juju/relations.ts";
import { setAgent, setWorkload } from "../../lib/juju/statuses.ts";
import type { RunStrikes } from "../faults/strikes.ts";
import type { Clock } from "./clock.ts";
import type { LogLine } from "./debug-log.ts";
import type { Store } from "./store.ts";
import type { RetryLimits } from "./timers.ts";
import type { Turns } from "./turns.ts";
import type { UnitAgent } from "./unit-agent.ts";
import type { UnitMachine } from "./unit-machine.ts";

/** All that an agent needs of the world around it. */
export interface AgentWorld {
  readonly store: Store;
  readonly clock: Clock;
  readonly machine: UnitMachine;
  readonly retry: RetryLimits;
  readonly log: (line: LogLine) => void;
  /** Puts another revision of the charm into the unit's charm folder. */
  readonly placeCharm: (unit: Unit, charm: string) => Promise<void>;
  readonly onDead: (agent: UnitAgent) => void;
  readonly onResigned: (model: Model, unit: Unit) => void;
  readonly onReboot: (agent: UnitAgent) => void;
  /** When agents act one at a time, in an order that can be had again. */
  readonly turns?: Turns;
  /** Whether the agent reaches the controller; always when absent. Without it nothing begins, and hook commands wait. */
  readonly inContact?: () => boolean;
  /** Faults that wait for something that a run does. */
  readonly strikes?: RunStrikes;
  /** What bytes sent to an address are about to change; null for nothing, undefined when nobody knows. */
  readonly describeSend?: (address: string, bytes: Buffer) => string | null | undefined;
}

/** What is needed of it where nothing runs: the state, and the time. */
export interface NotedWorld {
  readonly store: Pick<Store, "changed"> & { readonly state: SandboxState };
  readonly clock: Pick<Clock, "now">;
}

/** Milliseconds after which an owner is told again of a rotation or an expiry that it did nothing about. */
const REMINDER = 300_000;
const INSTALLING = "installing charm software";
const workloadDuring: Readonly<Record<string, string>> = {
  install: INSTALLING,
  stop: "stopping charm software",
  remove: "cleaning up prior to charm deletion",
};

/** Writes down that a hook is about to run, before it does. */
export function prepareHook(world: NotedWorld, unit: Unit, hook: HookInfo): void {
  unit.local = { ...unit.local, step: "pending", hook };
  const message = workloadDuring[hook.kind];
  const since = new Date(world.clock.now()).toISOString();
  if (message !== undefined && (hook.kind !== "install" || unit.workload.status === "waiting")) {
    setWorkload(unit, { status: "maintenance", message, since });
  }
  if (hook.kind !== "update-status")
    setAgentStatus(world, unit, "executing", `running ${hookName(hook)} hook`);
  world.store.changed();
}

/** What a hook's success changes in the model, besides what the charm wrote. */
export function finishHook(world: NotedWorld, model: Model, unit: Unit, hook: HookInfo): void {
  const since = new Date(world.clock.now()).toISOString();
  switch (hook.kind) {
    case "start":
      if (unit.workload.message === INSTALLING) setWorkload(unit, { status: "unknown", message: "", since });
      return;
    case "config-changed":
      refreshAddresses(world, model, unit);
      return;
    case "relation-broken": {
      const relation = model.relations[hook.relation];
      if (relation !== undefined) leaveScope(world.store.state, model, relation, unit.name);
      return;
    }
    case "storage-detaching":
      delete model.storage[hook.storage];
      return;
    case "secret-rotate": {
      const secret = model.secrets[hook.id];
      if (secret !== undefined && secret.latest === hook.revision) {
        secret.nextRotate = new Date(world.clock.now() + REMINDER).toISOString();
      }
      return;
    }
    case "secret-expired": {
      const revision = model.secrets[hook.id]?.revisions[hook.revision];
      if (revision !== undefined) revision.remind = new Date(world.clock.now() + REMINDER).toISOString();
      return;
    }
    case "remove":
      setWorkload(unit, { status: "terminated", message: "", since });
      return;
    default:
      return;
  }
}

/** Sets what `juju status` shows of the agent. */
export function setAgentStatus(world: NotedWorld, unit: Unit, status: string, message: string): void {
  setAgent(unit, { status, message, since: new Date(world.clock.now()).toISOString() });
  world.store.changed();
}

function refreshAddresses(world: NotedWorld, model: Model, unit: Unit): void {
  const address = addressOf(model, unit.name);
  for (const relation of relationsOfApplication(model, unit.application)) {
    const bag = relation.units[unit.name];
    if (bag === undefined || bag.scope !== "in") continue;
    const addresses = {
      "egress-subnets": `${address}/32`,
      "ingress-address": address,
      "private-address": address,
    };
    if (writeBag(bag, addresses)) mirror(world.store.state, model, relation);
  }
}
