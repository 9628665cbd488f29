// Stories that can be played on real servers: faults and orders at random, each followed by rest. The model draws them.
import { type ChanceState, drawFraction, drawOne } from "../../../lib/juju/chance.ts";
import type { Move } from "../moves.ts";
import type { ExploreState } from "../state.ts";
import { surprises } from "../surprises.ts";
import { faultsEnd } from "../usual.ts";

/** How often a fault ends where there is one, and how often one begins. */
const ENDS = 0.4;
const BEGINS = 0.5;

/** The next moves: what clients write, then one fault or order. */
export function drawMoves(state: ExploreState, chance: ChanceState): readonly Move[] {
  const over = faultsEnd(state);
  if (over.length > 0 && drawFraction(chance, "reality") < ENDS)
    return [drawOne(chance, "reality", over) ?? over[0]].flatMap((move) => move ?? []);
  const kind = drawFraction(chance, "reality") < BEGINS ? "fault" : "operator";
  const all = surprises(state, { do: "time" }).filter((each) => each.kind === kind);
  return (
    drawOne(
      chance,
      "reality",
      all.filter(({ moves }) => moves.every(isPlayable)),
    )?.moves ?? []
  );
}

/** By force a SAAS goes without the other side's knowledge: the sandbox has its own tests of that. */
const isPlayable = (move: Move): boolean => move.do !== "remove-saas" && move.do !== "remove-application";
