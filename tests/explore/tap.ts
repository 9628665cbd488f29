// What stands between a dispatch and the world: it is told each effect before it happens, and can end the dispatch there.
import type { MachinePorts } from "./mysql/ports.ts";
import type { Tap } from "./mysql/tap.ts";

/** The process was killed: nothing that it still does has an effect. */
class Killed extends Error {
  override readonly name = "Killed";
  constructor() {
    super("the dispatch was killed");
  }
}

/** Counts effects, and kills before the one of a number (from 1). */
export class Strikes implements Tap {
  readonly effects: string[] = [];
  readonly #at: number | undefined;
  readonly #told: (effect: string) => void;
  #dead = false;

  /** @param told is called before each effect that is going to happen */
  constructor(at?: number, told: (effect: string) => void = () => undefined) {
    this.#at = at;
    this.#told = told;
  }

  get dead(): boolean {
    return this.#dead;
  }

  before(effect: string): void {
    this.refuseDead();
    if (this.effects.length + 1 === this.#at) this.#dead = true;
    this.refuseDead();
    this.#told(effect);
    this.effects.push(effect);
  }

  after(): void {}

  effect<T>(effect: string, work: () => T): T {
    this.before(effect);
    return work();
  }

  /** The process has run to its end, and is killed before what it wrote is flushed. */
  end(): void {
    if (this.#at !== undefined && this.effects.length < this.#at) this.#dead = true;
  }

  refuseDead(): void {
    if (this.#dead) throw new Killed();
  }
}

/** The same ports, that answer a dead process nothing. */
export function mortal(ports: MachinePorts, strikes: Strikes): MachinePorts {
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (of, name, receiver) => {
        const member: unknown = Reflect.get(of, name, receiver);
        if (typeof member !== "function") return member;
        return (...args: readonly unknown[]): unknown => {
          strikes.refuseDead();
          return Reflect.apply(member, of, args);
        };
      },
    });
  return {
    files: guard(ports.files),
    snap: guard(ports.snap),
    sql: guard(ports.sql),
    shell: (password) => guard(ports.shell(password)),
    jobs: guard(ports.jobs),
    reachable: ports.reachable,
    hostName: ports.hostName,
  };
}
