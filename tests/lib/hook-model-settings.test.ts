import { describe, expect, test } from "vitest";
import * as z from "zod";
import { type GoalState, HookToolError, type HookToolReason } from "../../lib/index.ts";
import { gone, namedNetwork, openModel, upstream } from "./support/model.ts";

describe("statuses", () => {
  const active = { kind: "active", message: "ok" } as const;

  test("are set at once, and only when they change", async () => {
    const { model, calls } = openModel({ statusGet: async () => active, statusSet: async () => undefined });
    await model.setUnitStatus(active);
    await model.setUnitStatus({ kind: "waiting", message: "ok" });
    await model.setUnitStatus({ kind: "waiting", message: "ok" });
    await model.setUnitStatus(active);
    expect(calls).toEqual([
      'statusGet["unit"]',
      'statusSet["unit",{"kind":"waiting","message":"ok"}]',
      'statusSet["unit",{"kind":"active","message":"ok"}]',
    ]);
  });
});

describe("state", () => {
  const schema = z.object({ n: z.number() });

  test("is JSON, read once, written once and only where it changed", async () => {
    const { model, calls } = openModel({
      stateGet: async () => ({ kept: '{"n":1}', changed: '{"n":1}', old: "1" }),
      stateSet: async () => undefined,
    });
    expect(await model.state.get("kept", schema)).toEqual({ n: 1 });
    model.state.set("kept", { n: 1 });
    model.state.set("changed", { n: 2 });
    model.state.delete("old");
    model.state.delete("never");
    expect(await model.state.get("changed", schema)).toEqual({ n: 2 });
    expect(await model.state.get("old", z.number())).toBeUndefined();
    await model.commit();
    expect(calls).toEqual(["stateGet[]", 'stateSet[{"changed":"{\\"n\\":2}","old":""}]']);
  });

  test.each(["not json", '{"n":"text"}', ""])("what is stored as %j is no value", async (stored) => {
    const { model } = openModel({ stateGet: async () => ({ key: stored }) });
    expect(await model.state.get("key", schema)).toBeUndefined();
    expect(await model.state.get("toString", schema)).toBeUndefined();
  });

  test("what has no JSON form cannot be stored", () => {
    expect(() => openModel({}).model.state.set("key", undefined)).toThrow("key");
  });
});

test("exactly the wanted ports are open afterwards", async () => {
  const { model, calls } = openModel({
    openedPorts: async () => [
      { range: "3306/tcp", endpoints: [] },
      { range: "80/tcp", endpoints: [] },
    ],
    openPort: async () => undefined,
    closePort: async () => undefined,
  });
  model.setPorts([1]);
  model.setPorts([3306, "33060/tcp", { port: "53/udp", endpoints: ["offer"] }]);
  await model.commit();
  expect(calls).toEqual([
    "openedPorts[]",
    'closePort["80/tcp",[]]',
    'openPort["33060/tcp",[]]',
    'openPort["53/udp",["offer"]]',
  ]);
});

test("a version is told when it is another one than last time", async () => {
  const stored: Record<string, string> = {};
  const open = (): ReturnType<typeof openModel> =>
    openModel({
      stateGet: async () => stored,
      stateSet: async (changes) => void Object.assign(stored, changes),
      applicationVersionSet: async () => undefined,
    });
  const [first, second] = [open(), open()];
  first.model.setWorkloadVersion("8.0");
  first.model.setWorkloadVersion("9.7");
  await first.model.commit();
  expect(first.calls).toContain('applicationVersionSet["9.7"]');
  second.model.setWorkloadVersion("9.7");
  await second.model.commit();
  expect(second.calls).toEqual(["stateGet[]"]);
});

test("units that go are not planned", async () => {
  const goalState = async (): Promise<GoalState> => ({
    units: {
      "db/0": { status: "active", since: "" },
      "db/1": { status: "dying", since: "" },
      "db/2": { status: "", since: "" },
    },
    relations: {},
  });
  expect(await openModel({ goalState }).model.plannedUnits()).toBe(2);
  expect(await openModel({ goalState }).model.knownUnits()).toEqual(
    new Map([
      ["db/0", "alive"],
      ["db/1", "dying"],
      ["db/2", "alive"],
    ]),
  );
});

test("storages are in the order of their numbers; more are asked for at commit", async () => {
  const { model, calls } = openModel({
    storageIds: async () => ["data/11", "data/2"],
    storageGet: async (id) => ({ kind: "filesystem", location: `/srv/${id}` }),
    storageAdd: async () => undefined,
  });
  expect(await model.storages("data")).toEqual([
    { id: "data/2", kind: "filesystem", location: "/srv/data/2" },
    { id: "data/11", kind: "filesystem", location: "/srv/data/11" },
  ]);
  model.requestStorage("data");
  model.requestStorage("data", 2);
  calls.length = 0;
  await model.commit();
  expect(calls).toEqual(['storageAdd["data",3]']);
});

test("a resource, a credential: what is not there or not trusted is undefined", async () => {
  const refuse = (reason: HookToolReason) => async (): Promise<never> => {
    throw new HookToolError("command", 1, reason, "no");
  };
  const { model } = openModel({ resourceGet: refuse("not-found"), credentialGet: refuse("denied") });
  expect(await model.resource("image")).toBeUndefined();
  expect(await model.credential()).toBeUndefined();
  const failing = openModel({ resourceGet: refuse("failed") });
  await expect(failing.model.resource("image")).rejects.toThrow("failed");
});

test("the network of a relation that is gone is the endpoint's", async () => {
  const { model } = openModel({
    networkGet: (_binding, id) => (id === undefined ? Promise.resolve(namedNetwork) : gone()),
  });
  expect(await model.network("upstream", upstream)).toEqual(namedNetwork);
});
