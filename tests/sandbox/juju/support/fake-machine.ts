// A machine without namespaces for tests of the agent: its programs are functions of the test, which call hook commands over the agent's real socket.
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { unitPaths } from "../../../../lib/juju/environment.ts";
import { packMessage, takeMessage } from "../../../../sandbox/juju/tool-protocol.ts";
import type { Program, ProgramExit, UnitMachine } from "../../../../sandbox/juju/unit-machine.ts";

export type Env = Readonly<Record<string, string>>;
/** Runs a hook command; rejects unless it exits 0. */
type HookTool = (name: string, ...args: readonly string[]) => Promise<string>;
/** The charm: returns its exit code. */
export type Dispatch = (env: Env, tool: HookTool, print: (bytes: Buffer) => void) => number | Promise<number>;

export class FakeMachine implements UnitMachine {
  readonly #root: string;
  dispatch: Dispatch = () => 0;
  /** What each run was, in order: the dispatch path or `exec`. */
  readonly runs: string[] = [];

  /** @param unit whose charm is there already, if any */
  constructor(root: string, unit?: string) {
    this.#root = root;
    if (unit === undefined) return;
    const file = this.path(`${unitPaths(unit).charmDir}/dispatch`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o755 });
  }

  path(inside: string): string {
    return join(this.#root, inside);
  }

  spawn(_argv: readonly string[], { env }: { env: Env }): Program {
    this.runs.push(env["JUJU_DISPATCH_PATH"] ?? "exec");
    const killed = Promise.withResolvers<ProgramExit>();
    const tool: HookTool = (name, ...args) =>
      callTool(this.path(env["JUJU_AGENT_SOCKET_ADDRESS"] ?? ""), env, name, args);
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const ran = Promise.resolve()
      .then(() => this.dispatch(env, tool, (bytes) => stdout.write(bytes)))
      .catch((error: unknown) => {
        stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        return 1;
      })
      .then((code): ProgramExit => ({ code, signal: null }));
    return {
      stdin: new PassThrough(),
      stdout,
      stderr,
      exited: Promise.race([ran, killed.promise]),
      kill: (signal) => {
        killed.resolve({ code: null, signal });
        return true;
      },
    };
  }
}

function callTool(socketPath: string, env: Env, name: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let bytes: Buffer = Buffer.alloc(0);
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const message = takeMessage(bytes);
      if (message === undefined) return;
      const [kind = "", code = "", out = "", err = ""] = message.fields.map((field) => field.toString());
      if (kind === "done" && code === "0") resolve(out);
      else reject(new Error(`${name}: ${err.trim()}`));
    });
    socket.write(packMessage([env["JUJU_CONTEXT_ID"] ?? "", "/", name, String(args.length), ...args]));
  });
}
