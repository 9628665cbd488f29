// Plays stories in the model and on real servers, and tells where the answers differ.
import { join } from "node:path";
import { ModelledWorld } from "../../tests/explore/reality/modelled.ts";
import { playAtRandom, playWay } from "../../tests/explore/reality/play.ts";
import { RealWorld } from "../../tests/explore/reality/real.ts";
import { journeyOf, journeys } from "../../tests/explore/starts.ts";
import { buildCharm } from "../build.ts";

/** Faults and orders in a story at random. */
const STEPS = 5;
const ROOT = join(import.meta.dirname, "../..");

export interface RealityOptions {
  readonly seed: number;
  /** A journey by its name, in place of a story at random. */
  readonly journey: string | undefined;
  /** Name of the sandbox: gone afterwards. */
  readonly sandbox?: string;
}

/** Plays one story, told on standard output as it goes; true when both answered alike. */
export async function playStory({
  seed,
  journey,
  sandbox = "explore-reality",
}: RealityOptions): Promise<boolean> {
  const charm = await buildCharm({ target: join(ROOT, "build", sandbox) });
  const began = performance.now();
  const tell = (text: string): void => {
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${String(seconds).padStart(4)} s  ${text}`);
  };
  tell(journey ?? `story ${seed}`);
  const real = await RealWorld.open(sandbox, charm);
  try {
    const playing = { model: new ModelledWorld(seed), real, tell };
    const found =
      journey === undefined
        ? await playAtRandom(playing, { seed, drawn: {} }, STEPS)
        : await playWay(playing, journeys[journeyOf(journey)]);
    tell(found.length === 0 ? "alike" : `${found.length} differences`);
    return found.length === 0;
  } finally {
    await real.close();
  }
}
