// The agent of a unit in memory: one operation of Juju's resolver at a time, with the real charm in this process.
import { CommitError, commit } from "../../lib/juju/commit.ts";
import { environmentOf } from "../../lib/juju/environment.ts";
import {
  type HookContext,
  openContext,
  type RelationCache,
  type RunKind,
} from "../../lib/juju/hook-context.ts";
import { commitHook, type HookInfo, hookName, isRelationHook } from "../../lib/juju/local-state.ts";
import type { Task } from "../../lib/juju/model.ts";
import { note } from "../../sandbox/juju/agent-notes.ts";
import { finishHook, prepareHook, setAgentStatus } from "../../sandbox/juju/agent-steps.ts";
import { nextOperation, type Operation } from "../../sandbox/juju/resolver.ts";
import { takeSnapshot } from "../../sandbox/juju/snapshot.ts";
import { dispatchCharm, type Rules } from "./dispatch.ts";
import { depose } from "./leads.ts";
import { noteResults } from "./ledger.ts";
import { type ExploreState, type Place, placeOf } from "./state.ts";
import { Strikes } from "./tap.ts";

/** What befalls a run besides its own doing. */
export interface Fate {
  /** Killed before its n-th effect (from 1); one more than it has: killed before the flush. */
  readonly killAt?: number;
  /** What it wrote is refused. */
  readonly refused?: boolean;
  /** Called before each effect, with the world as a kill there would leave it. */
  readonly told?: (effect: string) => void;
}

/** One run of the charm, or undefined when there was nothing to run. */
export interface Ran {
  /** `config-changed`, `action rejoin-cluster`, `the end of the job join`. */
  readonly what: string;
  readonly effects: readonly string[];
  readonly end: "done" | "failed" | "refused" | "killed";
  /** Why an action refused to act. */
  readonly refusal: string;
}

/** What the unit would do next; notes that run nothing come before. */
function next(state: ExploreState, place: Place): Operation {
  const { model, unit, agent } = place;
  return nextOperation(unit.local, takeSnapshot(state.juju, model, unit, state.now), {
    rebooted: agent.rebooted,
    retryDue: agent.retry === "due",
    updateStatusVersion: agent.ticks,
    commands: agent.wakes,
  });
}

/** Whether the unit has something to do now. */
export function isBusy(state: ExploreState, place: Place): boolean {
  const { kind } = next(state, place);
  return kind !== "wait" && kind !== "retry-later";
}

/** Does what is next up to and with the next run of the charm. Changes the state in place. */
export async function operate(
  rules: Rules,
  state: ExploreState,
  name: string,
  fate: Fate = {},
): Promise<Ran | undefined> {
  for (;;) {
    const place = placeOf(state, name);
    const operation = place === undefined ? undefined : next(state, place);
    if (place === undefined || operation === undefined) return undefined;
    switch (operation.kind) {
      case "wait":
      case "retry-later":
        return undefined;
      case "dead":
        rules.bury(state, place);
        return undefined;
      case "run-hook":
        return await runHook(rules, state, place, operation.hook, fate);
      case "run-action":
        return await runAction(rules, state, place, operation.task, fate);
      case "fail-action":
        failTask(state, place);
        continue;
      case "run-command":
        return await tellJob(rules, state, place, fate);
      case "skip-hook":
        throw new Error("nobody resolves hooks here");
      default:
        await note(noteTaker(state, place), operation);
    }
  }
}

function noteTaker(state: ExploreState, { model, unit }: Place): Parameters<typeof note>[0] {
  const world = {
    ...noted(state),
    placeCharm: async () => undefined,
    // Whoever was deposed already has no lead to give up.
    onResigned: () => {
      const application = model.applications[unit.application];
      if (application?.leader === unit.name) depose(state, application);
    },
  };
  return { model, unit, world };
}

/** The world where nothing runs, as the sandbox's own functions want it. */
function noted(state: ExploreState): Parameters<typeof prepareHook>[0] {
  return { store: { state: state.juju, changed: () => undefined }, clock: { now: () => state.now } };
}

async function runHook(
  rules: Rules,
  state: ExploreState,
  place: Place,
  hook: HookInfo,
  fate: Fate,
): Promise<Ran> {
  const { unit, agent, model } = place;
  unit.resolved = null;
  agent.retry = "none";
  if (hook.kind === "start") agent.rebooted = false;
  prepareHook(noted(state), unit, hook);
  const scope = isRelationHook(hook) ? hook : null;
  const ran = await run(
    rules,
    state,
    place,
    { purpose: hookName(hook), kind: { hook, task: null, scope } },
    fate,
  );
  if (ran.end === "killed") leaveKilled(state, place);
  else if (ran.end === "done") {
    unit.local = commitHook(unit.local, hook);
    finishHook(noted(state), model, unit, hook);
    setAgentStatus(noted(state), unit, "idle", "");
  } else setAgentStatus(noted(state), unit, "error", `hook failed: "${hookName(hook)}"`);
  return ran;
}

