import { describe, expect, test } from "vitest";
import { HookToolError } from "../../lib/index.ts";
import { denied, gone, namedNetwork, openModel, peers, upstream } from "./support/model.ts";

test("nothing is asked before it is needed, and nothing is written when nothing was", async () => {
  const { model, calls } = openModel({});
  expect(model.context.unit).toBe("db/1");
  await model.commit();
  expect(calls).toEqual([]);
});

test("each question is asked once, also when several ask at the same time", async () => {
  const { model, calls } = openModel({
    isLeader: async () => true,
    configGet: async () => ({ profile: "testing" }),
    relationIds: async () => [3],
    relationGet: async () => ({ a: "1" }),
    networkGet: async () => namedNetwork,
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
  expect(await openModel({ isLeader: async () => true }).model.leadership()).toEqual({ leader: true });
  expect(await openModel({ isLeader: async () => false }).model.leadership()).toBeUndefined();
  const { model } = openModel({});
  // @ts-expect-error proof of leadership cannot be made by hand
  model.writeApp({ leader: true }, peers, {});
});

describe("relations", () => {
  test("are in order, with the application at the other end", async () => {
    const { model } = openModel({
      relationIds: async () => [12, 7],
      relationApp: async (id) => `app-${id}`,
      relationGet: async () => ({}),
    });
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
    const { model } = openModel({ relationIds: async () => [7], relationGet: async () => ({}) }, event);
    expect(await model.relations("upstream")).toEqual([upstream]);
  });

  test.each([
    ["3.6 refuses", denied],
    ["4.0 does not find", gone],
  ])(
    "that were removed by force are left out, though Juju lists them (%s their bags)",
    async (_name, refuse) => {
      const { model, calls } = openModel({
        relationIds: async () => [7, 8],
        relationApp: async (id) => `app-${id}`,
        relationGet: (id) => (id === 7 ? refuse() : Promise.resolve({})),
      });
      expect((await model.relations("upstream")).map(({ id }) => id)).toEqual([8]);
      expect(calls).toContain('relationGet[7,"db/1"]');
    },
  );

  test("that could not be asked for are not taken to be gone", async () => {
    const relationGet = async (): Promise<never> => {
      throw new HookToolError("relation-get", 1, "failed", "agent is away");
    };
    const { model } = openModel({ relationIds: async () => [7], relationGet });
    await expect(model.relations("upstream")).rejects.toThrow("agent is away");
  });

  test("that break are there, marked, though Juju leaves them out of the list", async () => {
    const event = { kind: "relation-broken", endpoint: "upstream", relationId: 7, remoteApp: "web" } as const;
    const { model } = openModel({ relationIds: async () => [] }, event);
    expect(await model.relations("upstream")).toEqual([{ ...upstream, broken: true }]);
    expect(await model.relations("offer")).toEqual([]);
  });

  test("that vanished in between are left out", async () => {
    const { model } = openModel({
      relationIds: async () => [7, 8],
      relationApp: (id) => (id === 7 ? gone() : Promise.resolve("web")),
      relationGet: async () => ({}),
    });
    expect((await model.relations("offer")).map(({ id }) => id)).toEqual([8]);
  });

  test("a peer relation has the own application, and may be missing", async () => {
    expect(await openModel({ relationIds: async () => [3] }).model.peer("peers")).toEqual(peers);
    expect(await openModel({ relationIds: async () => [] }).model.peer("peers")).toBeUndefined();
  });

  test("units are in the order of their numbers, without this one", async () => {
    const { model } = openModel({ relationUnits: async () => ["db/10", "db/1", "db/2"] });
    expect(await model.remoteUnits(peers)).toEqual(["db/2", "db/10"]);
    expect(await openModel({ relationUnits: gone }).model.remoteUnits(peers)).toEqual([]);
  });
});

describe("bags", () => {
  test("reads of the own bags include what was written; the committed one does not", async () => {
    const { model } = openModel({
      isLeader: async () => true,
      relationGet: async () => ({ a: "1", b: "2" }),
    });
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
    const { model, calls } = openModel({
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
    const { model, calls } = openModel({
      isLeader: async () => false,
      relationGet: async () => ({ a: "1" }),
    });
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
    const { model, calls } = openModel({ isLeader: async () => true, relationGet });
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
    await expect(openModel({ relationGet }).model.readUnit(peers, "db/0")).rejects.toThrow("agent is away");
  });
});
