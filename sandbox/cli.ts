#!/usr/bin/env node
// The command line of the sandbox: passes the words on to the controller and prints what comes back.
import { existsSync } from "node:fs";
import { styleText } from "node:util";
import { type OpenOptions, openSandbox, removeSandbox } from "./client.ts";
import { stateFolder } from "./state-folder.ts";

const { argv, options } = startOptions(process.argv.slice(2));
// Heeds NO_COLOR and FORCE_COLOR as Node does; the controller that paints has no terminal of its own.
const color = styleText("red", "x", { stream: process.stdout }) !== "x";
// Reading of a pipe may end early (head): that is no error.
process.stdout.on("error", () => process.exit(0));

try {
  process.exitCode = await main();
} catch (error) {
  tellError(`ERROR ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  // Nothing is started for a question, nor for a verb that there is not.
  const isNew = !existsSync(stateFolder().socket);
  if (isNew || argv.length === 0 || argv.some((word) => ["help", "--help", "-h"].includes(word))) {
    const { helpAsked } = await import("./verbs/index.ts");
    const asked = helpAsked(argv);
    if (asked !== undefined) return tellHelp(asked);
  }
  if (argv[0] === "destroy") return await destroy(argv.slice(1));
  const sandbox = await openSandbox(undefined, {
    ...options,
    progress: (text) => process.stderr.write(`${text}\n`),
  });
  const interrupted = new AbortController();
  const readsInput = argv.includes("ssh");
  const isTerminal = process.stdout.isTTY === true && process.stdin.isTTY === true;
  // In a remote shell the interrupt key is the shell's.
  if (readsInput && isTerminal) process.stdin.setRawMode(true);
  else process.once("SIGINT", () => interrupted.abort());
  const { code } = await sandbox.juju(argv, {
    color,
    isTerminal,
    columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
    signal: interrupted.signal,
    onOut: (text) => process.stdout.write(text),
    onErr: tellError,
    ...(readsInput ? { input: passInput } : {}),
  });
  if (readsInput) {
    if (isTerminal) process.stdin.setRawMode(false);
    process.stdin.destroy();
  }
  return code;
}

function passInput(listener: (data: Buffer | null) => void): void {
  process.stdin.on("data", (data: Buffer) => listener(data));
  process.stdin.on("end", () => listener(null));
}

function tellHelp({ code, text }: { readonly code: number; readonly text: string }): number {
  if (code === 0) process.stdout.write(text);
  else tellError(text);
  return code;
}

function tellError(text: string): void {
  process.stderr.write(text.replace(/^ERROR(?= )/, styleText("red", "ERROR", { stream: process.stderr })));
}

async function destroy(words: readonly string[]): Promise<number> {
  const { name } = stateFolder();
  const [unknown] = words.filter((word) => word !== "--no-prompt");
  if (unknown !== undefined) {
    tellError(
      `ERROR destroy ends the whole sandbox "${name}" and takes no ${JSON.stringify(unknown)}; destroy-model <model> removes one model\n`,
    );
    return 2;
  }
  const removed = await removeSandbox();
  process.stderr.write(
    removed ? `Sandbox "${name}" destroyed, nothing is left.\n` : `There is no sandbox "${name}".\n`,
  );
  return 0;
}

/** `--seed <n>` and `--virtual-clock` come before the verb, and count when the sandbox starts for the first time. */
function startOptions(words: readonly string[]): {
  readonly argv: readonly string[];
  readonly options: Pick<OpenOptions, "seed" | "clock">;
} {
  const [first = "", second = "", ...rest] = words;
  const seed = /^--seed(?:=(.*))?$/.exec(first);
  if (seed !== null) {
    const value = seed[1] ?? second;
    if (!/^\d{1,9}$/.test(value)) {
      tellError(`ERROR invalid value ${JSON.stringify(value)} for option --seed: not a number\n`);
      process.exit(2);
    }
    const inner = startOptions(seed[1] === undefined ? rest : words.slice(1));
    return { ...inner, options: { ...inner.options, seed: Number(value) } };
  }
  if (first !== "--virtual-clock") return { argv: words, options: {} };
  const inner = startOptions(words.slice(1));
  return { ...inner, options: { ...inner.options, clock: "virtual" } };
}
