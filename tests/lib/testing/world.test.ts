import { describe, expect, test } from "vitest";
import {
  type Charm,
  HookToolError,
  hookTools,
  OperatorError,
  realProcesses,
  Secret,
} from "../../../lib/index.ts";
import { runEvent } from "../../../lib/testing/world.ts";
import { recordsOf } from "../../../lib/testing/world-in.ts";
import { commandsOf, contextOf } from "../../../lib/testing/world-run.ts";
import { type Meta, meta } from "../support/charm.ts";
import { both, charm, type Handler, peers, runOk, secret, upstream, world } from "../support/world.ts";

const changed = { kind: "relation-changed", endpoint: "upstream", relationId: 7, remoteApp: "web" } as const;

describe("what a unit sees", () => {
  test("configuration with defaults, its place, its peers", async () => {
    const given = world({
      ...both,
      config: { memory: 4 },
      plannedUnits: 3,
      storages: [{ name: "data", id: "data/0", location: "/srv" }],
    });
    await runOk(given, async ({ model }) => {
      expect(await model.config()).toEqual({ profile: "production", memory: 4 });
      expect(model.context).toMatchObject({ unit: "db/1", modelName: "test" });
      expect(await model.plannedUnits()).toBe(3);
      expect(await model.storages("data")).toEqual([{ id: "data/0", kind: "filesystem", location: "/srv" }]);
      const peer = await model.peer("peers");
      if (peer === undefined) throw new Error("the peer relation is missing");
      expect(await model.remoteUnits(peer)).toEqual(["db/0", "db/2"]);
      expect(await model.readUnit(peer, "db/0")).toEqual({ state: "up" });
      expect(await model.readApp(peer, "local")).toEqual({ name: "rome" });
    });
  });

  test("a follower does not see its application's bag, a leader does", async () => {
    const read: Handler = async ({ model, log }) => {
      const [relation] = await model.relations("upstream");
      if (relation === undefined) throw new Error("the relation is missing");
      log.info(
        JSON.stringify([await model.readApp(relation, "local"), await model.readApp(relation, "remote")]),
      );
    };
    const [follower, leader] = [
      await runOk(world(both), read),
      await runOk(world({ ...both, leader: true }), read),
    ];
    expect(follower.log[0]?.text).toBe('[null,{"offer":"x"}]');
    expect(leader.log[0]?.text).toBe('[{"asked":"1"},{"offer":"x"}]');
  });

  test("a relation that was removed by force is none, though Juju lists it", async () => {
    const ghost = { ...upstream, ghost: true };
    await runOk(world({ relations: [ghost], leader: true }), async ({ model }) => {
      expect(await model.relations("upstream")).toEqual([]);
    });
  });
});

describe("what a hook leaves behind", () => {
  const write: Handler = async ({ model }) => {
    const leader = await model.leadership();
    const peer = await model.peer("peers");
    if (leader === undefined || peer === undefined) throw new Error("expected to lead");
    model.writeApp(leader, peer, { name: "lisbon" });
    model.writeUnit(peer, { state: "" });
    model.state.set("n", 1);
    model.setPorts([3306]);
    model.setWorkloadVersion("9.7");
    await model.setUnitStatus({ kind: "maintenance", message: "busy" });
    await model.setUnitStatus({ kind: "active", message: "" });
    await model.setAppStatus(leader, { kind: "active", message: "" });
    await model.addSecret(leader, { password: new Secret("new-value") }, { label: "new" });
  };

  test("everything, when it succeeds", async () => {
    const { world: after, statuses } = await runOk(world({ ...both, leader: true }), write);
    expect(after.relations[0]?.bags).toEqual({ ...peers.bags, db: { name: "lisbon" }, "db/1": {} });
    expect(after).toMatchObject({ state: { n: "1" }, openedPorts: [3306], workloadVersion: "9.7" });
    expect(after.secrets).toMatchObject([
      { owner: "db", label: "new", revisions: [{ password: "new-value" }] },
    ]);
    expect(after.appStatus).toEqual({ kind: "active", message: "" });
    expect(statuses.map(({ kind }) => kind)).toEqual(["maintenance", "active"]);
  });

  test("only what acts at once, when it fails", async () => {
    const before = world({ ...both, leader: true });
    const failed = await runEvent(
      charm(async (scope) => {
        await write(scope);
        throw new Error("broken");
      }),
      before,
      { kind: "install" },
    );
    expect(failed.exitCode).toBe(1);
    expect(failed.world).toEqual({
      ...before,
      unitStatus: { kind: "active", message: "" },
      appStatus: { kind: "active", message: "" },
      // The version is buffered by the framework itself.
      workloadVersion: "",
    });
    expect(failed.log[0]?.text).toContain("broken");
  });

  test("nothing of the application's, when the lead was lost meanwhile", async () => {
    const lost = await runEvent(
      charm(write),
      world({ ...both, leader: true }),
      { kind: "install" },
      { losesLeadership: true },
    );
    expect(lost.exitCode).toBe(1);
    expect(lost.world.relations).toEqual(both.relations);
  });

  test("nothing, when the world given is looked at again", async () => {
    const before = world({ ...both, leader: true });
    const copy = structuredClone(before);
    await runOk(before, write);
    expect(before).toEqual(copy);
  });
});

