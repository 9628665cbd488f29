// action-get, action-set, action-fail and action-log.
import type { Task } from "../model.ts";
import type { Call, CommandTable } from "./command.ts";
import { CommandError, quote, refuseRest, UsageError } from "./flags.ts";

const keyPart = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const reserved = ["stdout", "stdout-encoding", "stderr", "stderr-encoding"];

export const actionCommands: CommandTable = {
  "action-get": { format: "smart", run: actionGet },
  "action-set": { run: actionSet },
  "action-fail": { run: actionFail },
  "action-log": { run: actionLog },
};

function runningTask(call: Call): Task {
  const { task } = call.context.run;
  if (task === null) throw new CommandError("not running an action");
  return task;
}

function actionGet(call: Call): unknown {
  const [path, ...rest] = call.args;
  refuseRest(rest);
  const { parameters } = runningTask(call);
  if (path === undefined) return parameters;
  let value: unknown = parameters;
  for (const part of path.split(".")) value = isMap(value) ? value[part] : undefined;
  return value ?? null;
}

function actionSet(call: Call): void {
  const entries = call.args.map((word) => {
    const equals = word.indexOf("=");
    if (equals <= 0) throw new UsageError(`argument ${quote(word)} must be of the form key...=value`);
    const path = word.slice(0, equals).split(".");
    for (const part of path) {
      if (!keyPart.test(part)) {
        throw new UsageError(
          `key ${quote(part)} must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric, hyphens and periods`,
        );
      }
    }
    if (reserved.includes(path[0] ?? ""))
      throw new UsageError(`cannot set reserved action key ${quote(path[0] ?? "")}`);
    return { path, value: word.slice(equals + 1) };
  });
  runningTask(call);
  for (const { path, value } of entries) setAt(call.context.results, path, value);
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: string): void {
  const [head = "", ...rest] = path;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = target[head];
  const map = isMap(inner) ? inner : {};
  target[head] = map;
  setAt(map, rest, value);
}

function actionFail(call: Call): void {
  const [message, ...rest] = call.args;
  refuseRest(rest);
  runningTask(call);
  call.context.failed = message ?? "action failed without reason given, check action for errors";
}

function actionLog(call: Call): void {
  if (call.args.length === 0) throw new UsageError("no message specified");
  const { world } = call.context;
  runningTask(call).log.push({ time: new Date(world.now()).toISOString(), message: call.args.join(" ") });
  world.changed();
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
