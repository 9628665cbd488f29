// The kinds of operations and of their options, and how one is declared.
import type { Handle } from "../handle.ts";
import type { OptionKind, Signature } from "../options.ts";
import type { Call } from "../shell.ts";

/** A `dba` operation works on the session alone; the others on a resolved object. */
export type Work =
  | { readonly on: "session"; readonly run: (call: Call) => Promise<unknown> }
  | { readonly on: "handle"; readonly run: (call: Call, handle: Handle) => Promise<unknown> };

/** An operation of an object. */
export interface Operation extends Signature {
  /** camelCase */
  readonly name: string;
  /** what the built-in help says that it returns; undefined when that is nothing */
  readonly returns?: string;
  /** undefined: known to MySQL Shell, not done here */
  readonly load: (() => Promise<Work>) | undefined;
}

export const onSession = (run: (call: Call) => Promise<unknown>): Work => ({ on: "session", run });
export const onHandle = (run: (call: Call, handle: Handle) => Promise<unknown>): Work => ({
  on: "handle",
  run,
});

/** Adds what the built-in help says of an operation's result. */
export const returning = (declared: Operation, returns: string): Operation => ({ ...declared, returns });

/** Declares an operation. Without a loader it is refused as one that is not done here. */
export const operation = (
  name: string,
  positional: Signature["positional"],
  options: Signature["options"] = {},
  load?: () => Promise<Work>,
): Operation => ({ name, positional, options, load });

export const METHOD: OptionKind = { choice: ["auto", "clone", "incremental"] };
export const PROGRESS: OptionKind = { range: [0, 2] };
export const EXTENDED: OptionKind = { range: [0, 3] };
export const SSL_MODE: OptionKind = {
  choice: ["AUTO", "DISABLED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"],
};

/** Options of a member that comes into a group. */
export const JOIN_OPTIONS = {
  ipAllowlist: "text",
  localAddress: "text",
  exitStateAction: "text",
  memberWeight: "integer",
  autoRejoinTries: "integer",
} as const satisfies Signature["options"];

/** Options of a new group. */
export const GROUP_OPTIONS = {
  ...JOIN_OPTIONS,
  memberSslMode: SSL_MODE,
  manualStartOnBoot: "flag",
  consistency: "text",
  expelTimeout: "integer",
  communicationStack: { choice: ["MYSQL", "XCOM"] },
  paxosSingleLeader: "flag",
  replicationAllowedHost: "text",
  memberAuthType: "text",
  certIssuer: "text",
  certSubject: "text",
  transactionSizeLimit: "integer",
} as const satisfies Signature["options"];

/** `<name>`, required */
export const word = (name: string, about: string): Signature["positional"][number] => ({ name, about });

/** `[<name>]` */
export const optionalWord = (name: string, about: string): Signature["positional"][number] => ({
  name,
  about,
  optional: true,
});

export const INSTANCE = word("instance", "Connection data of the target instance.");
export const OPTION = word("option", "The configuration option to be changed.");
export const VALUE = word("value", "The new value of the option.");
