// One dispatch: environment → event → handler → commit → exit code.

import { type ActionContext, type RunningAction, runningAction } from "./action.ts";
import { processEnvironment, readContext } from "./context.ts";
import { OperatorError, toError } from "./errors.ts";
import { type Event, readEvent } from "./events.ts";
import { hookTools } from "./hook-commands.ts";
import { hookModel } from "./hook-model.ts";
import type { HookTools } from "./hook-tools.ts";
import { type BufferedLog, createLog, type Log } from "./log.ts";
import type { CharmMeta } from "./meta.ts";
import type { Model } from "./model.ts";
import { type Processes, realProcesses } from "./process.ts";

/** What a handler works with during one event. */
export interface Scope<M extends CharmMeta> {
  readonly model: Model<M>;
  readonly log: Log;
  readonly processes: Processes;
  /** The running action; undefined in a hook. */
  readonly action: ActionContext | undefined;
}

export interface Charm<M extends CharmMeta> {
  readonly meta: M;
  handle(event: Event<M>, scope: Scope<M>): Promise<void>;
}

/** What a dispatch stands on; the real things unless others are given. */
export interface DispatchPorts {
  readonly env: NodeJS.ProcessEnv;
  readonly processes: Processes;
  readonly tools: HookTools;
}

/** The whole program of a charm: handles the event that Juju started this process for, and ends with its exit code. */
export function main<M extends CharmMeta>(charm: Charm<M>): void {
  void runDispatch(charm).then((code) => {
    process.exitCode = code;
  });
}

/**
 * Handles the event that this process was started for and gives its exit code. 0: everything written was
 * committed, or an action failed with a message (and nothing was). 1: something unexpected was thrown; it is in
 * the log, nothing was committed, and Juju runs the same hook again.
 */
export async function runDispatch<M extends CharmMeta>(
  charm: Charm<M>,
  ports: Partial<DispatchPorts> = {},
): Promise<number> {
  const processes = ports.processes ?? realProcesses();
  const tools = ports.tools ?? hookTools(processes);
  const log = createLog((level, text) => tools.jujuLog(level, text));
  try {
    const env = ports.env ?? processEnvironment();
    const context = readContext(env);
    const event = readEvent(env, charm.meta);
    const model = hookModel({ context, meta: charm.meta, event, tools });
    const action = event.kind === "action" ? runningAction(event.action, event.actionId, tools) : undefined;
    await handle(charm, event, { model, log, processes }, action);
    return 0;
  } catch (thrown) {
    tellFailure(log, toError(thrown));
    return 1;
  } finally {
    await log.flush();
  }
}

async function handle<M extends CharmMeta>(
  charm: Charm<M>,
  event: Event<M>,
  scope: Omit<Scope<M>, "action">,
  action: RunningAction | undefined,
): Promise<void> {
  try {
    await charm.handle(event, { ...scope, action });
    if (action?.failure === undefined) await scope.model.commit();
  } catch (thrown) {
    if (action === undefined || !(thrown instanceof OperatorError)) throw thrown;
    action.fail(tell(thrown));
  }
  await action?.finish();
}

function tell({ message, next }: OperatorError): string {
  return next === undefined ? message : `${message}\n${next}`;
}

function tellFailure(log: BufferedLog, error: Error): void {
  if (error instanceof OperatorError) log.error(tell(error));
  else log.error(withCauses(error));
}

function withCauses(error: Error): string {
  const told = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? told : `${told}\ncaused by ${withCauses(toError(error.cause))}`;
}
