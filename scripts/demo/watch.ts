// Waiting for the models of the demo, with what changes meanwhile shown.
import { setTimeout as pause } from "node:timers/promises";
import type { Sandbox, StatusJson } from "../../sandbox/client.ts";
import type { RowClient } from "./client.ts";
import { type Site, unitsOf } from "./deployment.ts";
import type { Screen } from "./screen.ts";

const LOOK_EVERY_MS = 1_000;

export class Watch {
  readonly #sandbox: Sandbox;
  readonly #screen: Screen;
  readonly #sites: readonly Site[];
  readonly #started = performance.now();
  readonly #shown = new Map<string, string>();
  #client: RowClient | undefined;
  #rows = "";

  constructor(sandbox: Sandbox, screen: Screen, sites: readonly Site[]) {
    this.#sandbox = sandbox;
    this.#screen = screen;
    this.#sites = sites;
  }

  /** From now on the live line tells how many rows the client has written. */
  follow(client: RowClient): void {
    this.#client = client;
  }

  /** Waits until something holds in every model. @throws WaitTimeout */
  async until(
    what: string,
    timeoutMs: number,
    holds: (status: StatusJson, site: Site) => boolean,
  ): Promise<void> {
    const waits = this.#sites.map((site) =>
      this.#sandbox.waitFor((status) => holds(status, site), {
        model: site.model,
        timeoutMs,
        onChange: (status) => this.#show(status, site),
      }),
    );
    const all = Promise.all(waits);
    await this.during(what, () => this.#showUntil(all));
  }

  /** Does some work with a live line about what is waited for. */
  async during<T>(what: string, work: () => Promise<T>): Promise<T> {
    const timer = setInterval(() => this.#countRows(), LOOK_EVERY_MS);
    try {
      return await this.#screen.during(() => `${this.#clock()}  waiting for ${what}${this.#rows} …`, work);
    } finally {
      clearInterval(timer);
    }
  }

  /** Goes on showing all models until the last wait is over: in one of them it may be over long before. */
  async #showUntil(work: Promise<unknown>): Promise<void> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    work.then(end, end);
    while (!isOver) {
      await Promise.race([work, pause(LOOK_EVERY_MS)]);
      for (const site of this.#sites) this.#show(await this.#sandbox.status(site.model), site);
    }
    await work;
  }

  #show(status: StatusJson, { app }: Site): void {
    const units = unitsOf(status, app).map(([name, unit]) => [name, unit["workload-status"]] as const);
    const own = status.applications[app]?.["application-status"];
    // Without a word of its own, an application shows that of a unit.
    const repeats = units.some(([, unit]) => (unit.message ?? "") === (own?.message ?? ""));
    const all = own === undefined || repeats ? units : [[app, own] as const, ...units];
    for (const [name, { current, message = "" }] of all) {
      const text = `${name.padEnd(6)} ${current.padEnd(11)} ${message}`.trimEnd();
      if (this.#shown.get(name) === text) continue;
      this.#shown.set(name, text);
      this.#screen.change(`${this.#clock()}  ${text}`);
    }
  }

  #countRows(): void {
    this.#client?.look().then(
      ({ acknowledged }) => {
        this.#rows = `, ${acknowledged} rows`;
      },
      // The journey finds out by itself that the client is gone.
      () => undefined,
    );
  }

  #clock(): string {
    return `${Math.floor((performance.now() - this.#started) / 1000)} s`.padStart(5);
  }
}
