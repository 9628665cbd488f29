// What woke the charm: a discriminated union whose names are typed by the charm's own metadata.

import { requireVariable } from "./context.ts";
import type { ActionName, CharmMeta, EndpointName, StorageName } from "./meta.ts";

const lifecycleKinds = [
  "install",
  "start",
  "stop",
  "remove",
  "config-changed",
  "update-status",
  "upgrade-charm",
  "leader-elected",
  // Of Juju 3 only.
  "leader-settings-changed",
  "collect-metrics",
  "meter-status-changed",
  "pre-series-upgrade",
  "post-series-upgrade",
] as const;
const relationKinds = [
  "relation-created",
  "relation-joined",
  "relation-changed",
  "relation-departed",
  "relation-broken",
] as const;
const storageKinds = ["storage-attached", "storage-detaching"] as const;
const secretKinds = ["secret-changed", "secret-rotate", "secret-expired", "secret-remove"] as const;

export type RelationKind = (typeof relationKinds)[number];

export interface LifecycleEvent {
  readonly kind: (typeof lifecycleKinds)[number];
}

interface OfRelation<E extends string> {
  readonly endpoint: E;
  readonly relationId: number;
  readonly remoteApp: string;
}
export type RelationEvent<E extends string> = OfRelation<E> &
  (
    | { readonly kind: "relation-created" | "relation-broken" }
    | { readonly kind: "relation-joined"; readonly remoteUnit: string }
    /** No remote unit: the remote application's bag changed. */
    | { readonly kind: "relation-changed"; readonly remoteUnit?: string }
    | { readonly kind: "relation-departed"; readonly remoteUnit: string; readonly departingUnit: string }
  );

export interface StorageEvent<S extends string> {
  readonly kind: (typeof storageKinds)[number];
  readonly storage: S;
  readonly storageId: string;
  readonly location: string;
  /** Undefined where Juju does not say. */
  readonly storageKind?: "filesystem" | "block";
}

export type SecretEvent =
  | { readonly kind: "secret-changed" | "secret-rotate"; readonly secretId: string; readonly label?: string }
  | {
      readonly kind: "secret-expired" | "secret-remove";
      readonly secretId: string;
      readonly label?: string;
      readonly revision: number;
    };

export interface ActionEvent<A extends string> {
  readonly kind: "action";
  readonly action: A;
  readonly actionId: string;
}

/**
 * Juju's event, or one of the charm's own (`custom`), which
 * `juju-exec <unit> "JUJU_DISPATCH_PATH=hooks/<name> ./dispatch"` brings about.
 */
export type Event<M extends CharmMeta> =
  | LifecycleEvent
  | RelationEvent<EndpointName<M>>
  | StorageEvent<StorageName<M>>
  | SecretEvent
  | ActionEvent<ActionName<M>>
  | { readonly kind: "custom"; readonly name: string }
  | { readonly kind: "unknown"; readonly name: string };

/** Reads which event this process was started for; throws with the name of a missing variable. */
export function readEvent<M extends CharmMeta>(env: NodeJS.ProcessEnv, meta: M): Event<M> {
  const path = requireVariable(env, "JUJU_DISPATCH_PATH");
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path.startsWith("actions/")) {
    if (!isDeclared(meta.actions, name)) return { kind: "unknown", name };
    return {
      kind: "action",
      action: name as ActionName<M>,
      actionId: requireVariable(env, "JUJU_ACTION_UUID"),
    };
  }
  // Juju names every hook it knows of; under juju-exec there is none, so the name is the charm's own.
  const elsewhere = (env["JUJU_HOOK_NAME"] ?? "") === "" ? "custom" : "unknown";
  return (
    oneOf(lifecycleKinds, name, (kind) => ({ kind })) ??
    oneOf(secretKinds, name, (kind) => secretEvent(env, kind)) ??
    suffixed(relationKinds, name, meta.endpoints, (endpoint, kind) =>
      relationEvent(env, endpoint as EndpointName<M>, kind),
    ) ??
    suffixed(storageKinds, name, meta.storages, (storage, kind) => ({
      kind,
      storage: storage as StorageName<M>,
      storageId: requireVariable(env, "JUJU_STORAGE_ID"),
      location: env["JUJU_STORAGE_LOCATION"] ?? "",
      ...storageKindOf(env),
    })) ?? { kind: elsewhere, name }
  );
}

function storageKindOf(env: NodeJS.ProcessEnv): Pick<StorageEvent<string>, "storageKind"> {
  const kind = env["JUJU_STORAGE_KIND"];
  return kind === "filesystem" || kind === "block" ? { storageKind: kind } : {};
}

function isDeclared(declared: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.hasOwn(declared, name);
}

function oneOf<K extends string, E>(kinds: readonly K[], name: string, make: (kind: K) => E): E | undefined {
  const kind = kinds.find((candidate) => candidate === name);
  return kind === undefined ? undefined : make(kind);
}

function suffixed<K extends string, E>(
  kinds: readonly K[],
  name: string,
  declared: Readonly<Record<string, unknown>>,
  make: (owner: string, kind: K) => E,
): E | undefined {
  const kind = kinds.find((candidate) => name.endsWith(`-${candidate}`));
  if (kind === undefined) return undefined;
  const owner = name.slice(0, -kind.length - 1);
  return isDeclared(declared, owner) ? make(owner, kind) : undefined;
}

function relationEvent<E extends string>(
  env: NodeJS.ProcessEnv,
  endpoint: E,
  kind: RelationKind,
): RelationEvent<E> {
  const fullId = requireVariable(env, "JUJU_RELATION_ID");
  const relationId = Number(fullId.slice(fullId.lastIndexOf(":") + 1));
  if (!Number.isInteger(relationId)) throw new Error(`JUJU_RELATION_ID is "${fullId}", which has no number`);
  const remoteUnit = env["JUJU_REMOTE_UNIT"] ?? "";
  const remoteApp = env["JUJU_REMOTE_APP"] || remoteUnit.slice(0, Math.max(0, remoteUnit.indexOf("/")));
  const base = { endpoint, relationId, remoteApp };
  switch (kind) {
    case "relation-created":
    case "relation-broken":
      return { ...base, kind };
    case "relation-joined":
      return { ...base, kind, remoteUnit: requireVariable(env, "JUJU_REMOTE_UNIT") };
    case "relation-changed":
      return remoteUnit === "" ? { ...base, kind } : { ...base, kind, remoteUnit };
    case "relation-departed": {
      const leaver = requireVariable(env, "JUJU_REMOTE_UNIT");
      return { ...base, kind, remoteUnit: leaver, departingUnit: env["JUJU_DEPARTING_UNIT"] || leaver };
    }
  }
}

function secretEvent(env: NodeJS.ProcessEnv, kind: (typeof secretKinds)[number]): SecretEvent {
  const secretId = requireVariable(env, "JUJU_SECRET_ID");
  const label = env["JUJU_SECRET_LABEL"] ?? "";
  const base = label === "" ? { secretId } : { secretId, label };
  if (kind === "secret-changed" || kind === "secret-rotate") return { ...base, kind };
  return { ...base, kind, revision: Number(requireVariable(env, "JUJU_SECRET_REVISION")) };
}
