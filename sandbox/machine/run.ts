// Runs a program of the host to its end; nothing else in sandbox/machine or sandbox/snaps starts short-lived programs.
import { spawn } from "node:child_process";
import { hostEnvironment } from "./tools.ts";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Written to the program's standard input, which is then closed. */
  readonly input?: string;
  /** Called with each piece of standard output and error as it arrives. */
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** A program could not be started or did not exit 0. */
export class RunError extends Error {
  readonly argv: readonly string[];
  readonly code: number | undefined;
  readonly stderr: string;

  constructor(argv: readonly string[], outcome: string, code: number | undefined, stderr: string) {
    const said = stderr.trim().split("\n").slice(-8).join("\n");
    super(`${argv.join(" ")}: ${outcome}${said === "" ? "" : `: ${said}`}`);
    this.name = "RunError";
    this.argv = argv;
    this.code = code;
    this.stderr = stderr;
  }
}

/** Runs a program and waits for its end. Throws RunError unless it exits 0. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: options.env ?? hostEnvironment(),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      options.onOutput?.(text);
    });
    child.on("error", (error) => reject(new RunError(argv, error.message, undefined, stderr)));
    child.on("close", (code, signal) => {
      if (code === 0) resolve({ stdout, stderr });
      else {
        const outcome = code === null ? `was ended by ${signal}` : `exited ${code}`;
        reject(new RunError(argv, outcome, code ?? undefined, stderr));
      }
    });
    // The program may end without reading its input; its exit code tells what matters.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}
