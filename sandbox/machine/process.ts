// A program that runs inside a machine, started from the hub.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { systemCall } from "./system-calls.ts";
import { tool } from "./tools.ts";

const ENTER = fileURLToPath(new URL("enter.pl", import.meta.url));

export interface SpawnOptions {
  /** The whole environment of the program: nothing is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder inside the machine; / when absent. */
  readonly cwd?: string;
  /** "ignore" when absent. */
  readonly stdin?: "ignore" | "pipe";
}

/** How a program ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Output extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export interface MachineProcess {
  /** Of the process that stands for the program in the hub. */
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Fulfilled when the program has ended, in whatever way; output may still be in the pipes. */
  readonly exited: Promise<Exit>;
  /** Signals the program's process group. False when it has ended. */
  kill(signal: NodeJS.Signals): boolean;
}

/** Starts a program in the namespaces of the process `init`. A program that is not there exits 127 and says so. */
export function enter(init: number, argv: readonly string[], options: SpawnOptions): MachineProcess {
  const child = spawn(tool("perl"), [ENTER, systemCall("setns"), `${init}`, options.cwd ?? "/", ...argv], {
    env: options.env,
    stdio: [options.stdin ?? "ignore", "pipe", "pipe"],
    // A session and process group of its own, for kill.
    detached: true,
  });
  return adopt(child, argv);
}

function adopt(child: ChildProcess, argv: readonly string[]): MachineProcess {
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) {
    child.on("error", () => {});
    throw new Error(`cannot start perl to run ${argv[0]}`);
  }
  const exited = new Promise<Exit>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  const kill = (signal: NodeJS.Signals): boolean => {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  };
  return { pid, stdin, stdout, stderr, exited, kill };
}

/** Waits for the end of a program and of its output, and gives both. */
export async function collect(program: MachineProcess, input = ""): Promise<Output> {
  const text = { stdout: "", stderr: "" };
  const read = (name: "stdout" | "stderr"): Promise<void> =>
    new Promise((resolve) => {
      const stream = program[name].setEncoding("utf8");
      stream.on("data", (part: string) => {
        text[name] += part;
      });
      stream.on("close", resolve);
    });
  const ends = Promise.all([read("stdout"), read("stderr"), program.exited]);
  program.stdin?.on("error", () => {});
  program.stdin?.end(input);
  const [, , exit] = await ends;
  return { ...exit, ...text };
}
