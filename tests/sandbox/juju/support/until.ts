// Waiting for what the state of a sandbox becomes.
import type { Store } from "../../../../sandbox/juju/store.ts";

/** Resolves when the condition holds; it is looked at after every change of the state. */
export function untilHolds(store: Store, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const unlisten = store.onChange(() => {
      if (!holds()) return;
      unlisten();
      resolve();
    });
    store.changed();
  });
}
