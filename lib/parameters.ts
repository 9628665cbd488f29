// An action's parameters as its declaration has them.

import { ActionParameterError } from "./errors.ts";
import type { ActionMeta, ParameterMeta, ParameterType } from "./meta.ts";

/**
 * Checks parameters by their declaration; those that it does not know are left alone, as Juju 3 leaves them. Throws
 * {@link ActionParameterError} with the parameter's name. Juju checks before, so this fails only where Juju was told
 * of another declaration.
 */
export function checkParameters({ params }: ActionMeta, given: Readonly<Record<string, unknown>>): void {
  for (const [name, declared] of Object.entries(params)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) refuseAbsence(name, declared);
    else if (!isParameter(declared.type, value)) {
      throw new ActionParameterError(name, `is to be of type ${declared.type}`);
    }
  }
}

function refuseAbsence(name: string, { required, default: initial }: ParameterMeta): void {
  if (required || initial !== undefined) throw new ActionParameterError(name, "is missing");
}

/** Whether a value has the JSON type of a parameter. */
export function isParameter(type: ParameterType, value: unknown): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
