// The points that are still to be tried: which of them are struck together, and where the way leads to the next ones. Pure but for what it gives out.
import { type ChanceState, drawOne } from "../../lib/juju/chance.ts";
import { type Journey, journeys, type State } from "./journeys.ts";
import type { Point } from "./points.ts";

/** A journey to go, and the points to strike on it; none where it only leads on. */
export interface Tour {
  readonly journey: Journey;
  readonly points: readonly Point[];
}

const MOST_CUTS = 2;

export class Pool {
  readonly #left: Map<string, Point[]>;
  readonly #chance: ChanceState;
  readonly #together: number;

  constructor(points: readonly Point[], options: { readonly seed: number; readonly together: number }) {
    this.#chance = { seed: options.seed, drawn: {} };
    this.#together = options.together;
    this.#left = new Map();
    for (const point of shuffled(points, this.#chance)) this.giveBack(point);
  }

  get size(): number {
    return [...this.#left.values()].reduce((sum, points) => sum + points.length, 0);
  }

  giveBack(point: Point): void {
    this.#left.set(point.journey, [...(this.#left.get(point.journey) ?? []), point]);
  }

  /** A pool of these only, each to be struck without another. */
  alone(points: readonly Point[]): Pool {
    return new Pool(points, { seed: this.#chance.seed, together: 1 });
  }

  /** The next journey from a state: drawn among those with points left, else the first of the shortest way to one. */
  next(state: State): Tour | undefined {
    const open = journeys.filter(({ name, from }) => from === state && this.#leftOf(name) > 0);
    if (open.length === 0) {
      const step = wayTo(state, (at) =>
        journeys.some(({ name, from }) => from === at && this.#leftOf(name) > 0),
      );
      return step === undefined ? undefined : { journey: step, points: [] };
    }
    const journey = drawOne(this.#chance, "journey", open);
    return journey === undefined ? undefined : { journey, points: this.#take(journey.name) };
  }

  #leftOf(journey: string): number {
    return this.#left.get(journey)?.length ?? 0;
  }

  /**
   * Points of different runs do not move each other: effects are counted for each run's name. The power of a machine is taken
   * twice in a journey at most.
   */
  #take(journey: string): readonly Point[] {
    const taken: Point[] = [];
    const rest: Point[] = [];
    for (const point of this.#left.get(journey) ?? []) {
      const isApart = taken.every(({ role, run }) => role !== point.role || run !== point.run);
      const cuts = taken.filter(({ kill }) => kill === "power").length;
      const isLit = point.kill !== "power" || cuts < MOST_CUTS;
      (taken.length < this.#together && isApart && isLit ? taken : rest).push(point);
    }
    this.#left.set(journey, rest);
    return taken;
  }
}

/** The first journey of the shortest way from a state to one that will do. */
export function wayTo(from: State, willDo: (state: State) => boolean): Journey | undefined {
  const ways: (readonly Journey[])[] = journeys.filter((one) => one.from === from).map((one) => [one]);
  const seen = new Set<State>([from]);
  for (const way of ways) {
    const at = way.at(-1)?.to;
    if (at === undefined) continue;
    if (willDo(at)) return way[0];
    if (seen.has(at)) continue;
    seen.add(at);
    ways.push(...journeys.filter((one) => one.from === at).map((one) => [...way, one]));
  }
  return undefined;
}

/** In an order that follows from the seed. */
export function shuffled<T>(list: readonly T[], chance: ChanceState): readonly T[] {
  const left = [...list];
  const drawn: T[] = [];
  for (;;) {
    const one = drawOne(chance, "order", left);
    if (one === undefined) return drawn;
    drawn.push(one);
    left.splice(left.indexOf(one), 1);
  }
}
