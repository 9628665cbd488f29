import { describe, expect, test } from "vitest";
import * as z from "zod";
import { hookModel } from "../../lib/hook-model.ts";
import {
  type Event,
  HookToolError,
  type HookTools,
  type Model,
  readContext,
  Secret,
} from "../../lib/index.ts";
import { hookEnvironment, type Meta, meta } from "./support/charm.ts";
import { scriptedTools } from "./support/fakes.ts";

function open(
  answers: Partial<HookTools>,
  event: Event<Meta> = { kind: "install" },
): { model: Model<Meta>; calls: string[] } {
  const { tools, calls } = scriptedTools(answers);
  return {
    model: hookModel({ context: readContext(hookEnvironment("install")), meta, event, tools }),
    calls,
  };
}

const denied = async (): Promise<never> => {
  throw new HookToolError("relation-get", 1, "denied", "permission denied");
};
const gone = async (): Promise<never> => {
  throw new HookToolError("relation-list", 2, "relation-gone", "relation not found");
};
const peers = { id: 3, endpoint: "peers", remoteApp: "db", broken: false } as const;
const upstream = { id: 7, endpoint: "upstream", remoteApp: "web", broken: false } as const;

test("nothing is asked before it is needed, and nothing is written when nothing was", async () => {
  const { model, calls } = open({});
  expect(model.context.unit).toBe("db/1");
  await model.commit();
  expect(calls).toEqual([]);
});

test("each question is asked once, also when several ask at the same time", async () => {
  const { model, calls } = open({
    isLeader: async () => true,
    configGet: async () => ({ profile: "testing" }),
    relationIds: async () => [3],
    relationGet: async () => ({ a: "1" }),
    networkGet: async () => ({ hostname: "h" }),
  });
  for (let round = 0; round < 2; round += 1) {
    await Promise.all([
      model.leadership(),
      model.leadership(),
      model.config(),
      model.peer("peers"),
      model.relations("peers"),
      model.readUnit(peers, "db/0"),
      model.network("peers"),
    ]);
  }
  expect(calls.sort()).toEqual([
    "configGet[]",
    "isLeader[]",
    'networkGet["peers"]',
    'relationGet[3,"db/0"]',
    'relationIds["peers"]',
  ]);
});

test("only a leader gets the proof of it", async () => {
  expect(await open({ isLeader: async () => true }).model.leadership()).toEqual({ leader: true });
  expect(await open({ isLeader: async () => false }).model.leadership()).toBeUndefined();
  const { model } = open({});
  // @ts-expect-error proof of leadership cannot be made by hand
  model.writeApp({ leader: true }, peers, {});
});

describe("relations", () => {
  test("are in order, with the application at the other end", async () => {
    const { model } = open({ relationIds: async () => [12, 7], relationApp: async (id) => `app-${id}` });
    expect(await model.relations("offer")).toEqual([
      { id: 7, endpoint: "offer", remoteApp: "app-7", broken: false },
      { id: 12, endpoint: "offer", remoteApp: "app-12", broken: false },
    ]);
  });

  test("of the event itself need no question about the application", async () => {
    const event = {
      kind: "relation-created",
      endpoint: "upstream",
      relationId: 7,
      remoteApp: "web",
    } as const;
    const { model } = open({ relationIds: async () => [7] }, event);
    expect(await model.relations("upstream")).toEqual([upstream]);
  });

  test("that break are there, marked, though Juju leaves them out of the list", async () => {
    const event = { kind: "relation-broken", endpoint: "upstream", relationId: 7, remoteApp: "web" } as const;
    const { model } = open({ relationIds: async () => [] }, event);
    expect(await model.relations("upstream")).toEqual([{ ...upstream, broken: true }]);
    expect(await model.relations("offer")).toEqual([]);
  });

  test("that vanished in between are left out", async () => {
    const { model } = open({
      relationIds: async () => [7, 8],
      relationApp: (id) => (id === 7 ? gone() : Promise.resolve("web")),
    });
    expect((await model.relations("offer")).map(({ id }) => id)).toEqual([8]);
  });

  test("a peer relation has the own application, and may be missing", async () => {
    expect(await open({ relationIds: async () => [3] }).model.peer("peers")).toEqual(peers);
    expect(await open({ relationIds: async () => [] }).model.peer("peers")).toBeUndefined();
  });

  test("units are in the order of their numbers, without this one", async () => {
    const { model } = open({ relationUnits: async () => ["db/10", "db/1", "db/2"] });
    expect(await model.remoteUnits(peers)).toEqual(["db/2", "db/10"]);
    expect(await open({ relationUnits: gone }).model.remoteUnits(peers)).toEqual([]);
  });
});

