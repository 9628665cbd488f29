// The next operation of a unit, from what its agent remembers and a snapshot of the controller. Pure; in Juju's order of resolvers.
import { type HookInfo, hookName, type LocalState } from "../../lib/juju/local-state.ts";
import { nextRelationHook, relationHook } from "./relation-resolver.ts";
import type { RelationSnapshot, Snapshot } from "./snapshot.ts";

export type Operation =
  | { readonly kind: "run-hook"; readonly hook: HookInfo }
  | { readonly kind: "skip-hook"; readonly hook: HookInfo }
  | { readonly kind: "enter-relation"; readonly relation: RelationSnapshot }
  | { readonly kind: "queue-hook"; readonly hook: HookInfo }
  | { readonly kind: "drop-hook"; readonly hook: HookInfo }
  | { readonly kind: "resign-leadership" }
  | { readonly kind: "run-action"; readonly task: string }
  | { readonly kind: "fail-action"; readonly task: string }
  | { readonly kind: "run-command"; readonly command: string }
  /** `failed`: the hook in whose error the upgrade was forced; it is still due, with the new code. */
  | {
      readonly kind: "upgrade";
      readonly charm: string;
      readonly modified: number;
      readonly failed: HookInfo | null;
    }
  | { readonly kind: "retry-later"; readonly hook: HookInfo }
  | { readonly kind: "dead" }
  | { readonly kind: "wait" };

/** What only the running agent knows: signals that do not outlive it. */
export interface AgentSignals {
  /** The machine was rebooted since the last start hook. */
  readonly rebooted: boolean;
  /** The back-off of a failed hook has run out. */
  readonly retryDue: boolean;
  /** Counts the ticks of update-status. */
  readonly updateStatusVersion: number;
  /** Command lines that wait for the unit's lock (juju-exec). */
  readonly commands: readonly string[];
}

type Resolver = (local: LocalState, remote: Snapshot, signals: AgentSignals) => Operation | undefined;

/** The one next thing that this unit's agent has to do. */
export function nextOperation(local: LocalState, remote: Snapshot, signals: AgentSignals): Operation {
  if (remote.life === "dead" || local.removed) return { kind: "dead" };
  for (const resolve of resolvers) {
    const operation = resolve(local, remote, signals);
    if (operation !== undefined) return operation;
  }
  return { kind: "wait" };
}

const afterReboot: Resolver = (local, _remote, signals) => {
  if (!signals.rebooted || local.step !== "idle" || !local.started) return undefined;
  return { kind: "run-hook", hook: { kind: "start" } };
};

const relationScopes: Resolver = (local, remote) => {
  if (!local.installed || local.step !== "idle" || remote.life !== "alive") return undefined;
  const relation = remote.relations.find(
    (r) => r.life === "alive" && !r.suspended && r.implemented && local.relations[r.id] === undefined,
  );
  return relation === undefined ? undefined : { kind: "enter-relation", relation };
};

const relationCreated: Resolver = (local, remote) => {
  if (!local.installed || local.step !== "idle" || remote.life !== "alive") return undefined;
  const relation = remote.relations.find(
    (r) => r.life === "alive" && local.relations[r.id]?.created === false,
  );
  if (relation === undefined) return undefined;
  return { kind: "run-hook", hook: relationHook("relation-created", relation, "", 0) };
};

const leadership: Resolver = (local, remote) => {
  if (!local.installed) return undefined;
  const dying = remote.life !== "alive";
  if (local.leader && (!remote.leader || dying)) return { kind: "resign-leadership" };
  if (local.step !== "idle" || dying) return undefined;
  if (remote.leader && !local.leader) return { kind: "queue-hook", hook: { kind: "leader-elected" } };
  if (!local.leader && local.leaderSettingsVersion !== remote.leaderSettingsVersion) {
    return {
      kind: "run-hook",
      hook: { kind: "leader-settings-changed", version: remote.leaderSettingsVersion },
    };
  }
  return undefined;
};

const secrets: Resolver = (local, remote) => {
  if (!local.installed || local.step !== "idle" || remote.life !== "alive") return undefined;
  const { expired, rotate, obsolete } = remote.secretsDue;
  if (expired[0] !== undefined) return { kind: "run-hook", hook: { kind: "secret-expired", ...expired[0] } };
  if (rotate[0] !== undefined) return { kind: "run-hook", hook: { kind: "secret-rotate", ...rotate[0] } };
  const news = remote.secretNews.find((secret) => local.secretsChanged[secret.id] !== secret.revision);
  if (news !== undefined) return { kind: "run-hook", hook: { kind: "secret-changed", ...news } };
  const unused = obsolete.find((secret) => !local.secretsObsolete[secret.id]?.includes(secret.revision));
  return unused === undefined ? undefined : { kind: "run-hook", hook: { kind: "secret-remove", ...unused } };
};

