// The charm's view of its Juju model: lazy, cached for one hook, writes kept back until commit().

import type * as z from "zod";
import type { HookContext } from "./context.ts";
import type { Bag } from "./databag.ts";
import type { CloudCredential, GoalState, NetworkInfo, StorageInfo } from "./hook-answers.ts";
import type { SecretGetOptions, SecretRef, SecretSettings, ShownStatus } from "./hook-tools.ts";
import type {
  BindingName,
  CharmMeta,
  ConfigValues,
  EndpointName,
  ResourceName,
  StorageName,
} from "./meta.ts";
import type { PortWish } from "./ports.ts";
import type { OwnSecret, SecretRead } from "./secret-store.ts";
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

/** An attached storage instance. */
export interface Storage extends StorageInfo {
  readonly id: string;
}

/** Values that outlive the hook, kept in Juju as JSON. */
export interface State {
  /** Undefined when nothing is stored, and when what is stored does not fit the schema. */
  get<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined>;
  set(key: string, value: unknown): void;
  delete(key: string): void;
}

interface RelationModel<M extends CharmMeta> {
  /** By id. The relation of a relation-broken event is among them, marked broken; one that was removed by force is not. */
  relations<E extends EndpointName<M>>(endpoint: E): Promise<readonly Relation<E>[]>;
  peer<E extends EndpointName<M>>(endpoint: E): Promise<Relation<E> | undefined>;
  /** Without this unit; sorted by number. */
  remoteUnits(relation: Relation): Promise<readonly string[]>;
  /** UUID of the model at the other end: the own one unless the relation crosses models. Since Juju 3.6.2. */
  remoteModel(relation: Relation): Promise<string>;
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
}

interface SecretModel {
  /** Reads a secret, as whoever it was granted to; cached for the hook. */
  secret(ref: SecretRef, options?: SecretGetOptions): Promise<SecretRead>;
  /** Gives a secret of others a label of this unit, at once. */
  labelSecret(id: string, label: string): Promise<void>;
  /** A secret to change: of this unit, or of the application it leads. Undefined when there is none. */
  ownSecret(owner: Leader | "unit", ref: SecretRef): Promise<OwnSecret | undefined>;
  /** Tells Juju at once, as the URI is needed; Juju keeps it back until the hook succeeds. */
  addSecret(owner: Leader | "unit", content: SecretContent, settings?: SecretSettings): Promise<OwnSecret>;
}

interface MachineModel<M extends CharmMeta> {
  network(binding: BindingName<M>, relation?: Relation): Promise<NetworkInfo>;
  /** Attached instances, by number. */
  storages(name: StorageName<M>): Promise<readonly Storage[]>;
  /** Asks for further instances; storage-attached tells when one is there. */
  requestStorage(name: StorageName<M>, count?: number): void;
  /** Path of the resource's file, downloaded where it is not here yet; undefined when there is none. */
  resource(name: ResourceName<M>): Promise<string | undefined>;
  /** Exactly these ports are to be open; what else is open is closed. */
  setPorts(ports: readonly PortWish<EndpointName<M>>[]): void;
  /** Undefined until somebody runs `juju trust`. */
  credential(): Promise<CloudCredential | undefined>;
}

export interface Model<M extends CharmMeta> extends RelationModel<M>, SecretModel, MachineModel<M> {
  readonly context: HookContext;
  readonly meta: M;
  /** Asks Juju once per hook. Leadership can be lost within the hook: then Juju refuses the commit. */
  leadership(): Promise<Leader | undefined>;
  config(): Promise<ConfigValues<M>>;
  goalState(): Promise<GoalState>;
  /** Units that this application is to have, without those that go. */
  plannedUnits(): Promise<number>;
  /** Units of this application that Juju knows, with those that go. */
  knownUnits(): Promise<ReadonlyMap<string, "alive" | "dying">>;
  /** What is shown now, with what this hook has set. */
  unitStatus(): Promise<ShownStatus>;
  appStatus(leader: Leader): Promise<ShownStatus>;
  /** Of all units of the application. */
  unitStatuses(leader: Leader): Promise<Readonly<Record<string, ShownStatus>>>;
  /** At once; skipped when it is what Juju shows already. */
  setUnitStatus(status: Status): Promise<void>;
  setAppStatus(leader: Leader, status: Status): Promise<void>;
  /** Skipped when it is what was told last. */
  setWorkloadVersion(version: string): void;
  readonly state: State;
}

/** A model as the framework sees it. */
export interface HookModel<M extends CharmMeta> extends Model<M> {
  /** Hands all that was written to Juju: one command per bag, and only what changed. */
  commit(): Promise<void>;
  /** Whether Juju holds writes of this hook already, which an exit code of 0 would make true. */
  handedOver(): boolean;
}
