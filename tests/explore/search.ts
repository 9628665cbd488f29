// Every story with at most so many surprises: the usual course is followed from each world, and left at each of its points in every way there is.
import { canonical } from "./canonical.ts";
import type { Rules } from "./dispatch.ts";
import { type Breach, checkMove } from "./invariants.ts";
import { judgeRest } from "./judge.ts";
import { type KilledAt, type Move, make } from "./moves.ts";
import { outcomeOf } from "./outcome.ts";
import type { Journey } from "./starts.ts";
import type { ExploreState } from "./state.ts";
import { surprises } from "./surprises.ts";
import { faultsEnd, usual } from "./usual.ts";

/** What was found to be broken, and the moves that lead there from the start. */
export interface Found {
  readonly start: Journey;
  readonly moves: readonly Move[];
  readonly breach: Breach;
}

export interface Counts {
  /** Different worlds. */
  states: number;
  /** Times that a world was met again. */
  merged: number;
  moves: number;
  /** Stories followed to their end. */
  stories: number;
}

export interface SearchOptions {
  readonly rules: Rules;
  readonly surprises: number;
  readonly counts: Counts;
  readonly found: (found: Omit<Found, "start">) => void;
  /** Asked often; true ends the search where it is. */
  readonly enough: () => boolean;
}

interface Way {
  readonly state: ExploreState;
  readonly moves: readonly Move[];
  /** Surprises that may still come. */
  readonly left: number;
  /** Nothing but kills and refused flushes set it apart from the story whose outcome this is. */
  readonly expected: string | undefined;
}

/** Follows all stories from a world; true when it was not told that this is enough before. */
export async function search(from: ExploreState, options: SearchOptions): Promise<boolean> {
  const seen = new Map<string, number>();
  await new Search(options, seen).follow({
    state: from,
    moves: [],
    left: options.surprises,
    expected: undefined,
  });
  return !options.enough();
}

interface Point {
  readonly state: ExploreState;
  readonly moves: readonly Move[];
  readonly killed: readonly KilledAt[];
  readonly next: Move;
}

class Search {
  readonly #options: SearchOptions;
  /** World → how many surprises were left when it was met; more may still come of it then. */
  readonly #seen: Map<string, number>;
  /** World → what it comes to in the usual course. */
  readonly #outcomes = new Map<string, string>();

  constructor(options: SearchOptions, seen: Map<string, number>) {
    this.#options = options;
    this.#seen = seen;
  }

  /** The usual course from here to its end, then every way off it. */
  async follow(way: Way): Promise<void> {
    const { rules, counts } = this.#options;
    const points: Point[] = [];
    const keys: string[] = [];
    let { state, moves } = way;
    let outcome: string | undefined;
    while (!this.#options.enough()) {
      const key = canonical(state);
      const isRest = keys.includes(key);
      // Faults that were there when the journey began end once all has come to rest with them.
      const [over] = isRest ? faultsEnd(state) : [];
      if (!this.#isNew(key, way.left) && over === undefined) {
        outcome = isRest ? await this.#end(state, moves) : this.#outcomes.get(key);
        break;
      }
      keys.push(key);
      const killed: KilledAt[] = [];
      const next = over ?? usual(state);
      const happened = await make(rules, state, next, way.left > 0 ? (at) => killed.push(at) : undefined);
      if (happened === undefined) throw new Error(`the usual course cannot go on: ${JSON.stringify(next)}`);
      counts.moves += 1;
      this.#report(checkMove(state, next, happened), [...moves, next]);
      points.push({ state, moves, killed, next });
      state = happened.state;
      moves = [...moves, next];
    }
    if (outcome === undefined) return;
    for (const key of keys) this.#outcomes.set(key, outcome);
    if (way.expected !== undefined && way.expected !== outcome)
      this.#report([{ invariant: "Repeatable", what: `${outcome} instead of ${way.expected}` }], way.moves);
    if (way.left > 0) for (const point of points) await this.#leave(point, way, outcome);
  }

  #isNew(key: string, left: number): boolean {
    const { counts } = this.#options;
    const before = this.#seen.get(key);
    if (before === undefined) counts.states += 1;
    else counts.merged += 1;
    if (before !== undefined && before >= left) return false;
    this.#seen.set(key, left);
    return true;
  }

  /** The usual course came round to where it was. */
  async #end(state: ExploreState, moves: readonly Move[]): Promise<string> {
    this.#options.counts.stories += 1;
    const end = await judgeRest(this.#options.rules, state, () => {
      this.#options.counts.moves += 1;
    });
    this.#report(end.breaches, moves);
    return outcomeOf(end.state);
  }

  async #leave(point: Point, way: Way, outcome: string): Promise<void> {
    const left = way.left - 1;
    for (const { effect, state } of point.killed) {
      if (this.#options.enough()) return;
      const unit = point.next.do === "step" ? point.next.unit : "";
      const moves = [...point.moves, { do: "kill", unit, effect } as const];
      this.#options.counts.moves += 1;
      const isAction = point.state !== state && this.#runsAction(point, unit);
      await this.follow({ state, moves, left, expected: isAction ? undefined : outcome });
    }
    for (const surprise of surprises(point.state, point.next)) {
      if (this.#options.enough()) return;
      const made = await this.#makeAll(point, surprise.moves);
      if (made === undefined) continue;
      const expected = surprise.kind === "flush" && !this.#runsActionOf(point) ? outcome : undefined;
      await this.follow({ ...made, left, expected });
    }
  }

  /** Nobody runs an action that was killed again but the operator. */
  #runsAction({ state }: Point, unit: string): boolean {
    const tasks = Object.values(state.juju.models).flatMap(({ tasks: all }) => Object.values(all));
    return tasks.some((task) => task.unit === unit && task.status === "pending");
  }

  #runsActionOf(point: Point): boolean {
    return point.next.do === "step" && this.#runsAction(point, point.next.unit);
  }

  async #makeAll(
    point: Point,
    wanted: readonly Move[],
  ): Promise<{ readonly state: ExploreState; readonly moves: readonly Move[] } | undefined> {
    const { rules, counts } = this.#options;
    let { state, moves } = point;
    for (const move of wanted) {
      const happened = await make(rules, state, move);
      if (happened === undefined) return undefined;
      counts.moves += 1;
      moves = [...moves, move];
      this.#report(checkMove(state, move, happened), moves);
      state = happened.state;
    }
    return { state, moves };
  }

  #report(breaches: readonly Breach[], moves: readonly Move[]): void {
    for (const breach of breaches) this.#options.found({ moves, breach });
  }
}
