// World in → event → World out: one dispatch of a charm in memory, under the rules on which the sandbox runs too.

import type { Event } from "../events.ts";
import { hookTools } from "../hook-commands/index.ts";
import type { HookTools } from "../hook-tools.ts";
import { CommitError, commit } from "../juju/commit.ts";
import type { HookContext } from "../juju/hook-context.ts";
import type { LogLevel } from "../log.ts";
import type { CharmMeta } from "../meta.ts";
import type { Argv, Processes, RunResult } from "../process.ts";
import { type Charm, runDispatch } from "../run.ts";
import type { Status } from "../status.ts";
import type { ActionParameters } from "./check-event.ts";
import { checkWorld } from "./check-world.ts";
import type { World } from "./shape.ts";
import { type Records, recordsOf } from "./world-in.ts";
import { worldAfter } from "./world-out.ts";
import { commandsOf, contextOf, variablesOf } from "./world-run.ts";

export { checkWorld, ImpossibleWorldError } from "./check-world.ts";
export type { WorldPort } from "./ports.ts";
export { emptyWorld, type World, type WorldRelation, type WorldSecret, type WorldStorage } from "./shape.ts";

export interface RunEventOptions {
  /** Parameters of the action; what has a default may be left out. */
  readonly params?: ActionParameters;
  /** Programs that the charm starts; unless given, starting one fails. */
  readonly processes?: Processes;
  /**
   * The unit leads when the hook begins, but no more when its writes are committed (`true`), or already once a
   * hook command has been called for the first time, by the name of its method, such as `isLeader`.
   */
  readonly losesLeadership?: boolean | keyof HookTools;
  /** What a hook command answers in place of the right answer, which it is given: for what no Juju should say. */
  readonly answers?: (argv: Argv, right: RunResult) => RunResult;
}

/** What an action left behind; empty in a hook. */
export interface ActionOutcome {
  readonly results: Readonly<Record<string, string>>;
  readonly failure: string | undefined;
  readonly logs: readonly string[];
}

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** What one dispatch led to. */
export interface RunEventResult<M extends CharmMeta> {
  /** 0 when the hook succeeded, also for an action that failed with a message. */
  readonly exitCode: number;
  /** Why Juju did not take what the hook wrote, though it exited 0; the hook counts as failed then. */
  readonly refusal: string | undefined;
  /** The world afterwards; after a failure only what acts at once has changed. */
  readonly world: World<M>;
  readonly log: readonly LogLine[];
  /** Every unit status that was shown, in order. */
  readonly statuses: readonly Status[];
  /** Hook commands in order, by the names of their methods; without the log's. */
  readonly calls: readonly string[];
  readonly action: ActionOutcome;
  /** Of the machine: `after` this hook, or `now`, which has ended the hook (exit code 143). */
  readonly reboot: "none" | "after" | "now";
}

/** Runs one event; rejects with ImpossibleWorldError when Juju could never run it in that world. */
export async function runEvent<M extends CharmMeta>(
  charm: Charm<M>,
  world: World<M>,
  event: Event<M>,
  options: RunEventOptions = {},
): Promise<RunEventResult<M>> {
  checkWorld(charm.meta, world, event, options.params);
  const records = recordsOf(
    charm.meta,
    world,
    event.kind === "relation-broken" ? event.relationId : undefined,
  );
  const context = contextOf(charm.meta, world, records, { event, params: options.params });
  const killed = Promise.withResolvers<number>();
  const deposed = (): void => depose(records);
  const others = options.processes ?? noProcesses;
  const commands = answering(commandsOf(context, others), options.answers);
  const heard = listen(hookTools(commands), (method) => {
    if (method === options.losesLeadership) deposed();
    if (context.reboot === "now") killed.resolve(terminated);
  });
  const env = variablesOf(context, event);
  const dispatched = runDispatch(charm, { env, processes: others, tools: heard.tools });
  const code = await Promise.race([dispatched, killed.promise]);
  if (options.losesLeadership === true) deposed();
  const refusal = code === 0 ? flush(context, records) : undefined;
  const succeeded = code === 0 && refusal === undefined;
  return {
    exitCode: succeeded ? 0 : code || 1,
    refusal,
    world: worldAfter(world, records, event, succeeded),
    log: heard.log,
    statuses: heard.statuses,
    calls: heard.calls,
    action: outcomeOf(context),
    reboot: context.reboot,
  };
}

/** Exit code of a process that SIGTERM ended. */
const terminated = 143;

const noProcesses: Processes = {
  run: ([program]) => Promise.reject(new Error(`the test gave no processes, but ${program} was to be run`)),
  spawnDetached: ([program]) =>
    Promise.reject(new Error(`the test gave no processes, but ${program} was to be started`)),
};

function answering(commands: Processes, answers: RunEventOptions["answers"]): Processes {
  if (answers === undefined) return commands;
  return { ...commands, run: async (argv, options) => answers(argv, await commands.run(argv, options)) };
}

interface Heard {
  readonly tools: HookTools;
  readonly calls: string[];
  readonly log: LogLine[];
  readonly statuses: Status[];
}

/** The same hook commands, each call noted before it is answered. */
function listen(tools: HookTools, called: (method: string) => void): Heard {
  const calls: string[] = [];
  const log: LogLine[] = [];
  const statuses: Status[] = [];
  const noting: HookTools = {
    ...tools,
    jujuLog: async (level, text) => void log.push({ level, text }),
    statusSet: async (target, status) => {
      await tools.statusSet(target, status);
      if (target === "unit") statuses.push(status);
    },
  };
  const noted = new Proxy(noting, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof name !== "string" || typeof method !== "function" || name === "jujuLog") return method;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        calls.push(name);
        const answer: unknown = await method(...args);
        called(name);
        return answer;
      };
    },
  });
  return { tools: noted, calls, log, statuses };
}

function depose({ model, unit }: Records): void {
  const application = model.applications[unit.application];
  if (application !== undefined) application.leader = null;
}

function flush(context: HookContext, { state, model, unit }: Records): string | undefined {
  try {
    commit({ state, model, unit, now: Date.now() }, context.writes);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof CommitError) return thrown.message;
    throw thrown;
  }
}

function outcomeOf({ results, failed, run }: HookContext): ActionOutcome {
  return {
    results: Object.fromEntries(dotted(results, "")),
    failure: failed ?? undefined,
    logs: run.task?.log.map(({ message }) => message) ?? [],
  };
}

function dotted(results: Readonly<Record<string, unknown>>, prefix: string): readonly [string, string][] {
  return Object.entries(results).flatMap(([key, value]) =>
    typeof value === "object" && value !== null
      ? dotted({ ...value }, `${prefix}${key}.`)
      : [[`${prefix}${key}`, String(value)]],
  );
}
