import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Model, Unit } from "../../../lib/juju/model.ts";
import { destroyRelation } from "../../../lib/juju/relations.ts";
import { refresh, removeUnit, setConfig } from "../../../sandbox/juju/operations/applications.ts";
import { integrate } from "../../../sandbox/juju/operations/relate.ts";
import { enqueueAction } from "../../../sandbox/juju/operations/tasks.ts";
import { Cluster } from "./support/agents.ts";
import { charm, deployed, now, relationOf, unitOf } from "./support/models.ts";

let cluster: Cluster;
let model: Model;
let unit: Unit;

beforeEach(() => {
  cluster = new Cluster();
  ({ model, unit } = deployed(cluster.store.state, "rome", "a"));
});
afterEach(async () => await cluster.stop());

const runs = (name: string): string[] => cluster.machines.get(name)?.runs.splice(0) ?? [];
const change = (act: () => void): void => {
  act();
  cluster.store.changed();
};

test("a unit starts in Juju's order", async () => {
  await cluster.start(model, unit);
  await cluster.settled();
  expect(runs("a/0")).toEqual([
    "hooks/data-storage-attached",
    "hooks/install",
    "hooks/friends-relation-created",
    "hooks/leader-elected",
    "hooks/config-changed",
    "hooks/start",
  ]);
  expect(unit.workload.status).toBe("unknown");
});

test("two units meet: joined and its changed on both sides, created once", async () => {
  deployed(cluster.store.state, "rome", "b");
  await cluster.start(model, unit);
  await cluster.start(model, unitOf(model, "b/0"));
  await cluster.settled();
  runs("a/0");
  change(() => void integrate(cluster.store.state, model, "a:source", "b:sink"));
  const relation = relationOf(model, "source").id;
  const met = (name: string): boolean =>
    Object.keys(unitOf(model, name).local.relations[relation]?.members ?? {}).length === 1 &&
    unitOf(model, name).local.relations[relation]?.changedPending === null;
  await cluster.until(() => met("a/0") && met("b/0"));
  await cluster.settled();
  expect(runs("a/0")).toEqual([
    "hooks/source-relation-created",
    "hooks/source-relation-joined",
    "hooks/source-relation-changed",
  ]);
});

test("what happens during a hook is one event afterwards, however often it happened", async () => {
  let greetings = 0;
  await cluster.start(model, unit, async (env) => {
    if (env["JUJU_HOOK_NAME"] !== "start") return 0;
    for (; greetings < 3; greetings++) {
      change(() =>
        setConfig(cluster.store.state, model, "a", { set: { port: String(90 + greetings) }, reset: [] }),
      );
    }
    return 0;
  });
  await cluster.settled();
  expect(runs("a/0").filter((run) => run === "hooks/config-changed")).toHaveLength(2);
});