describe("bags", () => {
  test("reads of the own bags include what was written; the committed one does not", async () => {
    const { model } = open({ isLeader: async () => true, relationGet: async () => ({ a: "1", b: "2" }) });
    const leader = await model.leadership();
    if (leader === undefined) throw new Error("expected to lead");
    model.writeUnit(peers, { a: "9" });
    model.writeApp(leader, peers, { a: "8" });
    model.writeApp(leader, peers, { b: "", c: "3" });
    expect(await model.readUnit(peers, "db/1")).toEqual({ a: "9", b: "2" });
    expect(await model.readApp(peers, "local")).toEqual({ a: "8", c: "3" });
    expect(await model.committedApp(peers)).toEqual({ a: "1", b: "2" });
    expect(await model.readUnit(peers, "db/0")).toEqual({ a: "1", b: "2" });
  });

  test("commit writes each bag once, and only what changed", async () => {
    const { model, calls } = open({
      isLeader: async () => true,
      relationGet: async (_id, owner) => (owner === "db" ? { a: "1" } : { u: "same" }),
      relationSet: async () => undefined,
    });
    const leader = await model.leadership();
    if (leader === undefined) throw new Error("expected to lead");
    model.writeApp(leader, peers, { a: "2" });
    model.writeApp(leader, peers, { b: "3", c: "" });
    model.writeUnit(peers, { u: "same" });
    expect(calls.filter((call) => call.startsWith("relationSet"))).toEqual([]);
    await model.commit();
    expect(calls.filter((call) => call.startsWith("relationSet"))).toEqual([
      'relationSet[3,"app",{"a":"2","b":"3"}]',
    ]);
    await model.commit();
    expect(calls.filter((call) => call.startsWith("relationSet"))).toHaveLength(1);
  });

  test("the own application's bag is out of a follower's sight, but for a peer relation", async () => {
    const { model, calls } = open({ isLeader: async () => false, relationGet: async () => ({ a: "1" }) });
    expect(await model.readApp(upstream, "local")).toBeUndefined();
    expect(await model.committedApp(upstream)).toBeUndefined();
    expect(calls).toEqual(["isLeader[]"]);
    expect(await model.readApp(upstream, "remote")).toEqual({ a: "1" });
    expect(await model.readApp(peers, "local")).toEqual({ a: "1" });
    expect(calls.slice(1)).toEqual(['relationGet[7,"web"]', 'relationGet[3,"db"]']);
  });

  test.each([
    ["3.6 refuses", denied],
    ["4.0 does not find", gone],
  ])("a relation that is gone (%s it) reads as empty and takes no writes", async (_name, relationGet) => {
    const { model, calls } = open({ isLeader: async () => true, relationGet });
    expect(await model.readUnit(upstream, "web/0")).toEqual({});
    expect(await model.readApp(upstream, "remote")).toEqual({});
    expect(await model.readApp(upstream, "local")).toEqual({});
    model.writeUnit(upstream, { a: "1" });
    await model.commit();
    expect(calls.some((call) => call.startsWith("relationSet"))).toBe(false);
  });

  test("other failures are failures", async () => {
    const relationGet = async (): Promise<never> => {
      throw new HookToolError("relation-get", 1, "failed", "agent is away");
    };
    await expect(open({ relationGet }).model.readUnit(peers, "db/0")).rejects.toThrow("agent is away");
  });
});

