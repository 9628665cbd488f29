// What one unit's agent remembers: which hook it is in and what it has already told the charm. Pure.

type RelationHookKind =
  | "relation-created"
  | "relation-joined"
  | "relation-changed"
  | "relation-departed"
  | "relation-broken";

export interface RelationHook {
  readonly kind: RelationHookKind;
  readonly relation: number;
  readonly endpoint: string;
  readonly remoteApp: string;
  /** "" in created, broken and a changed for application data. */
  readonly remoteUnit: string;
  /** The version of the data that this hook tells of. */
  readonly version: number;
  readonly departingUnit?: string;
}

interface PlainHook {
  readonly kind: "install" | "start" | "stop" | "remove" | "upgrade-charm" | "leader-elected";
}

export type HookInfo =
  | PlainHook
  | { readonly kind: "config-changed"; readonly hash: string }
  | { readonly kind: "leader-settings-changed"; readonly version: number }
  | { readonly kind: "update-status"; readonly version: number }
  | { readonly kind: "storage-attached" | "storage-detaching"; readonly storage: string }
  | {
      readonly kind: "secret-changed" | "secret-rotate";
      readonly id: string;
      readonly uri: string;
      readonly label: string;
      readonly revision: number;
    }
  | {
      readonly kind: "secret-expired" | "secret-remove";
      readonly id: string;
      readonly uri: string;
      readonly label: string;
      readonly revision: number;
    }
  | RelationHook;

export interface RelationMemory {
  readonly endpoint: string;
  readonly remoteApp: string;
  readonly peer: boolean;
  readonly created: boolean;
  /** Units that were joined → the version of their data that the charm was told of. */
  readonly members: Readonly<Record<string, number>>;
  readonly applications: Readonly<Record<string, number>>;
  /** A unit that was joined and whose first changed is still due. */
  readonly changedPending: string | null;
}

export interface LocalState {
  readonly step: "idle" | "queued" | "pending" | "action";
  readonly hook: HookInfo | null;
  readonly task: string | null;
  readonly installed: boolean;
  readonly started: boolean;
  readonly stopped: boolean;
  readonly removed: boolean;
  readonly leader: boolean;
  readonly leaderSettingsVersion: number;
  readonly configHash: string;
  readonly updateStatusVersion: number;
  readonly charm: string;
  /** The count of changes of the charm's resources that the unit has been told of. */
  readonly charmModified: number;
  readonly relations: Readonly<Record<string, RelationMemory>>;
  /** Relations whose created hook has run: it does not run again when a suspended relation is resumed. */
  readonly relationsCreated: readonly number[];
  readonly storage: readonly string[];
  /** Secret id → the newest revision the charm was told of. */
  readonly secretsChanged: Readonly<Record<string, number>>;
  /** Secret id → revisions the charm was told may go. */
  readonly secretsObsolete: Readonly<Record<string, readonly number[]>>;
}

/** A unit that has not run anything yet. */
export function freshLocalState(charm: string): LocalState {
  return {
    step: "idle",
    hook: null,
    task: null,
    installed: false,
    started: false,
    stopped: false,
    removed: false,
    leader: false,
    leaderSettingsVersion: -1,
    configHash: "",
    updateStatusVersion: 0,
    charm,
    charmModified: 0,
    relations: {},
    relationsCreated: [],
    storage: [],
    secretsChanged: {},
    secretsObsolete: {},
  };
}

/** The name Juju gives the hook, which is also its file name: `db-relation-changed`. */
export function hookName(hook: HookInfo): string {
  if ("relation" in hook) return `${hook.endpoint}-${hook.kind}`;
  if ("storage" in hook) return `${hook.storage.slice(0, hook.storage.lastIndexOf("/"))}-${hook.kind}`;
  return hook.kind;
}

/** Whether a hook is one of a relation. */
export function isRelationHook(hook: HookInfo): hook is RelationHook {
  return "relation" in hook;
}

