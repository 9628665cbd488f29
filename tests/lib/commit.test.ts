import fc from "fast-check";
import { expect, test } from "vitest";
import { applyBag, type Bag, type Charm } from "../../lib/index.ts";
import { emptyWorld, runEvent, type World } from "../../lib/testing/world.ts";
import { type Meta, meta } from "./support/charm.ts";

const key = fc.constantFrom("a", "b", "c", "__proto__");
const bag = fc
  .array(fc.tuple(key, fc.constantFrom("1", "2")))
  .map((entries): Bag => Object.fromEntries(entries));
const change = fc
  .array(fc.tuple(key, fc.constantFrom("", "1", "2")), { minLength: 1 })
  .map((entries): Bag => Object.fromEntries(entries));
const write = fc.record({ target: fc.constantFrom("unit" as const, "app" as const), values: change });
type Write = typeof write extends fc.Arbitrary<infer W> ? W : never;

function worldWith(unit: Bag, app: Bag): World<Meta> {
  const bags = { "db/1": unit, db: app };
  const relations = [{ id: 3, endpoint: "peers", remoteApp: "db", bags }] as const;
  return emptyWorld(meta, { unit: "db/1", leader: true, relations });
}

/** Writes one after the other; after each one, reading gives what was written so far. */
function writing(
  writes: readonly Write[],
  before: Readonly<Record<Write["target"], Bag>>,
  fail: boolean,
): Charm<Meta> {
  return {
    meta,
    handle: async (_event, { model }) => {
      const [leader, peer] = [await model.leadership(), await model.peer("peers")];
      if (leader === undefined || peer === undefined) throw new Error("expected to lead and to have peers");
      const wanted = { ...before };
      for (const { target, values } of writes) {
        if (target === "app") model.writeApp(leader, peer, values);
        else model.writeUnit(peer, values);
        wanted[target] = applyBag(wanted[target], values);
        expect(await model.readUnit(peer, "db/1")).toEqual(wanted.unit);
        expect(await model.readApp(peer, "local")).toEqual(wanted.app);
        expect(await model.committedApp(peer)).toEqual(before.app);
      }
      if (fail) throw new Error("the hook fails");
    },
  };
}

test("any sequence of writes ends as if each had been made at once, with one command per changed bag", async () => {
  await fc.assert(
    fc.asyncProperty(bag, bag, fc.array(write), async (unit, app, writes) => {
      const run = await runEvent(writing(writes, { unit, app }, false), worldWith(unit, app), {
        kind: "start",
      });
      const after = (target: Write["target"], start: Bag): Bag =>
        writes
          .filter((one) => one.target === target)
          .reduce((now, { values }) => applyBag(now, values), start);
      expect(run.log).toEqual([]);
      expect(run.world.relations[0]?.bags).toEqual({ "db/1": after("unit", unit), db: after("app", app) });
      const changed = [
        JSON.stringify(Object.entries(after("unit", unit)).sort()) !==
          JSON.stringify(Object.entries(unit).sort()),
        JSON.stringify(Object.entries(after("app", app)).sort()) !==
          JSON.stringify(Object.entries(app).sort()),
      ].filter(Boolean).length;
      expect(run.calls.filter((call) => call === "relationSet")).toHaveLength(changed);
    }),
  );
});

test("a hook that fails changes no bag, whatever it wrote", async () => {
  await fc.assert(
    fc.asyncProperty(bag, bag, fc.array(write), async (unit, app, writes) => {
      const before = worldWith(unit, app);
      const run = await runEvent(writing(writes, { unit, app }, true), before, { kind: "start" });
      expect(run.exitCode).toBe(1);
      expect(run.world).toEqual(before);
      expect(run.calls).not.toContain("relationSet");
    }),
  );
});
