// One call of a hook command: how it is started, how long it may take, what its exit code and output mean.

import { WrongForm } from "../hook-answers.ts";
import { classify, HookToolError } from "../hook-error.ts";
import { checkArguments } from "../limits.ts";
import { type Argv, ProcessError, type Processes, type RunOptions, type RunResult } from "../process.ts";

/** Far above what the agent needs for an answer, so that only one that hangs is cut off. */
const commandTimeoutMs = 120_000;

export interface CommandOptions {
  /** Milliseconds until a command that does not answer is ended; two minutes unless given. */
  readonly timeoutMs?: number;
  /** Stands between the typed methods and the programs. */
  readonly around?: (run: CommandRunner) => CommandRunner;
}

export interface CommandRunner {
  /** Runs a command and gives what it printed. */
  readonly tell: (
    argv: Argv,
    more?: Partial<Pick<RunOptions, "stdin" | "timeoutMs" | "isBlocking">>,
  ) => Promise<string>;
  /** Runs a command for an answer in JSON; undefined when it printed nothing. */
  readonly ask: (argv: Argv) => Promise<unknown>;
}

/** Runs hook commands; rejects with HookToolError. */
export function commandRunner(processes: Processes, options: CommandOptions): CommandRunner {
  const { timeoutMs = commandTimeoutMs } = options;
  const tell: CommandRunner["tell"] = async (argv, more = {}) => {
    const [command, ...args] = argv;
    checkArguments(command, args);
    return outputOf(command, await start(processes, argv, { timeoutMs, isBlocking: true, ...more }));
  };
  const ask: CommandRunner["ask"] = async ([command, ...args]) => {
    const answer = await tell([command, "--format=json", ...args]);
    try {
      return answer.trim() === "" ? undefined : JSON.parse(answer);
    } catch {
      throw new HookToolError(command, 0, "failed", "its answer is no JSON");
    }
  };
  return { tell, ask };
}

/** Asks and reads the answer; one that is not of Juju's form is a failure of the command. */
export type Ask = <T>(argv: Argv, read: (answer: unknown) => T) => Promise<T>;

export function asking({ ask }: CommandRunner): Ask {
  return async (argv, read) => {
    const answer = await ask(argv);
    try {
      return read(answer);
    } catch (thrown) {
      if (!(thrown instanceof WrongForm)) throw thrown;
      throw new HookToolError(argv[0], 0, "failed", `its answer is not of Juju's form: ${thrown.message}`);
    }
  };
}

async function start(processes: Processes, argv: Argv, options: RunOptions): Promise<RunResult & RunOptions> {
  try {
    return { ...options, ...(await processes.run(argv, options)) };
  } catch (thrown) {
    if (!(thrown instanceof ProcessError)) throw thrown;
    const reason = thrown.reason === "not-installed" ? "unsupported" : "failed";
    throw new HookToolError(argv[0], 127, reason, thrown.message);
  }
}

function outputOf(command: string, result: RunResult & RunOptions): string {
  const { code, stdout, stderr, timedOut, truncated, timeoutMs } = result;
  if (timedOut) throw new HookToolError(command, code, "failed", `no answer within ${timeoutMs / 1000} s`);
  if (truncated) throw new HookToolError(command, code, "failed", "its answer is larger than any Juju gives");
  if (code !== 0) throw classify(command, code, stderr.trim());
  return stdout;
}
