// The charm's options: as config-get gives them, and by a schema whose refusal blocks the unit.

import type * as z from "zod";
import { OperatorError } from "./errors.ts";
import type { CharmMeta, ConfigValue, ConfigValues, OptionMeta } from "./meta.ts";

/** An option that cannot be used. Left to itself it blocks the unit until the option is corrected. */
export class OptionError extends OperatorError {
  override readonly name = "OptionError";
  readonly option: string;
  readonly reason: string;

  constructor(option: string, reason: string) {
    super(`Option ${option}: ${reason}`, { code: "bad-option" });
    this.option = option;
    this.reason = reason;
  }
}

/**
 * The options by a schema of an object, for rules that config.yaml cannot express. Throws {@link OptionError} with
 * the option's name and the schema's message, which should not repeat the value.
 */
export function readOptions<T>(schema: z.ZodType<T>, values: Readonly<Record<string, unknown>>): T {
  const read = schema.safeParse(values);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new OptionError(String(issue?.path[0] ?? ""), issue?.message ?? "is not as the charm needs it");
}

const jsTypes: Readonly<Record<OptionMeta["type"], string>> = {
  string: "string",
  secret: "string",
  int: "number",
  float: "number",
  boolean: "boolean",
};

/**
 * What config-get gave, as the metadata declares it; defaults stand in for what Juju leaves out. Throws
 * {@link OptionError} when the metadata is not that of the running charm.
 */
export function checkOptions<M extends CharmMeta>(
  meta: M,
  values: Readonly<Record<string, ConfigValue>>,
): ConfigValues<M> {
  const options = new Map(Object.entries(values));
  for (const [name, { type, default: initial }] of Object.entries(meta.config)) {
    const value = options.get(name) ?? initial;
    if (value === undefined) continue;
    if (typeof value !== jsTypes[type]) {
      throw new OptionError(name, `is declared as ${type}, but Juju gave ${typeof value}`);
    }
    options.set(name, value);
  }
  return Object.fromEntries(options) as ConfigValues<M>;
}
