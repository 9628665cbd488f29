#!/usr/bin/env node
// The program: reads the command line, connects, runs one operation, and ends with MySQL Shell's exit codes.
import { readFileSync } from "node:fs";
import { type Command, type CommandLine, parseCommandLine, parseUri, type Target } from "./command-line.ts";
import { CommandLineError, errorText, exitCodeOf, isReported } from "./errors.ts";
import { requireTypedWords } from "./options.ts";
import { Output, type Streams } from "./output.ts";
import type { Account, Instance } from "./session.ts";

/** What the program reads besides its arguments. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly streams: Streams;
  /** one line of standard input, undefined at its end */
  readonly readLine: () => string | undefined;
  readonly readFile: (path: string) => string;
}

const VERSION = "mysqlsh   Ver 9.7.0 for Linux on x86_64 - for MySQL 9.7.0 (stand-in of the sandbox)";

/** A connection of a user may take this many milliseconds. */
const SESSION_TIMEOUT = 10_000;

/** Runs one command line and answers the exit code. */
export async function run(words: readonly string[], world: World): Promise<number> {
  let line: CommandLine;
  try {
    line = parseCommandLine(words);
    // Options in general are looked at once the object is found, but a badly typed word is noticed before all else.
    requireTypedWords(line.command?.words ?? []);
  } catch (error) {
    if (!(error instanceof CommandLineError)) throw error;
    world.streams.err(`${error.message}\n`);
    return 1;
  }
  if (line.version) {
    world.streams.out(`${VERSION}\n`);
    return 0;
  }
  const output = new Output(line.format, world.streams);
  try {
    if (line.command === undefined)
      throw new CommandLineError("mysqlsh: this stand-in for MySQL Shell only runs `-- object operation …`");
    await runCommand(line, line.command, output, world);
    return 0;
  } catch (error) {
    if (!isReported(error)) throw error;
    output.error(errorText(error));
    return exitCodeOf(error);
  }
}

async function runCommand(line: CommandLine, command: Command, output: Output, world: World): Promise<void> {
  const { execute } = await import("./execute.ts");
  const { connect } = await import("./session.ts");
  const [target, rest] = line.target ? [line.target, command] : instanceOf(command);
  if (target === undefined)
    throw new CommandLineError("An open session is required to perform this operation.");
  const session: Instance = await connect(accountOf(line, target, output, world), SESSION_TIMEOUT);
  const ask = (prompt: string): string | undefined => {
    output.prompt(prompt);
    return world.readLine();
  };
  await execute({
    command: rest,
    output,
    session,
    ask: line.wizard && line.passwordsFromStdin ? ask : undefined,
  });
}

/** Without a session some operations of `dba` name the server that they work on, which is the session then. */
function instanceOf(command: Command): readonly [Target | undefined, Command] {
  const [first, ...words] = command.words;
  const named = /^(configure|check)-?instance/i.test(command.operation) && command.object === "dba";
  if (!named || first === undefined || first.startsWith("-")) return [undefined, command];
  return [parseUri(first), { ...command, words }];
}

function accountOf(line: CommandLine, target: Target, output: Output, world: World): Account {
  const user = target.user ?? world.environment["USER"] ?? "root";
  const { host, port, socket } = target;
  const password = passwordOf(line, { ...target, user }, output, world);
  return { user, host, port, password, ...(socket === undefined ? {} : { socket }) };
}

function passwordOf(
  line: CommandLine,
  target: Target & { user: string },
  output: Output,
  world: World,
): string | undefined {
  if (target.password !== undefined) {
    output.warning("Using a password on the command line interface can be insecure.");
    return target.password;
  }
  if (line.defaultsFile !== undefined) {
    const found = clientPassword(world.readFile(line.defaultsFile));
    if (found !== undefined) return found;
  }
  // MySQL Shell reads MYSQL_PWD only where it may not ask, and asks only where it may.
  if (!line.wizard) return world.environment["MYSQL_PWD"];
  if (!line.passwordsFromStdin) return undefined;
  output.prompt(`Please provide the password for '${target.user}@${target.host}:${target.port}': `);
  return world.readLine();
}

/** The password in the groups of an option file that a client reads. */
export function clientPassword(text: string): string | undefined {
  let group = "";
  let password: string | undefined;
  for (const line of text.split("\n")) {
    group = /^\s*\[(.+)\]\s*$/.exec(line)?.[1] ?? group;
    const value = /^\s*password\s*=\s*(.*?)\s*$/.exec(line)?.[1];
    if (value !== undefined && (group === "client" || group === "mysqlsh"))
      password = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  return password;
}

function lineReader(): () => string | undefined {
  let lines: string[] | undefined;
  return () => {
    lines ??= readFileSync(0, "utf8").split("\n");
    return lines.shift();
  };
}

if (import.meta.main) {
  process.exitCode = await run(process.argv.slice(2), {
    environment: process.env,
    streams: { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
    readLine: lineReader(),
    readFile: (path) => readFileSync(path, "utf8"),
  });
}
