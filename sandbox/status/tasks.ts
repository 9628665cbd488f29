// The results of actions and command lines as `juju run` and `juju exec` show them. Pure.
import { yamlText } from "../../lib/juju/hook-commands/output.ts";
import type { Task } from "../../lib/juju/model.ts";

const hidden = ["return-code", "stdout", "stderr", "stdout-encoding", "stderr-encoding"];

/** One task for --format json and yaml. */
export function taskJson(task: Task): Record<string, unknown> {
  return {
    id: task.id,
    ...(task.log.length === 0
      ? {}
      : { log: task.log.map(({ time, message }) => `${shownTime(time)} ${message}`) }),
    ...(task.message === "" ? {} : { message: task.message }),
    ...(Object.keys(task.results).length === 0 ? {} : { results: task.results }),
    status: task.status,
    timing: timing(task),
    unit: task.unit,
  };
}

/** The times of a task or an operation that there are. */
export function timing(
  times: Readonly<Record<"enqueued" | "started" | "completed", string>>,
): Record<string, string> {
  const { completed, enqueued, started } = times;
  const known = Object.entries({ completed, enqueued, started }).filter(([, time]) => time !== "");
  return Object.fromEntries(known.map(([name, time]) => [name, shownTime(time)]));
}

/** What command lines printed: of one unit as it is, of several under their names. */
export function execOutput(tasks: readonly Task[]): string {
  const outputs = tasks.map((task) => {
    const { stdout = "", stderr = "" } = task.results;
    const text = [String(stdout), String(stderr)].map((part) => part.replace(/([^\n])$/, "$1\n")).join("");
    return { unit: task.unit, text };
  });
  const [only, ...more] = outputs.filter(({ text }) => text !== "");
  if (more.length === 0) return only?.text ?? "";
  return outputs.map(({ unit, text }) => (text === "" ? "" : `${unit}:\n${text}\n`)).join("");
}

/** For people: the results alone when it is one task, a map by unit when there are more. */
export function plainResults(tasks: readonly Task[]): string {
  const [only] = tasks;
  if (only === undefined) return "";
  if (tasks.length > 1) {
    return yamlText(
      Object.fromEntries(
        tasks.map((task) => [
          task.unit,
          {
            id: task.id,
            output: ownResults(task),
            status: task.status,
            ...(task.message === "" ? {} : { message: task.message }),
          },
        ]),
      ),
    );
  }
  const { stdout = "", stderr = "" } = only.results;
  const failure = only.status === "failed" ? `Action id ${only.id} failed: ${only.message}\n` : "";
  const printed = [stdout, stderr]
    .map((text) => String(text).replace(/^\n+|\n+$/g, ""))
    .filter((text) => text !== "");
  return `${failure}${ownResults(only)}${printed.length > 0 ? `${printed.join("\n")}\n` : ""}`;
}

function ownResults(task: Task): string {
  const own = Object.entries(task.results).filter(([key]) => !hidden.includes(key));
  return own.length === 0 ? "" : yamlText(Object.fromEntries(own));
}

function shownTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)} +0000 UTC`;
}
