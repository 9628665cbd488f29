// The two timers of a unit's agent: when to run a failed hook again, and when update-status is due.

import { parseDuration } from "../../lib/juju/hook-commands/secret-values.ts";
import type { Model } from "../../lib/juju/model.ts";
import type { Clock } from "./clock.ts";

export interface RetryLimits {
  /** Milliseconds before the first retry; doubled at each further one. */
  readonly first: number;
  readonly longest: number;
}

/** By so much of itself a wait is longer or shorter (BackoffTimer of github.com/juju/utils). */
const JITTER = 0.03;

/** Counts down to the retry of a failed hook, longer after each failure. */
export class RetryTimer {
  readonly #clock: Clock;
  readonly #limits: RetryLimits;
  readonly #wake: () => void;
  readonly #fraction: () => number;
  #delay: number;
  #cancel: (() => void) | undefined;
  #due = false;

  /** @param fraction a random number from 0 to 1 at each call */
  constructor(clock: Clock, limits: RetryLimits, wake: () => void, fraction = Math.random) {
    this.#clock = clock;
    this.#limits = limits;
    this.#wake = wake;
    this.#fraction = fraction;
    this.#delay = limits.first;
  }

  get isDue(): boolean {
    return this.#due;
  }

  /** Starts counting unless it already does. */
  start(): void {
    if (this.#cancel !== undefined || this.#due) return;
    this.#cancel = this.#clock.after(this.#delay, () => {
      this.#cancel = undefined;
      this.#due = true;
      this.#wake();
    });
    const longer = this.#delay * 2 * (1 + (this.#fraction() * 2 - 1) * JITTER);
    this.#delay = Math.min(longer, this.#limits.longest);
  }

  /** The retry has failed too: the next one counts anew. */
  failedAgain(): void {
    this.stop();
  }

  /** A hook succeeded: the next failure starts with the shortest wait. */
  reset(): void {
    this.stop();
    this.#delay = this.#limits.first;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#due = false;
  }
}

/** Wakes at one moment; setting it anew forgets the earlier one. */
export class Alarm {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #cancel: () => void = () => {};

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** @param at milliseconds since the epoch; undefined for never. A moment that is over wakes nobody. */
  set(at: number | undefined): void {
    this.#cancel();
    if (at === undefined || at <= this.#clock.now()) return;
    // Timers of the platform hold 24 days: a far moment is looked for again when this one comes.
    this.#cancel = this.#clock.after(Math.min(at - this.#clock.now(), LONGEST_TIMER), this.#wake);
  }

  stop(): void {
    this.#cancel();
  }
}

const LONGEST_TIMER = 2 ** 31 - 1;
const DEFAULT_INTERVAL = 300_000;

/** Counts the ticks of update-status; every committed hook starts it anew. */
export class UpdateStatusTimer {
  readonly #clock: Clock;
  readonly #model: Model;
  readonly #wake: () => void;
  readonly #fraction: () => number;
  #version: number;
  #cancel: () => void = () => {};

  /** @param fraction a random number from 0 to 1 at each call */
  constructor(clock: Clock, model: Model, version: number, wake: () => void, fraction = Math.random) {
    this.#fraction = fraction;
    this.#clock = clock;
    this.#model = model;
    this.#version = version;
    this.#wake = wake;
  }

  get version(): number {
    return this.#version;
  }

  /** Starts a new interval, of the model's length give or take a fifth. */
  restart(): void {
    this.#cancel();
    const wanted = this.#model.config["update-status-hook-interval"];
    const interval = (typeof wanted === "string" ? parseDuration(wanted) : undefined) ?? DEFAULT_INTERVAL;
    this.#cancel = this.#clock.after(interval * (0.8 + this.#fraction() * 0.4), () => this.trigger());
  }

  trigger(): void {
    this.#version += 1;
    this.#wake();
  }

  stop(): void {
    this.#cancel();
  }
}
