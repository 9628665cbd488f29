// A clock that stands still until it is moved, from one timer to the next.
import type { Clock } from "./clock.ts";

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

export class VirtualClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  /** @param now milliseconds since the epoch */
  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, wake: () => void): () => void {
    const timer = { at: this.#now + milliseconds, wake };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** When the next timer is due; undefined when nobody waits. */
  next(): number | undefined {
    const times = [...this.#timers].map(({ at }) => at);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Moves to a moment that is not in the past, and wakes those whose time has come, the earliest first. */
  moveTo(moment: number): void {
    for (;;) {
      const [first] = [...this.#timers].filter(({ at }) => at <= moment).sort((a, b) => a.at - b.at);
      if (first === undefined) break;
      this.#timers.delete(first);
      this.#now = Math.max(this.#now, first.at);
      first.wake();
    }
    this.#now = Math.max(this.#now, moment);
  }
}
