// What a case of the hook commands' contract is: data, and the few words in which the tables are written. Pure.

/** Where a command line runs: juju-exec on the leader or another unit, an action or a relation-changed hook of the leader. */
export type Place = "leader" | "follower" | "action" | "relation-changed";

/**
 * What a command answers. Texts can have placeholders such as `{unit}` (script.ts lists them).
 * What is not said is: exit code 0, nothing on standard output, nothing on standard error.
 */
export interface Answer {
  readonly code?: number;
  /** Exactly, or a pattern. */
  readonly out?: string | RegExp;
  /** The output is one line of JSON with this value. */
  readonly json?: unknown;
  /** Behind `ERROR `, without the line end: exactly, or a pattern. */
  readonly error?: string | RegExp;
}

export interface Step {
  /** A command line; split at blanks, unless it is a list. */
  readonly line: string | readonly string[];
  readonly answer: Answer;
  readonly stdin?: string;
  /** What it prints becomes a placeholder of this name for later steps of the case. */
  readonly as?: string;
}

/** Steps in one context, from its start to its flush. */
export interface Run {
  readonly on: Place;
  readonly steps: readonly Step[];
  /** Exit code of an action's or a hook's script; unless 0 Juju drops what was buffered. */
  readonly exit?: number;
  /** How an action ended. */
  readonly task?: { readonly status: string; readonly message?: string; readonly results?: unknown };
}

export interface Case {
  readonly shows: string;
  /** One after the other; what the earlier ones wrote is flushed before the later ones. */
  readonly runs: readonly Run[];
  /** The case speaks of options, relations or storage of the charm in tests/contract/charm. */
  readonly needsCharm?: boolean;
  /** Juju 3 has the command, Juju 4 has not. */
  readonly until?: 4;
}

export const silent: Answer = {};
export const prints = (out: string | RegExp): Answer => ({ out });
export const printsJson = (json: unknown): Answer => ({ json });
/** Refused for what the command line says: a flag, an argument. */
export const misused = (error: string | RegExp): Answer => ({ code: 2, error });
/** Refused for what was asked: the state does not allow it. */
export const refused = (error: string | RegExp): Answer => ({ code: 1, error });

export function step(
  line: Step["line"],
  answer: Answer = silent,
  more: Omit<Step, "line" | "answer"> = {},
): Step {
  return { line, answer, ...more };
}

export function run(on: Place, steps: readonly Step[], more: Omit<Run, "on" | "steps"> = {}): Run {
  return { on, steps, ...more };
}

/** A row of a table: the command line, its answer, what that shows, perhaps its standard input. */
type Row = readonly [line: Step["line"], answer: Answer, shows: string, stdin?: string];

/** One case for each row, of one command line each. */
export function rows(
  on: Place,
  table: readonly Row[],
  more: Omit<Case, "shows" | "runs"> = {},
): readonly Case[] {
  return table.map(([line, answer, shows, stdin]) => ({
    shows: `${commandOf(line)}: ${shows}`,
    runs: [run(on, [step(line, answer, stdin === undefined ? {} : { stdin })])],
    ...more,
  }));
}

function commandOf(line: Step["line"]): string {
  return (typeof line === "string" ? line.split(" ") : line)[0] ?? "";
}

/** The words of a command line. */
export function wordsOf({ line }: Step): readonly string[] {
  return typeof line === "string" ? line.split(" ") : line;
}
