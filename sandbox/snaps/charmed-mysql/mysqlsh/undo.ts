// Steps back: what a failed operation takes back, newest first.
import { errorText } from "./errors.ts";
import type { Output } from "./output.ts";

/** What was done, each with how to take it back. */
export class Undo {
  readonly #steps: { readonly what: string; readonly back: () => Promise<unknown> }[] = [];

  /** Remembers how to take back what was just done, or is about to be. */
  push(what: string, back: () => Promise<unknown>): void {
    this.#steps.push({ what, back });
  }

  /** Takes everything back as far as it goes; a step that fails is told and the next one is tried. */
  async run(output: Output): Promise<boolean> {
    let complete = true;
    for (const { what, back } of this.#steps.reverse()) {
      try {
        await back();
      } catch (error) {
        complete = false;
        output.warning(`Could not revert '${what}': ${errorText(error)}`);
      }
    }
    this.#steps.length = 0;
    return complete;
  }
}
