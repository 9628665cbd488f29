// Stories at random, far longer than what can be searched through: mostly the usual course, and now and then a surprise.
import { type ChanceState, drawFraction, drawOne } from "../../lib/juju/chance.ts";
import type { Rules } from "./dispatch.ts";
import { type Breach, checkMove } from "./invariants.ts";
import { judgeRest } from "./judge.ts";
import { type Move, make } from "./moves.ts";
import type { ExploreState } from "./state.ts";
import { type Surprise, type SurpriseKind, surprises } from "./surprises.ts";
import { faultsEnd, usual } from "./usual.ts";

export interface Walk {
  readonly moves: readonly Move[];
  readonly breaches: readonly Breach[];
  readonly state: ExploreState;
}

export interface WalkOptions {
  readonly rules: Rules;
  readonly chance: ChanceState;
  /** Moves before the world is left to come to rest. */
  readonly length: number;
  readonly made: (state: ExploreState) => void;
}

/** How often each kind of surprise comes, in proportion. */
const weights: Readonly<Record<SurpriseKind | "kill" | "faults end", number>> = {
  "order of events": 40,
  kill: 12,
  "faults end": 8,
  operator: 6,
  fault: 5,
  lead: 3,
  flush: 3,
};

/** One story from a world, to its rest. */
export async function walk(from: ExploreState, options: WalkOptions): Promise<Walk> {
  const { rules, chance, length, made } = options;
  const moves: Move[] = [];
  const breaches: Breach[] = [];
  let state = from;
  while (moves.length < length && breaches.length === 0) {
    for (const move of draw(state, chance)) {
      const happened = await make(rules, state, move);
      if (happened === undefined) break;
      moves.push(move);
      breaches.push(...checkMove(state, move, happened));
      state = happened.state;
      made(state);
      if (breaches.length > 0) return { moves, breaches, state };
    }
  }
  const end = await judgeRest(rules, state, (before, move, happened) => {
    breaches.push(...checkMove(before, move, happened));
    made(happened.state);
  });
  return { moves, breaches: [...breaches, ...end.breaches], state: end.state };
}

/** Two moves of three are the usual ones. */
function draw(state: ExploreState, chance: ChanceState): readonly Move[] {
  const next = usual(state);
  if (drawFraction(chance, "walk") < 0.66) return [next];
  const all = surprises(state, next);
  const kinds = Object.keys(weights) as readonly (keyof typeof weights)[];
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  const at = drawFraction(chance, "walk") * sum;
  const upTo = (count: number): number =>
    kinds.slice(0, count).reduce((total, kind) => total + weights[kind], 0);
  const kind = kinds.find((_, index) => at < upTo(index + 1)) ?? "order of events";
  if (kind === "kill") return kill(next, chance);
  if (kind === "faults end") return faultsEnd(state).slice(0, 1);
  const found: Surprise | undefined = drawOne(
    chance,
    "walk",
    all.filter((surprise) => surprise.kind === kind),
  );
  return found?.moves ?? [next];
}

/** At one of its first effects, mostly: where it has fewer, nothing happens. */
function kill(next: Move, chance: ChanceState): readonly Move[] {
  if (next.do !== "step") return [next];
  const effect = 1 + Math.floor(drawFraction(chance, "walk") ** 2 * 24);
  const power = drawFraction(chance, "walk") < 0.25;
  return [{ do: "kill", unit: next.unit, effect, ...(power ? { power } : {}) }];
}
