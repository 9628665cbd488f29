// Verbs that make a unit do something: run, exec, trigger.
import { parse } from "yaml";
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { parseDuration } from "../../lib/juju/hook-commands/secret-values.ts";
import type { Task, Unit } from "../../lib/juju/model.ts";
import { timestamp } from "../juju/clock.ts";
import { applicationNamed, unitNamed } from "../juju/operations/models.ts";
import { Refusal } from "../juju/operations/refusal.ts";
import { enqueueAction, enqueueCommand } from "../juju/operations/tasks.ts";
import { isEnded } from "../juju/task-run.ts";
import { isOn, type Session, textOf, type VerbTable, waitForState } from "../session.ts";
import { execOutput, plainResults, taskJson } from "../status/tasks.ts";
import { formatted } from "./output.ts";
import { readYamlMap } from "./yaml-file.ts";

const results = { format: { kind: "value" }, wait: { kind: "value" }, background: { kind: "bool" } } as const;

export const runVerbs: VerbTable = {
  run: {
    usage: "<unit> ... <action> [<key>=<value> ...]",
    about: "Runs an action on units (or <application>/leader) and waits for its results.",
    example: "db/leader get-password username=root",
    flags: { ...results, params: { kind: "value" }, "string-args": { kind: "bool" } },
    run: runVerb,
  },
  exec: {
    usage: "--unit <unit>[,...] | --application <application> -- <command>",
    about: "Runs a command line on units, between hooks.",
    example: "--unit db/0 -- ls /var/snap",
    flags: { ...results, unit: { kind: "value", short: "u" }, application: { kind: "value", short: "a" } },
    run: execVerb,
  },
  trigger: {
    usage: "update-status <unit> ...",
    about: "Makes update-status due now.",
    example: "update-status db/0",
    run: trigger,
  },
};

async function runVerb(session: Session, line: ParsedLine): Promise<number> {
  const { store, clock } = session;
  const model = session.model();
  const at = line.args.findIndex((word) => !word.includes("/"));
  const names = at < 0 ? line.args : line.args.slice(0, at);
  const [action, ...words] = line.args.slice(names.length);
  if (names.length === 0) throw new UsageError("no unit specified: run <unit> <action>");
  if (action === undefined) throw new UsageError("no action specified");
  const units = names.map((name) => unitNamed(model, name));
  const given = parseParameters(words, isOn(line, "string-args"));
  const file = textOf(line, "params");
  const parameters = { ...(file === undefined ? {} : readYamlMap(session.screen.cwd, file)), ...given };
  const tasks = enqueueAction(store.state, model, units, { name: action, parameters }, timestamp(clock));
  store.changed();
  return await finish(session, tasks, line);
}

/** `a.b=1` as a map; values are YAML unless they are to be taken as they are. */
function parseParameters(words: readonly string[], asStrings: boolean): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals <= 0)
      throw new UsageError(`argument ${JSON.stringify(word)} must be of the form key.key.key...=value`);
    const path = word.slice(0, equals).split(".");
    const text = word.slice(equals + 1);
    let map = parameters;
    for (const part of path.slice(0, -1)) {
      const inner = typeof map[part] === "object" && map[part] !== null ? map[part] : {};
      map[part] = inner;
      map = inner as Record<string, unknown>;
    }
    map[path.at(-1) ?? ""] = asStrings ? text : fromYaml(text);
  }
  return parameters;
}

function fromYaml(text: string): unknown {
  try {
    return parse(text) ?? text;
  } catch {
    return text;
  }
}

async function execVerb(session: Session, line: ParsedLine): Promise<number> {
  const { store, clock } = session;
  const model = session.model();
  const application = textOf(line, "application");
  const named = (textOf(line, "unit") ?? "").split(",").filter((name) => name !== "");
  const units = named.map((name) => unitNamed(model, name));
  if (application !== undefined) {
    applicationNamed(model, application);
    units.push(...Object.values(model.units).filter((unit) => unit.application === application));
  }
  if (units.length === 0)
    throw new UsageError("You must specify a target, either through --application or --unit");
  if (line.args.length === 0) throw new UsageError("no commands specified");
  const tasks = enqueueCommand(model, units, line.args.join(" "), timestamp(clock));
  store.changed();
  return await finish(session, tasks, line);
}

