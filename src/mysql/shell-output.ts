// The output of `mysqlsh --json=raw`: one JSON document a line, messages and result alike.
import * as z from "zod";
import { MysqlProblem } from "../problems.ts";
import { classifyShell } from "./classify.ts";

const messageSchema = z
  .object({ info: z.string(), note: z.string(), warning: z.string(), error: z.string(), status: z.string() })
  .partial();

export interface ShellOutput {
  /** The last error line, without its line end; "" when there is none. */
  readonly error: string;
  /** The last line that tells how far the work is; "" when there is none. */
  readonly progress: string;
}

/** Reads what can be read; lines that are not JSON (progress bars, locale warnings) are passed over. */
export function readShellOutput(text: string): ShellOutput {
  let error = "";
  let progress = "";
  for (const line of text.split("\n")) {
    const message = parseLine(line);
    if (message?.error !== undefined && message.error.trim() !== "") error = message.error.trim();
    const told = (message?.info ?? message?.note ?? message?.status ?? "").trim();
    if (told !== "") progress = told;
  }
  return { error, progress: firstLine(progress) };
}

function parseLine(line: string): z.infer<typeof messageSchema> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const parsed = messageSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 120);
}

/** The problem that an ended run reports; undefined when it succeeded. AdminAPI prints `error` lines also on success: the exit code decides. */
export function shellFailure(operation: string, code: number, output: string): MysqlProblem | undefined {
  if (code === 0) return undefined;
  const { error } = readShellOutput(output);
  const detail = error === "" ? `MySQL Shell ended with exit code ${code}` : error;
  return new MysqlProblem(classifyShell(error), operation, detail.slice(0, 300));
}