test("a departed unit is out of the list but its bag can be read, also afterwards", async () => {
  const event = { kind: "relation-departed", endpoint: "peers", relationId: 3, remoteApp: "db" } as const;
  const look: Handler = async ({ model }) => {
    const peer = await model.peer("peers");
    if (peer === undefined) throw new Error("the peer relation is missing");
    expect(await model.remoteUnits(peer)).toEqual(["db/2"]);
    expect(await model.readUnit(peer, "db/0")).toEqual({ state: "up" });
  };
  const departed = { ...event, remoteUnit: "db/0", departingUnit: "db/0" };
  const first = await runEvent(charm(look), world(both), departed);
  expect(first).toMatchObject({ exitCode: 0, log: [] });
  const second = await runEvent(charm(look), first.world, { kind: "update-status" });
  expect(second).toMatchObject({ exitCode: 0, log: [] });
});

test("a broken relation has nobody in it and is gone once its hook succeeded", async () => {
  const broken = { kind: "relation-broken", endpoint: "upstream", relationId: 7, remoteApp: "web" } as const;
  const look: Handler = async ({ model }) => {
    const [relation] = await model.relations("upstream");
    if (relation === undefined) throw new Error("the relation is missing");
    expect(relation.broken).toBe(true);
    expect(await model.remoteUnits(relation)).toEqual([]);
    expect(await model.readUnit(relation, "web/0")).toEqual({ address: "10.0.0.9" });
  };
  const done = await runEvent(charm(look), world(both), broken);
  expect(done.world.relations.map(({ id }) => id)).toEqual([3]);
  const failed = await runEvent(
    charm(() => {
      throw new Error("no");
    }),
    world(both),
    broken,
  );
  expect(failed.world.relations.map(({ id }) => id)).toEqual([3, 7]);
});

describe("actions", () => {
  const event = { kind: "action", action: "promote", actionId: "1" } as const;

  test("get their parameters with defaults and give results", async () => {
    const handler: Handler = async ({ action }) => {
      await action?.log("working");
      action?.setResults({ ok: true });
    };
    const params = { "set-name": "rome" };
    const { action } = await runEvent(charm(handler), world(), event, { params });
    expect(action).toEqual({ results: { ok: "true" }, failure: undefined, logs: ["working"] });
  });

  test("that fail change nothing", async () => {
    const handler: Handler = ({ model }) => {
      model.state.set("n", 1);
      throw new OperatorError("no such set");
    };
    const failed = await runEvent(charm(handler), world(), event, { params: { "set-name": "rome" } });
    expect(failed).toMatchObject({ exitCode: 0, action: { failure: "no such set" }, world: { state: {} } });
  });
});

test("Juju leaves a broken relation out of its list", async () => {
  const event = { kind: "relation-broken", endpoint: "upstream", relationId: 7, remoteApp: "web" } as const;
  const context = contextOf(meta, world(both), recordsOf(meta, world(both), 7), { event });
  const tools = hookTools(commandsOf(context, realProcesses()));
  expect(await tools.relationIds("upstream")).toEqual([]);
  expect(await tools.relationUnits(7)).toEqual([]);
  expect(await tools.relationIds("peers")).toEqual([3]);
});

