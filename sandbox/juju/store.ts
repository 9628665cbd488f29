// The sandbox's state in memory and on disk: changed at once, told to whoever listens, saved by atomic rename before anybody acts on it.
import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { emptyState, type SandboxState } from "../../lib/juju/model.ts";
import type { FaultState } from "../faults/fault.ts";

/** All that is kept on disk. */
export type StoredState = SandboxState & FaultState;

export class Store {
  readonly state: StoredState;
  readonly #file: string;
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #savedVersion = 0;
  #saving: Promise<void> | undefined;
  #announced = false;

  /** Opens the state kept in a file, or an empty one. Throws when the file is not a sandbox's state. */
  constructor(file: string) {
    this.#file = file;
    this.state = existsSync(file) ? readState(file) : { ...emptyState(), faults: [], nextFault: 1 };
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

function readState(file: string): StoredState {
  const content: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof content === "object" && content !== null && "version" in content && content.version === 1) {
    return { faults: [], nextFault: 1, ...(content as SandboxState) };
  }
  throw new Error(
    `${file} is not the state of a sandbox of this version: destroy the sandbox and start anew`,
  );
}
