// How operations are put together: steps by name, and the plan that says which come next.
import type { Plan, Step } from "../state.ts";

export const step = (name: string, ...args: readonly string[]): Step => ({ step: name, args });

export const undoable = (done: Step, undo: Step): Step => ({ ...done, undo });

export const plan = (locks: readonly string[], steps: readonly Step[]): Plan => ({
  locks,
  todo: [...steps],
  undo: [],
});

/** As a person reads it. */
export const told = ({ step: name, args }: Step): string => [name, ...args].join(" ");
