// The port to MySQL Shell: an operation in the hook, step by step, or as a job that the machine runs.
import type { JobSpec, Secret } from "../../../lib/index.ts";
import { classifyShell } from "../../../src/mysql/classify.ts";
import type { Shell, ShellCommand } from "../../../src/mysql/ports.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { doStep, failureText, isReported, planOperation, takeBack } from "./admin/execute.ts";
import { told } from "./admin/plan.ts";
import { Hangs } from "./errors.ts";
import type { Call, MysqlState, Plan } from "./state.ts";
import { type Tap, tapped } from "./tap.ts";

export function machineShell(
  state: MysqlState,
  from: string,
  tap: Tap,
  password: () => Promise<Secret>,
): Shell {
  return {
    run: async (host, command) => runNow(state, await callOf(from, host, command, password), tap),
    job: async (name, host, command, label): Promise<JobSpec> => ({
      name,
      argv: ["mysqlsh", JSON.stringify(await callOf(from, host, command, password))],
      env: {},
      deadlineMs: command.deadlineSeconds * 1000,
      label,
    }),
  };
}

async function callOf(
  from: string,
  host: string,
  { object, operation, args, options }: ShellCommand,
  password: () => Promise<Secret>,
): Promise<Call> {
  return { from, host, object, operation, args, options, password: (await password()).reveal() };
}

function runNow(state: MysqlState, call: Call, tap: Tap): void {
  const run = { state, call };
  let plan: Plan | undefined;
  try {
    plan = planOperation(run);
    for (let next = plan.todo[0]; next !== undefined; next = plan.todo[0]) {
      const [step, whole] = [next, plan];
      tapped(tap, `mysqlsh ${call.operation}: ${told(step)}`, () => doStep(run, whole, step));
    }
  } catch (error) {
    if (!isReported(error)) throw error;
    // Killed when its time is over, it takes nothing back.
    if (error instanceof Hangs) throw new MysqlProblem("timed-out", call.operation, "no end in time");
    if (plan !== undefined) takeBack(run, plan);
    const text = failureText(error);
    throw new MysqlProblem(classifyShell(text), call.operation, text);
  }
}
