// A whole run of the search: hands its tasks to threads, level by level, and adds up what they say.
import { Worker } from "node:worker_threads";
import type { TaskEnd, TaskOfRun, Violation } from "../../tests/explore/run.ts";
import type { Counts } from "../../tests/explore/search.ts";
import { type Journey, journeyNames } from "../../tests/explore/starts.ts";
import type { Order } from "./worker.ts";

export interface Explored {
  readonly seed: number;
  readonly states: number;
  readonly statesPerSecond: number;
  /** Every story with so many surprises was followed, on every journey; -1 before the first level is through. */
  readonly exhaustiveDepth: number;
  readonly stories: number;
  readonly moves: number;
  readonly seconds: number;
  readonly violations: readonly Violation[];
}

export interface ExplorationOptions {
  readonly seed: number;
  readonly seconds: number;
  /** The most surprises of the stories that are all followed. */
  readonly depth: number;
  /** The only one that is searched; then no stories at random follow. */
  readonly journey: Journey | undefined;
  readonly threads: number;
  readonly progress: (explored: Explored) => void;
}

interface Told {
  readonly counts: Counts;
  readonly end?: TaskEnd;
}

/** The part of the time that goes to following all stories. */
const EXHAUSTIVE = 0.7;

export class Exploration {
  readonly #options: ExplorationOptions;
  readonly #began = Date.now();
  readonly #counts = new Map<Worker, Counts>();
  readonly #violations = new Map<string, Violation>();
  #depth = -1;

  constructor(options: ExplorationOptions) {
    this.#options = options;
  }

  async run(): Promise<Explored> {
    const { threads, depth, seconds, journey: only } = this.#options;
    const workers = Array.from({ length: only === undefined ? threads : 1 }, () => this.#worker());
    const end = this.#began + seconds * 1000;
    const half = only === undefined ? this.#began + seconds * 1000 * EXHAUSTIVE : end;
    const searched = only === undefined ? journeyNames : [only];
    for (let surprises = 0; surprises <= depth && Date.now() < half; surprises += 1) {
      const tasks = searched.map((journey): TaskOfRun => ({ kind: "search", journey, surprises }));
      if (await this.#all(workers, tasks, half)) this.#depth = surprises;
    }
    const walks = workers.map((_, number): TaskOfRun => ({ kind: "walks", number }));
    if (only === undefined && Date.now() < end) await this.#all(workers, walks, end);
    await Promise.all(workers.map((worker) => worker.terminate()));
    return this.#explored();
  }

  #worker(): Worker {
    const { seed } = this.#options;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { seed } });
    this.#counts.set(worker, { states: 0, merged: 0, moves: 0, stories: 0 });
    return worker;
  }

  /** Whether all tasks were gone through to their ends. */
  async #all(workers: readonly Worker[], tasks: readonly TaskOfRun[], until: number): Promise<boolean> {
    const waiting = [...tasks];
    let complete = true;
    const work = async (worker: Worker): Promise<void> => {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
        const end = await this.#do(worker, { task, until });
        complete &&= end.complete;
        for (const violation of end.violations) this.#note(violation);
      }
    };
    await Promise.all(workers.map(work));
    return complete;
  }

  #note(violation: Violation): void {
    this.#violations.set(`${violation.invariant}\n${violation.story.join("\n")}`, violation);
  }

  #do(worker: Worker, order: Order): Promise<TaskEnd> {
    return new Promise((resolve, reject) => {
      const heard = ({ counts, end }: Told): void => {
        this.#counts.set(worker, counts);
        this.#options.progress(this.#explored());
        if (end === undefined) return;
        worker.off("message", heard).off("error", reject);
        resolve(end);
      };
      worker.on("message", heard).on("error", reject);
      worker.postMessage(order);
    });
  }

  #explored(): Explored {
    const sum = (of: keyof Counts): number =>
      [...this.#counts.values()].reduce((total, counts) => total + counts[of], 0);
    const seconds = (Date.now() - this.#began) / 1000;
    return {
      seed: this.#options.seed,
      states: sum("states"),
      statesPerSecond: Math.round(sum("states") / seconds),
      exhaustiveDepth: this.#depth,
      stories: sum("stories"),
      moves: sum("moves"),
      seconds: Math.round(seconds),
      violations: [...this.#violations.values()],
    };
  }
}
