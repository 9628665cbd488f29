// Operations (tasks that were asked for together) as `juju show-operation` and `juju operations` show them. Pure.
import type { Model, Task } from "../../lib/juju/model.ts";
import { columns, table } from "./table.ts";
import { taskJson, timing } from "./tasks.ts";

export interface OperationShown {
  readonly id: string;
  readonly summary: string;
  readonly status: Task["status"];
  readonly tasks: readonly Task[];
}

/** What decides the status of an operation: the first of these that one of its tasks has. */
const order: readonly Task["status"][] = [
  "running",
  "aborting",
  "pending",
  "failed",
  "cancelled",
  "aborted",
  "completed",
];

/** All operations of a model, by number. */
export function operationsOf(model: Model): OperationShown[] {
  const byId = Map.groupBy(Object.values(model.tasks), (task) => task.operation);
  return [...byId]
    .map(([id, tasks]) => ({
      id,
      summary: `${tasks[0]?.name ?? ""} run on ${tasks.map((task) => `unit-${task.unit.replace("/", "-")}`).join(",")}`,
      status: order.find((status) => tasks.some((task) => task.status === status)) ?? "pending",
      tasks,
    }))
    .sort((a, b) => Number(a.id) - Number(b.id));
}

/** An operation for --format json and yaml. */
export function operationJson({ summary, status, tasks }: OperationShown): Record<string, unknown> {
  const [first] = tasks;
  const times = (key: "enqueued" | "started" | "completed"): string[] =>
    tasks.map((task) => task[key]).filter((time) => time !== "");
  const completed = tasks.every((task) => task.completed !== "")
    ? (times("completed").sort().at(-1) ?? "")
    : "";
  return {
    summary,
    status,
    ...(first === undefined ? {} : { action: { name: first.name, parameters: first.parameters } }),
    timing: timing({
      enqueued: times("enqueued").sort()[0] ?? "",
      started: times("started").sort()[0] ?? "",
      completed,
    }),
    tasks: Object.fromEntries(
      tasks.map((task) => {
        const { id, unit, ...shown } = taskJson(task);
        return [String(id), { host: unit, ...shown }];
      }),
    ),
  };
}

/** The table of `juju operations`. */
export function operationsTable(operations: readonly OperationShown[], width?: number): string {
  const rows = operations.map((operation) => {
    const ids = operation.tasks.map((task) => task.id);
    const { started = "", completed = "" } = operationJson(operation)["timing"] as Record<string, string>;
    return [
      operation.id,
      operation.status,
      started.slice(0, 19).replace(" ", "T"),
      completed.slice(0, 19).replace(" ", "T"),
      `${ids.slice(0, 5).join(",")}${ids.length > 5 ? "..." : ""}`,
      operation.summary,
    ];
  });
  return table(columns(">ID", "Status", "Started", "Finished", "Task IDs", "Summary"), rows, width);
}
