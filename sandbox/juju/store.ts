// The sandbox's state in memory and on disk: changed at once, told to whoever listens, saved by atomic rename before anybody acts on it.
import { randomInt } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { emptyState, type SandboxState } from "../../lib/juju/model.ts";
import type { FaultState } from "../faults/fault.ts";

/** All that is kept on disk. */
export type StoredState = SandboxState &
  FaultState & {
    /** Of a sandbox with a virtual clock: where it stands, in milliseconds since the epoch. */
    virtualNow?: number;
  };

/** How a sandbox's time and chance are; of one that is there already, only what it is may be asked for. */
export interface StoreOptions {
  readonly seed?: number;
  readonly virtual?: boolean;
}

/** Where virtual clocks start: 2026-01-01T00:00:00Z. */
const VIRTUAL_START = Date.UTC(2026);

export class Store {
  readonly state: StoredState;
  readonly #file: string;
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #savedVersion = 0;
  #saving: Promise<void> | undefined;
  #announced = false;

  /** Opens the state kept in a file, or an empty one. Throws when the file is not a sandbox's state, or one with another seed or clock. */
  constructor(file: string, options: StoreOptions = {}) {
    this.#file = file;
    this.state = existsSync(file) ? readState(file, options) : freshState(options);
  }

  /** Tells that `state` was changed in place. */
  readonly changed = (): void => {
    this.#version += 1;
    if (this.#announced) return;
    this.#announced = true;
    setImmediate(() => {
      this.#announced = false;
      for (const listener of [...this.#listeners]) listener();
    });
    // Nobody waits for this save: saved() does, and reports what went wrong.
    void this.saved().catch(() => {});
  };

  /** Calls the listener after changes, several at once; the result ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when all that has been changed so far is on disk. */
  async saved(): Promise<void> {
    const wanted = this.#version;
    while (this.#savedVersion < wanted) {
      this.#saving ??= this.#save().finally(() => {
        this.#saving = undefined;
      });
      await this.#saving;
    }
  }

  async #save(): Promise<void> {
    const version = this.#version;
    const temporary = `${this.#file}.new`;
    await writeFile(temporary, JSON.stringify(this.state), { mode: 0o600 });
    await rename(temporary, this.#file);
    this.#savedVersion = version;
  }
}

function freshState({ seed = randomInt(2 ** 31), virtual }: StoreOptions): StoredState {
  const state = { ...emptyState(), chance: { seed, drawn: {} }, faults: [], nextFault: 1 };
  return virtual ? { ...state, virtualNow: VIRTUAL_START } : state;
}

function readState(file: string, { seed, virtual }: StoreOptions): StoredState {
  const content: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof content === "object" && content !== null && "version" in content && content.version === 1) {
    const state: StoredState = { faults: [], nextFault: 1, ...(content as SandboxState) };
    if (seed !== undefined && seed !== state.chance?.seed)
      throw new Error(`this sandbox has the seed ${state.chance?.seed}: destroy it to have another`);
    if (virtual && state.virtualNow === undefined)
      throw new Error("this sandbox has a real clock: destroy it to have a virtual one");
    return state;
  }
  throw new Error(
    `${file} is not the state of a sandbox of this version: destroy the sandbox and start anew`,
  );
}