test("events of every kind reach the handler as they were given", async () => {
  const given = world({
    ...both,
    leader: true,
    secrets: [secret()],
    storages: [{ name: "data", id: "data/0", location: "/srv" }],
  });
  const peer = { endpoint: "peers", relationId: 3, remoteApp: "db" } as const;
  const secretUri = `secret://${given.modelUuid}/${secret().id}`;
  const events: Parameters<Charm<Meta>["handle"]>[0][] = [
    { kind: "leader-elected" },
    changed,
    { ...peer, kind: "relation-created" },
    { ...peer, kind: "relation-joined", remoteUnit: "db/0" },
    { ...peer, kind: "relation-departed", remoteUnit: "db/0", departingUnit: "db/1" },
    {
      kind: "storage-attached",
      storage: "data",
      storageId: "data/0",
      location: "/srv",
      storageKind: "filesystem",
    },
    { kind: "secret-changed", secretId: secretUri, label: "keys" },
    { kind: "secret-remove", secretId: secretUri, revision: 1 },
    { kind: "action", action: "show", actionId: "4" },
    { kind: "custom", name: "job-ended" },
    { kind: "unknown", name: "pebble-ready" },
  ];
  for (const event of events) {
    const seen: unknown[] = [];
    await runEvent({ meta, handle: async (handled) => void seen.push(handled) }, given, event);
    expect(seen).toEqual([event]);
  }
});

test("a program that the test did not expect fails the hook by its name", async () => {
  const handler: Handler = async ({ processes }) => void (await processes.run(["mysqld"], { timeoutMs: 1 }));
  const { exitCode, log } = await runEvent(charm(handler), world(), { kind: "start" });
  expect(exitCode).toBe(1);
  expect(log[0]?.text).toContain("mysqld was to be run");
});

test("a follower's write to its application's bag is refused by Juju's rules too", async () => {
  const context = contextOf(meta, world(both), recordsOf(meta, world(both)), { event: { kind: "start" } });
  const tools = hookTools(commandsOf(context, realProcesses()));
  await expect(tools.relationSet(3, "app", { a: "1" })).rejects.toMatchObject({ reason: "not-leader" });
  await expect(tools.relationGet(7, "db")).rejects.toBeInstanceOf(HookToolError);
  await expect(tools.relationGet(7, "other/0")).rejects.toMatchObject({ reason: "denied" });
  await expect(tools.relationGet(99, "db")).rejects.toMatchObject({ reason: "relation-gone" });
  await expect(tools.statusSet("app", { kind: "active", message: "" })).rejects.toMatchObject({
    reason: "not-leader",
  });
  await expect(tools.actionGet()).rejects.toThrow("not running an action");
});

describe("a reboot", () => {
  test("after the hook is asked for, and the hook goes on", async () => {
    const {
      exitCode,
      reboot,
      world: after,
    } = await runEvent(
      {
        meta,
        handle: async (_event, scope) => {
          await scope.reboot.afterHook();
          scope.model.state.set("n", 1);
        },
      },
      world(),
      { kind: "start" },
    );
    expect({ exitCode, reboot, state: after.state }).toEqual({
      exitCode: 0,
      reboot: "after",
      state: { n: "1" },
    });
  });

  test("at once ends the hook, and what it wrote is gone; the log tells who asked", async () => {
    const {
      exitCode,
      reboot,
      world: after,
      log,
    } = await runEvent(
      {
        meta,
        handle: async (_event, scope) => {
          scope.model.state.set("n", 1);
          await scope.reboot.now();
        },
      },
      world(),
      { kind: "start" },
    );
    expect({ exitCode, reboot, state: after.state }).toEqual({ exitCode: 143, reboot: "now", state: {} });
    expect(log.map(({ text }) => text).join()).toContain('"event":"sys_restart:');
  });

  test("is nothing for an action: Juju refuses it", async () => {
    const { action, reboot } = await runEvent(
      { meta, handle: async (_event, scope) => scope.reboot.afterHook() },
      world(),
      { kind: "action", action: "show", actionId: "1" },
    );
    expect(action.failure).toContain("juju-reboot is not supported when running an action.");
    expect(reboot).toBe("none");
  });
});

