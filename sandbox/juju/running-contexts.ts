// The contexts of what a unit is running right now, for hook commands to find by their ids, and the program that runs.

import {
  type HookContext,
  type LogLevel,
  openContext,
  type RelationCache,
  type RunKind,
} from "../../lib/juju/hook-context.ts";
import { newHex } from "../../lib/juju/identity.ts";
import type { Model, Unit } from "../../lib/juju/model.ts";
import { resourcePaths } from "../../lib/juju/resources.ts";
import type { AgentWorld } from "./agent-steps.ts";
import type { Program } from "./unit-machine.ts";

interface Owner {
  readonly world: AgentWorld;
  readonly model: Model;
  readonly unit: Unit;
}

export class RunningContexts {
  readonly #cache: RelationCache = new Map();
  readonly #contexts = new Map<string, HookContext>();
  #program: Program | undefined;

  byId(id: string): HookContext | undefined {
    return this.#contexts.get(id);
  }

  /** Opens a context under a fresh id, which starts with the unit and what it is for. */
  open(owner: Owner, purpose: string, run: RunKind): HookContext {
    const { world, model, unit } = owner;
    const contextWorld = {
      state: world.store.state,
      now: () => world.clock.now(),
      changed: world.store.changed,
      log: (level: LogLevel, logger: string, message: string) => logLine(owner, level, logger, message),
      resources: resourcePaths(model, unit),
    };
    const id = `${unit.name}-${purpose}-${newHex(32, world.store.state.chance)}`;
    return openContext(id, contextWorld, { model, unit }, run, this.#cache);
  }

  /** Lets hook commands find the context while `run` is under way, and remembers the program that it starts. */
  async during<T>(
    context: HookContext,
    run: (started: (program: Program) => void) => Promise<T>,
  ): Promise<T> {
    this.#contexts.set(context.id, context);
    try {
      return await run((program) => {
        this.#program = program;
      });
    } finally {
      this.#program = undefined;
      this.#contexts.delete(context.id);
    }
  }

  /** Kills the running program. False when there is none. */
  kill(): boolean {
    return this.#program?.kill("SIGKILL") ?? false;
  }
}

/** Writes a line about a unit into its model's log. */
export function logLine(
  { world, model, unit }: Owner,
  level: LogLevel,
  logger: string,
  message: string,
): void {
  const entity = `unit-${unit.name.replace("/", "-")}`;
  const time = new Date(world.clock.now()).toISOString();
  world.log({ time, model: model.name, entity, level, logger, message });
}
