// The only place that starts a process: never through a shell, always with a deadline and a cap on the output.

import type { ChildProcess, SpawnOptions, SpawnSyncReturns } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
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
  /**
   * Nothing else happens in this process until the program has ended, for half of what a start costs it otherwise. For a
   * program that answers at once; the deadline ends its process group with SIGKILL. Goes without `onOutput`.
   */
  readonly isBlocking?: boolean;
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

/** The real thing. */
export function realProcesses(): Processes {
  return { run: runProcess, spawnDetached };
}

async function runProcess(argv: Argv, options: RunOptions): Promise<RunResult> {
  if (options.isBlocking === true) return runBlocking(argv, options);
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
      code: code ?? killedBy(signal),
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

/** Of a program that has started, the error says only why it was ended, or that it left input unread (EPIPE). */
function runBlocking(argv: Argv, options: RunOptions): RunResult {
  const { pid, error, status, signal, stdout, stderr } = startBlocking(argv, options);
  if (error !== undefined && status === null && signal === null) throw new ProcessError(argv[0], error);
  const reason = error !== undefined && "code" in error ? error.code : undefined;
  if (reason === "ETIMEDOUT") signalGroup(pid, "SIGKILL");
  const code = status ?? killedBy(signal);
  return { code, stdout, stderr, timedOut: reason === "ETIMEDOUT", truncated: reason === "ENOBUFS" };
}

function startBlocking([program, ...args]: Argv, options: RunOptions): SpawnSyncReturns<string> {
  const settings = {
    ...spawnSettings(options),
    encoding: "utf8",
    timeout: options.timeoutMs,
    maxBuffer: options.maxOutputBytes ?? defaultCap,
    killSignal: "SIGKILL",
    ...(options.stdin === undefined ? {} : { input: options.stdin }),
  } as const;
  try {
    return spawnSync(program, args, settings);
  } catch (thrown) {
    throw new ProcessError(program, thrown);
  }
}

/** Throws at once for what the system can never start, such as arguments that are too long. */
function start([program, ...args]: Argv, options: RunOptions): ChildProcess {
  try {
    return spawn(program, args, spawnSettings(options));
  } catch (thrown) {
    throw new ProcessError(program, thrown);
  }
}

function spawnSettings({ stdin, env, cwd }: RunOptions) {
  return {
    // A process group of its own, so that a deadline ends its children too.
    detached: true,
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    env: { ...processEnvironment(), ...env },
    ...(cwd === undefined ? {} : { cwd }),
  } satisfies SpawnOptions;
}

function killedBy(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
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
    signalGroup(child.pid, "SIGTERM");
    kill = setTimeout(() => signalGroup(child.pid, "SIGKILL"), killGraceMs);
  }, timeoutMs);
  return {
    passed: () => passed,
    cancel: () => {
      clearTimeout(term);
      clearTimeout(kill);
    },
  };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
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
