// The unix socket that a unit's hook commands talk to: one call at a time per unit, each answered from the context it names.
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { type CommandResult, FileNeeded, runHookCommand } from "../../lib/juju/hook-commands/index.ts";
import type { HookContext } from "../../lib/juju/hook-context.ts";
import { askForFile, packResult, readRequest, type ToolRequest, takeMessage } from "./tool-protocol.ts";

export interface SocketOwner {
  /** The running context of that id. */
  readonly contextOf: (id: string) => HookContext | undefined;
  /** Runs a command line with the unit's lock held (juju-exec of the machine). */
  readonly runCommandLine: (args: readonly string[], dir: string) => Promise<CommandResult>;
  /** Resolves once the controller can be reached: until then a call has no answer. */
  readonly contact: () => Promise<void>;
  /** Called before each hook command runs; false when the program that called is being killed. */
  readonly beforeCall: (context: HookContext, name: string) => boolean;
  /** Answers the tap of a run: whether an effect (kind, detail, bytes in hexadecimal) may happen. */
  readonly onEffect: (contextId: string, effect: readonly string[]) => boolean;
  /** Called after each hook command. */
  readonly afterCall: (context: HookContext) => void;
}

/** Listens for a unit's hook commands. The path is on the controller's side and at most 107 bytes long. */
export async function openAgentSocket(path: string, owner: SocketOwner): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => serve(socket, owner));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return server;
}

function serve(socket: Socket, owner: SocketOwner): void {
  let bytes: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const message = takeMessage(bytes);
    if (message === undefined) return;
    bytes = message.rest;
    void answer(owner, readRequest(message.fields)).then((reply) => socket.end(reply));
  });
}

async function answer(owner: SocketOwner, request: ToolRequest): Promise<Buffer> {
  // What a program does on its machine needs no controller.
  if (request.name === "effect")
    return packResult({
      code: owner.onEffect(request.contextId, request.args) ? 0 : 1,
      stdout: "",
      stderr: "",
    });
  await owner.contact();
  try {
    if (request.contextId === "juju-exec")
      return packResult(await owner.runCommandLine(request.args, request.dir));
    return packResult(callHookCommand(owner, request));
  } catch (error) {
    if (error instanceof FileNeeded) return askForFile(error.path);
    const message = error instanceof Error ? error.message : String(error);
    return packResult(refusal(message));
  }
}

function callHookCommand(owner: SocketOwner, request: ToolRequest): CommandResult {
  const context = owner.contextOf(request.contextId);
  if (context === undefined)
    return refusal(`bad request: wrong context ID; got ${JSON.stringify(request.contextId)}`);
  if (!request.dir.startsWith("/")) return refusal("bad request: Dir is not absolute");
  // A call that sends a file along has been seen before.
  if (request.files.size === 0 && !owner.beforeCall(context, request.name)) return refusal("killed");
  const result = runHookCommand(context, request);
  owner.afterCall(context);
  return result;
}

function refusal(message: string): CommandResult {
  return { code: 1, stdout: "", stderr: `ERROR ${message}\n` };
}
