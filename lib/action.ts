// What an action's handler can do: read its parameters, gather results, fail with a message.

import type * as z from "zod";
import { once } from "./ask-once.ts";
import { ActionParameterError } from "./errors.ts";
import type { HookTools } from "./hook-tools.ts";
import { oneLine, readable } from "./plain-text.ts";
import { flattenResults, type NestedResults } from "./results.ts";
import { redact } from "./secrets.ts";

/** The running action. Results and failure reach Juju when the handler is done. */
export interface ActionContext {
  readonly id: string;
  /** The parameters as Juju gives them, defaults filled in. */
  given(): Promise<Readonly<Record<string, unknown>>>;
  /**
   * The parameters, by a schema of an object. Throws {@link ActionParameterError} with the parameter's name and
   * the reason; left to itself that error becomes the action's failure message.
   */
  params<T>(action: string, schema: z.ZodType<T>): Promise<T>;
  /** Merged with earlier results. Throws for keys that Juju would refuse. */
  setResults(results: NestedResults): void;
  /** Fails the action; results so far are kept, other writes are dropped. */
  fail(message: string): void;
  /** Shown at once to the person who waits for the action. */
  log(message: string): Promise<void>;
}

/** An action in progress as the framework sees it. */
export interface RunningAction extends ActionContext {
  readonly failure: string | undefined;
  finish(): Promise<void>;
}

/** Arguments, which Linux limits. */
const longestFailure = 10_000;
const longestLine = 1000;

type ActionTools = Pick<HookTools, "actionGet" | "actionSet" | "actionFail" | "actionLog">;

export function runningAction(name: string, id: string, tools: ActionTools): RunningAction {
  const results = new Map<string, string>();
  let failure: string | undefined;
  const given = once(() => tools.actionGet());
  return {
    id,
    given,
    get failure() {
      return failure;
    },
    params: async (action, schema) => {
      if (action !== name) throw new Error(`parameters of action ${action} asked for while ${name} runs`);
      const read = schema.safeParse(await given());
      if (read.success) return read.data;
      const [issue] = read.error.issues;
      throw new ActionParameterError(String(issue?.path[0] ?? ""), issue?.message ?? "is not as declared");
    },
    setResults: (nested) => {
      for (const [key, value] of flattenResults(nested)) results.set(key, readable(value, Infinity));
    },
    fail: (message) => {
      failure = message;
    },
    log: (message) => tools.actionLog(oneLine(redact(message), longestLine)),
    finish: async () => {
      await tools.actionSet(results);
      if (failure !== undefined) await tools.actionFail(readable(redact(failure), longestFailure));
    },
  };
}