test("leadership that is lost within the hook is seen by the commands after it", async () => {
  const told: unknown[] = [];
  const handler: Handler = async ({ model }) => {
    const leader = await model.leadership();
    const peer = await model.peer("peers");
    if (leader === undefined || peer === undefined) throw new Error("expected to lead");
    told.push(await model.setAppStatus(leader, { kind: "active", message: "" }).catch(() => "refused"));
    model.writeApp(leader, peer, { a: "1" });
  };
  const before = world({ ...both, leader: true });
  const lost = await runEvent(charm(handler), before, { kind: "start" }, { losesLeadership: "isLeader" });
  expect(told).toEqual(["refused"]);
  expect(lost.exitCode).toBe(1);
  expect(lost.world).toMatchObject({ leader: false, relations: both.relations });
  expect(lost.log.map(({ text }) => text).join()).toContain("cannot write relation settings");
  const late = await runEvent(charm(handler), before, { kind: "start" }, { losesLeadership: true });
  expect(late.refusal).toBe('prerequisites failed: "db/1" is not leader of "db"');
});

test("spaces, resources, a credential, statuses and goal state are seen as the world tells them", async () => {
  const given = world({
    ...both,
    leader: true,
    plannedUnits: 3,
    networks: {
      upstream: { bindAddress: "10.1.0.5", ingressAddress: "203.0.113.9", egressSubnets: ["10.1.0.0/16"] },
    },
    resources: { image: "/var/lib/juju/image.tgz" },
    credential: { type: "lxd", credential: { "auth-type": "certificate", attrs: { key: "hidden-key" } } },
    unitStatus: { kind: "blocked", message: "x" },
    openedPorts: [80, "53/udp (offer)"],
  });
  const { world: after } = await runOk(given, async ({ model }) => {
    const [relation] = await model.relations("upstream");
    const leader = await model.leadership();
    if (relation === undefined || leader === undefined) throw new Error("expected to lead and to be related");
    expect(await model.network("upstream", relation)).toMatchObject({
      bindAddress: "10.1.0.5",
      ingressAddresses: ["203.0.113.9"],
      egressSubnets: ["10.1.0.0/16"],
    });
    expect(await model.network("admin")).toMatchObject({ bindAddress: "192.0.2.1" });
    expect(await model.resource("image")).toBe("/var/lib/juju/image.tgz");
    expect((await model.credential())?.attributes["key"]?.reveal()).toBe("hidden-key");
    expect(await model.remoteModel(relation)).toBe(given.modelUuid);
    expect(await model.unitStatus()).toEqual({ kind: "blocked", message: "x" });
    expect(Object.keys(await model.unitStatuses(leader))).toHaveLength(3);
    expect(Object.keys((await model.goalState()).relations)).toEqual(["upstream"]);
    model.setPorts([{ port: 443, endpoints: ["offer"] }, 80]);
  });
  expect(after.openedPorts).toEqual([80, "443/tcp (offer)"]);
});

test("a secret's settings, grants and revisions are kept back until the hook succeeds", async () => {
  const expire = new Date("2030-01-02T03:04:05.000Z");
  const handler: Handler = async ({ model }) => {
    const own = await model.ownSecret("unit", { label: "mine" });
    const [relation] = await model.relations("upstream");
    if (own === undefined || relation === undefined) throw new Error("expected a secret and a relation");
    expect(await own.info()).toMatchObject({ revision: 2, owner: "unit", label: "mine", rotation: "never" });
    own.change({ rotate: "monthly", expire, description: "of the test" });
    own.grant(relation);
    own.removeRevision(1);
  };
  const mine = secret({ owner: "db/1", label: "mine", tracked: 2 });
  const { world: after } = await runOk(world({ ...both, secrets: [mine] }), handler);
  expect(after.secrets).toEqual([
    {
      ...mine,
      rotate: "monthly",
      expire: expire.toISOString(),
      description: "of the test",
      revisions: [{}, { password: "second-value" }],
      grants: [7],
    },
  ]);
});
