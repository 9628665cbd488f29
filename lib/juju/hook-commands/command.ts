// What a hook command is: its flags, its default format and what it does with one call in a context.
import { parse } from "yaml";
import { type HookContext, isLeader } from "../hook-context.ts";
import { endpointOf, type Relation, relationOrGhost } from "../model.ts";
import { CommandError, type FlagSpecs, type ParsedLine, quote, UsageError } from "./flags.ts";
import type { Format, KeyOrder } from "./output.ts";

export interface Call {
  readonly context: HookContext;
  readonly line: ParsedLine;
  readonly args: readonly string[];
  /** The value of a flag. */
  readonly flag: (name: string) => string | undefined;
  /** Whether a boolean flag is on. */
  readonly on: (name: string) => boolean;
  /** The content of a file as the caller's machine has it; "-" is the caller's standard input. */
  readonly file: (path: string) => Buffer;
}

export interface HookCommand {
  readonly flags?: FlagSpecs;
  /** Commands with a default format have --format and --output, and print what `run` returns. */
  readonly format?: Format;
  /** Sorted unless Juju prints a structure. */
  readonly order?: KeyOrder;
  readonly run: (call: Call) => unknown;
}

/** Commands by name. */
export type CommandTable = Readonly<Record<string, HookCommand>>;

/** Text to print exactly as it is, whatever the format. */
export class RawText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export const relationFlag: FlagSpecs = { relation: { kind: "value", short: "r" } };

/**
 * The relation that a call is about: of -r, else of the hook.
 * @throws UsageError when there is none or it is not one of the unit's.
 */
export function relationOf(call: Call): Relation {
  const relation = optionalRelation(call);
  if (relation === undefined) throw new UsageError("no relation id specified");
  return relation;
}

/** Like relationOf, but undefined outside relation hooks without -r. */
export function optionalRelation(call: Call): Relation | undefined {
  const { context } = call;
  const given = call.line.flags.get("relation");
  if (given === undefined) {
    const scope = context.run.scope;
    return scope === null ? undefined : relationOrGhost(context.model, scope.relation);
  }
  const refuse = (reason: string): UsageError =>
    new UsageError(`invalid value ${quote(given.value)} for option ${given.spelling}: ${reason}`);
  const digits = given.value.slice(given.value.lastIndexOf(":") + 1);
  if (!/^-?\d+$/.test(digits)) throw refuse("invalid relation id");
  const relation = context.members.has(Number(digits)) ? relationOrGhost(context.model, digits) : undefined;
  if (relation === undefined) throw refuse("relation not found");
  return relation;
}

/** The unit's own endpoint name in a relation. */
export function ownEndpoint(context: HookContext, relation: Relation): string {
  return endpointOf(relation, context.unit.application)?.name ?? "";
}

/** Refuses the call unless the unit leads its application. */
export function requireLeader(context: HookContext, message: string): void {
  if (!isLeader(context)) throw new CommandError(message);
}

/**
 * Reads the map of strings that --file names, as YAML or JSON.
 * @throws CommandError when it is anything else.
 */
export function readStringMap(call: Call, path: string): Record<string, string> {
  let content: unknown;
  try {
    content = parse(call.file(path).toString("utf8"));
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error) || error.name !== "YAMLParseError")
      throw error;
    throw new CommandError(`yaml: ${error.message.split("\n")[0] ?? "not YAML"}`);
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new CommandError("yaml: unmarshal errors:\n  cannot unmarshal into map[string]string");
  }
  for (const [key, value] of Object.entries(content)) {
    if (typeof value === "string") continue;
    throw new CommandError(`yaml: unmarshal errors:\n  cannot unmarshal the value of ${key} into string`);
  }
  return { ...content } as Record<string, string>;
}
