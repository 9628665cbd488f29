// Jobs of the model's machines: what the charm sees of them, and how one goes on by one step at a time.
import type { JobSpec, JobState, Jobs } from "../../../lib/index.ts";
import { doStep, failureText, isReported, planOperation, takeBack } from "./admin/execute.ts";
import { told } from "./admin/plan.ts";
import { Hangs } from "./errors.ts";
import type { Call, Job, MysqlState } from "./state.ts";
import { type Tap, tapped } from "./tap.ts";

const keyOf = (unit: string, name: string): string => `${unit} ${name}`;

export function machineJobs(
  state: MysqlState,
  { host, unit }: { readonly host: string; readonly unit: string },
  tap: Tap,
): Jobs {
  const find = (name: string): Job | undefined => state.jobs[keyOf(unit, name)];
  const clear = (name: string): void => {
    if (find(name)?.state === "running") throw new Error(`job ${name} runs: it cannot be cleared`);
    delete state.jobs[keyOf(unit, name)];
  };
  return {
    state: async (name) => stateOf(find(name)),
    clear: async (name) => {
      if (find(name) !== undefined) tapped(tap, `clears job ${name}`, () => clear(name));
    },
    start: async (spec) =>
      tapped(tap, `starts job ${spec.name}`, () => {
        clear(spec.name);
        state.jobs[keyOf(unit, spec.name)] = {
          ...{ unit, host, name: spec.name, label: spec.label, work: workOf(spec) },
          ...{ state: "running", code: 0, output: "", timedOut: false, wakes: false },
        };
      }),
    running: async () =>
      Object.values(state.jobs)
        .filter((job) => job.unit === unit && job.state === "running")
        .map(({ name }) => name)
        .sort(),
  };
}

function workOf({ argv: [program, first = ""] }: JobSpec): Job["work"] {
  if (program === "sleep") return { kind: "sleep" };
  if (program === "mysqlsh") return { kind: "operation", call: JSON.parse(first) as Call };
  throw new Error(`the model cannot run ${program} as a job`);
}

/** Nothing in the charm asks when a job began. */
const WHEN = 0;

function stateOf(job: Job | undefined): JobState {
  if (job === undefined) return { kind: "none" };
  const { label, code, output, timedOut } = job;
  switch (job.state) {
    case "running":
      return { kind: "running", label, startedAt: WHEN, lastLines: [output] };
    case "lost":
      return { kind: "lost", label, startedAt: WHEN };
    case "ended":
      return { kind: "ended", label, startedAt: WHEN, endedAt: WHEN, code, timedOut, output };
  }
}

/** What a running job does next, as a person says it. */
export function nextOf({ work }: Job): string {
  if (work.kind === "sleep") return "ends";
  const next = work.plan?.todo[0];
  if (work.plan === undefined) return `begins ${work.call.operation}`;
  return next === undefined ? "ends" : `goes on: ${told(next)}`;
}

/** A running job does what comes next. */
export function goOn(state: MysqlState, job: Job): void {
  const { work } = job;
  if (work.kind === "sleep") {
    end(job, 0, "");
    return;
  }
  const run = { state, call: work.call };
  try {
    if (work.plan === undefined) {
      work.plan = planOperation(run);
      return;
    }
    const next = work.plan.todo[0];
    if (next === undefined) end(job, 0, "");
    else {
      job.output = JSON.stringify({ info: told(next) });
      doStep(run, work.plan, next);
    }
  } catch (error) {
    if (!isReported(error)) throw error;
    job.timedOut = error instanceof Hangs;
    // Whoever is killed when his time is over takes nothing back.
    if (work.plan !== undefined && !job.timedOut) takeBack(run, work.plan);
    end(job, 1, JSON.stringify({ error: failureText(error) }));
  }
}

function end(job: Job, code: number, output: string): void {
  Object.assign(job, { state: "ended", code, output, wakes: true });
}
