// Work left for the next hook: by name, once however often it is asked for, visible, gone with the hook that fails.

import { ownKey, type StoredState } from "./stored-state.ts";

export interface PendingWork {
  readonly name: string;
  /** When it was first asked for. */
  readonly since: Date;
  /** How often it has been tried since. */
  readonly attempts: number;
  /** What it waits for, in the words of who asked last. */
  readonly reason: string;
}

export interface Later {
  /** The charm's work of this name is done at the begin of the next hook. It must be able to run twice. */
  ask(name: string, reason: string): Promise<void>;
  forget(name: string): Promise<void>;
  /** Oldest first. */
  pending(): Promise<readonly PendingWork[]>;
}

/** Takes what earlier hooks left; what is asked for again meanwhile keeps its age. */
export interface LaterWork extends Later {
  take(): Promise<readonly PendingWork[]>;
}

const key = ownKey("later");

/** Texts and numbers by name, as they are stored. */
type Stored = Readonly<Record<string, readonly [since: number, attempts: number, reason: string]>>;

/** `names` are those that the charm has work for; asking for another one is a programmer's error. */
export function laterWork(
  state: StoredState,
  names: readonly string[],
  now: () => number = Date.now,
): LaterWork {
  const taken = new Map<string, PendingWork>();
  const load = async (): Promise<Stored> => (names.length === 0 ? {} : read(await state.text(key)));
  const save = (stored: Stored): void =>
    state.setText(key, Object.keys(stored).length === 0 ? "" : JSON.stringify(stored));
  const pending = async (): Promise<readonly PendingWork[]> =>
    Object.entries(await load())
      .map(([name, [since, attempts, reason]]) => ({ name, since: new Date(since), attempts, reason }))
      .sort((one, other) => one.since.getTime() - other.since.getTime());
  return {
    pending,
    ask: async (name, reason) => {
      if (!names.includes(name)) throw new Error(`the charm has no work of the name "${name}" for later`);
      const stored = await load();
      const before = taken.get(name);
      const since = stored[name]?.[0] ?? before?.since.getTime() ?? now();
      const attempts = stored[name]?.[1] ?? before?.attempts ?? 0;
      save({ ...stored, [name]: [since, attempts, reason] });
    },
    forget: async (name) => {
      const { [name]: _gone, ...rest } = await load();
      save(rest);
    },
    take: async () => {
      const known = (await pending()).filter(({ name }) => names.includes(name));
      for (const work of known) taken.set(work.name, { ...work, attempts: work.attempts + 1 });
      if (known.length > 0) save({});
      return [...taken.values()];
    },
  };
}

/** Nothing for a text that this module did not write. */
function read(text: string): Stored {
  if (text === "") return {};
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? (found as Stored) : {};
  } catch {
    return {};
  }
}
