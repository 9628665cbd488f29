// Verbs about tasks and operations: what was asked of units, what became of it, and taking it back.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { Model } from "../../lib/juju/model.ts";
import { timestamp } from "../juju/clock.ts";
import { applicationNamed } from "../juju/operations/models.ts";
import { notFound, Refusal } from "../juju/operations/refusal.ts";
import { cancelTask } from "../juju/operations/tasks.ts";
import { isEnded } from "../juju/task-run.ts";
import { isOn, numberOf, type Session, textOf, type VerbTable, waitForState } from "../session.ts";
import { type OperationShown, operationJson, operationsOf, operationsTable } from "../status/operations.ts";
import { columns, table } from "../status/table.ts";
import { taskJson } from "../status/tasks.ts";
import { formatFlag, print } from "./output.ts";
import { showResults, waitLimit } from "./run.ts";

const waiting = {
  ...formatFlag,
  wait: { kind: "value" },
  watch: { kind: "bool" },
  utc: { kind: "bool" },
} as const;
const lists = ["actions", "apps", "applications", "units", "machines", "status"] as const;

export const taskVerbs: VerbTable = {
  "show-task": {
    usage: "<task> [--wait <time>] [--watch]",
    about: "Shows what a task did.",
    flags: waiting,
    run: showTask,
  },
  "show-operation": {
    usage: "<operation> [--wait <time>] [--watch]",
    about: "Shows an operation with its tasks.",
    flags: waiting,
    run: showOperation,
  },
  operations: {
    usage: "[--actions <name>,...] [--apps <application>,...] [--units <unit>,...] [--status <status>,...]",
    about: "Lists operations.",
    flags: {
      ...formatFlag,
      ...Object.fromEntries(lists.map((name) => [name, { kind: "value" as const }])),
      limit: { kind: "value" },
      offset: { kind: "value" },
      utc: { kind: "bool" },
    },
    run: listOperations,
  },
  "cancel-task": {
    usage: "<task> ...",
    about: "Cancels tasks that wait or run.",
    flags: formatFlag,
    run: cancel,
  },
  actions: {
    usage: "<application>",
    about: "Lists the actions of an application.",
    flags: { ...formatFlag, schema: { kind: "bool" } },
    run: listActions,
  },
};

async function showTask(session: Session, line: ParsedLine): Promise<void> {
  const model = session.model();
  const [id] = line.args;
  if (id === undefined) throw new UsageError("no task ID specified");
  const task = model.tasks[id];
  if (task === undefined) throw notFound("task", id, Object.keys(model.tasks));
  await waitUntil(session, line, () => isEnded(task));
  showResults(session, [task], textOf(line, "format") ?? "plain");
}

async function showOperation(session: Session, line: ParsedLine): Promise<void> {
  const model = session.model();
  const [id] = line.args;
  if (id === undefined) throw new UsageError("no operation ID specified");
  if (!/^\d+$/.test(id)) throw new UsageError(`operation ID ${JSON.stringify(id)} not valid`);
  const find = (): OperationShown => {
    const known = operationsOf(model);
    const found = known.find((operation) => operation.id === id);
    if (found !== undefined) return found;
    throw notFound(
      "operation",
      id,
      known.map((operation) => operation.id),
    );
  };
  await waitUntil(session, line, () => find().tasks.every(isEnded));
  print(session, line, { value: operationJson(find()) });
}

/** With --wait or --watch: until there is nothing more to come. */
async function waitUntil(session: Session, line: ParsedLine, holds: () => boolean): Promise<void> {
  const limit = waitLimit(line);
  if (limit !== undefined && isOn(line, "watch"))
    throw new UsageError("specify either --watch or --wait but not both");
  if (limit === undefined && !isOn(line, "watch")) {
    holds();
    return;
  }
  if (!(await waitForState(session, holds, limit))) throw new Refusal("timeout reached");
}

function listOperations(session: Session, line: ParsedLine): void {
  const wanted = operationsOf(session.model()).filter((operation) =>
    isWanted(operation, session.model(), line),
  );
  const offset = numberOf(line, "offset") ?? 0;
  const shown = wanted.slice(offset, offset + (numberOf(line, "limit") ?? 50));
  if (shown.length === 0) session.screen.err("no matching operations\n");
  else
    print(session, line, {
      value: Object.fromEntries(shown.map((operation) => [operation.id, operationJson(operation)])),
      text: { format: "plain", draw: (width) => operationsTable(shown, width) },
    });
}

function isWanted(operation: OperationShown, model: Model, line: ParsedLine): boolean {
  const list = (...names: readonly (typeof lists)[number][]): readonly string[] =>
    names.flatMap((name) => (textOf(line, name) ?? "").split(",")).filter((word) => word !== "");
  const isOneOf = (allowed: readonly string[], values: readonly string[]): boolean =>
    allowed.length === 0 || values.some((value) => allowed.includes(value));
  const { tasks, status } = operation;
  return (
    isOneOf(
      list("actions"),
      tasks.map((task) => task.name),
    ) &&
    isOneOf(
      list("units"),
      tasks.map((task) => task.unit),
    ) &&
    isOneOf(
      list("apps", "applications"),
      tasks.map((task) => task.unit.replace(/\/\d+$/, "")),
    ) &&
    isOneOf(
      list("machines"),
      tasks.map((task) => model.units[task.unit]?.machine ?? ""),
    ) &&
    isOneOf(list("status"), [status])
  );
}

function cancel(session: Session, line: ParsedLine): void {
  const { store, clock, fleet } = session;
  const model = session.model();
  if (line.args.length === 0) throw new UsageError("no task IDs specified");
  for (const id of line.args) {
    const unit = model.tasks[id]?.unit ?? "";
    if (cancelTask(model, id, timestamp(clock))) fleet.agentOf(model, unit)?.killProgram();
  }
  store.changed();
  print(session, line, {
    value: Object.fromEntries(
      line.args
        .map((id) => model.tasks[id])
        .flatMap((task) => (task === undefined ? [] : [[task.id, taskJson(task)]])),
    ),
  });
}

function listActions(session: Session, line: ParsedLine): void {
  const [name] = line.args;
  if (name === undefined) throw new UsageError("no application name specified");
  const application = applicationNamed(session.model(), name);
  const actions = Object.entries(session.store.state.charms[application.charm]?.actions ?? {}).sort(
    ([a], [b]) => (a < b ? -1 : 1),
  );
  const value = Object.fromEntries(
    actions.map(([action, { description, schema }]) => [
      action,
      isOn(line, "schema") ? { title: action, description, ...schema } : description,
    ]),
  );
  const rows = actions.map(([action, { description }]) => [action, description.split("\n")[0] ?? ""]);
  const draw = (width?: number): string => table(columns("Action", "Description"), rows, width);
  if (actions.length === 0) session.screen.err(`No actions defined for ${name}.\n`);
  else print(session, line, isOn(line, "schema") ? { value } : { value, text: { format: "tabular", draw } });
}
