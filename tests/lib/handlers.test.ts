import { describe, expect, expectTypeOf, test } from "vitest";
import { charmOf, type Event, type Handlers, OperatorError, runDispatch } from "../../lib/index.ts";
import { runEvent } from "../../lib/testing/world.ts";
import { hookEnvironment, type Meta, meta } from "./support/charm.ts";
import { scriptedTools } from "./support/fakes.ts";
import { both, secret, world } from "./support/world.ts";

const given = world({
  ...both,
  leader: true,
  secrets: [secret()],
  storages: [{ name: "data", id: "data/0", location: "/srv" }],
});
const joined = {
  kind: "relation-joined",
  endpoint: "upstream",
  relationId: 7,
  remoteApp: "web",
  remoteUnit: "web/0",
} as const;
const promote = { kind: "action", action: "promote", actionId: "1" } as const;

/** Runs an event through handlers that note their names. */
async function handled(event: Event<Meta>, { reconciles = true } = {}): Promise<readonly string[]> {
  const seen: string[] = [];
  const note = (name: string) => (): void => void seen.push(name);
  const charm = charmOf(meta, {
    hooks: { install: note("install"), "secret-changed": note("secret-changed") },
    relations: { upstream: { "relation-joined": note("upstream joined") }, peers: {} },
    storages: { data: { "storage-attached": note("data attached") } },
    own: { "job-ended": note("job-ended") },
    ...(reconciles ? { reconcile: note("reconcile") } : {}),
  });
  const { exitCode } = await runEvent(charm, given, event);
  expect(exitCode).toBe(0);
  return seen;
}

describe("an event reaches its handler, then the one for all hooks", () => {
  test.each<[string, Event<Meta>]>([
    ["install", { kind: "install" }],
    ["secret-changed", { kind: "secret-changed", secretId: secret().id }],
    ["upstream joined", joined],
    ["data attached", { kind: "storage-attached", storage: "data", storageId: "data/0", location: "/srv" }],
    ["job-ended", { kind: "custom", name: "job-ended" }],
  ])("%s", async (name, event) => {
    expect(await handled(event)).toEqual([name, "reconcile"]);
  });

  test.each<[string, Event<Meta>]>([
    ["a hook", { kind: "update-status" }],
    ["another kind of the same relation", { ...joined, kind: "relation-changed" }],
    ["another endpoint", { kind: "relation-created", endpoint: "peers", relationId: 3, remoteApp: "db" }],
    ["the charm's own", { kind: "custom", name: "__defineGetter__" }],
    ["one that is not declared", { kind: "unknown", name: "web-pebble-ready" }],
    ["one of Juju 3", { kind: "pre-series-upgrade" }],
  ])("without a handler it is ignored: %s", async (_name, event) => {
    expect(await handled(event)).toEqual(["reconcile"]);
    expect(await handled(event, { reconciles: false })).toEqual([]);
  });
});

describe("an action", () => {
  const params = { "set-name": "rome" };

  test("gets typed parameters with their defaults; what it returns are the results", async () => {
    const charm = charmOf(meta, {
      actions: {
        promote: async (given) => {
          expectTypeOf(given["set-name"]).toEqualTypeOf<string>();
          expectTypeOf(given.delay).toEqualTypeOf<number | undefined>();
          return { name: given["set-name"], forced: given.force };
        },
      },
    });
    const { action, calls } = await runEvent(charm, given, promote, { params });
    expect(action).toEqual({ results: { name: "rome", forced: "false" }, failure: undefined, logs: [] });
    expect(calls).toEqual(["actionGet", "actionSet"]);
  });

  test.each<[string, unknown, string]>([
    ["for a person", new OperatorError("no such set", { next: "juju run …" }), "no such set\njuju run …"],
    ["for a programmer", new TypeError("broken"), "TypeError: broken"],
    ["that is no error", "plain text", "Error: plain text"],
  ])("fails with what it throws: %s", async (_name, thrown, told) => {
    const charm = charmOf(meta, {
      actions: {
        promote: async ({ "set-name": name }, { action }) => {
          action.setResults({ name });
          throw thrown;
        },
      },
      reconcile: () => {
        throw new Error("an action is no hook");
      },
    });
    const { exitCode, action } = await runEvent(charm, given, promote, { params });
    expect({ exitCode, ...action }).toEqual({
      exitCode: 0,
      results: { name: "rome" },
      failure: told,
      logs: [],
    });
  });

  test("is not done with parameters that are not as declared, whoever let them through", async () => {
    const done: string[] = [];
    const { tools, calls } = scriptedTools({
      actionGet: async () => ({ force: true }),
      actionSet: async () => undefined,
      actionFail: async () => undefined,
    });
    const charm = charmOf(meta, { actions: { promote: () => void done.push("promote") } });
    const env = hookEnvironment("", {
      JUJU_DISPATCH_PATH: "actions/promote",
      JUJU_HOOK_NAME: "",
      JUJU_ACTION_UUID: "42",
    });
    expect(await runDispatch(charm, { env, tools })).toBe(0);
    expect(done).toEqual([]);
    expect(calls.at(-1)).toBe('actionFail["Parameter set-name: is missing"]');
  });

  test("without a handler fails and says so", async () => {
    const { action } = await runEvent(charmOf(meta, {}), given, promote, { params });
    expect(action.failure).toContain("promote");
  });
});

test("names that the metadata does not have are refused by the compiler", () => {
  const noted = (handlers: Handlers<Meta>): number => Object.keys(handlers).length;
  // @ts-expect-error Juju has no such hook
  noted({ hooks: { updated: () => undefined } });
  // @ts-expect-error the charm has no such endpoint
  noted({ relations: { upstreem: {} } });
  // @ts-expect-error relations have no such event
  noted({ relations: { upstream: { "relation-left": () => undefined } } });
  // @ts-expect-error the charm has no such storage
  noted({ storages: { date: {} } });
  // @ts-expect-error the charm has no such action
  noted({ actions: { promte: async () => undefined } });
  // @ts-expect-error the action has no such parameter
  noted({ actions: { promote: async (given) => ({ name: given.name }) } });
  // @ts-expect-error a result is text, a number, a boolean or an object of these
  noted({ actions: { show: async () => ({ list: [1] }) } });
  const checked: Handlers<Meta> = {
    hooks: {
      install: (event) => void expectTypeOf(event.kind).toEqualTypeOf<"install">(),
      "secret-expired": (event) => void expectTypeOf(event.revision).toEqualTypeOf<number>(),
    },
    relations: {
      upstream: {
        "relation-joined": (event) => {
          expectTypeOf(event.remoteUnit).toEqualTypeOf<string>();
          expectTypeOf(event.endpoint).toEqualTypeOf<"upstream">();
        },
        "relation-changed": (event) =>
          void expectTypeOf(event.remoteUnit).toEqualTypeOf<string | undefined>(),
        // @ts-expect-error nobody is named when a relation is created
        "relation-created": (event) => event.remoteUnit,
      },
    },
  };
  expect(Object.keys(checked)).toEqual(["hooks", "relations"]);
});
