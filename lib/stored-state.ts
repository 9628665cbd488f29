// The unit's persisted state: JSON values in Juju's own store, read once, written once.

import type * as z from "zod";
import { diffBag } from "./databag.ts";
import type { HookTools } from "./hook-tools.ts";
import type { State } from "./model.ts";

/** The state of one hook; flush() writes what changed in one command. */
export interface StoredState extends State {
  /** The framework's own texts, by {@link ownKey}; empty when there is none. */
  text(key: string): Promise<string>;
  setText(key: string, value: string): void;
  flush(): Promise<void>;
}

const ownPrefix = "framework.";

/** A key that no charm can use. */
export function ownKey(name: string): string {
  return `${ownPrefix}${name}`;
}

export function storedState(tools: Pick<HookTools, "stateGet" | "stateSet">): StoredState {
  let loaded: Promise<Readonly<Record<string, string>>> | undefined;
  const changes = new Map<string, string>();

  const load = (): Promise<Readonly<Record<string, string>>> => {
    loaded ??= tools.stateGet();
    return loaded;
  };
  const text = async (key: string): Promise<string> => {
    const changed = changes.get(key);
    if (changed !== undefined) return changed;
    const all = await load();
    return Object.hasOwn(all, key) ? (all[key] ?? "") : "";
  };
  const setText = (key: string, value: string): void => void changes.set(key, value);
  return {
    text,
    setText,
    get: async <T>(key: string, schema: z.ZodType<T>) => {
      const result = schema.safeParse(parseJson(await text(charmKey(key))));
      return result.success ? result.data : undefined;
    },
    set: (key, value) => {
      const told = JSON.stringify(value);
      if (told === undefined) throw new Error(`state "${key}": ${String(value)} has no JSON form`);
      setText(charmKey(key), told);
    },
    delete: (key) => setText(charmKey(key), ""),
    flush: async () => {
      if (changes.size === 0) return;
      const changed = diffBag(await load(), Object.fromEntries(changes));
      if (Object.keys(changed).length > 0) await tools.stateSet(changed);
      changes.clear();
      loaded = undefined;
    },
  };
}

function charmKey(key: string): string {
  if (key.startsWith(ownPrefix))
    throw new Error(`state "${key}": keys with ${ownPrefix} are the framework's`);
  return key;
}

/** Undefined for what is not JSON: nobody but this module writes here, yet an older version may have. */
function parseJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