/** Shows the tasks' progress and, at their end, their results. */
async function finish(session: Session, tasks: readonly Task[], line: ParsedLine): Promise<number> {
  const { screen } = session;
  const operation = tasks[0]?.operation ?? "";
  if (isOn(line, "background")) {
    const [only, ...more] = tasks;
    const what = more.length === 0 ? `task ${only?.id}` : `${tasks.length} tasks`;
    screen.err(`Scheduled operation ${operation} with ${what}\n`);
    for (const task of more.length === 0 ? [] : tasks) screen.err(`  - task ${task.id} on ${task.unit}\n`);
    screen.err(`Check operation status with 'show-operation ${operation}'\n`);
    screen.err(`Check task status with 'show-task ${more.length === 0 ? only?.id : "<id>"}'\n`);
    return 0;
  }
  screen.err(`Running operation ${operation} with ${tasks.length} task${tasks.length === 1 ? "" : "s"}\n`);
  for (const task of tasks) screen.err(`  - task ${task.id} on unit-${task.unit.replace("/", "-")}\n`);
  screen.err("\n");
  const limit = waitLimit(line);
  for (const task of tasks) {
    screen.err(`Waiting for task ${task.id}...\n`);
    const logged = { lines: 0 };
    const ended = await waitForState(session, () => showProgress(session, task, logged), limit);
    if (!ended) throw new Refusal(`timed out waiting for results from: unit ${task.unit}`);
    screen.err("\n");
  }
  showResults(session, tasks, textOf(line, "format") ?? "plain");
  const failed = tasks.filter((task) => codeOf(task) !== 0);
  if (failed.length === 0) return 0;
  const s = failed.length === 1 ? "" : "s";
  const list = failed.map((task) => ` - id "${task.id}" with return code ${codeOf(task)}`).join("\n");
  throw new Refusal(`the following task${s} failed:\n${list}\n\nuse 'show-task' to inspect the failure${s}`);
}

/** Milliseconds of --wait; undefined without. */
export function waitLimit(line: ParsedLine): number | undefined {
  const text = textOf(line, "wait");
  if (text === undefined) return undefined;
  const limit = parseDuration(text);
  if (limit === undefined)
    throw new UsageError(`invalid value ${JSON.stringify(text)} for option --wait: invalid duration`);
  return limit;
}

function showProgress({ screen }: Session, task: Task, logged: { lines: number }): boolean {
  for (const { time, message } of task.log.slice(logged.lines))
    screen.err(`${time.slice(11, 19)} ${message}\n`);
  logged.lines = task.log.length;
  return isEnded(task);
}

function codeOf(task: Task): number {
  const code = task.results["return-code"];
  if (typeof code === "number" && code !== 0) return code;
  return task.status === "completed" ? 0 : 1;
}

/** Prints the results of tasks: plain for people, or json or yaml. */
export function showResults({ screen }: Session, tasks: readonly Task[], format: string): void {
  const value = Object.fromEntries(tasks.map((task) => [task.unit, taskJson(task)]));
  const isExec = tasks.every((task) => task.name === "juju-exec");
  const draw = (): string => (isExec ? execOutput(tasks) : plainResults(tasks));
  screen.out(formatted(format, { value, text: { format: "plain", draw } }));
}

function trigger(session: Session, { args }: ParsedLine): void {
  const model = session.model();
  const [event, ...names] = args;
  if (event !== "update-status" || names.length === 0)
    throw new UsageError("expected: trigger update-status <unit> ...");
  for (const name of names) {
    const unit: Unit = unitNamed(model, name);
    const agent = session.fleet.agentOf(model, unit.name);
    if (agent === undefined) throw new Refusal(`unit ${JSON.stringify(unit.name)} has no running agent`);
    agent.triggerUpdateStatus();
  }
}
