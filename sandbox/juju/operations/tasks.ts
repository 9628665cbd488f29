// Actions and command lines that people ask for: checked, then queued for the unit's agent. Changes the state in place.
import type { Model, SandboxState, Task, Unit } from "../../../lib/juju/model.ts";
import { violations, withDefaults } from "./json-schema.ts";
import { choices, notFound, Refusal } from "./refusal.ts";

export interface TaskRequest {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly command: string;
}

/**
 * Queues an action on units, as one operation.
 * @throws Refusal for an action that the charm does not have, or parameters that its schema refuses.
 */
export function enqueueAction(
  state: SandboxState,
  model: Model,
  units: readonly Unit[],
  request: Pick<TaskRequest, "name" | "parameters">,
  now: string,
): Task[] {
  const checked = units.map((unit) => {
    const actions = state.charms[unit.charm]?.actions ?? {};
    const action = actions[request.name];
    if (action === undefined) {
      throw new Refusal(
        `action ${JSON.stringify(request.name)} not defined on unit ${JSON.stringify(unit.name)}${choices(Object.keys(actions))}`,
      );
    }
    const wrong = violations(action.schema, request.parameters);
    if (wrong.length > 0) throw new Refusal(`validation failed: ${wrong.join("; ")}`);
    return { unit, parameters: withDefaults(action.schema, request.parameters) };
  });
  const operation = nextId(model);
  return checked.map(({ unit, parameters }) =>
    addTask(model, unit, { name: request.name, parameters, command: "" }, { operation, now }),
  );
}

/** Queues a command line on units, as one operation. */
export function enqueueCommand(model: Model, units: readonly Unit[], command: string, now: string): Task[] {
  const operation = nextId(model);
  return units.map((unit) =>
    addTask(model, unit, { name: "juju-exec", parameters: {}, command }, { operation, now }),
  );
}

/**
 * Cancels a task. One that waits is over; of one that runs the process is still to be killed.
 * @returns whether it runs
 */
export function cancelTask(model: Model, id: string, now: string): boolean {
  const task = model.tasks[id];
  if (task === undefined) throw notFound("task", id, Object.keys(model.tasks));
  if (task.status === "pending") {
    Object.assign(task, { status: "cancelled", message: "action cancelled via the API", completed: now });
    return false;
  }
  if (task.status !== "running") throw new Refusal(`task ${JSON.stringify(id)} is ${task.status} already`);
  task.status = "aborting";
  return true;
}

function addTask(
  model: Model,
  unit: Unit,
  request: TaskRequest,
  order: { readonly operation: string; readonly now: string },
): Task {
  if (unit.life !== "alive") throw new Refusal(`unit ${JSON.stringify(unit.name)} is not alive`);
  const task: Task = {
    id: nextId(model),
    operation: order.operation,
    unit: unit.name,
    name: request.name,
    parameters: { ...request.parameters },
    command: request.command,
    status: "pending",
    message: "",
    results: {},
    log: [],
    enqueued: order.now,
    started: "",
    completed: "",
  };
  model.tasks[task.id] = task;
  return task;
}

function nextId(model: Model): string {
  return String(model.next.task++);
}
