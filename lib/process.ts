// The only place that starts a process: never through a shell, always with a deadline and a cap on the output.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { environmentOutsideHook, processEnvironment } from "./context.ts";
import { toError } from "./errors.ts";

export type Argv = readonly [string, ...string[]];

export interface RunOptions {
  /** Added to the environment of this process. The way for a secret: argv is readable by everybody. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Milliseconds; then the whole process group gets SIGTERM and, if that does not end it, SIGKILL. */
  readonly timeoutMs: number;
  /** Cap for stdout and for stderr, each; 8 MiB unless told. What exceeds it is dropped. */
  readonly maxOutputBytes?: number;
  readonly cwd?: string;
  /** Sees all output as it comes, uncapped, besides what is collected. */
  readonly onOutput?: (chunk: Buffer) => void;
}

export interface RunResult {
  /** Exit code; 128 + number of the signal for one that was killed, as a shell has it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly truncated: boolean;
}

export interface DetachedOptions {
  /** Added to the environment of this process, of which nothing is left that binds it to the running hook. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes stdout and stderr; created with mode 0600 and emptied. */
  readonly stdoutFile: string;
  readonly cwd?: string;
}

/** Starts programs. Both reject with {@link ProcessError} when the program cannot be started. */
export interface Processes {
  run(argv: Argv, options: RunOptions): Promise<RunResult>;
  /** Starts a program in a session of its own that survives this process. */
  spawnDetached(argv: Argv, options: DetachedOptions): Promise<{ readonly pid: number }>;
}

/** A program that could not be started at all; one that ran and failed is a {@link RunResult}. */
export class ProcessError extends Error {
  override readonly name = "ProcessError";
  readonly reason: "not-installed" | "not-permitted" | "failed";
  readonly program: string;

  constructor(program: string, thrown: unknown) {
    const cause = toError(thrown);
    const code = "code" in cause ? cause.code : undefined;
    const reason = code === "ENOENT" ? "not-installed" : code === "EACCES" ? "not-permitted" : "failed";
    const told = {
      "not-installed": "is not installed",
      "not-permitted": "may not be run",
      failed: "did not start",
    };
    super(`${program} ${told[reason]}${reason === "failed" ? `: ${String(code ?? cause.message)}` : ""}`);
    this.program = program;
    this.reason = reason;
  }
}

const defaultCap = 8 * 1024 * 1024;
const killGraceMs = 3000;
/** How long output may still come after the exit: a daemon left behind can hold the pipe open for ever. */
const drainMs = 500;
const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

/** The real thing. */
export function realProcesses(): Processes {
  return { run: runProcess, spawnDetached };
}

async function runProcess(argv: Argv, options: RunOptions): Promise<RunResult> {
  const [program] = argv;
  const child = start(argv, options);
  const cap = options.maxOutputBytes ?? defaultCap;
  const stdout = collect(child.stdout, cap, options.onOutput);
  const stderr = collect(child.stderr, cap, options.onOutput);
  // A program may end without having read its input.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.stdin);
  const deadline = startDeadline(child, options.timeoutMs);
  try {
    const { code, signal } = await ended(child);
    return {
      code: code ?? 128 + (signalNumbers[signal ?? ""] ?? 0),
      stdout: stdout.text(),
      stderr: stderr.text(),
      timedOut: deadline.passed(),
      truncated: stdout.truncated() || stderr.truncated(),
    };
  } catch (thrown) {
    throw new ProcessError(program, thrown);
  } finally {
    deadline.cancel();
  }
}

/** Throws at once for what the system can never start, such as arguments that are too long. */
function start([program, ...args]: Argv, options: RunOptions): ChildProcess {
  try {
    return spawn(program, args, {
      // A process group of its own, so that a deadline ends its children too.
      detached: true,
      stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      env: { ...processEnvironment(), ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } catch (thrown) {
    throw new ProcessError(program, thrown);
  }
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function ended(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
    child.once("exit", () => {
      const release = setTimeout(() => {
        // However late this process is, one more turn brings what is in the pipes by now.
        setImmediate(() => {
          child.stdout?.destroy();
          child.stderr?.destroy();
        });
      }, drainMs);
      child.once("close", () => clearTimeout(release));
    });
  });
}

function startDeadline(child: ChildProcess, timeoutMs: number): { passed(): boolean; cancel(): void } {
  let passed = false;
  let kill: NodeJS.Timeout | undefined;
  const term = setTimeout(() => {
    passed = true;
    signalGroup(child, "SIGTERM");
    kill = setTimeout(() => signalGroup(child, "SIGKILL"), killGraceMs);
  }, timeoutMs);
  return {
    passed: () => passed,
    cancel: () => {
      clearTimeout(term);
      clearTimeout(kill);
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group ended in this moment.
  }
}

function collect(
  stream: NodeJS.ReadableStream | null,
  cap: number,
  onOutput: ((chunk: Buffer) => void) | undefined,
): { text(): string; truncated(): boolean } {
  const chunks: Buffer[] = [];
  let size = 0;
  let truncated = false;
  stream?.on("data", (chunk: Buffer) => {
    onOutput?.(chunk);
    const room = cap - size;
    if (chunk.length > room) truncated = true;
    if (room <= 0) return;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    chunks.push(kept);
    size += kept.length;
  });
  return { text: () => Buffer.concat(chunks).toString("utf8"), truncated: () => truncated };
}

async function spawnDetached(argv: Argv, options: DetachedOptions): Promise<{ readonly pid: number }> {
  const [program, ...args] = argv;
  const output = openSync(options.stdoutFile, "w", 0o600);
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: ["ignore", output, output],
      env: { ...environmentOutsideHook(processEnvironment()), ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    if (child.pid === undefined) throw new Error("it has no process id");
    return { pid: child.pid };
  } catch (thrown) {
    throw new ProcessError(program, thrown);
  } finally {
    closeSync(output);
  }
}
