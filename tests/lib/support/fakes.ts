// Doubles that are handed in: a log that remembers, hook commands that fail unless told what to answer.

import type { HookTools, Log } from "../../../lib/index.ts";

export interface RememberedLog extends Log {
  readonly lines: readonly string[];
}

export function rememberedLog(): RememberedLog {
  const lines: string[] = [];
  const note =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level} ${message}`);
  return {
    lines,
    trace: note("trace"),
    debug: note("debug"),
    info: note("info"),
    warn: note("warn"),
    error: note("error"),
  };
}

export interface ScriptedTools {
  readonly tools: HookTools;
  /** Each call as `method(arguments as JSON)`. */
  readonly calls: string[];
}

/** Hook commands that answer as scripted; one without an answer fails the test that calls it. */
export function scriptedTools(answers: Partial<HookTools>): ScriptedTools {
  const calls: string[] = [];
  const tools = new Proxy(answers as HookTools, {
    get: (target, name) => {
      const answer: unknown = Reflect.get(target, name);
      return (...args: readonly unknown[]): unknown => {
        calls.push(`${String(name)}${JSON.stringify(args)}`);
        if (typeof answer !== "function") throw new Error(`${String(name)} was not expected`);
        return answer(...args);
      };
    },
  });
  return { tools, calls };
}
