// Time as the sandbox sees it, so that tests can be its masters.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `wake` once after so many milliseconds; the result cancels it. */
  after(milliseconds: number, wake: () => void): () => void;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, wake) => {
    const timer = setTimeout(wake, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** The time as Juju writes it into statuses. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
