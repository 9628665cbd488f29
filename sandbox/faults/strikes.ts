// Lets the faults in force strike the runs of agents: counts what they do, takes the lead away, says when to kill, and logs it.
import type { HookContext } from "../../lib/juju/hook-context.ts";
import { hookName } from "../../lib/juju/local-state.ts";
import type { DebugLog } from "../juju/debug-log.ts";
import type { Elections } from "../juju/leadership.ts";
import type { Store } from "../juju/store.ts";
import type { Counted } from "./fault.ts";
import { about, type Blow, countsEffects, past, type RunPlace, refusesFlush } from "./runs.ts";

/** What an agent asks about its runs. Whoever is answered true kills the run's program. */
export interface RunStrikes {
  /** Something that is counted is about to happen; `label` is for the log. */
  before(context: HookContext, counted: readonly Counted[], label: string): boolean;
  /** What was asked about last has happened, or the run has ended. */
  after(context: HookContext): boolean;
  refusesFlush(context: HookContext): boolean;
  countsEffects(context: HookContext): boolean;
}

export class Strikes implements RunStrikes {
  readonly #store: Store;
  readonly #elections: Elections;
  readonly #log: DebugLog;

  constructor(store: Store, elections: Elections, log: DebugLog) {
    this.#store = store;
    this.#elections = elections;
    this.#log = log;
  }

  before(context: HookContext, counted: readonly Counted[], label: string): boolean {
    const place = placeOf(context);
    if (!this.#store.state.faults.some((fault) => "aim" in fault)) return false;
    this.#say(context, "DEBUG", `${place.run}: ${label}`);
    const blow = about(this.#store.state, place, counted);
    if (blow.depose) this.#depose(context);
    return this.#strike(context, blow);
  }

  after(context: HookContext): boolean {
    return this.#strike(context, past(this.#store.state, placeOf(context)));
  }

  refusesFlush(context: HookContext): boolean {
    const refused = refusesFlush(this.#store.state, placeOf(context));
    if (refused) this.#store.changed();
    return refused;
  }

  countsEffects(context: HookContext): boolean {
    return countsEffects(this.#store.state.faults, placeOf(context));
  }

  #depose({ model, unit }: HookContext): void {
    const application = model.applications[unit.application];
    if (application?.leader === unit.name) this.#elections.depose(model, application, undefined);
  }

  #strike(context: HookContext, { kill, struck }: Blow): boolean {
    for (const text of struck) this.#say(context, "WARNING", text);
    if (struck.length > 0) this.#store.changed();
    return kill;
  }

  #say({ model, unit, world }: HookContext, level: "DEBUG" | "WARNING", message: string): void {
    const time = new Date(world.now()).toISOString();
    const entity = `unit-${unit.name.replace("/", "-")}`;
    this.#log.append({ time, model: model.name, entity, level, logger: "sandbox.fault", message });
  }
}

function placeOf({ model, unit, run }: HookContext): RunPlace {
  const name = run.hook !== null ? hookName(run.hook) : (run.task?.name ?? "run-commands");
  return { model: model.name, unit: unit.name, run: name };
}
