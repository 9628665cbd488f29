// Who leads each application: a lease that its holder keeps while its agent runs, and that others get when it resigns, goes or stays silent too long.

import type { Application, Model } from "../../lib/juju/model.ts";
import type { Clock } from "./clock.ts";
import type { Store } from "./store.ts";

export class Elections {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #lease: number;
  /** Whether a unit's agent is there to hold a lease. */
  readonly #isPresent: (model: Model, unit: string) => boolean;
  readonly #expiries = new Map<string, () => void>();
  readonly #draw: (heirs: readonly string[]) => string | undefined;
  #listening: () => void = () => {};

  /**
   * @param lease milliseconds for which a silent holder keeps the lead
   * @param draw which of several that claim the lead gets it
   */
  constructor(
    store: Store,
    clock: Clock,
    lease: number,
    isPresent: (model: Model, unit: string) => boolean,
    draw = (heirs: readonly string[]): string | undefined => heirs[0],
  ) {
    this.#draw = draw;
    this.#store = store;
    this.#clock = clock;
    this.#lease = lease;
    this.#isPresent = isPresent;
  }

  /** Follows the state from now on. */
  start(): void {
    this.#listening = this.#store.onChange(() => this.review());
    this.review();
  }

  stop(): void {
    this.#listening();
    for (const cancel of this.#expiries.values()) cancel();
    this.#expiries.clear();
  }

  /** Fills every lead that is free and starts the clock of every silent holder. */
  review(): void {
    for (const model of Object.values(this.#store.state.models)) {
      for (const application of Object.values(model.applications)) this.#reviewOne(model, application);
    }
  }

  /** Takes the lead from whoever has it; the next review gives it to `heir`, or to the first other unit. */
  depose(model: Model, application: Application, heir: string | undefined): void {
    const old = application.leader;
    const others = this.#candidates(model, application).filter((unit) => unit !== old);
    application.leader = heir ?? this.#draw(this.#claimants(model, others)) ?? null;
    this.#store.changed();
  }

  #reviewOne(model: Model, application: Application): void {
    const key = `${model.uuid}:${application.name}`;
    const holder = application.leader;
    if (holder !== null && model.units[holder] === undefined) application.leader = null;
    if (application.leader === null) {
      this.#cancel(key);
      const next = this.#draw(this.#claimants(model, this.#candidates(model, application)));
      if (next !== undefined) this.#appoint(application, next);
      return;
    }
    if (this.#isPresent(model, application.leader)) this.#cancel(key);
    else if (!this.#expiries.has(key))
      this.#expiries.set(
        key,
        this.#clock.after(this.#lease, () => this.#expire(key, model, application)),
      );
  }

  #expire(key: string, model: Model, application: Application): void {
    this.#expiries.delete(key);
    const heirs = this.#candidates(model, application).filter((unit) => this.#isPresent(model, unit));
    const heir = this.#draw(heirs);
    if (application.leader !== null && heir !== undefined) this.#appoint(application, heir);
  }

  #appoint(application: Application, unit: string): void {
    application.leader = unit;
    this.#store.changed();
  }

  /** Living units, the present ones first, then by number. */
  #candidates(model: Model, application: Application): string[] {
    const number = (unit: string): number => Number(unit.slice(unit.lastIndexOf("/") + 1));
    return Object.values(model.units)
      .filter((unit) => unit.application === application.name && unit.life === "alive")
      .map((unit) => unit.name)
      .sort(
        (a, b) =>
          Number(this.#isPresent(model, b)) - Number(this.#isPresent(model, a)) || number(a) - number(b),
      );
  }

  /** Those who are there; all when nobody is, so that an application without agents has a leader to be. */
  #claimants(model: Model, units: readonly string[]): readonly string[] {
    const present = units.filter((unit) => this.#isPresent(model, unit));
    return present.length > 0 ? present : units;
  }

  #cancel(key: string): void {
    this.#expiries.get(key)?.();
    this.#expiries.delete(key);
  }
}
