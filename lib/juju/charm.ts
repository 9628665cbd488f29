// What a charm says of itself, as Juju has it after reading its metadata.yaml, actions.yaml and config.yaml. Types only.

export type EndpointRole = "provider" | "requirer" | "peer";

export interface CharmEndpoint {
  readonly name: string;
  readonly role: EndpointRole;
  readonly interface: string;
  readonly scope: "global" | "container";
  /** 0 = no limit. */
  readonly limit: number;
}

export interface CharmOption {
  readonly type: "string" | "int" | "float" | "boolean" | "secret";
  readonly description: string;
  readonly default?: string | number | boolean;
}

export interface CharmAction {
  readonly description: string;
  /** JSON schema of the parameters, an object schema. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface CharmStorage {
  readonly type: "filesystem" | "block";
  /** Where it is mounted, or the folder in which each instance is mounted under its id. */
  readonly location: string;
  readonly mountedAt: "location" | "location/id";
  /** How many instances a unit has at least, and at most (null = any number). */
  readonly minimum: number;
  readonly maximum: number | null;
}

/** A file that a person gives a charm, besides the charm itself. */
export interface CharmResource {
  readonly filename: string;
  readonly description: string;
}

export interface CharmMeta {
  readonly name: string;
  readonly endpoints: Readonly<Record<string, CharmEndpoint>>;
  readonly bindings: readonly string[];
  readonly storage: Readonly<Record<string, CharmStorage>>;
  readonly resources: Readonly<Record<string, CharmResource>>;
  readonly actions: Readonly<Record<string, CharmAction>>;
  readonly options: Readonly<Record<string, CharmOption>>;
}
