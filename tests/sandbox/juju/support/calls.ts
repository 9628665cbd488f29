// Hook commands for tests: a context of a unit, and calls in it as a shell would make them.
import { commit } from "../../../../lib/juju/commit.ts";
import {
  type CommandResult,
  type FileAnswer,
  runHookCommand,
} from "../../../../lib/juju/hook-commands/index.ts";
import {
  type HookContext,
  openContext,
  type RelationCache,
  type RunKind,
} from "../../../../lib/juju/hook-context.ts";
import { nowMs, type Place } from "./models.ts";

export interface Shell {
  readonly context: HookContext;
  readonly logged: string[];
  /** Runs a command; args are split at blanks unless given as a list. */
  readonly run: (line: string | readonly string[], files?: Readonly<Record<string, string>>) => CommandResult;
  /** What a command printed, having exited 0. */
  readonly out: (line: string | readonly string[]) => string;
  /** Ends the hook with success. */
  readonly flush: () => void;
}

/** Opens a context, outside of any hook unless told otherwise. */
export function shell(place: Place, run: Partial<RunKind> = {}, cache: RelationCache = new Map()): Shell {
  const logged: string[] = [];
  const world = {
    state: place.state,
    now: () => nowMs,
    changed: () => {},
    log: (level: string, logger: string, message: string) =>
      void logged.push(`${level} ${logger} ${message}`),
  };
  const context = openContext("test", world, place, { hook: null, task: null, scope: null, ...run }, cache);
  const call: Shell["run"] = (line, files = {}) => {
    const [name = "", ...args] = typeof line === "string" ? line.split(" ") : line;
    const answers = new Map<string, FileAnswer>(
      Object.entries(files).map(([path, text]) => [path, { content: Buffer.from(text) }]),
    );
    return runHookCommand(context, { name, args, files: answers });
  };
  return {
    context,
    logged,
    run: call,
    out: (line) => {
      const result = call(line);
      if (result.code !== 0) throw new Error(result.stderr);
      return result.stdout;
    },
    flush: () => commit({ ...place, now: nowMs }, context.writes),
  };
}

/** A refusal as the shell sees it. */
export function refused(code: number, message: string): CommandResult {
  return { code, stdout: "", stderr: `ERROR ${message}\n` };
}
