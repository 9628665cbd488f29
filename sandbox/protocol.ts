// What the command line and the controller say to each other over the sandbox's socket: one JSON object a line.
import type { Socket } from "node:net";
import type { StatusJson } from "./status/shape.ts";

export type ToController =
  | {
      readonly type: "verb";
      readonly argv: readonly string[];
      readonly cwd: string;
      readonly color: boolean;
      readonly isTerminal: boolean;
      readonly columns?: number;
    }
  | { readonly type: "input"; readonly data: string | null }
  | { readonly type: "watch"; readonly model: string }
  | { readonly type: "shutdown" };

export type FromController =
  /** The verb is taken up: from here on it must not be asked for a second time. */
  | { readonly type: "begun" }
  | { readonly type: "out" | "err"; readonly data: string }
  | { readonly type: "exit"; readonly code: number }
  /** null while there is no such model. */
  | { readonly type: "status"; readonly status: StatusJson | null };

/** Sends one message. */
export function send(socket: Socket, message: ToController | FromController): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls `receive` for each message that arrives. */
export function onMessages<T extends ToController | FromController>(
  socket: Socket,
  receive: (message: T) => void,
): void {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) receive(JSON.parse(line) as T);
  });
}
