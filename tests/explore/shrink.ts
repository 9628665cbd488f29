// The shortest story that still breaks the same invariant: moves are taken out, in ever smaller pieces, as long as it does.
import type { Rules } from "./dispatch.ts";
import type { Breach } from "./invariants.ts";
import { judge } from "./judge.ts";
import type { Move } from "./moves.ts";
import type { ExploreState } from "./state.ts";

export interface Shrunk {
  readonly moves: readonly Move[];
  readonly breach: Breach;
}

/** Tries at most so many stories. The breach is of the same invariant, not always in the same words. */
export async function shrink(
  rules: Rules,
  from: ExploreState,
  failing: Shrunk,
  tries = 150,
): Promise<Shrunk> {
  let best = failing;
  let left = tries;
  const attempt = async (moves: readonly Move[]): Promise<boolean> => {
    left -= 1;
    const judged = await judge(rules, from, moves);
    const breach = judged.breaches.find(({ invariant }) => invariant === failing.breach.invariant);
    if (breach === undefined || judged.moves.length >= best.moves.length) return false;
    best = { moves: judged.moves, breach };
    return true;
  };
  for (let size = Math.ceil(best.moves.length / 2); size >= 1 && left > 0; ) {
    const shorter = await withoutPieces(
      size,
      () => best.moves,
      attempt,
      () => left > 0,
    );
    if (!shorter && size === 1) break;
    if (!shorter) size = Math.floor(size / 2) || 1;
  }
  return best;
}

/** Takes out each piece of a size, from the end on. Whether any could go. */
async function withoutPieces(
  size: number,
  moves: () => readonly Move[],
  attempt: (moves: readonly Move[]) => Promise<boolean>,
  more: () => boolean,
): Promise<boolean> {
  let any = false;
  for (let at = moves().length - size; at > -size && more(); at -= size) {
    const from = Math.max(at, 0);
    const now = moves();
    if (await attempt([...now.slice(0, from), ...now.slice(from + size)])) any = true;
  }
  return any;
}
