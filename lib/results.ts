// Results of an action: nested objects, checked and flattened to the dotted keys that action-set takes.

/** Values end up as strings; a value that is undefined is left out. */
export interface NestedResults {
  readonly [key: string]: string | number | boolean | undefined | NestedResults;
}

const keyPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const reserved: ReadonlySet<string> = new Set(["stdout", "stdout-encoding", "stderr", "stderr-encoding"]);
/** Results travel as arguments; Linux takes 128 KiB in one and ops stops at about 100 KiB in all. */
const largestResults = 100 * 1024;

/** Flattens results; throws (a programmer's error) for a key that Juju would refuse and for results too large. */
export function flattenResults(results: NestedResults): ReadonlyMap<string, string> {
  const flat = new Map<string, string>();
  collect(results, "", flat);
  let size = 0;
  for (const [key, value] of flat) size += Buffer.byteLength(key) + Buffer.byteLength(value) + 2;
  if (size > largestResults) {
    throw new Error(`the results of the action are ${size} bytes long; Juju takes at most ${largestResults}`);
  }
  return flat;
}

function collect(results: NestedResults, prefix: string, flat: Map<string, string>): void {
  for (const [part, value] of Object.entries(results)) {
    const key = prefix === "" ? part : `${prefix}.${part}`;
    if (!keyPattern.test(part)) {
      throw new Error(
        `result key "${key}": "${part}" is not made of lowercase letters, digits and inner hyphens`,
      );
    }
    if (reserved.has(key)) throw new Error(`result key "${key}" is reserved by Juju`);
    if (value === undefined) continue;
    if (typeof value === "object") collect(value, key, flat);
    else flat.set(key, String(value));
  }
}
