// The unit's persisted state: JSON values in Juju's own store, read once, written once.

import type * as z from "zod";
import { diffBag } from "./databag.ts";
import type { HookTools } from "./hook-tools.ts";
import type { State } from "./model.ts";

/** State of one hook; flush() writes what changed in one command. */
export function storedState(
  tools: Pick<HookTools, "stateGet" | "stateSet">,
): State & { flush(): Promise<void> } {
  let loaded: Promise<Readonly<Record<string, string>>> | undefined;
  const changes = new Map<string, string>();

  const load = (): Promise<Readonly<Record<string, string>>> => {
    loaded ??= tools.stateGet();
    return loaded;
  };
  const read = async (key: string): Promise<string> => {
    const changed = changes.get(key);
    if (changed !== undefined) return changed;
    const all = await load();
    return Object.hasOwn(all, key) ? (all[key] ?? "") : "";
  };
  return {
    get: async <T>(key: string, schema: z.ZodType<T>) => {
      const result = schema.safeParse(parseJson(await read(key)));
      return result.success ? result.data : undefined;
    },
    set: (key, value) => {
      const text = JSON.stringify(value);
      if (text === undefined) throw new Error(`state "${key}": ${String(value)} has no JSON form`);
      changes.set(key, text);
    },
    delete: (key) => void changes.set(key, ""),
    flush: async () => {
      if (changes.size === 0) return;
      const changed = diffBag(await load(), Object.fromEntries(changes));
      if (Object.keys(changed).length > 0) await tools.stateSet(changed);
      changes.clear();
      loaded = undefined;
    },
  };
}

/** Undefined for what is not JSON: nobody but this module writes here, yet an older version may have. */
function parseJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
