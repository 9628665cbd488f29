// One dispatch: environment → event → handler → commit → exit code.

import type * as z from "zod";
import type { Event } from "./events.ts";
import type { HookTools } from "./hook-tools.ts";
import type { Log } from "./log.ts";
import type { CharmMeta } from "./meta.ts";
import type { Model } from "./model.ts";
import type { Processes } from "./process.ts";
import type { NestedResults } from "./results.ts";

export interface ActionContext {
  readonly id: string;
  params<T>(action: string, schema: z.ZodType<T>): Promise<T>;
  setResults(results: NestedResults): void;
  fail(message: string): void;
  log(message: string): Promise<void>;
}

export interface Scope<M extends CharmMeta> {
  readonly model: Model<M>;
  readonly log: Log;
  readonly processes: Processes;
  readonly action: ActionContext | undefined;
}

export interface Charm<M extends CharmMeta> {
  readonly meta: M;
  handle(event: Event<M>, scope: Scope<M>): Promise<void>;
}

export interface DispatchPorts {
  readonly env: NodeJS.ProcessEnv;
  readonly processes: Processes;
  readonly tools: HookTools;
}

export async function runDispatch<M extends CharmMeta>(
  _charm: Charm<M>,
  _ports: Partial<DispatchPorts> = {},
): Promise<number> {
  throw new Error("not yet");
}
