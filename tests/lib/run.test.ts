import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type Charm,
  HookToolError,
  type HookTools,
  OperatorError,
  readOptions,
  runDispatch,
  type Scope,
} from "../../lib/index.ts";
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

  test("that crashes tells it as a security event, in the form of ops", async () => {
    const { log } = await run(() => {
      throw new RangeError("broken");
    });
    const line = log.split("\n").find((each) => each.startsWith("TRACE "));
    expect(JSON.parse(line?.slice("TRACE ".length) ?? "")).toEqual({
      datetime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/),
      level: "WARN",
      type: "security",
      appid: "11111111-2222-4333-8444-555555555555-db/1",
      event: "sys_crash:RangeError",
      description: "Uncaught RangeError in install",
    });
  });

  test("in which a command is refused tells that as a security event, whatever the charm makes of it", async () => {
    const statusSet = async (): Promise<never> => {
      throw new HookToolError("status-set", 1, "not-leader", "this unit is not the leader");
    };
    const handler = async ({ model }: Scope<Meta>): Promise<void> => {
      const leader = await model.leadership();
      if (leader === undefined) throw new Error("expected to lead");
      await model.setAppStatus(leader, { kind: "active", message: "" }).catch(() => undefined);
    };
    const { code, log } = await run(handler, hookEnvironment("install"), {
      statusSet,
      isLeader: async () => true,
      statusGet: async () => ({ kind: "unknown", message: "" }),
    });
    expect(code).toBe(0);
    expect(log).toContain('"level":"CRITICAL","type":"security"');
    expect(log).toContain('"event":"authz_fail:status-set"');
  });

  test("that a stray error hits ends with 1, though the handler itself did well", async () => {
    const { code, calls, log } = await run(async () => {
      setTimeout(() => {
        throw new Error("in a timer");
      });
      await new Promise((resolve) => setTimeout(resolve, 5000).unref());
    });
    expect({ code, calls }).toEqual({ code: 1, calls: [] });
    expect(log).toContain("Error: in a timer");
  });

  test("with an option that the schema refuses blocks the unit and commits nothing, until it is corrected", async () => {
    const schema = z.object({ memory: z.int().min(64, "must be at least 64 MiB") });
    const shown: unknown[] = [];
    const readingOptions = (memory: number): ReturnType<typeof run> =>
      run(
        async ({ model }) => {
          model.state.set("k", 1);
          readOptions(schema, await model.config());
        },
        hookEnvironment("config-changed"),
        {
          configGet: async () => ({ profile: "testing", memory }),
          statusGet: async () => ({ kind: "active", message: "" }),
          statusSet: async (target, status) => void shown.push([target, status]),
        },
      );
    const { code, calls, log } = await readingOptions(5);
    expect(code).toBe(0);
    expect(calls.some((call) => call.startsWith("stateSet"))).toBe(false);
    expect(shown).toEqual([["unit", { kind: "blocked", message: "Option memory: must be at least 64 MiB" }]]);
    expect(log).toBe("WARNING Option memory: must be at least 64 MiB");
    expect((await readingOptions(64)).calls).toContain(wrote);
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

  test("that breaks fails with what was thrown, which the log tells in full", async () => {
    const { code, calls, log } = await run(({ model }) => {
      model.state.set("k", 1);
      throw new TypeError("broken");
    }, env);
    expect({ code, calls }).toEqual({ code: 0, calls: ["actionSet[{}]", 'actionFail["TypeError: broken"]'] });
    expect(log).toMatch(/^ERROR TypeError: broken\n\s+at .*run\.test\.ts/);
    expect(log).toContain('"event":"sys_crash:TypeError"');
  });

  test("that fails when Juju holds some of its writes exits 1, so that these are dropped", async () => {
    const stateSet = async (): Promise<never> => {
      throw new Error("too large");
    };
    const { code, calls } = await run(({ model }) => model.state.set("k", 1), env, { stateSet });
    expect(code).toBe(1);
    expect(calls.at(-1)).toBe('actionFail["Error: too large"]');
  });

  test("cannot read another action's parameters", async () => {
    const { calls } = await run(async ({ action }) => void (await action?.params("show", schema)), env);
    expect(calls.at(-1)).toContain("parameters of action show asked for while promote runs");
  });
});
