import { describe, expect, test } from "vitest";
import {
  freshLocalState,
  type HookInfo,
  type LocalState,
  type RelationMemory,
} from "../../../lib/juju/local-state.ts";
import { type AgentSignals, nextOperation, type Operation } from "../../../sandbox/juju/resolver.ts";
import type { RelationSnapshot, Snapshot } from "../../../sandbox/juju/snapshot.ts";

const quiet: AgentSignals = { rebooted: false, retryDue: false, updateStatusVersion: 0, commands: [] };
const fresh = freshLocalState("c1");
const settled: LocalState = {
  ...fresh,
  installed: true,
  started: true,
  leader: true,
  configHash: "h1",
  leaderSettingsVersion: 0,
};
const remote: Snapshot = {
  unit: "a/0",
  life: "alive",
  applicationLife: "alive",
  leader: true,
  leaderSettingsVersion: 0,
  configHash: "h1",
  charm: "c1",
  charmModified: 0,
  forceUpgrade: false,
  resolved: null,
  relations: [],
  tasks: [],
  storage: [],
  secretNews: [],
  secretsDue: { expired: [], rotate: [], obsolete: [] },
};
const memory: RelationMemory = {
  endpoint: "db",
  remoteApp: "b",
  peer: false,
  created: true,
  members: {},
  applications: { b: 0 },
  changedPending: null,
};
const relation: RelationSnapshot = {
  id: 7,
  endpoint: "db",
  remoteApp: "b",
  peer: false,
  life: "alive",
  suspended: false,
  implemented: true,
  members: {},
  applications: { b: 0 },
};
const news = { id: "s1", uri: "secret://m/s1", label: "", revision: 2 };

/** An operation in a word: the hook with whom it is about, or the operation's kind. */
function word(operation: Operation): string {
  if (operation.kind !== "run-hook") return operation.kind;
  const { hook } = operation;
  if (!("relation" in hook)) return hook.kind;
  const departing = hook.departingUnit === undefined ? "" : ` departing ${hook.departingUnit}`;
  return `${hook.kind}(${hook.remoteUnit || hook.remoteApp})${departing}`;
}

type Row = readonly [
  expected: string,
  why: string,
  change: {
    local?: Partial<LocalState>;
    remote?: Partial<Snapshot>;
    signals?: Partial<AgentSignals>;
    fresh?: true;
  },
];

const config: HookInfo = { kind: "config-changed", hash: "old" };
const knows = (change: Partial<RelationMemory>): Partial<LocalState> => ({
  relations: { 7: { ...memory, ...change } },
});
const sees = (change: Partial<RelationSnapshot>): Partial<Snapshot> => ({
  relations: [{ ...relation, ...change }],
});
const task = { id: "3", command: false };
const unattached = { id: "data/0", life: "alive", provisioned: true } as const;

