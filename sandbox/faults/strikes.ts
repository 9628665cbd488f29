// Lets the faults in force strike the runs of agents: counts what they do, takes the lead away, says when to kill, and logs it.
import type { HookContext } from "../../lib/juju/hook-context.ts";
import { hookName } from "../../lib/juju/local-state.ts";
import type { Model, Unit } from "../../lib/juju/model.ts";
import { type Clock, timestamp } from "../juju/clock.ts";
import type { DebugLog } from "../juju/debug-log.ts";
import type { Elections } from "../juju/leadership.ts";
import type { Store } from "../juju/store.ts";
import type { Counted } from "./fault.ts";
import { about, type Blow, countsEffects, past, type RunPlace, refusesFlush } from "./runs.ts";

/** A run of a unit: of a hook or action by its name, `run-commands` for a command line, `job` for what a run left behind. */
export interface Run {
  readonly model: Model;
  readonly unit: Unit;
  readonly name: string;
}

/** What an agent asks about its runs. Whoever is answered true kills the run's program. */
export interface RunStrikes {
  /** Something that is counted is about to happen; `label` is for the log. */
  before(run: Run, counted: readonly Counted[], label: string): boolean;
  /** What was asked about last has happened, or the run has ended. */
  after(run: Run): boolean;
  refusesFlush(run: Run): boolean;
  countsEffects(run: Run): boolean;
}

/** The run that a context is of. */
export function runOf({ model, unit, run: { hook, task } }: HookContext): Run {
  return { model, unit, name: hook !== null ? hookName(hook) : (task?.name ?? "run-commands") };
}

export class Strikes implements RunStrikes {
  readonly #store: Store;
  readonly #elections: Elections;
  readonly #log: DebugLog;
  readonly #clock: Clock;

  constructor(store: Store, elections: Elections, log: DebugLog, clock: Clock) {
    this.#store = store;
    this.#elections = elections;
    this.#log = log;
    this.#clock = clock;
  }

  before(run: Run, counted: readonly Counted[], label: string): boolean {
    const { state } = this.#store;
    if (!state.faults.some((fault) => "aim" in fault)) return false;
    const blow = about(state, placeOf(run), counted);
    if (blow.counted > 0) this.#say(run, "DEBUG", `${blow.counted}: ${label} (${run.name})`);
    if (blow.depose) this.#depose(run);
    return this.#strike(run, blow);
  }

  after(run: Run): boolean {
    return this.#strike(run, past(this.#store.state, placeOf(run)));
  }

  refusesFlush(run: Run): boolean {
    const refused = refusesFlush(this.#store.state, placeOf(run));
    if (refused) this.#store.changed();
    return refused;
  }

  countsEffects(run: Run): boolean {
    return countsEffects(this.#store.state.faults, placeOf(run));
  }

  #depose({ model, unit }: Run): void {
    const application = model.applications[unit.application];
    if (application?.leader === unit.name) this.#elections.depose(model, application, undefined);
  }

  #strike(run: Run, { kill, struck }: Blow): boolean {
    for (const text of struck) this.#say(run, "WARNING", text);
    if (struck.length > 0) this.#store.changed();
    return kill;
  }

  #say({ model, unit }: Run, level: "DEBUG" | "WARNING", message: string): void {
    const entity = `unit-${unit.name.replace("/", "-")}`;
    const time = timestamp(this.#clock);
    this.#log.append({ time, model: model.name, entity, level, logger: "sandbox.fault", message });
  }
}

function placeOf({ model, unit, name }: Run): RunPlace {
  return { model: model.name, unit: unit.name, run: name };
}