describe("a failing hook", () => {
  let fails = true;
  let told = "";
  const failing = async (
    env: Readonly<Record<string, string>>,
    tool: (name: string, ...args: readonly string[]) => Promise<string>,
  ) => {
    if (env["JUJU_HOOK_NAME"] !== "config-changed") return 0;
    told = (await tool("config-get", "port")).trim();
    await tool("state-set", "written=yes");
    await tool("status-set", "maintenance", "trying");
    return fails ? 1 : 0;
  };

  beforeEach(async () => {
    fails = true;
    await cluster.start(model, unit, failing);
    await cluster.until(() => unit.agent.status === "error");
    runs("a/0");
  });

  test("puts the unit in error, keeps its immediate writes and loses the buffered ones", () => {
    expect(unit.agent.message).toBe('hook failed: "config-changed"');
    expect(unit.workload).toMatchObject({ status: "maintenance", message: "trying" });
    expect(unit.charmState).toEqual({});
    expect(unit.local).toMatchObject({ step: "pending", hook: { kind: "config-changed" } });
  });

  test("runs again after 5 s, then 10 s, with fresh data, before anything else", async () => {
    const failedAgain = () =>
      cluster.until(
        () => unit.agent.status === "error" && (cluster.machines.get("a/0")?.runs.length ?? 0) > 0,
      );
    cluster.clock.advance(4_999);
    await cluster.until(() => unit.agent.status === "error");
    expect(runs("a/0")).toEqual([]);
    cluster.clock.advance(1);
    await failedAgain();
    expect(runs("a/0")).toEqual(["hooks/config-changed"]);
    setConfig(cluster.store.state, model, "a", { set: { port: "99" }, reset: [] });
    fails = false;
    cluster.clock.advance(10_300);
    await cluster.settled();
    await cluster.until(() => unit.agent.status === "idle");
    expect(told).toBe("99");
    expect(runs("a/0")).toEqual(["hooks/config-changed", "hooks/start"]);
    expect(unit.charmState).toEqual({ written: "yes" });
    // After a success the next failure waits for the shortest time again.
    fails = true;
    change(() => setConfig(cluster.store.state, model, "a", { set: { port: "7" }, reset: [] }));
    await cluster.until(() => unit.agent.status === "error");
    runs("a/0");
    fails = false;
    cluster.clock.advance(5_000);
    await cluster.until(() => unit.agent.status === "idle");
    expect(runs("a/0")).toEqual(["hooks/config-changed"]);
  });

  test("runs again at once when it is resolved, or is skipped with its writes", async () => {
    change(() => {
      unit.resolved = "no-retry";
    });
    await cluster.until(() => unit.agent.status === "idle");
    expect(runs("a/0")).toEqual(["hooks/start"]);
    expect(unit.charmState).toEqual({});
  });

  test("does not stop actions", async () => {
    const tasks = enqueueAction(
      cluster.store.state,
      model,
      [unit],
      { name: "backup", parameters: { to: "x" } },
      now,
    );
    cluster.store.changed();
    await cluster.until(() => tasks[0]?.status === "completed");
    expect(runs("a/0")).toEqual(["actions/backup"]);
    await cluster.until(() => unit.agent.status === "error");
    expect(unit.local).toMatchObject({ step: "pending", hook: { kind: "config-changed" } });
  });

  test("is found again by a new agent, as an error that waits for its retry", async () => {
    await cluster.agents.get("a/0")?.stop();
    fails = false;
    await cluster.start(model, unit, failing);
    await cluster.until(() => unit.agent.status === "error");
    expect(runs("a/0")).toEqual([]);
    cluster.clock.advance(5_000);
    await cluster.until(() => unit.agent.status === "idle");
    expect(runs("a/0")).toEqual(["hooks/config-changed", "hooks/start"]);
  });
});

test("a hook that is killed runs again and is no error", async () => {
  let kills = 1;
  await cluster.start(model, unit, async (env, tool) => {
    if (env["JUJU_HOOK_NAME"] === "install" && kills-- > 0) {
      await tool("state-set", "lost=yes");
      cluster.agents.get("a/0")?.killProgram();
      await new Promise(() => {});
    }
    return 0;
  });
  await cluster.until(() => unit.local.started);
  await cluster.settled();
  expect(runs("a/0").filter((run) => run === "hooks/install")).toHaveLength(2);
  expect(unit.charmState).toEqual({});
});

test("an agent that ends in the middle of a hook leaves it written down as running", async () => {
  const started = Promise.withResolvers<void>();
  await cluster.start(model, unit, async (env) => {
    if (env["JUJU_HOOK_NAME"] !== "install") return 0;
    started.resolve();
    return await new Promise(() => {});
  });
  await started.promise;
  await cluster.agents.get("a/0")?.stop();
  expect(unit.local).toMatchObject({ step: "pending", hook: { kind: "install" } });
});

