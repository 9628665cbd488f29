// One story in the model and on real servers at once: where the two answer alike, the model can be believed.
import type { ChanceState } from "../../../lib/juju/chance.ts";
import type { Move } from "../moves.ts";
import { one, related, type Way } from "../starts.ts";
import { differ, differences } from "./answer.ts";
import type { ModelledWorld } from "./modelled.ts";
import type { RealWorld } from "./real.ts";
import { drawMoves } from "./stories.ts";

export interface Playing {
  readonly model: ModelledWorld;
  readonly real: RealWorld;
  /** Told each sentence of the story, and each difference. */
  readonly tell: (text: string) => void;
}

/** Plays the whole way; gives the differences, where there are any from the first on which there is one. */
export async function playWay(playing: Playing, way: Way): Promise<readonly string[]> {
  for (const next of way) {
    const found = next === "…" ? await compare(playing) : await makeBoth(playing, next);
    if (found.length > 0) return found;
  }
  return way.length === 0 || way.at(-1) === "…" ? [] : await compare(playing);
}

/** One cluster, or two related ones, and then so many faults and orders at random, with rest after each. */
export async function playAtRandom(
  playing: Playing,
  chance: ChanceState,
  steps: number,
): Promise<readonly string[]> {
  let found = await playWay(playing, chance.seed % 2 === 0 ? related : one);
  for (let step = 0; step < steps && found.length === 0; step += 1)
    found = await playWay(playing, [...drawMoves(playing.model.state, chance), "…"]);
  return found;
}

async function makeBoth({ model, real, tell }: Playing, move: Move): Promise<readonly string[]> {
  const made = await model.make(move);
  if (made === undefined) return [];
  tell(made.sentence);
  const said = await real.make(move);
  if (said !== "") tell(`    ${said}`);
  return tellAll(tell, differ("its answer", made.told, said));
}

async function compare({ model, real, tell }: Playing): Promise<readonly string[]> {
  return tellAll(tell, differences(await model.settle(), await real.settle()));
}

function tellAll(tell: (text: string) => void, found: readonly string[]): readonly string[] {
  for (const each of found) tell(`    DIFFERENT ${each}`);
  return found;
}
