#!/usr/bin/env node
// The command line of the sandbox: passes the words on to the controller and prints what comes back.
import { type OpenOptions, openSandbox, removeSandbox } from "./client.ts";
import { stateFolder } from "./state-folder.ts";

const { argv, options } = startOptions(process.argv.slice(2));
const color = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
// Reading of a pipe may end early (head): that is no error.
process.stdout.on("error", () => process.exit(0));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`ERROR ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  if (argv[0] === "destroy") return await destroy();
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
    signal: interrupted.signal,
    onOut: (text) => process.stdout.write(text),
    onErr: (text) => process.stderr.write(text),
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

async function destroy(): Promise<number> {
  const { name } = stateFolder();
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
      process.stderr.write(`ERROR invalid value ${JSON.stringify(value)} for option --seed: not a number\n`);
      process.exit(2);
    }
    const inner = startOptions(seed[1] === undefined ? rest : words.slice(1));
    return { ...inner, options: { ...inner.options, seed: Number(value) } };
  }
  if (first !== "--virtual-clock") return { argv: words, options: {} };
  const inner = startOptions(words.slice(1));
  return { ...inner, options: { ...inner.options, clock: "virtual" } };
}
