import { describe, expect, test } from "vitest";
import * as z from "zod";
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

test("ports are opened when they are not open yet; a version is told once", async () => {
  const { model, calls } = openModel({
    openedPorts: async () => [3306],
    openPort: async () => undefined,
    applicationVersionSet: async () => undefined,
  });
  model.openPorts([3306, 33060]);
  model.openPorts([33060]);
  model.setWorkloadVersion("8.0");
  model.setWorkloadVersion("9.7");
  await model.commit();
  expect(calls).toEqual(['applicationVersionSet["9.7"]', "openedPorts[]", "openPort[33060]"]);
});

test("units that go are not planned", async () => {
  const goalStateUnits = async (): Promise<Record<string, string>> => ({
    "db/0": "active",
    "db/1": "dying",
    "db/2": "",
  });
  expect(await openModel({ goalStateUnits }).model.plannedUnits()).toBe(2);
});

test("storage is found by its first instance", async () => {
  const { model } = openModel({
    storageIds: async () => ["data/11", "data/2"],
    storageLocation: async (id) => `/srv/${id}`,
  });
  expect(await model.storageLocation("data")).toBe("/srv/data/2");
  expect(await openModel({ storageIds: async () => [] }).model.storageLocation("data")).toBeUndefined();
});

test("the network of a relation that is gone is the endpoint's", async () => {
  const { model } = openModel({
    networkGet: (_binding, id) => (id === undefined ? Promise.resolve(namedNetwork) : gone()),
  });
  expect(await model.network("upstream", upstream)).toEqual(namedNetwork);
});
