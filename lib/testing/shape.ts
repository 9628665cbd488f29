// What a test says about the world around one unit: plain data, before an event and after it.

import type { Bag } from "../databag.ts";
import type { NetworkInfo } from "../hook-answers.ts";
import type {
  BindingName,
  CharmMeta,
  ConfigValue,
  EndpointName,
  OptionName,
  ResourceName,
  StorageName,
} from "../meta.ts";
import type { Status } from "../status.ts";
import type { WorldPort } from "./ports.ts";

export interface WorldRelation<E extends string = string> {
  readonly id: number;
  readonly endpoint: E;
  /** The application at the other end; the own one in a peer relation. */
  readonly remoteApp: string;
  /** By owner: the own unit and application, the remote application, and each unit of it that is there. */
  readonly bags: Readonly<Record<string, Bag>>;
  /** Units that left; their bags can still be read. */
  readonly departed?: readonly string[];
  /** Removed by force: still listed, but every bag is refused. */
  readonly ghost?: boolean;
}

export interface WorldSecret {
  /** 20 lowercase letters and digits. */
  readonly id: string;
  /** The own application or unit, or somebody at the other end of a relation. */
  readonly owner: string;
  /** The owner's label where this unit or its application owns the secret, else the label given when reading. */
  readonly label?: string;
  readonly description?: string;
  readonly rotate?: string;
  /** When the newest revision expires, as Juju writes times. */
  readonly expire?: string;
  /** Contents by revision, the first one being revision 1; one that was removed is empty. */
  readonly revisions: readonly Bag[];
  /** Number (from 1) of the revision this unit reads; absent when it never read the secret. */
  readonly tracked?: number;
  /** Relations through which it is granted. */
  readonly grants: readonly number[];
}

export interface WorldStorage<S extends string = string> {
  readonly name: S;
  readonly id: string;
  readonly location: string;
  /** A filesystem unless told. */
  readonly kind?: "filesystem" | "block";
}

export interface World<M extends CharmMeta> {
  readonly unit: string;
  readonly leader: boolean;
  readonly modelName: string;
  readonly modelUuid: string;
  /** What the operator has set; defaults come from the charm's metadata. */
  readonly config: Readonly<Partial<Record<OptionName<M>, ConfigValue>>>;
  readonly relations: readonly WorldRelation<EndpointName<M>>[];
  readonly secrets: readonly WorldSecret[];
  readonly storages: readonly WorldStorage<StorageName<M>>[];
  /** Paths of the resources that can be had. */
  readonly resources: Readonly<Partial<Record<ResourceName<M>, string>>>;
  /** What credential-get prints; absent while nobody ran `juju trust`. */
  readonly credential?: object;
  /** Of bindings that have other addresses than the machine itself; what is left out is as the machine has it. */
  readonly networks: Readonly<Partial<Record<BindingName<M>, Partial<NetworkInfo>>>>;
  /** The unit's stored state: JSON texts. */
  readonly state: Bag;
  readonly plannedUnits: number;
  readonly unitStatus: Status | undefined;
  readonly appStatus: Status | undefined;
  readonly workloadVersion: string;
  readonly openedPorts: readonly WorldPort[];
}

/** A world of one unit with nothing in it but what is given. */
export function emptyWorld<M extends CharmMeta>(meta: M, given: Partial<World<M>> = {}): World<M> {
  const nothing: World<CharmMeta> = {
    unit: `${meta.name}/0`,
    leader: false,
    modelName: "test",
    modelUuid: "11111111-2222-4333-8444-555555555555",
    config: {},
    relations: [],
    secrets: [],
    storages: [],
    resources: {},
    networks: {},
    state: {},
    plannedUnits: 1,
    unitStatus: undefined,
    appStatus: undefined,
    workloadVersion: "",
    openedPorts: [],
  };
  return { ...(nothing as World<M>), ...given };
}

/** Name of the unit's application. */
export function appOf(owner: string): string {
  const slash = owner.indexOf("/");
  return slash === -1 ? owner : owner.slice(0, slash);
}

/** Whether the owner of a bag or a secret is a unit. */
export function isUnit(owner: string): boolean {
  return owner.includes("/");
}