test("a removed unit gives up the lead, detaches, leaves, stops and removes", async () => {
  deployed(cluster.store.state, "rome", "b");
  integrate(cluster.store.state, model, "a:source", "b:sink");
  await cluster.start(model, unit);
  await cluster.start(model, unitOf(model, "b/0"));
  await cluster.settled();
  const relation = relationOf(model, "source").id;
  await cluster.until(() => unit.local.relations[relation]?.members["b/0"] !== undefined);
  await cluster.settled();
  runs("a/0");
  runs("b/0");
  change(() => removeUnit(cluster.store.state, model, unit));
  await cluster.until(() => unit.life === "dead");
  expect(runs("a/0")).toEqual([
    "hooks/data-storage-detaching",
    "hooks/source-relation-departed",
    "hooks/source-relation-broken",
    "hooks/stop",
    "hooks/remove",
  ]);
  await cluster.settled();
  expect(runs("b/0")).toEqual(["hooks/sink-relation-departed"]);
  expect(model.applications["a"]?.leader).toBeNull();
});

test("a removed relation departs and breaks on both sides, and is gone", async () => {
  deployed(cluster.store.state, "rome", "b");
  const relation = integrate(cluster.store.state, model, "a:source", "b:sink");
  await cluster.start(model, unit);
  await cluster.start(model, unitOf(model, "b/0"));
  const knows = (name: string): boolean =>
    Object.keys(unitOf(model, name).local.relations[relation.id]?.members ?? {}).length === 1;
  await cluster.until(() => knows("a/0") && knows("b/0"));
  await cluster.settled();
  runs("a/0");
  runs("b/0");
  change(() => destroyRelation(cluster.store.state, model, relation));
  await cluster.until(() => model.relations[relation.id] === undefined);
  await cluster.settled();
  expect(runs("a/0")).toEqual(["hooks/source-relation-departed", "hooks/source-relation-broken"]);
  expect(runs("b/0")).toEqual(["hooks/sink-relation-departed", "hooks/sink-relation-broken"]);
});

test("update-status comes by interval when nothing else is due, and start again after a reboot", async () => {
  await cluster.start(model, unit);
  await cluster.settled();
  runs("a/0");
  cluster.clock.advance(360_000);
  await cluster.until(() => unit.local.updateStatusVersion === 1);
  expect(runs("a/0")).toEqual(["hooks/update-status"]);
  await cluster.agents.get("a/0")?.stop();
  await cluster.start(model, unit, () => 0, true);
  await cluster.settled();
  expect(runs("a/0")).toEqual(["hooks/start"]);
});

test("hook commands of a hook that is over are refused", async () => {
  const late = Promise.withResolvers<string>();
  await cluster.start(model, unit, async (env, tool) => {
    if (env["JUJU_HOOK_NAME"] === "start") {
      void cluster
        .until(() => unit.local.started)
        .then(() => tool("is-leader"))
        .then(late.resolve, (error: Error) => late.resolve(error.message));
    }
    return 0;
  });
  expect(await late.promise).toMatch(
    /^is-leader: ERROR bad request: wrong context ID; got "a\/0-start-[0-9a-f]{32}"$/,
  );
});

test("a forced refresh reaches a unit whose hook failed: the hook runs again with the new code, upgrade-charm does not run", async () => {
  let fails = true;
  await cluster.start(model, unit, (env) => (fails && env["JUJU_HOOK_NAME"] === "install" ? 1 : 0));
  await cluster.until(() => unit.agent.status === "error");
  runs("a/0");
  cluster.store.state.charms["c2"] = { ...charm };
  const application = model.applications["a"];
  if (application === undefined) throw new Error("no application");
  change(() => refresh(cluster.store.state, model, application, "c2", { forceUnits: true }));
  await cluster.until(() => unit.local.charm === "c2");
  expect(unit.local).toMatchObject({ step: "pending", hook: { kind: "install" } });
  fails = false;
  change(() => {
    unit.resolved = "retry";
  });
  await cluster.until(() => unit.local.started);
  await cluster.settled();
  const seen = runs("a/0");
  expect(seen[0]).toBe("hooks/install");
  expect(seen).not.toContain("hooks/upgrade-charm");
});