async function runAction(
  rules: Rules,
  state: ExploreState,
  place: Place,
  id: string,
  fate: Fate,
): Promise<Ran> {
  const { model, unit } = place;
  const task = model.tasks[id];
  if (task === undefined) throw new Error(`there is no task ${id}`);
  unit.local = { ...unit.local, step: "action", task: id };
  task.status = "running";
  const kind = { hook: null, task, scope: null };
  const ran = await run(rules, state, place, { purpose: task.name, kind }, fate);
  if (ran.end === "killed") leaveKilled(state, place);
  else {
    if (ran.end !== "done") endTask(task, "failed", "exit status 1");
    noteResults(state, task.results ?? {});
    resume(place);
  }
  return ran;
}

/** What the agent does about a process that was killed, wherever that was. */
export function leaveKilled(state: ExploreState, place: Place): void {
  const { unit, agent } = place;
  const { hook, step } = unit.local;
  if (agent.telling) agent.telling = false;
  else if (step === "action") failTask(state, place);
  else unit.local = { ...unit.local, step: "queued", hook };
}

function failTask(_state: ExploreState, place: Place): void {
  const task = place.model.tasks[place.unit.local.task ?? ""];
  if (task !== undefined) endTask(task, "failed", "signal: killed");
  resume(place);
}

function resume({ unit }: Place): void {
  unit.local = { ...unit.local, step: unit.local.hook === null ? "idle" : "pending", task: null };
}

function endTask(task: Task, status: "completed" | "failed", message: string): void {
  Object.assign(task, { status, message });
}

/** The job's runner calls juju-exec, and again while the charm fails. */
async function tellJob(rules: Rules, state: ExploreState, place: Place, fate: Fate): Promise<Ran> {
  const { agent } = place;
  const [job = ""] = agent.wakes;
  agent.telling = true;
  const kind = { hook: null, task: null, scope: null };
  const ran = await run(rules, state, place, { purpose: `the end of job ${job}`, kind, job: true }, fate);
  agent.telling = false;
  if (ran.end === "done") agent.wakes.shift();
  return ran;
}

interface Purpose {
  readonly purpose: string;
  readonly kind: RunKind;
  readonly job?: true;
}

async function run(
  rules: Rules,
  state: ExploreState,
  place: Place,
  { purpose, kind, job }: Purpose,
  fate: Fate,
): Promise<Ran> {
  const { model, unit, agent } = place;
  const cache: RelationCache = new Map(
    Object.entries(agent.cache).map(([id, bags]) => [Number(id), new Map(Object.entries(bags))]),
  );
  const context = openContext(
    `${unit.name}-${purpose}-0`,
    {
      state: state.juju,
      now: () => state.now,
      changed: () => undefined,
      log: rules.log ?? (() => undefined),
    },
    { model, unit },
    kind,
    cache,
  );
  const keepCache = (): void => {
    agent.cache = Object.fromEntries([...cache].map(([id, bags]) => [id, Object.fromEntries(bags)]));
  };
  const strikes = new Strikes(fate.killAt, (effect) => {
    if (fate.told === undefined) return;
    keepCache();
    fate.told(effect);
  });
  const env = environmentOf(context);
  const code = await dispatchCharm(rules, state, place, {
    context,
    strikes,
    env: job === true ? { ...env, JUJU_DISPATCH_PATH: "hooks/job-ended" } : env,
  });
  keepCache();
  if (!strikes.dead) fate.told?.("the flush");
  if (!strikes.dead) strikes.end();
  // An action hands on what the model does not know as if MySQL had said it.
  if (context.failed?.includes("the model cannot")) throw new Error(context.failed);
  const end = strikes.dead ? "killed" : endOf(state, place, context, code, fate);
  const what = kind.task === null ? purpose : `action ${purpose}`;
  return { what, effects: strikes.effects, end, refusal: context.failed ?? "" };
}

function endOf(
  state: ExploreState,
  place: Place,
  context: HookContext,
  code: number,
  fate: Fate,
): "done" | "failed" | "refused" {
  const { task } = context.run;
  if (task !== null) task.results = context.results;
  if (code !== 0 && task === null && context.run.hook !== null) return "failed";
  if (code !== 0 && task !== null) return "failed";
  if (fate.refused === true) return refuse(task);
  try {
    commit({ state: state.juju, model: place.model, unit: place.unit, now: state.now }, context.writes);
  } catch (error) {
    if (!(error instanceof CommitError)) throw error;
    return refuse(task);
  }
  if (task !== null) endTask(task, context.failed === null ? "completed" : "failed", context.failed ?? "");
  return code === 0 ? "done" : "failed";
}

function refuse(task: Task | null): "refused" {
  if (task !== null) endTask(task, "failed", "committing requested changes failed");
  return "refused";
}
