// What the Juju side asks of a machine. The real one is made of namespaces; tests of the agent pass in another.
import type { Readable, Writable } from "node:stream";

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Program {
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<ProgramExit>;
  kill(signal: NodeJS.Signals): boolean;
}

export interface UnitMachine {
  /** What runs a program so that its effects are asked about: the argument list before SOCKET CONTEXT PROGRAM. */
  readonly tap?: readonly string[];
  /** The same for what is only to be written down: the argument list before PROGRAM. */
  readonly recorder?: readonly string[];
  /** The controller's path of a path inside; short enough for a socket while the machine runs. */
  path(inside: string): string;
  /** Starts a program; the environment is exactly what is given. */
  spawn(
    argv: readonly string[],
    options: { env: Readonly<Record<string, string>>; cwd?: string; stdin?: "ignore" | "pipe" },
  ): Program;
}