/** The state after a hook ran to success (or was skipped by an operator, which counts the same). */
export function commitHook(local: LocalState, hook: HookInfo): LocalState {
  const done: LocalState = { ...local, step: "idle", hook: null };
  if (isRelationHook(hook)) return commitRelationHook(done, hook);
  switch (hook.kind) {
    case "install":
      return { ...done, installed: true };
    case "config-changed":
      return queueStart({ ...done, configHash: hook.hash });
    case "start":
      return { ...done, started: true };
    case "stop":
      return { ...done, started: false, stopped: true };
    case "remove":
      return { ...done, removed: true };
    case "upgrade-charm":
      return { ...done, step: "queued", hook: { kind: "config-changed", hash: "" } };
    case "leader-elected":
      return { ...done, leader: true };
    case "leader-settings-changed":
      return { ...done, leaderSettingsVersion: hook.version };
    case "update-status":
      return { ...done, updateStatusVersion: hook.version };
    case "storage-attached":
      return { ...done, storage: [...local.storage, hook.storage] };
    case "storage-detaching":
      return { ...done, storage: local.storage.filter((id) => id !== hook.storage) };
    case "secret-rotate":
    case "secret-expired":
      return done;
    case "secret-changed":
      return { ...done, secretsChanged: { ...local.secretsChanged, [hook.id]: hook.revision } };
    case "secret-remove":
      return { ...done, secretsObsolete: withRevision(local.secretsObsolete, hook.id, hook.revision) };
  }
}

/** Enters a relation: from now on its hooks are due. */
export function enterRelation(
  local: LocalState,
  id: number,
  ends: { readonly endpoint: string; readonly remoteApp: string; readonly peer: boolean },
): LocalState {
  const memory: RelationMemory = {
    ...ends,
    created: local.relationsCreated.includes(id),
    members: {},
    applications: {},
    changedPending: null,
  };
  return { ...local, relations: { ...local.relations, [id]: memory } };
}

function forgetRelation(local: LocalState, id: number): LocalState {
  const { [String(id)]: _gone, ...relations } = local.relations;
  return { ...local, relations };
}

/** What an agent forgets when it starts: relations that went without a broken hook. */
export function forgetGone(local: LocalState, exists: (relation: number) => boolean): LocalState {
  const relations = Object.entries(local.relations).filter(([id]) => exists(Number(id)));
  return {
    ...local,
    relations: Object.fromEntries(relations),
    relationsCreated: local.relationsCreated.filter(exists),
  };
}

function queueStart(local: LocalState): LocalState {
  if (local.started) return local;
  return { ...local, step: "queued", hook: { kind: "start" } };
}

function commitRelationHook(local: LocalState, hook: RelationHook): LocalState {
  if (hook.kind === "relation-broken") return forgetRelation(local, hook.relation);
  const memory = local.relations[hook.relation];
  if (memory === undefined) return local;
  const update = (change: Partial<RelationMemory>): LocalState => ({
    ...local,
    relations: { ...local.relations, [hook.relation]: { ...memory, ...change } },
  });
  const { remoteUnit, remoteApp, version } = hook;
  switch (hook.kind) {
    case "relation-created":
      return {
        ...update({ created: true }),
        relationsCreated: [...local.relationsCreated, hook.relation],
      };
    case "relation-joined":
      return update({ members: { ...memory.members, [remoteUnit]: version }, changedPending: remoteUnit });
    case "relation-departed": {
      const { [remoteUnit]: _left, ...members } = memory.members;
      const changedPending = memory.changedPending === remoteUnit ? null : memory.changedPending;
      return update({ members, changedPending });
    }
    case "relation-changed":
      if (remoteUnit === "")
        return update({ applications: { ...memory.applications, [remoteApp]: version } });
      return update({
        members: { ...memory.members, [remoteUnit]: version },
        changedPending: memory.changedPending === remoteUnit ? null : memory.changedPending,
      });
  }
}

function withRevision(
  known: Readonly<Record<string, readonly number[]>>,
  id: string,
  revision: number,
): Readonly<Record<string, readonly number[]>> {
  return { ...known, [id]: [...(known[id] ?? []), revision] };
}
