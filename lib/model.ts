// The charm's view of its Juju model: lazy, cached for one hook, writes kept back until commit().

import type * as z from "zod";
import type { HookContext } from "./context.ts";
import type { Bag } from "./databag.ts";
import type { NetworkInfo, SecretGetOptions, SecretRef } from "./hook-tools.ts";
import type { CharmMeta, ConfigValue, EndpointName, OptionName, StorageName } from "./meta.ts";
import type { SecretRead } from "./secret-store.ts";
import type { SecretContent } from "./secrets.ts";
import type { Status } from "./status.ts";

declare const proof: unique symbol;

/** Proof that this unit led its application in this hook; only {@link Model.leadership} hands it out. */
export interface Leader {
  readonly leader: true;
  readonly [proof]: "leader";
}

/** For the model and for test doubles of it; a charm gets its proof from {@link Model.leadership}. */
export const leaderProof = Object.freeze({ leader: true }) as Leader;

export interface Relation<E extends string = string> {
  readonly id: number;
  readonly endpoint: E;
  readonly remoteApp: string;
  /** The relation of this very relation-broken event: it may be read, but nobody is there any more. */
  readonly broken: boolean;
}

/** Values that outlive the hook, kept in Juju as JSON. */
export interface State {
  /** Undefined when nothing is stored, and when what is stored does not fit the schema. */
  get<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined>;
  set(key: string, value: unknown): void;
  delete(key: string): void;
}

export interface Model<M extends CharmMeta> {
  readonly context: HookContext;
  readonly meta: M;
  /** Asks Juju once per hook. Leadership can be lost within the hook: then Juju refuses the commit. */
  leadership(): Promise<Leader | undefined>;
  /** By id. The relation of a relation-broken event is among them, marked broken. */
  relations<E extends EndpointName<M>>(endpoint: E): Promise<readonly Relation<E>[]>;
  peer<E extends EndpointName<M>>(endpoint: E): Promise<Relation<E> | undefined>;
  /** Without this unit; sorted by number. */
  remoteUnits(relation: Relation): Promise<readonly string[]>;
  /** Includes what this hook wrote. Of a relation that is gone: empty. */
  readUnit(relation: Relation, unit: string): Promise<Bag>;
  /** Undefined when not permitted: the own bag of a relation that is no peer relation, and not leader. */
  readApp(relation: Relation, app: "local" | "remote"): Promise<Bag | undefined>;
  /** The own application bag as it was when the hook began. */
  committedApp(relation: Relation): Promise<Bag | undefined>;
  /** Merged into what is there; `""` deletes. */
  writeUnit(relation: Relation, values: Bag): void;
  /** Merged into what is there; `""` deletes. */
  writeApp(leader: Leader, relation: Relation, values: Bag): void;
  config(): Promise<Readonly<Partial<Record<OptionName<M>, ConfigValue>>>>;
  /** Units that this application is to have, without those that go. */
  plannedUnits(): Promise<number>;
  /** Every unit of this application that Juju knows, this one included. One that is not listed was removed. */
  knownUnits(): Promise<ReadonlyMap<string, "alive" | "dying">>;
  network(binding: EndpointName<M>, relation?: Relation): Promise<NetworkInfo>;
  /** Mount point of the first attached instance. */
  storageLocation(name: StorageName<M>): Promise<string | undefined>;
  /** Cached for the hook. An id is empty where a secret read by label is not this unit's to change. */
  secret(ref: SecretRef, options?: SecretGetOptions): Promise<SecretRead>;
  /** Tells Juju at once, as the URI is needed; Juju keeps it back until the hook succeeds. */
  addSecret(
    owner: Leader | "unit",
    content: SecretContent,
    options: { readonly label?: string; readonly description?: string },
  ): Promise<string>;
  /** Replaces the whole content; skipped when the newest revision already has it. */
  setSecret(ref: { readonly id: string }, content: SecretContent): Promise<void>;
  grantSecret(id: string, relation: Relation): Promise<void>;
  removeSecret(id: string): Promise<void>;
  /** At once; skipped when it is what Juju shows already. */
  setUnitStatus(status: Status): Promise<void>;
  setAppStatus(leader: Leader, status: Status): Promise<void>;
  setWorkloadVersion(version: string): void;
  /** TCP ports to open; those that are open stay. */
  openPorts(ports: readonly number[]): void;
  readonly state: State;
  /** Hands all that was written to Juju: one command per bag, and only what changed. */
  commit(): Promise<void>;
}
