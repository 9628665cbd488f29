import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Model, Task, Unit } from "../../../lib/juju/model.ts";
import { cancelTask, enqueueAction, enqueueCommand } from "../../../sandbox/juju/operations/tasks.ts";
import { Cluster } from "./support/agents.ts";
import { deployed, now } from "./support/models.ts";

let cluster: Cluster;
let model: Model;
let unit: Unit;

beforeEach(() => {
  cluster = new Cluster();
  ({ model, unit } = deployed(cluster.store.state, "rome", "a"));
});
afterEach(async () => await cluster.stop());

/** Queues a backup on the unit. */
function backup(): Task {
  const [task] = enqueueAction(
    cluster.store.state,
    model,
    [unit],
    { name: "backup", parameters: { to: "x" } },
    now,
  );
  cluster.store.changed();
  if (task === undefined) throw new Error("no task");
  return task;
}

describe("actions and command lines", () => {
  test("an action that fails by its exit code keeps its results and loses its writes", async () => {
    await cluster.start(model, unit, async (env, tool) => {
      if (env["JUJU_ACTION_NAME"] === undefined) return 0;
      await tool("state-set", "k=v");
      await tool("action-set", "got.to=here");
      return 4;
    });
    const task = backup();
    await cluster.until(() => task.status === "failed");
    expect(task).toMatchObject({
      message: "exit status 4",
      results: { got: { to: "here" }, "return-code": 4 },
    });
    expect(unit.charmState).toEqual({});
  });

  test("an action that says it failed and exits 0 is failed, and its writes are kept", async () => {
    await cluster.start(model, unit, async (env, tool) => {
      if (env["JUJU_ACTION_NAME"] === undefined) return 0;
      await tool("state-set", "k=v");
      await tool("action-fail", "not", "today").catch(() => {});
      await tool("action-fail", "not today");
      return 0;
    });
    const task = backup();
    await cluster.until(() => task.status === "failed");
    expect(task).toMatchObject({ message: "not today", results: { "return-code": 0 } });
    expect(unit.charmState).toEqual({ k: "v" });
  });

  test("a command line runs between hooks with a context of its own", async () => {
    const seen: string[] = [];
    await cluster.start(model, unit, async (env, tool) => {
      if (env["JUJU_ACTION_NAME"] === "juju-exec") {
        seen.push(env["JUJU_HOOK_NAME"] ?? "absent", await tool("is-leader"));
        await expect(tool("juju-reboot")).rejects.toThrow(
          "juju-reboot is not supported when running an action.",
        );
        expect(env).not.toHaveProperty("JUJU_DISPATCH_PATH");
      }
      return 0;
    });
    const [task] = enqueueCommand(model, [unit], "true", now);
    await cluster.until(() => task?.status === "completed");
    expect(seen).toEqual(["", "True\n"]);
  });

  test("a non-zero exit code says more than action-fail did", async () => {
    await cluster.start(model, unit, async (env, tool) => {
      if (env["JUJU_ACTION_NAME"] === undefined) return 0;
      await tool("action-fail", "my reason");
      return 1;
    });
    const task = backup();
    await cluster.until(() => task.status === "failed");
    expect(task.message).toBe("exit status 1");
  });

  test("a waiting task is cancelled at once, a running one when its process has been killed", async () => {
    const running = Promise.withResolvers<void>();
    await cluster.start(model, unit, async (env, tool) => {
      if (env["JUJU_ACTION_NAME"] === undefined) return 0;
      await tool("state-set", "k=v");
      await tool("action-set", "half=done");
      running.resolve();
      return await new Promise<number>(() => {});
    });
    const [first, second] = [backup(), backup()];
    await running.promise;
    expect(cancelTask(model, second.id, now)).toBe(false);
    expect(second).toMatchObject({ status: "cancelled", message: "action cancelled via the API" });
    expect(cancelTask(model, first.id, now)).toBe(true);
    expect(first.status).toBe("aborting");
    cluster.agents.get("a/0")?.killProgram();
    await cluster.until(() => first.status === "aborted");
    expect(first).toMatchObject({ message: "signal: killed", results: { half: "done", "return-code": -1 } });
    expect(unit.charmState).toEqual({});
    expect(() => cancelTask(model, first.id, now)).toThrow(`task "${first.id}" is aborted already`);
    expect(() => cancelTask(model, "77", now)).toThrow('task "77" not found');
  });

  test("a task that runs when its agent ends is failed by the next agent", async () => {
    const running = Promise.withResolvers<void>();
    await cluster.start(model, unit, async (env) => {
      if (env["JUJU_ACTION_NAME"] === undefined) return 0;
      running.resolve();
      return await new Promise<number>(() => {});
    });
    const task = backup();
    await running.promise;
    await cluster.agents.get("a/0")?.stop();
    expect(task.status).toBe("running");
    await cluster.start(model, unit);
    await cluster.until(() => task.status === "failed");
    expect(task.message).toBe("action terminated");
  });

  test("output that is no UTF-8 is given as base64 and says so", async () => {
    const machine = await cluster.start(model, unit, (_env, _tool, print) => {
      print(Buffer.from([0xff, 0xfe]));
      return 0;
    });
    const [task] = enqueueCommand(model, [unit], "true", now);
    await cluster.until(() => task?.status === "completed");
    expect(machine.runs).toContain("exec");
    expect(task?.results).toEqual({ "return-code": 0, stdout: "//4=", "stdout-encoding": "base64" });
  });
});

test("a machine's juju-exec may ask for a reboot, which follows its command", async () => {
  const reboots: string[] = [];
  cluster.onReboot = (agent) => void reboots.push(agent.unit.name);
  const machine = await cluster.start(model, unit, async (env, tool) => {
    if (env["JUJU_CONTEXT_ID"]?.includes("run-commands")) await tool("juju-reboot");
    return 0;
  });
  await cluster.settled();
  const agent = cluster.agents.get("a/0");
  if (agent === undefined) throw new Error("no agent");
  expect(await agent.commands.add(agent, ["a/0", "true"])).toMatchObject({ code: 0 });
  await cluster.until(() => reboots.length > 0);
  const before = machine.runs.length;
  cluster.clock.advance(600_000);
  await cluster.store.saved();
  expect(machine.runs).toHaveLength(before);
});
