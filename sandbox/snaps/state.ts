// What a machine remembers of its snaps, in one file of the machine.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";

export const STATE_FILE = "/var/lib/snapd/state.json";

export interface SnapState {
  readonly revision: string;
  readonly channel: string;
  readonly held: boolean;
  /** Services that start with the machine. */
  readonly enabled: readonly string[];
  /** Alias → app. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
}

export type State = Readonly<Record<string, SnapState>>;

export function readState(): State {
  if (!existsSync(STATE_FILE)) return {};
  // Only this module writes the file, whole and by rename.
  return JSON.parse(readFileSync(STATE_FILE, "utf8")) as State;
}

/** What is remembered of one snap; undefined when it is not installed. */
export function snapState(name: string): SnapState | undefined {
  return lookUp(readState(), name);
}

/** A key's own value: names that a person types must not find what every object has. */
export function lookUp<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Replaces what is known of one snap; undefined forgets it. */
export async function writeSnap(name: string, snap: SnapState | undefined): Promise<void> {
  const { [name]: _, ...others } = readState();
  await mkdir("/var/lib/snapd", { recursive: true });
  const next = snap === undefined ? others : { ...others, [name]: snap };
  writeFileSync(`${STATE_FILE}.new`, `${JSON.stringify(next, undefined, 2)}\n`);
  renameSync(`${STATE_FILE}.new`, STATE_FILE);
}
