// One dispatch: environment → event → handler → commit → exit code.

import { type ActionContext, type RunningAction, runningAction } from "./action.ts";
import { processEnvironment, readContext } from "./context.ts";
import { type Breakpoint, breakpoints } from "./debug.ts";
import { OperatorError, tellError, toError } from "./errors.ts";
import { type Event, readEvent } from "./events.ts";
import { hookTools } from "./hook-commands/index.ts";
import { hookModel } from "./hook-model.ts";
import type { HookTools } from "./hook-tools.ts";
import { keptAnswers } from "./kept-answers.ts";
import { type Later, type LaterWork, laterWork } from "./later.ts";
import { type BufferedLog, createLog, type Log } from "./log.ts";
import type { CharmMeta } from "./meta.ts";
import type { HookModel, Model } from "./model.ts";
import { OptionError } from "./options.ts";
import { type Processes, realProcesses } from "./process.ts";
import { type Reboot, rebooting } from "./reboot.ts";
import { type SecurityLog, securityLog, watchRefusals } from "./security.ts";
import { storedState } from "./stored-state.ts";

/** What a handler works with during one event. */
export interface Scope<M extends CharmMeta> {
  readonly model: Model<M>;
  readonly log: Log;
  readonly processes: Processes;
  /** The running action; undefined in a hook. */
  readonly action: ActionContext | undefined;
  readonly later: Later;
  readonly reboot: Reboot;
  readonly breakpoint: Breakpoint;
}

export interface Charm<M extends CharmMeta> {
  readonly meta: M;
  handle(event: Event<M>, scope: Scope<M>): Promise<void>;
  /** Work that a hook can leave for the next one, by name; done before that hook's event. Must be able to run twice. */
  readonly later?: Readonly<Record<string, (scope: Scope<M>) => Promise<void>>>;
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
 * committed, or an action failed with a message, or a bad option blocks the unit (and nothing was). 1: something
 * unexpected was thrown; it is in the log, nothing was committed, and Juju runs the same hook again.
 */
export async function runDispatch<M extends CharmMeta>(
  charm: Charm<M>,
  ports: Partial<DispatchPorts> = {},
): Promise<number> {
  const processes = ports.processes ?? realProcesses();
  const env = ports.env ?? processEnvironment();
  const kept = ports.tools === undefined ? keptAnswers(env) : undefined;
  const tools = ports.tools ?? hookTools(processes, kept);
  const log = createLog((level, text) => tools.jujuLog(level, text));
  const stray = strayErrors();
  try {
    const code = await Promise.race([dispatch(charm, env, { processes, tools }, log), stray.thrown]);
    if (code === 0) await kept?.keep();
    return code;
  } catch (thrown) {
    log.error(tellError(toError(thrown)));
    return 1;
  } finally {
    stray.ignore();
    await log.flush();
  }
}

async function dispatch<M extends CharmMeta>(
  charm: Charm<M>,
  env: NodeJS.ProcessEnv,
  { processes, tools: bare }: Omit<DispatchPorts, "env">,
  log: BufferedLog,
): Promise<number> {
  const context = readContext(env);
  const event = readEvent(env, charm.meta);
  const tell = securityLog(context, log);
  const tools = watchRefusals(bare, tell);
  const state = storedState(tools);
  const model = hookModel({ context, meta: charm.meta, event, tools, state });
  const action = event.kind === "action" ? runningAction(event.action, event.actionId, tools) : undefined;
  const later = laterWork(state, Object.keys(charm.later ?? {}));
  const breakpoint = breakpoints(context.debugAt);
  const reboot = rebooting(tools, log, tell);
  const run: Run<M> = { charm, event, model, later, action, tell, log };
  return handle(run, { model, log, processes, action, later, reboot, breakpoint });
}

interface Run<M extends CharmMeta> {
  readonly charm: Charm<M>;
  readonly event: Event<M>;
  readonly model: HookModel<M>;
  readonly later: LaterWork;
  readonly action: RunningAction | undefined;
  readonly tell: SecurityLog;
  readonly log: BufferedLog;
}

async function handle<M extends CharmMeta>(run: Run<M>, scope: Scope<M>): Promise<number> {
  const { charm, event, model, action } = run;
  try {
    if (action === undefined) await doLeftWork(run, scope);
    await scope.breakpoint("hook");
    await charm.handle(event, scope);
    if (action?.failure === undefined) await model.commit();
    await action?.finish();
    return 0;
  } catch (thrown) {
    return fail(run, toError(thrown));
  }
}

async function fail<M extends CharmMeta>(run: Run<M>, error: Error): Promise<number> {
  const { model, action, log } = run;
  if (action === undefined && error instanceof OptionError && !model.handedOver()) {
    log.warn(error.message);
    await model.setUnitStatus({ kind: "blocked", message: error.message });
    return 0;
  }
  const meantForPerson = error instanceof OperatorError;
  if (action === undefined || !meantForPerson) log.error(tellError(error));
  if (!meantForPerson) tellCrash(run, error);
  return action === undefined ? 1 : failAction(model, action, error);
}

/** Work that earlier hooks left comes before the event. */
async function doLeftWork<M extends CharmMeta>(
  { charm, later, log }: Run<M>,
  scope: Scope<M>,
): Promise<void> {
  if (charm.later === undefined) return;
  for (const { name, attempts, since, reason } of await later.take()) {
    log.info(`doing what was left for later: ${name}`, { attempt: attempts, since, reason });
    await charm.later[name]?.(scope);
  }
}

/**
 * The person who ran the action gets the message. It needs an exit code of 0, which makes true whatever Juju has been
 * told: where that is some of the writes but not all of them, the message is in the log only.
 */
async function failAction<M extends CharmMeta>(
  model: HookModel<M>,
  action: RunningAction,
  error: Error,
): Promise<number> {
  action.fail(error instanceof OperatorError ? tellError(error) : `${error.name}: ${error.message}`);
  await action.finish();
  return model.handedOver() ? 1 : 0;
}

function tellCrash<M extends CharmMeta>({ event, tell }: Run<M>, error: Error): void {
  const description = `Uncaught ${error.name} in ${event.kind}`;
  tell({ event: `sys_crash:${error.name}`, level: "WARN", description });
}

/** What is thrown where nobody waits for it, such as in a timer, fails the hook like anything else. */
function strayErrors(): { readonly thrown: Promise<never>; ignore(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  process.once("uncaughtException", reject);
  return { thrown: promise, ignore: () => process.off("uncaughtException", reject) };
}
