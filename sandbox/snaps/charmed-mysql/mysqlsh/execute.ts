// One operation on an open session: finding it, checking its words, running it, printing what it returns.
import { operationOf, operationsOf } from "./catalogue.ts";
import type { Command } from "./command-line.ts";
import { CommandLineError } from "./errors.ts";
import { resolve } from "./handle.ts";
import type { Operation } from "./operations/kinds.ts";
import { type Arguments, kebabCase, parseArguments } from "./options.ts";
import type { Output } from "./output.ts";
import { notDone } from "./refusals.ts";
import type { Instance } from "./session.ts";
import { Pool, type Shell } from "./shell.ts";

/** What one run of the program is about. */
export interface Execution {
  readonly command: Command;
  readonly output: Output;
  readonly session: Instance;
  readonly ask: Shell["ask"];
}

/** Runs the operation and closes every connection. Throws the errors of errors.ts. */
export async function execute({ command, output, session, ask }: Execution): Promise<void> {
  const pool = new Pool(session);
  const shell: Shell = { output, session, ask, pool };
  try {
    output.result(await perform(shell, command));
  } finally {
    await pool.close();
  }
}

async function perform(shell: Shell, command: Command): Promise<unknown> {
  // As in MySQL Shell the object is found before the operation's words are looked at.
  operationsOf(command.object);
  const { object } = command;
  const handle = object === "cluster" || object === "clusterset" ? await resolve(shell, object) : undefined;
  const operation = operationOf(object, command.operation);
  const args = argumentsOf(shell.output, object, operation, command.words);
  if (operation.load === undefined) throw notDone(`${object} ${kebabCase(operation.name)}`);
  const work = await operation.load();
  if (work.on === "session") return work.run({ shell, args });
  if (handle === undefined) throw new Error(`${object} ${operation.name} has no object to work on`);
  return work.run({ shell, args }, handle);
}

function argumentsOf(
  output: Output,
  object: string,
  operation: Operation,
  words: readonly string[],
): Arguments {
  try {
    return parseArguments(words, operation);
  } catch (error) {
    if (error instanceof CommandLineError && error.message.startsWith("Missing value"))
      printSyntax(output, object, operation);
    throw error;
  }
}

function printSyntax(output: Output, object: string, { name, positional, returns }: Operation): void {
  const words = positional.map((one) => (one.optional ? `[<${one.name}>]` : `<${one.name}>`)).join(" ");
  const where = positional.map((one) => `      ${one.name}: ${one.about}`).join("\n");
  output.info("This command line operation uses the following syntax:");
  const result = returns === undefined ? "" : `\nRETURNS\n      ${returns}`;
  output.info(
    `SYNTAX\n      ${object} ${kebabCase(name)} ${words} [<options>]\n\nWHERE\n${where}\n${result}`,
  );
}
