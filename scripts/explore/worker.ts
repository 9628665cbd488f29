// A thread of the search: does the tasks that it is sent, and tells how far it is.
import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";
import { realRules } from "../../tests/explore/moves.ts";
import { runTask, type TaskOfRun } from "../../tests/explore/run.ts";
import type { Counts } from "../../tests/explore/search.ts";

export interface Order {
  readonly task: TaskOfRun;
  /** Milliseconds since the epoch at which it is to stop. */
  readonly until: number;
}

const { seed } = z.object({ seed: z.number() }).parse(workerData);
const port = parentPort;
if (port === null) throw new Error("this is a thread of scripts/explore.ts");
const counts: Counts = { states: 0, merged: 0, moves: 0, stories: 0 };

port.on("message", ({ task, until }: Order) => {
  const enough = (): boolean => Date.now() > until;
  const telling = setInterval(() => port.postMessage({ counts }), 500);
  void runTask(task, { rules: realRules, seed, counts, enough })
    .then((end) => port.postMessage({ counts, end }))
    .finally(() => clearInterval(telling));
});
