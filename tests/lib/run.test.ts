import { describe, expect, test } from "vitest";
import * as z from "zod";
import { type Charm, type HookTools, OperatorError, runDispatch, type Scope } from "../../lib/index.ts";
import { hookEnvironment, type Meta, meta } from "./support/charm.ts";
import { scriptedTools } from "./support/fakes.ts";

interface Run {
  readonly code: number;
  readonly calls: readonly string[];
  readonly log: string;
}

async function run(
  handle: (scope: Scope<Meta>) => Promise<void> | void,
  env: NodeJS.ProcessEnv = hookEnvironment("install"),
  answers: Partial<HookTools> = {},
): Promise<Run> {
  const told: string[] = [];
  const { tools, calls } = scriptedTools({
    jujuLog: async (level, text) => void told.push(`${level} ${text}`),
    stateGet: async () => ({}),
    stateSet: async () => undefined,
    actionSet: async () => undefined,
    actionFail: async () => undefined,
    ...answers,
  });
  const charm: Charm<Meta> = { meta, handle: async (_event, scope) => handle(scope) };
  const code = await runDispatch(charm, { env, tools });
  return { code, calls: calls.filter((call) => !call.startsWith("jujuLog")), log: told.join("\n") };
}

const wrote = 'stateSet[{"k":"1"}]';

describe("a hook", () => {
  test("commits and ends with 0", async () => {
    const { code, calls } = await run(({ model, action }) => {
      expect(action).toBeUndefined();
      model.state.set("k", 1);
    });
    expect({ code, calls }).toEqual({ code: 0, calls: ["stateGet[]", wrote] });
  });

  test("that throws commits nothing, logs where it happened and why, and ends with 1", async () => {
    const { code, calls, log } = await run(({ model }) => {
      model.state.set("k", 1);
      throw new Error("outer", { cause: new Error("inner") });
    });
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(log).toMatch(/^ERROR Error: outer\n\s+at .*run\.test\.ts[\s\S]*caused by Error: inner/);
  });

  test("that fails with words for a person logs these words only", async () => {
    const { code, log } = await run(() => {
      throw new OperatorError("the snap is missing", { next: "snap install it" });
    });
    expect({ code, log }).toEqual({ code: 1, log: "ERROR the snap is missing\nsnap install it" });
  });

  test("whose commit fails ends with 1", async () => {
    const stateSet = async (): Promise<never> => {
      throw new Error("too large");
    };
    const { code, log } = await run(({ model }) => model.state.set("k", 1), hookEnvironment("install"), {
      stateSet,
    });
    expect(code).toBe(1);
    expect(log).toContain("too large");
  });

  test("started by somebody else than Juju names the missing variable", async () => {
    const { code, log } = await run(() => undefined, {});
    expect(code).toBe(1);
    expect(log).toContain("JUJU_UNIT_NAME");
  });

  test("writes its log before it ends", async () => {
    const { log } = await run((scope) => scope.log.info("hello", { from: "test" }));
    expect(log).toBe("INFO hello from=test");
  });
});

describe("an action", () => {
  const env = hookEnvironment("", {
    JUJU_DISPATCH_PATH: "actions/promote",
    JUJU_HOOK_NAME: "",
    JUJU_ACTION_UUID: "42",
  });
  const schema = z.object({ "set-name": z.string().regex(/^[a-z]+$/, "has other characters than a-z") });
  const given = (params: Record<string, unknown>): Partial<HookTools> => ({ actionGet: async () => params });

  test("reads parameters once, commits and then gives its results in one go", async () => {
    const sets: [string, string][][] = [];
    const answers: Partial<HookTools> = {
      ...given({ "set-name": "rome" }),
      actionSet: async (results) => void sets.push([...results]),
    };
    const { code, calls } = await run(
      async ({ model, action }) => {
        expect(await action?.params("promote", schema)).toEqual({ "set-name": "rome" });
        await action?.params("promote", schema);
        model.state.set("k", 1);
        action?.setResults({ cluster: { name: "rome" } });
        action?.setResults({ cluster: { size: 3 } });
      },
      env,
      answers,
    );
    expect(code).toBe(0);
    expect(calls).toEqual(["actionGet[]", "stateGet[]", wrote, "actionSet[{}]"]);
    expect(sets).toEqual([
      [
        ["cluster.name", "rome"],
        ["cluster.size", "3"],
      ],
    ]);
  });

  test("with a parameter that the schema refuses fails with its name, and exits 0", async () => {
    const { code, calls } = await run(
      async ({ action }) => void (await action?.params("promote", schema)),
      env,
      given({ "set-name": "Rome!" }),
    );
    expect(code).toBe(0);
    expect(calls).toContain('actionFail["Parameter set-name: has other characters than a-z"]');
  });

  test.each<[string, (scope: Scope<Meta>) => void]>([
    ["fail()", ({ action }) => action?.fail("not on a follower\nrun it on the leader")],
    [
      "an operator's error",
      () => {
        throw new OperatorError("not on a follower", { next: "run it on the leader" });
      },
    ],
  ])("that fails by %s keeps its results, commits nothing, and exits 0", async (_name, fail) => {
    const { code, calls } = await run((scope) => {
      scope.model.state.set("k", 1);
      scope.action?.setResults({ seen: true });
      fail(scope);
    }, env);
    expect({ code, calls }).toEqual({
      code: 0,
      calls: ["actionSet[{}]", 'actionFail["not on a follower\\nrun it on the leader"]'],
    });
  });

  test("that breaks exits 1 and leaves the message to Juju", async () => {
    const { code, calls, log } = await run(() => {
      throw new TypeError("broken");
    }, env);
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(log).toContain("TypeError: broken");
  });

  test("cannot read another action's parameters", async () => {
    const { code, log } = await run(async ({ action }) => void (await action?.params("show", schema)), env);
    expect(code).toBe(1);
    expect(log).toContain("show");
  });
});
