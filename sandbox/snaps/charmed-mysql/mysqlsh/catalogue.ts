// Objects and operations by name: a name that is not here does not exist.
import { UnknownNameError } from "./errors.ts";
import { CLUSTER } from "./operations/cluster.ts";
import { CLUSTERSET } from "./operations/clusterset.ts";
import { DBA } from "./operations/dba.ts";
import type { Operation } from "./operations/kinds.ts";
import { camelCase } from "./options.ts";
import { notDone } from "./refusals.ts";

const OBJECTS: ReadonlyMap<string, readonly Operation[]> = new Map([
  ["dba", DBA],
  ["cluster", CLUSTER],
  ["clusterset", CLUSTERSET],
]);

/** Objects of the real MySQL Shell that are not served here. */
const KNOWN_OBJECTS = new Set(["rs", "shell", "shell.options", "util"]);

/** The operations of an object. Throws UnknownNameError, or RuntimeError for an object that is not served here. */
export function operationsOf(object: string): readonly Operation[] {
  const operations = OBJECTS.get(object);
  if (operations) return operations;
  if (KNOWN_OBJECTS.has(object)) throw notDone(`The object '${object}'`);
  throw new UnknownNameError(`There is no object registered under name '${object}'`);
}

/** The operation of an object by its camelCase or kebab-case name. Throws UnknownNameError. */
export function operationOf(object: string, name: string): Operation {
  const found = operationsOf(object).find((one) => one.name === camelCase(name));
  if (found) return found;
  throw new UnknownNameError(`Invalid operation for ${object} object: ${name}`);
}
