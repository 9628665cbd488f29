import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import { realRules } from "./moves.ts";
import { planted, unrepeatable } from "./planted.ts";
import { runTask } from "./run.ts";
import { search } from "./search.ts";
import { begin } from "./starts.ts";

test.each(planted)("is broken when $fault: $invariant", async ({ invariant, journey, way, rules, plant }) => {
  const from = await begin(realRules, 1, journey);
  expect((await judge(realRules, from, way)).breaches).toEqual([]);
  const takeOut = plant();
  try {
    const { breaches } = await judge(rules, from, way);
    expect(breaches.map((each) => each.invariant)).toContain(invariant);
  } finally {
    takeOut();
  }
});

test(`is broken when ${unrepeatable.fault}: Repeatable`, async () => {
  const { journey, rules, plant } = unrepeatable;
  const takeOut = plant();
  const broken: string[] = [];
  try {
    const counts = { states: 0, merged: 0, moves: 0, stories: 0 };
    const found = ({ breach }: { readonly breach: { readonly invariant: string } }): void =>
      void broken.push(breach.invariant);
    const enough = (): boolean => broken.length > 0;
    await search(await begin(rules, 1, journey), { rules, surprises: 1, counts, found, enough });
  } finally {
    takeOut();
  }
  expect(broken).toEqual(["Repeatable"]);
});

test("stories at random are the same again from the same seed", async () => {
  const walks = async (): Promise<unknown> => {
    const counts = { states: 0, merged: 0, moves: 0, stories: 0 };
    const options = { rules: realRules, seed: 7, counts, enough: () => counts.stories >= 1 };
    const { violations } = await runTask({ kind: "walks", number: 0 }, options);
    return { counts, violations };
  };
  expect(await walks()).toEqual(await walks());
});
