// One stage and what happens on it: from journey to journey, as the pool says, until no point is left.
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openSandbox, removeSandbox } from "../../sandbox/client.ts";
import { type Journey, journeyNamed, type State } from "./journeys.ts";
import { type Outcome, playStruck, playUndisturbed, type Reference } from "./play.ts";
import { nameOf, type Point } from "./points.ts";
import type { Pool, Tour } from "./pool.ts";
import type { Results, Tried } from "./results.ts";
import { Stage } from "./stage.ts";

/** In which every journey comes once, each beginning where the one before it ends. */
const ROUND = [
  ...[
    "relate",
    "deploy",
    "switchover",
    "switchback",
    "scale-up",
    "scale-down",
    "failover",
    "return",
    "rejoin",
  ],
  ...["switchback", "remove", "relate-again", "remove", "recreate"],
];
/** So often may a stage fail without a point's being tried in between. */
const MOST_FAILURES = 3;
const BEGINNING: State = "apart";

export interface WorkerOptions {
  readonly name: string;
  readonly charm: string;
  readonly results: Results;
  readonly limitMs: number;
  readonly say: (text: string) => void;
  readonly onTried: (tried: Tried) => void;
  readonly signal: AbortSignal;
}

export class Worker {
  readonly #options: WorkerOptions;
  #stage: Stage | undefined;
  #state: State = BEGINNING;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Plays every journey that nobody has counted yet, once undisturbed, and those that lead there. */
  async count(wanted: ReadonlySet<string>): Promise<void> {
    const { results, signal, say } = this.#options;
    for (const name of ROUND) {
      const missing = [...wanted].some((one) => results.reference(one) === undefined);
      if (!missing || signal.aborted) return;
      const journey = journeyNamed(name);
      // One that leads nowhere is played only for its own sake.
      if (journey.from === journey.to && !wanted.has(name)) continue;
      const reference = await this.#lead(journey);
      say(`${name}: ${reference.effects.length} effects`);
      if (results.reference(name) === undefined) results.addReference(name, reference);
    }
  }

  /** Until the pool is empty. A stage on which something failed is given up for a new one. */
  async work(pool: Pool): Promise<void> {
    let failures = 0;
    while (!this.#options.signal.aborted && pool.size > 0) {
      const left = pool.size;
      try {
        await this.#empty(pool);
      } catch (error) {
        if (this.#options.signal.aborted) return;
        const why = error instanceof Error ? error.message : String(error);
        this.#options.say(`a stage is of no use any more: ${why}`);
        await this.#giveUp("undisturbed", why);
        failures = pool.size < left ? 1 : failures + 1;
        if (failures === MOST_FAILURES) throw error;
      }
    }
  }

  async #empty(pool: Pool): Promise<void> {
    for (;;) {
      const tour = this.#options.signal.aborted ? undefined : pool.next(this.#state);
      if (tour === undefined) return;
      if (tour.points.length === 0) await this.#lead(tour.journey);
      else
        await this.#strike(tour, pool).catch((error: unknown) => {
          for (const point of tour.points) pool.giveBack(point);
          throw error;
        });
    }
  }

  async end(): Promise<void> {
    await this.#stage?.end().catch(() => undefined);
    this.#stage = undefined;
    this.#state = BEGINNING;
  }

  async #on(): Promise<Stage> {
    if (this.#stage !== undefined) return this.#stage;
    const { name, charm } = this.#options;
    await removeSandbox(name);
    this.#stage = await Stage.set(await openSandbox(name), charm);
    return this.#stage;
  }

  async #lead(journey: Journey): Promise<Reference> {
    const reference = await playUndisturbed(await this.#on(), journey);
    this.#state = journey.to;
    return reference;
  }

  async #strike({ journey, points }: Tour, pool: Pool): Promise<void> {
    const { results, limitMs } = this.#options;
    const reference = results.reference(journey.name);
    if (reference === undefined) throw new Error(`${journey.name} was not counted`);
    const stage = await this.#on();
    const outcome = await playStruck(stage, journey, points, { facts: reference.facts, limitMs });
    this.#state = journey.to;
    const hasFailed = outcome.differs.length > 0;
    if (hasFailed) await this.#giveUp(points.map(nameOf).join("+"), outcome.differs.join("\n"));
    if (hasFailed && points.length > 1) {
      // Which of them it was is found out one by one.
      this.#options.say(`not converged, each is tried alone: ${points.map(nameOf).join(" ")}`);
      await this.#oneByOne(points, pool, outcome);
    } else for (const point of points) this.#note(point, points, outcome);
  }

  /** When each of them converges alone, it is the two or more together that do not. */
  async #oneByOne(points: readonly Point[], pool: Pool, together: Outcome): Promise<void> {
    const { results, signal, onTried } = this.#options;
    await this.#empty(pool.alone(points));
    const names = points.map(nameOf);
    if (signal.aborted || names.some((name) => results.tried(name)?.kind === "failed")) return;
    const { seconds, differs } = together;
    const tried = {
      point: names.join("+"),
      kind: "failed",
      seconds,
      struck: "",
      differs,
      together: [],
    } as const;
    results.addTried(tried);
    onTried(tried);
  }

  #note(point: Point, points: readonly Point[], { struck, seconds, differs }: Outcome): void {
    const label = struck.get(point);
    const tried: Tried = {
      point: nameOf(point),
      kind: differs.length > 0 ? "failed" : label === undefined ? "missed" : "converged",
      ...{ seconds, struck: label ?? "", differs },
      together: points.filter((one) => one !== point && struck.has(one)).map(nameOf),
    };
    this.#options.results.addTried(tried);
    this.#options.onTried(tried);
  }

  /** Keeps what can be looked at later, and leaves the stage. */
  async #giveUp(name: string, why: string): Promise<void> {
    const stage = this.#stage;
    if (stage === undefined) return;
    const folder = join(this.#options.results.folder, "failures", name.replaceAll("/", "_").slice(0, 200));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "why.txt"), `${why}\n`);
    for (const model of ["rome", "lisbon"]) {
      const { stdout } = await stage.sandbox.juju(["debug-log", "-m", model, "--replay"]);
      await writeFile(join(folder, `${model}.log`), stdout);
      const status = await stage.sandbox.juju(["status", "-m", model]);
      await writeFile(join(folder, `${model}.status`), status.stdout);
    }
    await this.#keepErrorLogs(stage, folder);
    await cp(join(stage.sandbox.folder, "state.json"), join(folder, "state.json")).catch(() => undefined);
    await this.end();
  }

  /** What MySQL wrote on each machine, whether it runs or not. */
  async #keepErrorLogs({ sandbox }: Stage, folder: string): Promise<void> {
    const machines = join(sandbox.folder, "machines");
    for (const machine of await readdir(machines)) {
      const log = join(machines, machine, "root/var/snap/charmed-mysql/common/var/log/mysql/error.log");
      await cp(log, join(folder, `${machine}-error.log`)).catch(() => undefined);
    }
  }
}
