// Chance that can be had again, a clock that is moved, and who goes next.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as round } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { drawBytes, drawFraction, drawOne } from "../../../lib/juju/chance.ts";
import { newHex, newModelUuid, newSecretId } from "../../../lib/juju/identity.ts";
import { Store } from "../../../sandbox/juju/store.ts";
import { Turns } from "../../../sandbox/juju/turns.ts";
import { VirtualClock } from "../../../sandbox/juju/virtual-clock.ts";

const seeded = (seed: number) => ({ seed, drawn: {} as Record<string, number> });

describe("what is drawn", () => {
  test("follows from seed, purpose and how often, not from what else is drawn", () => {
    const [a, b] = [seeded(1), seeded(1)];
    const first = drawBytes(a, "x", 8).toString("hex");
    drawBytes(b, "y", 8);
    expect(drawBytes(b, "x", 8).toString("hex")).toBe(first);
    expect(drawBytes(a, "x", 8).toString("hex")).not.toBe(first);
    expect(drawBytes(seeded(1), "y", 8).toString("hex")).not.toBe(first);
    expect(drawBytes(seeded(2), "x", 8).toString("hex")).not.toBe(first);
    expect(drawBytes(JSON.parse(JSON.stringify(a)), "x", 8)).toEqual(drawBytes(a, "x", 8));
  });

  test("is spread evenly, and one of a list", () => {
    const chance = seeded(5);
    const fractions = Array.from({ length: 2000 }, () => drawFraction(chance, "f"));
    expect(fractions.every((one) => one >= 0 && one < 1)).toBe(true);
    expect(fractions.reduce((sum, one) => sum + one, 0) / 2000).toBeCloseTo(0.5, 1);
    const drawn = new Set(Array.from({ length: 50 }, () => drawOne(chance, "o", ["a", "b", "c"])));
    expect([...drawn].sort()).toEqual(["a", "b", "c"]);
    expect(drawOne(chance, "o", [])).toBeUndefined();
  });

  test("makes names as Juju has them, with and without a seed", () => {
    for (const chance of [seeded(1), undefined]) {
      expect(newModelUuid(chance)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      expect(newSecretId(chance)).toMatch(/^[0-9a-v]{20}$/);
      expect(newHex(7, chance)).toMatch(/^[0-9a-f]{7}$/);
    }
  });
});

test("a virtual clock wakes in the order of time, also what is set on the way, and not what was cancelled", () => {
  const clock = new VirtualClock(1000);
  const woken: string[] = [];
  const wake = (name: string) => () => void woken.push(`${name} ${clock.now()}`);
  clock.after(300, wake("late"));
  clock.after(100, () => {
    wake("early")();
    clock.after(50, wake("between"));
  });
  clock.after(200, wake("cancelled"))();
  expect(clock.next()).toBe(1100);
  clock.moveTo(1299);
  expect(woken).toEqual(["early 1100", "between 1150"]);
  clock.moveTo(1300);
  expect(woken.at(-1)).toBe("late 1300");
  expect([clock.now(), clock.next()]).toEqual([1300, undefined]);
});

describe("turns", () => {
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 8; n++) await round();
  };

  test("are taken one at a time, in an order that the seed decides", async () => {
    const play = async (seed: number): Promise<string> => {
      const turns = new Turns({ chance: seeded(seed), isUnsettled: () => false, isStuck: () => false });
      const order: string[] = [];
      let acting = 0;
      const act = async (name: string): Promise<void> => {
        const giveBack = await turns.take(name);
        expect(++acting).toBe(1);
        order.push(name);
        await round();
        acting--;
        giveBack();
      };
      await Promise.all(["a", "b", "c", "d", "e"].map(act));
      await turns.untilQuiet();
      return order.join("");
    };
    const orders = await Promise.all([1, 1, 2, 3, 4].map(play));
    expect(orders[1]).toBe(orders[0]);
    expect(new Set(orders).size).toBeGreaterThan(2);
  });

  test("wait while machines are on their way, and not for who is stuck", async () => {
    let isUnsettled = true;
    const stuck = new Set<string>();
    const turns = new Turns({
      chance: seeded(1),
      isUnsettled: () => isUnsettled,
      isStuck: (holder) => stuck.has(holder),
    });
    const taken: string[] = [];
    const take = (name: string): void => void turns.take(name).then(() => taken.push(name));
    take("a");
    await settle();
    expect(taken).toEqual([]);
    isUnsettled = false;
    turns.review();
    await settle();
    take("b");
    await settle();
    expect(taken).toEqual(["a"]);
    stuck.add("a");
    turns.review();
    await settle();
    expect(taken).toEqual(["a", "b"]);
  });
});

test("a state keeps its seed and its clock, and refuses others", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chance-"));
  const file = join(folder, "state.json");
  try {
    const store = new Store(file, { seed: 3 });
    store.changed();
    await store.saved();
    expect(new Store(file).state.chance?.seed).toBe(3);
    expect(() => new Store(file, { seed: 4 })).toThrow("has the seed 3");
    expect(() => new Store(file, { virtual: true })).toThrow("has a real clock");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
