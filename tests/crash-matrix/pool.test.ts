import { describe, expect, test } from "vitest";
import { journeys, type State, states } from "../../scripts/crash-matrix/journeys.ts";
import { type Kill, nameOf, type Point } from "../../scripts/crash-matrix/points.ts";
import { Pool, shuffled, wayTo } from "../../scripts/crash-matrix/pool.ts";

function point(journey: string, run: string, n: number, kill: Kill = "before"): Point {
  return { journey, role: "second", run, n, kill };
}

/** Walks until nothing is left; each step as `journey: points`. */
function walk(pool: Pool, from: State): readonly string[] {
  const steps: string[] = [];
  for (let state = from; ; ) {
    const tour = pool.next(state);
    if (tour === undefined) return steps;
    steps.push(`${tour.journey.name}: ${tour.points.map(nameOf).join(" ")}`);
    state = tour.journey.to;
  }
}

describe("the pool", () => {
  test("gives out every point once, on a way on which each journey begins where the last one ended", () => {
    const points = journeys.flatMap(({ name }) => [
      point(name, "a", 1),
      point(name, "a", 2),
      point(name, "b", 1),
    ]);
    const steps = walk(new Pool(points, { seed: 7, together: 4 }), "apart");
    const given = steps
      .flatMap((step) => step.split(": ")[1]?.split(" ") ?? [])
      .filter((name) => name !== "");
    expect(given.toSorted()).toEqual(points.map(nameOf).toSorted());
  });

  test("leads the shortest way to where points are left", () => {
    const pool = new Pool([point("rejoin", "a", 1)], { seed: 1, together: 4 });
    expect(walk(pool, "apart")).toEqual([
      "relate: ",
      "failover: ",
      "return: ",
      "rejoin: rejoin/second/a/1/before",
    ]);
    expect(pool.next("apart")).toBeUndefined();
  });

  test("strikes together what is in different runs, so many at most, and with the power cut twice at most", () => {
    const points = [
      ...[point("relate", "a", 1), point("relate", "a", 2), point("relate", "b", 1), point("relate", "c", 1)],
      ...[
        point("relate", "d", 1, "power"),
        point("relate", "e", 1, "power"),
        point("relate", "f", 1, "power"),
      ],
    ];
    expect(new Pool(points, { seed: 3, together: 3 }).next("apart")?.points).toHaveLength(3);
    const pool = new Pool(points, { seed: 3, together: 3 });
    for (let left = points.length; left > 0; ) {
      const taken = pool.next("apart")?.points ?? [];
      left -= taken.length;
      expect(taken.length).toBeGreaterThan(0);
      expect(taken.length).toBeLessThanOrEqual(3);
      expect(new Set(taken.map(({ run }) => run)).size).toBe(taken.length);
      expect(taken.filter(({ kill }) => kill === "power").length).toBeLessThanOrEqual(2);
    }
    expect(pool.size).toBe(0);
  });

  test("strikes points alone when asked to", () => {
    const pool = new Pool([], { seed: 3, together: 4 });
    const alone = pool.alone([point("relate", "a", 1), point("relate", "b", 1)]);
    expect(alone.next("apart")?.points).toHaveLength(1);
  });

  test("takes back what could not be tried", () => {
    const pool = new Pool([point("relate", "a", 1)], { seed: 3, together: 4 });
    const [taken] = pool.next("apart")?.points ?? [];
    expect(pool.size).toBe(0);
    if (taken !== undefined) pool.giveBack(taken);
    expect(pool.size).toBe(1);
  });

  test("has the same order with the same seed", () => {
    const list = Array.from({ length: 50 }, (_, n) => n);
    const order = (seed: number): readonly number[] => shuffled(list, { seed, drawn: {} });
    expect(order(5)).toEqual(order(5));
    expect(order(5)).not.toEqual(order(6));
    expect(order(5).toSorted((a, b) => a - b)).toEqual(list);
  });
});

describe("the journeys", () => {
  test("lead from every state to every other", () => {
    for (const from of Object.keys(states) as State[])
      for (const to of Object.keys(states) as State[])
        if (from !== to)
          expect(
            wayTo(from, (state) => state === to),
            `${from} to ${to}`,
          ).toBeDefined();
  });
});
