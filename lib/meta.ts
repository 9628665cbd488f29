// What is known of the charm before it runs: the shape of the generated metadata, and the types drawn from it.

export type ParameterType = "string" | "integer" | "number" | "boolean" | "object" | "array";
export type OptionType = "string" | "int" | "float" | "boolean" | "secret";

export interface EndpointMeta {
  readonly role: "peer" | "provides" | "requires";
  readonly interface: string;
  readonly limit?: number;
}

export interface StorageMeta {
  readonly type: "filesystem" | "block";
  readonly location?: string;
  readonly multiple: boolean;
}

export interface ParameterMeta {
  readonly type: ParameterType;
  readonly required: boolean;
  readonly default?: unknown;
}

export interface ActionMeta {
  readonly params: Readonly<Record<string, ParameterMeta>>;
}

export interface OptionMeta {
  readonly type: OptionType;
  readonly default?: string | number | boolean;
}

export interface ResourceMeta {
  readonly type: "file" | "oci-image";
}

/** The charm's metadata.yaml, actions.yaml and config.yaml, as far as the charm itself needs them. */
export interface CharmMeta {
  readonly name: string;
  readonly endpoints: Readonly<Record<string, EndpointMeta>>;
  readonly storages: Readonly<Record<string, StorageMeta>>;
  readonly actions: Readonly<Record<string, ActionMeta>>;
  readonly config: Readonly<Record<string, OptionMeta>>;
  readonly resources?: Readonly<Record<string, ResourceMeta>>;
  /** The extra-bindings of metadata.yaml. */
  readonly bindings?: Readonly<Record<string, unknown>>;
}

export type EndpointName<M extends CharmMeta> = Extract<keyof M["endpoints"], string>;
export type StorageName<M extends CharmMeta> = Extract<keyof M["storages"], string>;
export type ActionName<M extends CharmMeta> = Extract<keyof M["actions"], string>;
export type OptionName<M extends CharmMeta> = Extract<keyof M["config"], string>;

export type ResourceName<M extends CharmMeta> = M extends { readonly resources: infer R }
  ? Extract<keyof R, string>
  : never;
/** What network-get can be asked about. */
export type BindingName<M extends CharmMeta> =
  | EndpointName<M>
  | "juju-info"
  | (M extends { readonly bindings: infer B } ? Extract<keyof B, string> : never);

interface ParameterValue {
  readonly string: string;
  readonly integer: number;
  readonly number: number;
  readonly boolean: boolean;
  readonly object: Readonly<Record<string, unknown>>;
  readonly array: readonly unknown[];
}

interface OptionValue {
  readonly string: string;
  readonly int: number;
  readonly float: number;
  readonly boolean: boolean;
  readonly secret: string;
}

type Params<M extends CharmMeta, A extends ActionName<M>> = M["actions"][A]["params"];
/** Juju fills defaults in, so a parameter with one is always there. */
type Present<P extends ParameterMeta> = P extends { readonly required: true }
  ? true
  : P extends { readonly default: unknown }
    ? true
    : false;

/** The parameters of an action as an object: required ones and those with a default are always there. */
export type ActionParams<M extends CharmMeta, A extends ActionName<M>> = {
  readonly [P in keyof Params<M, A> as Present<Params<M, A>[P]> extends true
    ? P
    : never]: ParameterValue[Params<M, A>[P]["type"]];
} & {
  readonly [P in keyof Params<M, A> as Present<Params<M, A>[P]> extends true
    ? never
    : P]?: ParameterValue[Params<M, A>[P]["type"]];
};

/** The options as `config-get` gives them: those with a default are always there. */
export type ConfigValues<M extends CharmMeta> = {
  readonly [O in OptionName<M> as M["config"][O] extends { readonly default: unknown }
    ? O
    : never]: OptionValue[M["config"][O]["type"]];
} & {
  readonly [O in OptionName<M> as M["config"][O] extends { readonly default: unknown }
    ? never
    : O]?: OptionValue[M["config"][O]["type"]];
};

/** What one option's value can be; wide enough for code that does not know the charm. */
export type ConfigValue = string | number | boolean;
