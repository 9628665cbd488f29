// What a job that ran MySQL Shell came to.
import type { JobState } from "../../lib/index.ts";
import type { ProblemReason } from "../problems.ts";
import { MysqlProblem } from "../problems.ts";
import { readShellOutput, shellFailure } from "./shell-output.ts";

export type JobOutcome =
  | { readonly kind: "none" }
  | { readonly kind: "running"; readonly progress: string }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly reason: ProblemReason; readonly what: string };

/** State of a shell job → what decisions need of it. */
export function jobOutcome(state: JobState): JobOutcome {
  switch (state.kind) {
    case "none":
      return { kind: "none" };
    case "running":
      return { kind: "running", progress: readShellOutput(state.lastLines.join("\n")).progress };
    case "lost":
      return failed(
        new MysqlProblem("failed", state.label, "was cut short, by a restart of the machine or a kill"),
      );
    case "ended": {
      if (state.timedOut) return failed(new MysqlProblem("timed-out", state.label, ""));
      const failure = shellFailure(state.label, state.code, state.output);
      return failure === undefined ? { kind: "ended" } : failed(failure);
    }
  }
}

function failed(problem: MysqlProblem): JobOutcome {
  return { kind: "failed", reason: problem.reason, what: problem.message };
}