describe("statuses", () => {
  const active = { kind: "active", message: "ok" } as const;

  test("are set at once, and only when they change", async () => {
    const { model, calls } = open({ statusGet: async () => active, statusSet: async () => undefined });
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
    const { model, calls } = open({
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
    const { model } = open({ stateGet: async () => ({ key: stored }) });
    expect(await model.state.get("key", schema)).toBeUndefined();
    expect(await model.state.get("toString", schema)).toBeUndefined();
  });

  test("what has no JSON form cannot be stored", () => {
    expect(() => open({}).model.state.set("key", undefined)).toThrow("key");
  });
});

test("ports are opened when they are not open yet; a version is told once", async () => {
  const { model, calls } = open({
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
  expect(await open({ goalStateUnits }).model.plannedUnits()).toBe(2);
});

test("storage is found by its first instance", async () => {
  const { model } = open({
    storageIds: async () => ["data/11", "data/2"],
    storageLocation: async (id) => `/srv/${id}`,
  });
  expect(await model.storageLocation("data")).toBe("/srv/data/2");
  expect(await open({ storageIds: async () => [] }).model.storageLocation("data")).toBeUndefined();
});

test("the network of a relation that is gone is the endpoint's", async () => {
  const { model } = open({
    networkGet: (_binding, id) => (id === undefined ? Promise.resolve({ hostname: "h" }) : gone()),
  });
  expect(await model.network("upstream", upstream)).toEqual({ hostname: "h" });
});

describe("secrets", () => {
  const id = "secret:9m4e2mr0ui3e8a215n4g";
  const [old, fresh] = [{ key: new Secret("value-old") }, { key: new Secret("value-fresh") }];

  test("are read once per way of reading", async () => {
    const { model, calls } = open({ secretGet: async () => old });
    expect(await model.secret({ id })).toEqual({ kind: "value", content: old, id });
    await model.secret({ id });
    await model.secret({ id }, { refresh: true });
    expect(calls).toHaveLength(2);
  });

  test.each<["denied" | "not-found", string]>([
    ["denied", "not-granted"],
    ["not-found", "absent"],
  ])("%s is an answer: %s", async (reason, kind) => {
    const secretGet = async (): Promise<never> => {
      throw new HookToolError("secret-get", 1, reason, "no");
    };
    expect(await open({ secretGet }).model.secret({ id })).toEqual({ kind });
  });

  test("what is no id is not asked for", async () => {
    const { model, calls } = open({});
    expect(await model.secret({ id: "--help" })).toEqual({ kind: "absent" });
    expect(calls).toEqual([]);
  });

  test("by label come with an id, for those who may know it", async () => {
    const known = open({ secretGet: async () => old, secretIdOf: async () => "9m4e2mr0ui3e8a215n4g" });
    expect(await known.model.secret({ label: "keys" })).toMatchObject({ id: "9m4e2mr0ui3e8a215n4g" });
    const secretIdOf = async (): Promise<never> => {
      throw new HookToolError("secret-info-get", 1, "not-found", "no");
    };
    const foreign = open({ secretGet: async () => old, secretIdOf });
    expect(await foreign.model.secret({ label: "keys" })).toMatchObject({ id: "", content: old });
  });

  test("are changed at commit, and only when the content differs", async () => {
    const { model, calls } = open({
      secretGet: async () => old,
      secretSet: async () => undefined,
      secretGrant: async () => undefined,
      secretRemove: async () => undefined,
    });
    await model.setSecret({ id }, { key: new Secret("value-old") });
    await model.commit();
    expect(calls.filter((call) => call.startsWith("secretSet"))).toEqual([]);
    await model.setSecret({ id }, fresh);
    await model.grantSecret(id, upstream);
    await model.removeSecret("secret:other2mr0ui3e8a215n4");
    expect(await model.secret({ id }, { refresh: true })).toMatchObject({ content: fresh });
    expect(await model.secret({ id })).toMatchObject({ content: old });
    calls.length = 0;
    await model.commit();
    expect(calls.filter((call) => !call.startsWith("secretGet"))).toEqual([
      `secretSet["${id}",{"key":"[secret]"}]`,
      `secretGrant["${id}",7]`,
      'secretRemove["secret:other2mr0ui3e8a215n4"]',
    ]);
  });

  test("that are added are told to Juju at once, and reads start anew", async () => {
    let exists = false;
    const { model, calls } = open({
      secretIdOf: async () => "9m4e2mr0ui3e8a215n4g",
      secretGet: async () => {
        if (exists) return fresh;
        throw new HookToolError("secret-get", 1, "not-found", "no");
      },
      secretAdd: async () => {
        exists = true;
        return id;
      },
    });
    expect(await model.secret({ label: "keys" })).toEqual({ kind: "absent" });
    expect(await model.addSecret("unit", fresh, { label: "keys" })).toBe(id);
    expect(calls.at(-1)).toContain('{"owner":"unit","label":"keys"}');
    expect(await model.secret({ label: "keys" })).toMatchObject({ kind: "value", content: fresh });
  });
});
