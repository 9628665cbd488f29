// A sample of the faults that `npm run faults` plays completely: machines of a cluster fail while a client writes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fault, Outcome } from "../../scripts/faults/rounds.ts";
import { type Stage, setStage } from "../../scripts/faults/stage.ts";
import { beginStory, chapters, endStory, type Story } from "../support/story.ts";

const SITE = { model: "rome", app: "db", cluster: "rome", units: 3 };

let story: Story;
let stage: Stage;
chapters();

beforeAll(async () => {
  story = await beginStory("faults");
  stage = await setStage(story.sandbox, story.charm, [SITE]);
});

afterAll(async () => {
  stage?.client.end();
  await endStory(story);
});

/** Plays a fault against a member of that role, as the first member sees it. */
async function strike(fault: Fault, role: "PRIMARY" | "SECONDARY"): Promise<Outcome> {
  const { members, rounds } = stage;
  const [first] = members;
  const view = first === undefined ? undefined : await rounds.view(first);
  const target = members.find(({ host }) => view?.get(host)?.role === role);
  if (target === undefined) throw new Error(`no member is ${role}`);
  return await rounds.play({ fault, hit: [target] });
}

describe("a member of a cluster", () => {
  test("that is frozen as the primary is excluded, another takes the writes, and thawed it comes back", async () => {
    const outcome = await strike("freeze", "PRIMARY");
    expect(outcome).toMatchObject({ role: "primary", status: "lost, machine down", lost: 0 });
    expect(outcome.excluded).toBeLessThan(90);
    expect(outcome.recovered).toBeDefined();
  });

  test("that is cut off as a secondary is excluded while writes go on, and comes back", async () => {
    const outcome = await strike("cut", "SECONDARY");
    expect(outcome).toMatchObject({ role: "secondary", status: "lost, machine down", lost: 0 });
    expect(outcome.excluded).toBeLessThan(90);
    expect(outcome.recovered).toBeDefined();
  });
});
