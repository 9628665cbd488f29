// The bytes between a hook command in a machine and its agent: requests and answers as counted fields. Pure.
import type { CommandResult, FileAnswer } from "../../lib/juju/hook-commands/index.ts";

export interface ToolRequest {
  readonly contextId: string;
  /** The caller's working directory. */
  readonly dir: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly files: ReadonlyMap<string, FileAnswer>;
}

/** Cuts one whole message (a count of bytes, then fields) off the front; undefined until all of it is there. */
export function takeMessage(bytes: Buffer): { fields: Buffer[]; rest: Buffer } | undefined {
  if (bytes.length < 4) return undefined;
  const end = 4 + bytes.readUInt32BE(0);
  if (bytes.length < end) return undefined;
  const fields: Buffer[] = [];
  for (let at = 4; at < end; ) {
    const size = bytes.readUInt32BE(at);
    fields.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return { fields, rest: bytes.subarray(end) };
}

/** Packs fields into one message. */
export function packMessage(fields: readonly (string | Buffer)[]): Buffer {
  const parts = fields.flatMap((field) => {
    const bytes = typeof field === "string" ? Buffer.from(field, "utf8") : field;
    return [count(bytes.length), bytes];
  });
  const body = Buffer.concat(parts);
  return Buffer.concat([count(body.length), body]);
}

/** Reads a request: context, directory, command, the arguments by number, then files as triples of path, "ok" or problem, content. */
export function readRequest(fields: readonly Buffer[]): ToolRequest {
  const text = (at: number): string => fields[at]?.toString("utf8") ?? "";
  const argc = Number(text(3));
  const files = new Map<string, FileAnswer>();
  for (let at = 4 + argc; at + 2 < fields.length; at += 3) {
    const content = fields[at + 2] ?? Buffer.alloc(0);
    files.set(text(at), text(at + 1) === "ok" ? { content } : { problem: text(at + 1) });
  }
  const args = Array.from({ length: argc }, (_, n) => text(4 + n));
  return { contextId: text(0), dir: text(1), name: text(2), args, files };
}

/** Asks the caller for a file; it answers with the same request and the file. */
export function askForFile(path: string): Buffer {
  return packMessage(["file", path]);
}

/** The end of a call: exit code, output, errors, and the file that gets the output instead of the screen. */
export function packResult(result: CommandResult): Buffer {
  return packMessage(["done", String(result.code), result.stdout, result.stderr, result.output ?? ""]);
}

function count(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
