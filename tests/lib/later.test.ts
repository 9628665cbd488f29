import { expect, test } from "vitest";
import type { Charm, PendingWork, Scope } from "../../lib/index.ts";
import { runEvent, type World } from "../../lib/testing/world.ts";
import { type Meta, meta } from "./support/charm.ts";
import { world } from "./support/world.ts";

type Work = NonNullable<Charm<Meta>["later"]>[string];
const nothing: Work = async () => undefined;

/** Runs one hook of a charm that has work "tidy" to leave; gives the world after it. */
async function hook(
  before: World<Meta>,
  handle: (scope: Scope<Meta>) => Promise<unknown> | undefined,
  tidy: Work = nothing,
): Promise<{ after: World<Meta>; exitCode: number; log: string; calls: readonly string[] }> {
  const charm: Charm<Meta> = {
    meta,
    later: { tidy },
    handle: async (_event, scope) => void (await handle(scope)),
  };
  const { world: after, exitCode, log, calls } = await runEvent(charm, before, { kind: "update-status" });
  return { after, exitCode, log: log.map(({ text }) => text).join("\n"), calls };
}

const ask = ({ later }: Scope<Meta>): Promise<void> => later.ask("tidy", "the disk is busy");

test("what is left is done before the next hook's event, once, and tells why", async () => {
  const order: string[] = [];
  const { after } = await hook(world(), async (scope) => {
    await ask(scope);
    await ask(scope);
  });
  const tidy: Work = async () => void order.push("tidy");
  const second = await hook(after, async () => order.push("event"), tidy);
  expect(order).toEqual(["tidy", "event"]);
  expect(second.log).toMatch(
    /doing what was left for later: tidy attempt=1 since=\S+ reason="the disk is busy"/,
  );
  const third = await hook(second.after, async () => order.push("event"), tidy);
  expect(order).toEqual(["tidy", "event", "event"]);
  expect(third.after.state).toEqual({});
});

test("work that asks for itself again keeps its age and counts its attempts", async () => {
  let seen: readonly PendingWork[] = [];
  let { after } = await hook(world(), ask);
  const since = JSON.parse(after.state["framework.later"] ?? "{}").tidy[0];
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    ({ after } = await hook(
      after,
      async ({ later }) => {
        seen = await later.pending();
      },
      ask,
    ));
    expect(seen).toEqual([
      { name: "tidy", since: new Date(since), attempts: attempt, reason: "the disk is busy" },
    ]);
  }
});

test("a hook that fails leaves what was left before it", async () => {
  const { after } = await hook(world(), ask);
  const failed = await hook(
    after,
    () => undefined,
    async () => {
      throw new Error("no");
    },
  );
  expect(failed.exitCode).toBe(1);
  expect(failed.after.state).toEqual(after.state);
});

test("an action is no hook: what is left waits for one", async () => {
  const { after } = await hook(world(), ask);
  const done: string[] = [];
  const charm: Charm<Meta> = {
    meta,
    later: { tidy: async () => void done.push("tidy") },
    handle: async () => undefined,
  };
  const acted = await runEvent(charm, after, { kind: "action", action: "show", actionId: "1" });
  expect(done).toEqual([]);
  expect(acted.world.state).toEqual(after.state);
});

test("what is forgotten is not done", async () => {
  const { after } = await hook(world(), ask);
  const forgot = await hook(after, ({ later }) => later.forget("tidy"), ask);
  expect(forgot.after.state).toEqual({});
});

test("work that the charm does not have cannot be asked for, and is let go when a newer charm has it no more", async () => {
  const { exitCode, log } = await hook(world(), ({ later }) => later.ask("sweep", "because"));
  expect(exitCode).toBe(1);
  expect(log).toContain('the charm has no work of the name "sweep"');
  const state = { "framework.later": JSON.stringify({ sweep: [1, 0, "old"], tidy: [2, 0, "new"] }) };
  const done: string[] = [];
  const { after } = await hook(
    world({ state }),
    () => undefined,
    async () => void done.push("tidy"),
  );
  expect(done).toEqual(["tidy"]);
  expect(after.state).toEqual({});
});

test("what is stored there by something else is nothing", async () => {
  for (const text of ["no json", "7", "null"]) {
    const { exitCode } = await hook(world({ state: { "framework.later": text } }), () => undefined);
    expect(exitCode).toBe(0);
  }
});

test("a charm without such work does not read its state for it; its own keys cannot reach the framework's", async () => {
  const charm: Charm<Meta> = { meta, handle: async () => undefined };
  expect((await runEvent(charm, world(), { kind: "start" })).calls).toEqual([]);
  const { log } = await hook(world(), async ({ model }) => model.state.set("framework.later", {}));
  expect(log).toContain("keys with framework. are the framework's");
});
