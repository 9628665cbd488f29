// A story in the model: each move, and the usual course after it.
import { type Move, make, realRules } from "../moves.ts";
import { acceptsWrites, isUp, rowsOn, setOf } from "../mysql/facts.ts";
import { serverOf } from "../mysql/state.ts";
import { membersOf } from "../mysql/views.ts";
import { nothingDeployed } from "../starts.ts";
import { type ExploreState, hostOf, placeOf } from "../state.ts";
import { sentence } from "../story.ts";
import { rest } from "../usual.ts";
import { type Answer, plain, type Told, type UnitAnswer } from "./answer.ts";

/** A move that was made, in words, and what it answered itself. */
export interface Made {
  readonly sentence: string;
  readonly told: Told;
}

export class ModelledWorld {
  #state: ExploreState;

  constructor(seed: number) {
    this.#state = nothingDeployed(seed);
  }

  get state(): ExploreState {
    return this.#state;
  }

  /** Undefined where the move cannot be made. What an action answers is known once the world is at rest. */
  async make(move: Move): Promise<Made | undefined> {
    const happened = await make(realRules, this.#state, move);
    if (happened === undefined) return undefined;
    this.#state = happened.state;
    // On real servers a channel has brought a row before anybody could do the next thing.
    if (move.do === "run" || move.do === "write") await this.settle();
    const told =
      move.do === "run" ? this.#toldBy(move.unit, move.action) : move.do === "write" ? "taken" : "";
    return { sentence: sentence(move, happened), told };
  }

  /** All goes its usual course, faults as they are. A leader without power loses its lease. */
  async settle(): Promise<Answer> {
    await this.#rest();
    const silent = Object.values(this.#state.juju.models).flatMap(({ applications, units }) =>
      Object.values(applications).flatMap(({ name, leader }) => {
        if (leader === null || placeOf(this.#state, leader) !== undefined) return [];
        const heir = Object.keys(units).find(
          (unit) => unit.startsWith(`${name}/`) && placeOf(this.#state, unit),
        );
        return heir === undefined ? [] : [heir];
      }),
    );
    for (const unit of silent) {
      const happened = await make(realRules, this.#state, { do: "lead", unit });
      if (happened !== undefined) this.#state = happened.state;
      await this.#rest();
    }
    return this.#answer();
  }

  async #rest(): Promise<void> {
    const end = await rest(realRules, this.#state, { faultsEnd: false });
    if (!end.quiet) throw new Error("the model does not come to rest");
    this.#state = end.state;
  }

  /** The newest task of that action. */
  #toldBy(unit: string, action: string): Told {
    const model = placeOf(this.#state, unit)?.model;
    const tasks = Object.entries(model?.tasks ?? {}).sort(([a], [b]) => Number(b) - Number(a));
    const task = tasks.map(([, each]) => each).find((each) => each.name === action && each.unit === unit);
    return task === undefined ? "no task" : plain(`${task.status}: ${task.message}`);
  }

  #answer(): Answer {
    const { juju } = this.#state;
    const models = Object.values(juju.models);
    const applications = models.flatMap(({ applications: all }) =>
      Object.values(all).map(
        ({ name, status }) => [name, plain(`${status?.status}: ${status?.message}`)] as const,
      ),
    );
    const units = models.flatMap((model) =>
      Object.values(model.units).map(({ name, machine, workload }) => {
        if (placeOf(this.#state, name) === undefined) return [name, "off"] as const;
        const status = plain(`${workload.status}: ${workload.message}`);
        return [name, this.#unit(hostOf(model, machine), status)] as const;
      }),
    );
    return { applications: Object.fromEntries(applications), units: Object.fromEntries(units) };
  }

  #unit(host: string, status: string): UnitAnswer {
    const { mysql } = this.#state;
    if (!isUp(mysql, host)) return { status, member: "no server", set: "", takesWrites: false, rows: [] };
    const own = membersOf(mysql, serverOf(mysql, host)).find((each) => each.host === host);
    const set = setOf(mysql, host);
    return {
      status,
      member: `${own?.state ?? "OFFLINE"} ${own?.role ?? ""}`.trim(),
      set:
        set === undefined
          ? "none"
          : `${set.domain} ${set.cluster} ${set.invalidated ? "INVALIDATED" : set.role}`,
      takesWrites: acceptsWrites(mysql, host),
      rows: rowsOn(mysql, host).toSorted(),
    };
  }
}
