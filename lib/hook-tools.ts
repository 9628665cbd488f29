// Port: one method per hook command of Juju that machine charms have.

import type { Bag } from "./databag.ts";
import type {
  CloudCredential,
  GoalState,
  NetworkInfo,
  OpenedPort,
  SecretInfo,
  StorageInfo,
} from "./hook-answers.ts";
import type { LogLevel } from "./log.ts";
import type { ConfigValue } from "./meta.ts";
import type { SecretContent } from "./secrets.ts";
import type { Status } from "./status.ts";

/** Which secret: by the URI that its owner gave, or by a label of this application. */
export type SecretRef = { readonly id: string } | { readonly label: string };

export interface SecretGetOptions {
  /** Read the newest revision and keep to it from now on. */
  readonly refresh?: boolean;
  /** Read the newest revision without keeping to it. */
  readonly peek?: boolean;
}

export type Rotation = "never" | "hourly" | "daily" | "weekly" | "monthly" | "quarterly" | "yearly";

/** What can be said of a secret beside its content; what is left out stays as it is. */
export interface SecretSettings {
  readonly label?: string;
  readonly description?: string;
  /** Juju sends secret-expired then; nothing else happens by itself. */
  readonly expire?: Date;
  /** Juju sends secret-rotate that often. */
  readonly rotate?: Rotation;
}

export interface SecretAddOptions extends SecretSettings {
  readonly owner: "application" | "unit";
}

export interface ShownStatus {
  readonly kind: string;
  readonly message: string;
}

/** From whom a grant is taken: everybody in a relation, an application, or one unit. */
export type Grantee = { readonly relation: number } | { readonly app: string } | { readonly unit: string };

export interface RelationTools {
  /** Without dead and broken ones. */
  relationIds(endpoint: string): Promise<readonly number[]>;
  /** Remote units; of a peer relation without this one. In relation-departed the leaver is gone already. */
  relationUnits(relationId: number): Promise<readonly string[]>;
  relationApp(relationId: number): Promise<string>;
  /** UUID of the model at the other end. Since Juju 3.6.2. */
  relationModel(relationId: number): Promise<string>;
  /** `owner` is a unit, or an application for its bag. */
  relationGet(relationId: number, owner: string): Promise<Bag>;
  /** Buffered. An empty value deletes its key. */
  relationSet(relationId: number, target: "unit" | "app", changes: Bag): Promise<void>;
}

export interface UnitTools {
  /** True: this unit leads for at least 30 s more. */
  isLeader(): Promise<boolean>;
  /** Juju 3 only. */
  leaderGet(): Promise<Bag>;
  /** At once; Juju 3 only. */
  leaderSet(changes: Bag): Promise<void>;
  configGet(): Promise<Readonly<Record<string, ConfigValue>>>;
  /** Without what this hook has set. */
  statusGet(target: "unit" | "app"): Promise<ShownStatus>;
  /** Of all units of the application; for its leader. */
  unitStatuses(): Promise<Readonly<Record<string, ShownStatus>>>;
  /** At once. */
  statusSet(target: "unit" | "app", status: Status): Promise<void>;
  /** At once. */
  applicationVersionSet(version: string): Promise<void>;
  /** At once. */
  jujuLog(level: LogLevel, text: string): Promise<void>;
  stateGet(): Promise<Bag>;
  /** Buffered. An empty value deletes its key. */
  stateSet(changes: Bag): Promise<void>;
  /** Buffered; no error when there is no such key. */
  stateDelete(key: string): Promise<void>;
}

export interface ActionTools {
  actionGet(): Promise<Readonly<Record<string, unknown>>>;
  /** Results are arguments, so anybody on the machine can read them while this runs. */
  actionSet(results: ReadonlyMap<string, string>): Promise<void>;
  actionFail(message: string): Promise<void>;
  /** At once. */
  actionLog(message: string): Promise<void>;
}

/** All that changes a secret is buffered; which revision a reader keeps to changes at once. */
export interface SecretTools {
  /** Gives the new secret's URI. */
  secretAdd(content: SecretContent, options: SecretAddOptions): Promise<string>;
  secretGet(ref: SecretRef, options: SecretGetOptions): Promise<SecretContent>;
  /** Gives a secret of others a label, for this unit to find it by. */
  secretLabel(id: string, label: string): Promise<void>;
  /** Of a secret that this unit owns, or its application where this unit leads. */
  secretInfo(ref: SecretRef): Promise<SecretInfo>;
  /** Ids of the secrets that this unit may change. */
  secretIds(): Promise<readonly string[]>;
  /** The content is replaced as a whole, or left as it is. */
  secretSet(id: string, content: SecretContent | undefined, settings: SecretSettings): Promise<void>;
  /** To everybody at the other end of the relation, or to one unit there. */
  secretGrant(id: string, relationId: number, unit?: string): Promise<void>;
  secretRevoke(id: string, from: Grantee): Promise<void>;
  /** With all its revisions, or one revision of it. */
  secretRemove(id: string, revision?: number): Promise<void>;
}

export interface MachineTools {
  /** Attached ones; of all storages when no name is given. */
  storageIds(name?: string): Promise<readonly string[]>;
  storageGet(storageId: string): Promise<StorageInfo>;
  /** Buffered. */
  storageAdd(name: string, count: number): Promise<void>;
  /** Path of the resource's file, which is downloaded first where it is not here yet. */
  resourceGet(name: string): Promise<string>;
  networkGet(binding: string, relationId?: number): Promise<NetworkInfo>;
  /** The unit's own address. */
  unitAddress(which: "private" | "public"): Promise<string>;
  openedPorts(): Promise<readonly OpenedPort[]>;
  /** Buffered. A range such as `80/tcp`, `8000-8010/udp` or `icmp`; for all endpoints when none is named. */
  openPort(range: string, endpoints: readonly string[]): Promise<void>;
  /** Buffered. */
  closePort(range: string, endpoints: readonly string[]): Promise<void>;
  goalState(): Promise<GoalState>;
  /** Needs `juju trust`. */
  credentialGet(): Promise<CloudCredential>;
  /** Asks for a reboot of the machine: when the hook has succeeded, or now, which kills this process. Not in actions. */
  reboot(when: "after-hook" | "now"): Promise<void>;
}

/**
 * The hook commands. What is buffered reaches others when the process exits 0, and is dropped otherwise.
 * Every method rejects with HookToolError.
 */
export interface HookTools extends RelationTools, UnitTools, ActionTools, SecretTools, MachineTools {}
