// The model that the search runs on answers as real servers do; `npm run explore -- --reality` plays more than this one journey.
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildCharm } from "../../scripts/build.ts";
import { ModelledWorld } from "../explore/reality/modelled.ts";
import { playWay } from "../explore/reality/play.ts";
import { RealWorld } from "../explore/reality/real.ts";
import { journeys } from "../explore/starts.ts";
import { storiesHome } from "../support/story.ts";

const NAME = "story-explored";

test("a cluster whose primary's unit is removed ends in the model as on real servers", async () => {
  process.env["XDG_STATE_HOME"] = storiesHome;
  const charm = await buildCharm({ target: join(import.meta.dirname, "../../build", NAME) });
  const real = await RealWorld.open(NAME, charm);
  try {
    const playing = { model: new ModelledWorld(1), real, tell: console.log };
    expect(await playWay(playing, journeys["the primary's unit is removed"])).toEqual([]);
  } finally {
    await real.close();
  }
});
