import { describe, expect, test } from "vitest";
import {
  commitHook,
  enterRelation,
  freshLocalState,
  hookName,
  type LocalState,
  type RelationHook,
} from "../../../lib/juju/local-state.ts";

const fresh = freshLocalState("c1");
const related = enterRelation({ ...fresh, installed: true }, 7, {
  endpoint: "db",
  remoteApp: "b",
  peer: false,
});
const hook = (change: Partial<RelationHook>): RelationHook => ({
  kind: "relation-changed",
  relation: 7,
  endpoint: "db",
  remoteApp: "b",
  remoteUnit: "b/0",
  version: 3,
  ...change,
});
const memoryOf = (local: LocalState) => local.relations[7];

describe("what a finished hook leaves behind", () => {
  test("the first config-changed queues start, a later one does not", () => {
    const first = commitHook({ ...fresh, installed: true }, { kind: "config-changed", hash: "h" });
    expect(first).toMatchObject({ step: "queued", hook: { kind: "start" }, configHash: "h" });
    const later = commitHook({ ...fresh, started: true }, { kind: "config-changed", hash: "h2" });
    expect(later).toMatchObject({ step: "idle", hook: null, configHash: "h2" });
  });

  test("upgrade-charm queues config-changed", () => {
    expect(commitHook(fresh, { kind: "upgrade-charm" })).toMatchObject({
      step: "queued",
      hook: { kind: "config-changed" },
    });
  });

  test("joined makes the unit a member whose changed is due", () => {
    const joined = commitHook(related, hook({ kind: "relation-joined", version: 2 }));
    expect(memoryOf(joined)).toMatchObject({ members: { "b/0": 2 }, changedPending: "b/0" });
    expect(memoryOf(commitHook(joined, hook({})))).toMatchObject({
      members: { "b/0": 3 },
      changedPending: null,
    });
  });

  test("a changed of another unit leaves the pending one pending", () => {
    const joined = commitHook(related, hook({ kind: "relation-joined" }));
    expect(memoryOf(commitHook(joined, hook({ remoteUnit: "b/1" })))?.changedPending).toBe("b/0");
  });

  test("application data is remembered by version, departed forgets the member, broken the relation", () => {
    const told = commitHook(related, hook({ remoteUnit: "", version: 5 }));
    expect(memoryOf(told)?.applications).toEqual({ b: 5 });
    const joined = commitHook(told, hook({ kind: "relation-joined" }));
    expect(memoryOf(commitHook(joined, hook({ kind: "relation-departed" })))).toMatchObject({
      members: {},
      changedPending: null,
    });
    expect(commitHook(joined, hook({ kind: "relation-broken", remoteUnit: "" })).relations).toEqual({});
  });

  test("each removed revision of a secret is remembered", () => {
    const secret = { id: "s", uri: "secret://m/s", label: "" };
    const one = commitHook(fresh, { kind: "secret-remove", ...secret, revision: 1 });
    expect(commitHook(one, { kind: "secret-remove", ...secret, revision: 2 }).secretsObsolete).toEqual({
      s: [1, 2],
    });
  });
});

test("hooks are named after their endpoint or storage", () => {
  expect(hookName(hook({ kind: "relation-departed" }))).toBe("db-relation-departed");
  expect(hookName({ kind: "storage-attached", storage: "my-data/3" })).toBe("my-data-storage-attached");
  expect(hookName({ kind: "start" })).toBe("start");
});