const rows: readonly Row[] = [
  ["wait", "nothing is due", {}],
  ["install", "a new unit installs", { fresh: true }],
  ["storage-attached", "storage comes before install", { fresh: true, remote: { storage: [unattached] } }],
  [
    "wait",
    "install waits for storage that is not there yet",
    { fresh: true, remote: { storage: [{ ...unattached, provisioned: false }] } },
  ],
  [
    "wait",
    "an installed unit waits for later storage without stopping",
    { remote: { storage: [{ ...unattached, provisioned: false }] } },
  ],
  ["install", "nobody enters a relation before install", { fresh: true, remote: sees({}) }],
  ["install", "an action waits for install", { fresh: true, remote: { tasks: [task] } }],
  [
    "enter-relation",
    "a relation is entered before its first hook",
    { local: { relations: {} }, remote: sees({}) },
  ],
  [
    "relation-created(b)",
    "created comes first",
    { local: knows({ created: false }), remote: { ...sees({ members: { "b/0": 1 } }), leader: false } },
  ],
  [
    "relation-created(b)",
    "created comes before leadership",
    { local: { ...knows({ created: false }), leader: false }, remote: sees({}) },
  ],
  [
    "queue-hook",
    "leadership comes before secrets",
    { local: { leader: false }, remote: { secretNews: [news] } },
  ],
  ["secret-changed", "secrets come before actions", { remote: { secretNews: [news], tasks: [task] } }],
  [
    "wait",
    "a secret revision is told once",
    { local: { secretsChanged: { s1: 2 } }, remote: { secretNews: [news] } },
  ],
  [
    "secret-expired",
    "expired comes before rotate",
    { remote: { secretsDue: { expired: [news], rotate: [news], obsolete: [] } } },
  ],
  [
    "secret-rotate",
    "rotate comes before changed",
    { remote: { secretsDue: { expired: [], rotate: [news], obsolete: [] }, secretNews: [news] } },
  ],
  [
    "secret-remove",
    "an untracked revision is reported",
    { remote: { secretsDue: { expired: [], rotate: [], obsolete: [news] } } },
  ],
  [
    "wait",
    "an untracked revision is reported once",
    {
      local: { secretsObsolete: { s1: [2] } },
      remote: { secretsDue: { expired: [], rotate: [], obsolete: [news] } },
    },
  ],
  ["run-action", "actions come before storage", { remote: { tasks: [task], storage: [unattached] } }],
  [
    "run-command",
    "command lines come before storage",
    { remote: { storage: [unattached] }, signals: { commands: ["true"] } },
  ],
  [
    "storage-attached",
    "storage comes before config-changed",
    { remote: { storage: [unattached], configHash: "h2" } },
  ],
  ["config-changed", "a changed hash", { remote: { configHash: "h2" } }],
  [
    "config-changed",
    "config comes before relations",
    { local: knows({}), remote: { ...sees({ members: { "b/0": 1 } }), configHash: "h2" } },
  ],
  ["upgrade", "an upgrade comes before config", { remote: { charm: "c2", configHash: "h2" } }],
  [
    "start",
    "start follows the first config-changed at once",
    {
      local: { started: false, step: "queued", hook: { kind: "start" }, ...knows({ created: false }) },
      remote: sees({}),
    },
  ],
  ["update-status", "only when nothing else is due", { signals: { updateStatusVersion: 1 } }],
  [
    "config-changed",
    "update-status waits for everything else",
    { remote: { configHash: "h2" }, signals: { updateStatusVersion: 1 } },
  ],
  ["start", "start runs again after a reboot", { signals: { rebooted: true } }],
  [
    "leader-settings-changed",
    "followers are told of leader settings",
    { local: { leader: false, leaderSettingsVersion: -1 }, remote: { leader: false } },
  ],
  ["resign-leadership", "a lost lead is given up at once", { remote: { leader: false } }],
  [
    "drop-hook",
    "leader-elected is dropped when the lead is gone",
    { local: { leader: false, step: "queued", hook: { kind: "leader-elected" } }, remote: { leader: false } },
  ],
];