const actions: Resolver = (local, remote) => {
  if (local.step === "action" && local.task !== null) return { kind: "fail-action", task: local.task };
  if (local.step === "queued" || !(local.installed || local.hook !== null)) return undefined;
  const next = remote.tasks[0];
  return next === undefined ? undefined : { kind: "run-action", task: next.id };
};

const commands: Resolver = (_local, _remote, signals) => {
  const command = signals.commands[0];
  return command === undefined ? undefined : { kind: "run-command", command };
};

const storage: Resolver = (local, remote) => {
  if (local.step !== "idle") return undefined;
  const dying = remote.life !== "alive";
  for (const { id, life, provisioned } of remote.storage) {
    const attached = local.storage.includes(id);
    if (attached && (dying || life !== "alive")) {
      return { kind: "run-hook", hook: { kind: "storage-detaching", storage: id } };
    }
    if (attached || dying || life !== "alive") continue;
    if (provisioned) return { kind: "run-hook", hook: { kind: "storage-attached", storage: id } };
    if (!local.installed) return { kind: "wait" };
  }
  return undefined;
};

const unfinishedHook: Resolver = (local, remote, signals) => {
  if (local.hook === null) return undefined;
  if (local.hook.kind === "leader-elected" && !remote.leader) return { kind: "drop-hook", hook: local.hook };
  const isFailed = local.step === "pending";
  if (isFailed && remote.forceUpgrade && isModified(local, remote)) return upgradeTo(remote, local.hook);
  const hook = freshened(local.hook, remote);
  if (local.step === "queued") return { kind: "run-hook", hook };
  if (remote.resolved === "no-retry") return { kind: "skip-hook", hook: local.hook };
  if (remote.resolved === "retry" || signals.retryDue) return { kind: "run-hook", hook };
  return { kind: "retry-later", hook: local.hook };
};

/** Whether the unit runs other code, or has other resources, than it should. */
function isModified(local: LocalState, remote: Snapshot): boolean {
  return local.charm !== remote.charm || local.charmModified !== remote.charmModified;
}

function upgradeTo({ charm, charmModified }: Snapshot, failed: HookInfo | null): Operation {
  return { kind: "upgrade", charm, modified: charmModified, failed };
}

/** A config-changed tells of the configuration as it is when it runs. */
function freshened(hook: HookInfo, remote: Snapshot): HookInfo {
  return hook.kind === "config-changed" ? { ...hook, hash: remote.configHash } : hook;
}

const dyingUnit: Resolver = (local, remote, signals) => {
  if (remote.life === "alive") return undefined;
  const relation = relations(local, remote, signals);
  if (relation !== undefined) return relation;
  if (local.started) return { kind: "run-hook", hook: { kind: "stop" } };
  if (local.installed && !local.removed) return { kind: "run-hook", hook: { kind: "remove" } };
  return { kind: "dead" };
};

const nothingUnfinished: Resolver = (local, remote, signals) => {
  if (!local.installed) return { kind: "run-hook", hook: { kind: "install" } };
  if (isModified(local, remote)) return upgradeTo(remote, null);
  if (local.configHash !== remote.configHash) {
    return { kind: "run-hook", hook: { kind: "config-changed", hash: remote.configHash } };
  }
  const relation = relations(local, remote, signals);
  if (relation !== undefined) return relation;
  if (local.updateStatusVersion === signals.updateStatusVersion) return undefined;
  return { kind: "run-hook", hook: { kind: "update-status", version: signals.updateStatusVersion } };
};

const relations: Resolver = (local, remote) => {
  const hook = nextRelationHook(local.relations, remote);
  return hook === undefined ? undefined : { kind: "run-hook", hook };
};

const resolvers: readonly Resolver[] = [
  afterReboot,
  relationScopes,
  relationCreated,
  leadership,
  secrets,
  actions,
  commands,
  storage,
  unfinishedHook,
  dyingUnit,
  nothingUnfinished,
];

/** An operation in a few words, for logs. */
export function describeOperation(operation: Operation): string {
  switch (operation.kind) {
    case "run-hook":
      return `run ${hookName(operation.hook)} hook`;
    case "run-action":
      return `run task ${operation.task}`;
    default:
      return operation.kind;
  }
}
