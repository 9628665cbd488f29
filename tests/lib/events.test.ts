import { describe, expect, test } from "vitest";
import { type Event, readEvent } from "../../lib/index.ts";
import { hookEnvironment, type Meta, meta } from "./support/charm.ts";

const read = (hook: string, more: NodeJS.ProcessEnv = {}): Event<Meta> =>
  readEvent(hookEnvironment(hook, more), meta);

const relation = (remoteUnit: string): NodeJS.ProcessEnv => ({
  JUJU_RELATION_ID: "upstream:7",
  JUJU_REMOTE_APP: "web",
  JUJU_REMOTE_UNIT: remoteUnit,
});
const base = { endpoint: "upstream", relationId: 7, remoteApp: "web" };
const secret = { JUJU_SECRET_ID: "secret:9m4e2mr0ui3e8a215n4g", JUJU_SECRET_LABEL: "" };

test.each([
  "install",
  "start",
  "stop",
  "remove",
  "config-changed",
  "update-status",
  "upgrade-charm",
  "leader-elected",
  "leader-settings-changed",
])("%s is a lifecycle event", (hook) => {
  expect(read(hook)).toEqual({ kind: hook });
});

describe("relation events", () => {
  test.each<[string, NodeJS.ProcessEnv, object]>([
    ["upstream-relation-created", relation(""), { ...base, kind: "relation-created" }],
    ["upstream-relation-broken", relation(""), { ...base, kind: "relation-broken" }],
    [
      "upstream-relation-joined",
      relation("web/0"),
      { ...base, kind: "relation-joined", remoteUnit: "web/0" },
    ],
    [
      "upstream-relation-changed",
      relation("web/0"),
      { ...base, kind: "relation-changed", remoteUnit: "web/0" },
    ],
    ["upstream-relation-changed", relation(""), { ...base, kind: "relation-changed" }],
    [
      "upstream-relation-departed",
      { ...relation("web/0"), JUJU_DEPARTING_UNIT: "db/1" },
      { ...base, kind: "relation-departed", remoteUnit: "web/0", departingUnit: "db/1" },
    ],
    [
      "upstream-relation-departed",
      relation("web/0"),
      { ...base, kind: "relation-departed", remoteUnit: "web/0", departingUnit: "web/0" },
    ],
  ])("%s %#", (hook, env, event) => {
    expect(read(hook, env)).toEqual(event);
  });

  test("the application is known from the unit where Juju leaves it out", () => {
    const env = { ...relation("web/0"), JUJU_REMOTE_APP: "" };
    expect(read("upstream-relation-joined", env)).toMatchObject({ remoteApp: "web" });
  });

  test("a missing variable is named", () => {
    expect(() => read("upstream-relation-joined", relation(""))).toThrow("JUJU_REMOTE_UNIT");
    expect(() => read("upstream-relation-created")).toThrow("JUJU_RELATION_ID");
    expect(() => read("upstream-relation-created", { JUJU_RELATION_ID: "upstream:x" })).toThrow("upstream:x");
  });

  test("an endpoint that is not declared makes no relation event", () => {
    expect(read("other-relation-created", relation(""))).toEqual({
      kind: "unknown",
      name: "other-relation-created",
    });
    expect(read("toString-relation-created", relation("")).kind).toBe("unknown");
  });
});

test("storage events name the instance", () => {
  const env = { JUJU_STORAGE_ID: "data/3", JUJU_STORAGE_LOCATION: "/srv/data" };
  expect(read("data-storage-attached", env)).toEqual({
    kind: "storage-attached",
    storage: "data",
    storageId: "data/3",
    location: "/srv/data",
  });
});

test.each<[string, NodeJS.ProcessEnv, object]>([
  ["secret-changed", { JUJU_SECRET_LABEL: "keys" }, { label: "keys" }],
  ["secret-rotate", {}, {}],
  ["secret-expired", { JUJU_SECRET_REVISION: "4" }, { revision: 4 }],
  ["secret-remove", { JUJU_SECRET_REVISION: "4" }, { revision: 4 }],
])("%s", (hook, env, more) => {
  expect(read(hook, { ...secret, ...env })).toEqual({ kind: hook, secretId: secret.JUJU_SECRET_ID, ...more });
});

test("an action is known by its path, and only if declared", () => {
  const env = { JUJU_DISPATCH_PATH: "actions/promote", JUJU_HOOK_NAME: "", JUJU_ACTION_UUID: "42" };
  expect(read("", env)).toEqual({ kind: "action", action: "promote", actionId: "42" });
  expect(read("", { ...env, JUJU_DISPATCH_PATH: "actions/nothing" })).toEqual({
    kind: "unknown",
    name: "nothing",
  });
});

test("a hook that Juju does not name is the charm's own event", () => {
  const env = { JUJU_DISPATCH_PATH: "hooks/job-ended" };
  expect(read("", { ...env, JUJU_HOOK_NAME: "" })).toEqual({ kind: "custom", name: "job-ended" });
  expect(read("", { ...env, JUJU_HOOK_NAME: undefined })).toEqual({ kind: "custom", name: "job-ended" });
  expect(read("pebble-ready")).toEqual({ kind: "unknown", name: "pebble-ready" });
});

test("Juju's events by juju-exec are themselves", () => {
  const env = { JUJU_DISPATCH_PATH: "hooks/update-status", JUJU_HOOK_NAME: "" };
  expect(read("", env)).toEqual({ kind: "update-status" });
});

test("names are checked by the compiler", () => {
  const event = (given: Event<Meta>): string => given.kind;
  event({ kind: "relation-created", endpoint: "upstream", relationId: 1, remoteApp: "web" });
  // @ts-expect-error the charm has no such endpoint
  event({ kind: "relation-created", endpoint: "upstreem", relationId: 1, remoteApp: "web" });
  // @ts-expect-error a joined event has a remote unit
  event({ kind: "relation-joined", endpoint: "upstream", relationId: 1, remoteApp: "web" });
  // @ts-expect-error the charm has no such action
  event({ kind: "action", action: "promte", actionId: "1" });
  // @ts-expect-error the charm has no such storage
  event({ kind: "storage-attached", storage: "date", storageId: "date/0", location: "/" });
  // @ts-expect-error Juju has no such event
  event({ kind: "updated-status" });
  expect(event({ kind: "install" })).toBe("install");
});