const failures: readonly Row[] = [
  ["retry-later", "a failed hook waits for its retry", { local: { step: "pending", hook: config } }],
  ["config-changed", "the retry", { local: { step: "pending", hook: config }, signals: { retryDue: true } }],
  [
    "config-changed",
    "a person asks for a retry",
    { local: { step: "pending", hook: config }, remote: { resolved: "retry" } },
  ],
  [
    "skip-hook",
    "a person gives the hook up",
    { local: { step: "pending", hook: config }, remote: { resolved: "no-retry" } },
  ],
  [
    "run-action",
    "actions run in a hook error",
    { local: { step: "pending", hook: config }, remote: { tasks: [task] } },
  ],
  [
    "resign-leadership",
    "leadership is given up in a hook error",
    { local: { step: "pending", hook: config }, remote: { leader: false } },
  ],
  [
    "retry-later",
    "nothing new is begun in a hook error",
    {
      local: { step: "pending", hook: config, leader: false },
      remote: { ...sees({}), secretNews: [news], storage: [unattached] },
    },
  ],
  [
    "fail-action",
    "an action that an agent left running has failed",
    { local: { step: "action", task: "3" } },
  ],
  [
    "run-action",
    "even a failed install lets actions run",
    { fresh: true, local: { step: "pending", hook: { kind: "install" } }, remote: { tasks: [task] } },
  ],
  [
    "upgrade",
    "a forced refresh does not wait for a failed hook",
    {
      local: { step: "pending", hook: config },
      remote: { charm: "c2", forceUpgrade: true, resolved: "retry" },
    },
  ],
  [
    "retry-later",
    "any other refresh does",
    { local: { step: "pending", hook: config }, remote: { charm: "c2" } },
  ],
  [
    "config-changed",
    "nor does a forced refresh come before a queued hook",
    { local: { step: "queued", hook: config }, remote: { charm: "c2", forceUpgrade: true } },
  ],
  ["upgrade", "other resources are an upgrade", { remote: { charmModified: 1 } }],
];

const relations: readonly Row[] = [
  [
    "relation-joined(b/0)",
    "a new unit, in order of names",
    { local: knows({}), remote: sees({ members: { "b/1": 1, "b/0": 1 } }) },
  ],
  [
    "relation-changed(b/0)",
    "joined is followed by its changed",
    {
      local: knows({ members: { "b/0": 1 }, changedPending: "b/0" }),
      remote: sees({ members: { "b/0": 1 } }),
    },
  ],
  [
    "relation-changed(b/0)",
    "the pending changed comes before departed",
    {
      local: knows({ members: { "b/0": 1, "b/1": 1 }, changedPending: "b/0" }),
      remote: sees({ members: { "b/0": 1 } }),
    },
  ],
  [
    "relation-departed(b/1) departing b/1",
    "departed comes before joined",
    { local: knows({ members: { "b/1": 1 } }), remote: sees({ members: { "b/2": 1 } }) },
  ],
  [
    "relation-changed(b)",
    "application data comes before joined",
    { local: knows({}), remote: sees({ applications: { b: 1 }, members: { "b/0": 1 } }) },
  ],
  [
    "wait",
    "application data that was never written is no event",
    { local: knows({ applications: {} }), remote: sees({}) },
  ],
  [
    "wait",
    "what is known is no event",
    { local: knows({ members: { "b/0": 4 } }), remote: sees({ members: { "b/0": 4 } }) },
  ],
  [
    "relation-changed(b/0)",
    "many versions are one changed",
    { local: knows({ members: { "b/0": 4 } }), remote: sees({ members: { "b/0": 9 } }) },
  ],
  [
    "relation-departed(b/0) departing b/0",
    "a dying relation: departed first",
    { local: knows({ members: { "b/0": 1 } }), remote: sees({ life: "dying", members: { "b/0": 1 } }) },
  ],
  [
    "relation-broken(b)",
    "then broken",
    { local: knows({}), remote: sees({ life: "dying", members: { "b/0": 1 }, applications: { b: 3 } }) },
  ],
  [
    "relation-broken(b)",
    "a suspended relation breaks",
    { local: knows({}), remote: sees({ suspended: true }) },
  ],
  [
    "wait",
    "a peer relation never breaks",
    { local: knows({ peer: true }), remote: sees({ peer: true, suspended: true }) },
  ],
  ["wait", "of a relation that went by force nothing is told", { local: knows({ members: { "b/0": 1 } }) }],
  [
    "wait",
    "a relation of an endpoint that the unit's charm does not have yet is not entered",
    { local: { relations: {} }, remote: sees({ implemented: false }) },
  ],
  ["wait", "a dying relation is not entered", { local: { relations: {} }, remote: sees({ life: "dying" }) }],
];

