// The usual course of things: which move comes next when nothing surprising happens. Followed to its end it is the world at rest.
import { isBusy } from "./agent.ts";
import { canonical } from "./canonical.ts";
import type { Rules } from "./dispatch.ts";
import { type Happened, type Move, make, unitsThatAreOff } from "./moves.ts";
import { naturalMoves } from "./mysql/moves.ts";
import { type ExploreState, placesOf } from "./state.ts";

/** More moves than any journey needs. */
const BOUND = 2000;

/**
 * Units first, each until it is done; then MySQL and its jobs; then failed hooks again, which Juju does after seconds;
 * then jobs that only wait; then time, which brings every unit its update-status.
 */
export function usual(state: ExploreState): Move {
  const places = placesOf(state);
  const busy = places.find((place) => isBusy(state, place));
  if (busy !== undefined) return { do: "step", unit: busy.unit.name };
  const natural = naturalMoves(state.mysql);
  const awaited = natural.find(({ name }) => !isPause(name));
  if (awaited !== undefined) return { do: "natural", name: awaited.name };
  const failed = places.find(({ unit, agent }) => unit.local.step === "pending" && agent.retry === "none");
  if (failed !== undefined) return { do: "retry", unit: failed.unit.name };
  const [pause] = natural;
  return pause === undefined ? { do: "time" } : { do: "natural", name: pause.name };
}

/** A job that only waits ends after all that is quicker. */
function isPause(name: string): boolean {
  return name.includes("job wake ");
}

/** What ends all faults. */
export function faultsEnd(state: ExploreState): readonly Move[] {
  const sites = Object.keys(state.mysql.cuts).map((pair) => pair.split("|"));
  return [
    ...sites.map(([a = "", b = ""]): Move => ({ do: "heal", sites: [a, b] })),
    ...unitsThatAreOff(state).map((unit): Move => ({ do: "power-on", unit })),
  ];
}

export interface Rest {
  readonly state: ExploreState;
  readonly moves: readonly Move[];
  /** False when it did not come to rest within the bound. */
  readonly quiet: boolean;
}

/** Called with every move that is made on the way. */
export type Watch = (before: ExploreState, move: Move, happened: Happened) => void;

/** Follows the usual course until it comes round to where it was; unless told, all faults end first. */
export async function rest(
  rules: Rules,
  from: ExploreState,
  { faultsEnd: ends = true, watch }: { readonly faultsEnd?: boolean; readonly watch?: Watch } = {},
): Promise<Rest> {
  let state = from;
  const moves: Move[] = [];
  const go = async (move: Move): Promise<void> => {
    const happened = await make(rules, state, move);
    if (happened === undefined) throw new Error(`the usual course cannot go on: ${JSON.stringify(move)}`);
    watch?.(state, move, happened);
    state = happened.state;
    moves.push(move);
  };
  if (ends) for (const move of faultsEnd(state)) await go(move);
  const seen = new Set<string>();
  const isNew = (kind: string): boolean => {
    const { size } = seen;
    return seen.add(`${kind} ${canonical(state)}`).size > size;
  };
  while (moves.length < BOUND) {
    const next = usual(state);
    // A unit that looks again and again until others have moved does not keep time from passing.
    const isOver = next.do === "natural" && isPause(next.name) && !isNew("pause");
    const move: Move = isOver ? { do: "time" } : next;
    if (move.do === "time" && !isNew("time")) return { state, moves, quiet: true };
    await go(move);
  }
  return { state, moves, quiet: false };
}
