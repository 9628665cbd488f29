import { expect, test } from "vitest";
import { Secret } from "../../../lib/index.ts";
import { runEvent, type World } from "../../../lib/testing/world.ts";
import type { Meta } from "../support/charm.ts";
import { both, charm, type Handler, runOk, secret, upstream, world } from "../support/world.ts";

const read = async (
  given: World<Meta>,
  ref: { id: string } | { label: string },
  options = {},
): Promise<string> => {
  let found = "";
  await runOk(given, async ({ model }) => {
    const answer = await model.secret(ref, options);
    found = answer.kind === "value" ? (answer.content["password"]?.reveal() ?? "") : answer.kind;
  });
  return found;
};

test("plain reads give the revision that is tracked, others the newest", async () => {
  const given = world({ secrets: [secret()] });
  expect(await read(given, { label: "keys" })).toBe("first-value");
  expect(await read(given, { label: "keys" }, { refresh: true })).toBe("second-value");
  expect(await read(given, { label: "keys" }, { peek: true })).toBe("second-value");
  const { tracked: _none, ...never } = secret();
  expect(await read(world({ secrets: [never] }), { id: never.id })).toBe("second-value");
});

test("what is tracked moves at once with refresh, even when the hook fails, and not with peek", async () => {
  const trackedAfter = async (options: object): Promise<number | undefined> => {
    const handler: Handler = async ({ model }) => {
      await model.secret({ label: "keys" }, options);
      throw new Error("no");
    };
    const { world: after } = await runEvent(charm(handler), world({ secrets: [secret()] }), {
      kind: "start",
    });
    return after.secrets[0]?.tracked;
  };
  expect(await trackedAfter({ refresh: true })).toBe(2);
  expect(await trackedAfter({ peek: true })).toBe(1);
});

test("of others need a grant by a relation that is there", async () => {
  const foreign = secret({ owner: "web" });
  const granted = { ...foreign, grants: [7] };
  expect(await read(world({ ...both, secrets: [foreign] }), { id: foreign.id })).toBe("not-granted");
  expect(await read(world({ ...both, secrets: [granted] }), { id: foreign.id })).toBe("first-value");
  const ghost = { ...upstream, ghost: true };
  expect(await read(world({ relations: [ghost], secrets: [granted] }), { id: foreign.id })).toBe(
    "not-granted",
  );
  expect(await read(world(), { id: foreign.id })).toBe("absent");
});

test("of the application are changed by its leader only; many changes are one revision", async () => {
  const change: Handler = async ({ model }) => {
    const leader = await model.leadership();
    const own = leader === undefined ? undefined : await model.ownSecret(leader, { id: secret().id });
    const [relation] = await model.relations("upstream");
    if (own === undefined || relation === undefined) throw new Error("no secret of this unit's to change");
    own.set({ password: new Secret("third-value") });
    own.set({ password: new Secret("fourth-value") });
    own.grant(relation);
  };
  const given = { ...both, secrets: [secret()] };
  const { world: after } = await runOk(world({ ...given, leader: true }), change);
  expect(after.secrets[0]?.revisions.map(({ password }) => password)).toEqual([
    "first-value",
    "second-value",
    "fourth-value",
  ]);
  expect(after.secrets[0]?.grants).toEqual([7]);
  const follower = await runEvent(charm(change), world(given), { kind: "start" });
  expect(follower).toMatchObject({ exitCode: 1, world: given });
  expect(follower.log.map(({ text }) => text).join()).toContain("no secret of this unit's");
});

test("are not added for the application by a follower, nor twice under a label", async () => {
  const add: Handler = async ({ model }) => {
    const content = { password: new Secret("other-value") };
    await model.addSecret("unit", content, { label: "mine" });
    await model.addSecret("unit", content, { label: "mine" });
  };
  const twice = await runEvent(charm(add), world(), { kind: "start" });
  expect(twice.log.map(({ text }) => text).join()).toContain('secret with label "mine" already exists');
});
