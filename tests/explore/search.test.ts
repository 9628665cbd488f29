import { expect, test } from "vitest";
import { realRules } from "./moves.ts";
import { runTask } from "./run.ts";
import type { Counts } from "./search.ts";

const counts = (): Counts => ({ states: 0, merged: 0, moves: 0, stories: 0 });
const options = { rules: realRules, seed: 1, enough: () => false };

test("however a cluster of two is deployed, one surprise among all that can be breaks nothing", async () => {
  const seen = counts();
  const task = { kind: "search", journey: "one cluster is deployed", surprises: 1 } as const;
  const { complete, violations } = await runTask(task, { ...options, counts: seen });
  expect(violations).toEqual([]);
  expect(complete).toBe(true);
  expect(seen.states).toBeGreaterThan(1000);
  expect(seen.merged).toBeGreaterThan(100);
});
