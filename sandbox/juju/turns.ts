// Who goes next, when the order is to be had again: agents act one at a time, and the next one is drawn from all that wait.
import { type ChanceState, drawOne } from "../../lib/juju/chance.ts";
import type { MachineRecord, Model, SandboxState } from "../../lib/juju/model.ts";

export interface TurnsOptions {
  readonly chance: ChanceState;
  /** Whether machines are on their way up or down: then it is not yet known who waits. */
  readonly isUnsettled: () => boolean;
  /** Whether a holder of the turn cannot go on (its machine is frozen or cut off): the others need not wait for it. */
  readonly isStuck: (holder: string) => boolean;
}

/** The turns of the units of all models. */
export function turnsOf(
  { models, chance }: Pick<SandboxState, "models"> & { readonly chance: ChanceState },
  isBusy: () => boolean,
  isPresent: (model: Model, unit: string) => boolean,
): Turns {
  const machines = (): MachineRecord[] =>
    Object.values(models).flatMap((model) => Object.values(model.machines));
  return new Turns({
    chance,
    isUnsettled: () => isBusy() || machines().some(({ status }) => status === "pending"),
    isStuck: (holder) => {
      const [name = "", unit = ""] = holder.split(":");
      const model = models[name];
      return model === undefined || !isPresent(model, unit);
    },
  });
}

export class Turns {
  readonly #options: TurnsOptions;
  readonly #waiting = new Map<string, () => void>();
  readonly #holders = new Set<string>();
  readonly #listeners: (() => void)[] = [];
  #reviewing = false;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Waits for the turn; the result gives it back. One name waits once. */
  async take(name: string): Promise<() => void> {
    const turn = Promise.withResolvers<void>();
    this.#waiting.set(name, turn.resolve);
    this.review();
    await turn.promise;
    return () => {
      this.#holders.delete(name);
      this.review();
    };
  }

  /** Waits until nobody acts, nobody waits for a turn and nothing is on its way. */
  async untilQuiet(): Promise<void> {
    const quiet = Promise.withResolvers<void>();
    this.#listeners.push(quiet.resolve);
    this.review();
    await quiet.promise;
  }

  /** Something has changed: draws the next one once all who are woken by it have had the time to say that they wait. */
  review(): void {
    if (this.#reviewing) return;
    this.#reviewing = true;
    const later = (rounds: number): void => {
      if (rounds > 0) setImmediate(() => later(rounds - 1));
      else this.#grant();
    };
    later(ROUNDS);
  }

  #grant(): void {
    this.#reviewing = false;
    if (this.#isTaken() || this.#options.isUnsettled()) return;
    const name = drawOne(this.#options.chance, "turn", [...this.#waiting.keys()].sort());
    if (name === undefined) {
      for (const tell of this.#listeners.splice(0)) tell();
      return;
    }
    const grant = this.#waiting.get(name);
    this.#waiting.delete(name);
    this.#holders.add(name);
    grant?.();
  }

  #isTaken(): boolean {
    return [...this.#holders].some((holder) => !this.#options.isStuck(holder));
  }
}

/** Turns of the event loop from a change to the last who is woken by it: the store tells of it in the first. */
const ROUNDS = 4;
