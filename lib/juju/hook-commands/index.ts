// All hook commands of a machine charm, and how one call runs: flags, the command, its output, its exit code.
import type { HookContext } from "../hook-context.ts";
import { actionCommands } from "./actions.ts";
import { stateCommands } from "./charm-state.ts";
import { type Call, type CommandTable, type HookCommand, RawText } from "./command.ts";
import { CommandError, type FlagSpecs, parseLine, UsageError } from "./flags.ts";
import { formatValue } from "./output.ts";
import { relationCommands } from "./relation.ts";
import { resourceCommands } from "./resources.ts";
import { secretCommands } from "./secrets.ts";
import { unitCommands } from "./unit.ts";

const commands: CommandTable = {
  ...relationCommands,
  ...unitCommands,
  ...actionCommands,
  ...stateCommands,
  ...secretCommands,
  ...resourceCommands,
};

/** The names for which a unit has executables. */
export const hookCommandNames: readonly string[] = Object.keys(commands).sort();

/** A file that the caller has to read and send along before the command can run; "-" is its standard input. */
export class FileNeeded extends Error {
  override readonly name = "FileNeeded";
  readonly path: string;
  constructor(path: string) {
    super(`the content of ${path} is needed`);
    this.path = path;
  }
}

/** A file as the caller found it: its content, or why it could not be read. */
export type FileAnswer = { readonly content: Buffer } | { readonly problem: string };

export interface CommandRequest {
  readonly name: string;
  readonly args: readonly string[];
  readonly files: ReadonlyMap<string, FileAnswer>;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** With --output: the file of the caller's machine that gets stdout. */
  readonly output?: string;
}

/**
 * Runs one hook command in a context.
 * @throws FileNeeded when the caller must send a file first; nothing has happened then.
 */
export function runHookCommand(context: HookContext, request: CommandRequest): CommandResult {
  const command = commands[request.name];
  if (command === undefined || !Object.hasOwn(commands, request.name)) {
    return failure(1, `bad request: unknown command: ${request.name}`);
  }
  if (request.args.includes("--help") || request.args.includes("-h")) return help(request.name, command);
  try {
    return execute(context, command, request);
  } catch (error) {
    if (error instanceof UsageError) return failure(2, error.message);
    if (error instanceof CommandError) return failure(1, error.message);
    throw error;
  }
}

function execute(context: HookContext, command: HookCommand, request: CommandRequest): CommandResult {
  const line = parseLine(flagsOf(command), request.args);
  const call: Call = {
    context,
    line,
    args: line.args,
    flag: (name) => line.flags.get(name)?.value,
    on: (name) => line.flags.get(name)?.value === "true",
    file: (path) => fileOf(request.files, path),
  };
  const format = command.format === undefined ? undefined : (call.flag("format") ?? command.format);
  if (format !== undefined && formatValue(null, format) === undefined) {
    throw new UsageError(`invalid value "${format}" for option --format: unknown format "${format}"`);
  }
  const value = command.run(call);
  if (value instanceof RawText) return { code: 0, stdout: value.text, stderr: "" };
  const stdout = format === undefined ? "" : (formatValue(value, format, command.order) ?? "");
  const output = call.flag("output");
  return { code: 0, stdout, stderr: "", ...(output === undefined ? {} : { output }) };
}

function flagsOf(command: HookCommand): FlagSpecs {
  if (command.format === undefined) return command.flags ?? {};
  return { ...command.flags, format: { kind: "value" }, output: { kind: "value", short: "o" } };
}

function fileOf(files: ReadonlyMap<string, FileAnswer>, path: string): Buffer {
  const answer = files.get(path);
  if (answer === undefined) throw new FileNeeded(path);
  if ("problem" in answer) throw new CommandError(`open ${path}: ${answer.problem}`);
  return answer.content;
}

function failure(code: number, message: string): CommandResult {
  return { code, stdout: "", stderr: `ERROR ${message}\n` };
}

function help(name: string, command: HookCommand): CommandResult {
  const flags = Object.entries(flagsOf(command))
    .map(([flag, { kind, short }]) => {
      const spellings = short === undefined || short === flag ? `--${flag}` : `-${short}, --${flag}`;
      return `${flag === short ? `-${flag}` : spellings}${kind === "bool" ? "" : ' (= "")'}\n`;
    })
    .sort();
  return {
    code: 0,
    stdout: `Usage: ${name}${flags.length > 0 ? " [options]" : ""} …\n\n${flags.length > 0 ? `Options:\n${flags.join("")}` : ""}`,
    stderr: "",
  };
}
