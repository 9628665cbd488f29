// A sample of the crash matrix that `npm run crash-matrix` plays completely: switchovers there and back, struck where a seed says.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { journeyNamed } from "../../scripts/crash-matrix/journeys.ts";
import { playStruck, playUndisturbed } from "../../scripts/crash-matrix/play.ts";
import { nameOf, pointsOf } from "../../scripts/crash-matrix/points.ts";
import { Pool } from "../../scripts/crash-matrix/pool.ts";
import { Stage } from "../../scripts/crash-matrix/stage.ts";
import { beginStory, chapters, endStory, type Story } from "../support/story.ts";

const SEED = 7;

let story: Story;
let stage: Stage;
chapters();

beforeAll(async () => {
  story = await beginStory("crash-matrix");
  stage = await Stage.set(story.sandbox, story.charm);
  await playUndisturbed(stage, journeyNamed("relate"));
});

afterAll(async () => {
  stage?.client.end();
  await endStory(story);
});

describe("a switchover whose dispatches are killed", () => {
  test("converges to what an undisturbed one ends in", async () => {
    const ways = [journeyNamed("switchover"), journeyNamed("switchback")];
    const undisturbed = [];
    for (const journey of ways) undisturbed.push({ journey, ...(await playUndisturbed(stage, journey)) });
    const points = undisturbed.flatMap(({ journey, effects }) =>
      pointsOf(journey.name, effects, "inside").filter(({ kill }) => kill === "before"),
    );
    const pool = new Pool(points, { seed: SEED, together: 3 });
    let struck = 0;
    for (const { journey, facts } of undisturbed) {
      const { points: taken } = pool.next(journey.from) ?? { points: [] };
      const outcome = await playStruck(stage, journey, taken, { facts, limitMs: 180_000 });
      expect(outcome.differs, taken.map(nameOf).join(" ")).toEqual([]);
      struck += outcome.struck.size;
    }
    // A run can end before the effect that was to be struck: then nothing is.
    expect(struck).toBeGreaterThanOrEqual(2);
  });
});
