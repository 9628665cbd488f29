// One run of the charm in its machine: starts the dispatch (or a command line) with a context, logs what it prints, and tells how it ended.
import { accessSync, constants } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { dispatchPath, environmentOf, unitPaths } from "../../lib/juju/environment.ts";
import type { HookContext } from "../../lib/juju/hook-context.ts";
import { hookName } from "../../lib/juju/local-state.ts";
import type { Program, ProgramExit, UnitMachine } from "./unit-machine.ts";

type RunOutcome =
  | { readonly kind: "ok" }
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly reason: string; readonly code: number }
  /** Ended from outside by SIGTERM or SIGKILL: not the charm's failure. */
  | { readonly kind: "killed"; readonly signal: string };

export interface RunOutput {
  readonly outcome: RunOutcome;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Runs the charm's program for the context's hook or action. `started` gets the running program, to end it if need be. */
export async function runCharm(
  machine: UnitMachine,
  context: HookContext,
  started: (program: Program) => void,
): Promise<RunOutput> {
  const { charmDir } = unitPaths(context.unit.name);
  const path = dispatchPath(context);
  const own = [`${charmDir}/dispatch`, `${charmDir}/${path}`].find((file) =>
    isExecutable(machine.path(file)),
  );
  if (own === undefined)
    return { outcome: { kind: "missing" }, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const { JUJU_DISPATCH_PATH, ...rest } = environmentOf(context);
  const dispatched = own.endsWith("/dispatch") && JUJU_DISPATCH_PATH !== undefined;
  const env = dispatched ? { ...rest, JUJU_DISPATCH_PATH } : rest;
  const program = machine.spawn([own], { env, cwd: charmDir, stdin: "ignore" });
  started(program);
  return await follow(program, context);
}

/** Runs a command line of a person or of the charm's own jobs in a context, by bash as Juju does. */
export async function runCommandLine(
  machine: UnitMachine,
  context: HookContext,
  command: string,
  started: (program: Program) => void,
): Promise<RunOutput> {
  const { charmDir } = unitPaths(context.unit.name);
  const program = machine.spawn(["/bin/bash", "-s"], {
    env: environmentOf(context),
    cwd: charmDir,
    stdin: "pipe",
  });
  started(program);
  program.stdin?.on("error", () => {});
  program.stdin?.end(`${command}\n`);
  return await follow(program, context);
}

async function follow(program: Program, context: HookContext): Promise<RunOutput> {
  const { hook, task } = context.run;
  const name = hook === null ? (task?.name ?? "juju-exec") : hookName(hook);
  const logger = `unit.${context.unit.name}.${name}`;
  const stdout = new LineReader((line) => context.world.log("DEBUG", logger, line));
  const stderr = new LineReader((line) => context.world.log("WARNING", logger, line));
  program.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  program.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const exit = await program.exited;
  await drain([stdout, stderr]);
  return { outcome: outcomeOf(exit), stdout: stdout.end(), stderr: stderr.end() };
}

/** What was in the pipes when the program ended; its background children may hold them open for longer, and are not waited for. */
async function drain(readers: readonly LineReader[]): Promise<void> {
  for (let before = -1, now = 0; now !== before; ) {
    before = now;
    await nextTurn();
    await nextTurn();
    now = readers.reduce((sum, reader) => sum + reader.length, 0);
  }
}

function outcomeOf({ code, signal }: ProgramExit): RunOutcome {
  if (code === 0) return { kind: "ok" };
  if (signal === "SIGKILL" || signal === "SIGTERM") return { kind: "killed", signal };
  if (code === null) return { kind: "failed", reason: `signal: ${signal ?? "unknown"}`, code: -1 };
  return { kind: "failed", reason: `exit status ${code}`, code };
}

class LineReader {
  readonly #chunks: Buffer[] = [];
  readonly #log: (line: string) => void;
  #partial = "";
  length = 0;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
    const lines = (this.#partial + chunk.toString("utf8")).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.#log(line);
  }

  /** Everything that was read; logs a last line without an end. */
  end(): Buffer {
    if (this.#partial !== "") this.#log(this.#partial);
    this.#partial = "";
    return Buffer.concat(this.#chunks);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