const dying: Partial<Snapshot> = { life: "dying", leader: false };
const removals: readonly Row[] = [
  ["resign-leadership", "a dying unit gives the lead up first", { remote: dying }],
  [
    "storage-detaching",
    "then its storage",
    {
      local: { leader: false, storage: ["data/0"], ...knows({}) },
      remote: { ...dying, ...sees({}), storage: [unattached] },
    },
  ],
  [
    "relation-departed(b/0) departing a/0",
    "then its relations, departing itself",
    {
      local: { leader: false, ...knows({ members: { "b/0": 1 } }) },
      remote: { ...dying, ...sees({ members: { "b/0": 1 } }) },
    },
  ],
  [
    "relation-broken(b)",
    "each to its end",
    { local: { leader: false, ...knows({}) }, remote: { ...dying, ...sees({}) } },
  ],
  [
    "stop",
    "then it stops",
    { local: { leader: false, ...knows({ peer: true }) }, remote: { ...dying, ...sees({ peer: true }) } },
  ],
  ["remove", "and removes", { local: { leader: false, started: false, stopped: true }, remote: dying }],
  [
    "dead",
    "and is dead",
    { local: { leader: false, started: false, stopped: true, removed: true }, remote: dying },
  ],
  ["dead", "a unit that never installed goes at once", { fresh: true, remote: dying }],
  [
    "retry-later",
    "a failed hook holds the removal up",
    { local: { leader: false, step: "pending", hook: config }, remote: dying },
  ],
  [
    "stop",
    "no secrets for the dying",
    { local: { leader: false }, remote: { ...dying, secretNews: [news] } },
  ],
];

describe.each([
  ["order", rows],
  ["failures", failures],
  ["relations", relations],
  ["removal", removals],
])("%s", (_, table) => {
  test.each(table)("%s: %s", (expected, _why, change) => {
    const base = change.fresh ? fresh : settled;
    const operation = nextOperation(
      { ...base, ...change.local },
      { ...remote, ...change.remote },
      { ...quiet, ...change.signals },
    );
    expect(word(operation)).toBe(expected);
  });
});

test("a retried config-changed tells of the configuration as it is now", () => {
  const local: LocalState = { ...settled, step: "pending", hook: config };
  const operation = nextOperation(local, { ...remote, configHash: "h9" }, { ...quiet, retryDue: true });
  expect(operation).toEqual({ kind: "run-hook", hook: { kind: "config-changed", hash: "h9" } });
});

test("a forced upgrade keeps the failed hook, an ordinary one runs upgrade-charm", () => {
  const newer = { ...remote, charm: "c2", charmModified: 3 };
  const failed: LocalState = { ...settled, step: "pending", hook: config };
  expect(nextOperation(failed, { ...newer, forceUpgrade: true }, quiet)).toEqual({
    kind: "upgrade",
    charm: "c2",
    modified: 3,
    failed: config,
  });
  expect(nextOperation(settled, newer, quiet)).toMatchObject({ kind: "upgrade", failed: null });
});

test("the unit of a dying application is the one that departs", () => {
  const local: LocalState = { ...settled, ...knows({ members: { "b/0": 1 } }) };
  const snapshot = {
    ...remote,
    applicationLife: "dying" as const,
    ...sees({ life: "dying", members: { "b/0": 1 } }),
  };
  expect(word(nextOperation(local, snapshot, quiet))).toBe("relation-departed(b/0) departing a/0");
});

test("non-peer relations come before peers, as the snapshot has them", () => {
  const local: LocalState = { ...settled, relations: { 0: { ...memory, peer: true }, 7: memory } };
  const relations = [
    { ...relation, members: { "b/0": 1 } },
    { ...relation, id: 0, peer: true, members: { "a/1": 1 } },
  ];
  expect(word(nextOperation(local, { ...remote, relations }, quiet))).toBe("relation-joined(b/0)");
});
