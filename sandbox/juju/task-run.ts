// What a unit runs besides hooks: actions and command lines (juju exec from outside, juju-exec from its machine).
import { isUtf8 } from "node:buffer";
import { type FlagSpecs, parseLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { CommandResult } from "../../lib/juju/hook-commands/index.ts";
import type { HookContext, RelationScope } from "../../lib/juju/hook-context.ts";
import type { Task } from "../../lib/juju/model.ts";
import { remoteApplicationOf } from "../../lib/juju/relations.ts";
import { tapped } from "../faults/effects.ts";
import { setAgentStatus } from "./agent-steps.ts";
import { type RunOutput, runCharm, runCommandLine } from "./charm-run.ts";
import { flush } from "./hook-run.ts";
import type { UnitAgent } from "./unit-agent.ts";

/** Runs a task that waits, or ends one that an earlier agent left running. */
export async function runTask(
  agent: UnitAgent,
  id: string,
  how: "run-action" | "fail-action",
): Promise<void> {
  const { model, unit, world } = agent;
  const task = model.tasks[id];
  const resume = { ...unit.local, step: unit.local.hook === null ? "idle" : "pending", task: null } as const;
  if (task === undefined || how === "fail-action") {
    if (task !== undefined) endTask(agent, task, { status: "failed", message: "action terminated" });
    unit.local = resume;
    return world.store.changed();
  }
  const before = unit.agent;
  unit.local = { ...unit.local, step: "action", task: id };
  task.status = "running";
  task.started = new Date(world.clock.now()).toISOString();
  setAgentStatus(world, unit, "executing", `running action ${task.name}`);
  await world.store.saved();
  await runTaskProgram(agent, task);
  // The next agent finds it running and fails it.
  if (agent.isStopped) return;
  unit.local = resume;
  setAgentStatus(world, unit, before.status, before.message);
  world.store.changed();
}

/** Whether a task will not change any more. */
export function isEnded({ status }: Task): boolean {
  return status !== "pending" && status !== "running" && status !== "aborting";
}

async function runTaskProgram(agent: UnitAgent, task: Task): Promise<void> {
  const { unit } = agent;
  // Cancelled between being taken up and being started.
  if (task.status === "aborting")
    return endTask(agent, task, { status: "aborted", message: "action cancelled via the API" });
  const context = agent.openContext(task.name, { hook: null, task, scope: null });
  const output = await agent.during(context, (started) =>
    task.name === "juju-exec"
      ? runCommandLine(tapped(agent.world, context), context, task.command, started)
      : runCharm(tapped(agent.world, context), context, started),
  );
  if (agent.isStopped) return;
  if (output.outcome.kind === "missing") {
    endTask(agent, task, { status: "failed", message: `action not implemented on unit "${unit.name}"` });
  } else finishTask(agent, task, context, output);
}

/** Results are kept however it ended; buffered writes only when the process exited 0, those of a command line with any exit code. */
function finishTask(agent: UnitAgent, task: Task, context: HookContext, output: RunOutput): void {
  const { outcome } = output;
  task.results = {
    ...context.results,
    "return-code": outcome.kind === "failed" ? outcome.code : outcome.kind === "killed" ? -1 : 0,
    ...printed("stdout", output.stdout),
    ...printed("stderr", output.stderr),
  };
  const failed = task.status === "aborting" ? "aborted" : "failed";
  const end = (status: Task["status"], message: string): void => endTask(agent, task, { status, message });
  if (outcome.kind === "killed") end(failed, `signal: ${killedBy[outcome.signal]}`);
  else if (outcome.kind === "failed" && task.name !== "juju-exec") end(failed, outcome.reason);
  else if (!isFlushed(agent, context)) {
    task.results["return-code"] = 1;
    end(failed, "committing requested changes failed");
  } else end(context.failed === null ? "completed" : failed, context.failed ?? "");
}

const killedBy: Readonly<Record<string, string>> = { SIGKILL: "killed", SIGTERM: "terminated" };

/** What a stream said, as text or, when it is no UTF-8, as base64 and named so; nothing when it said nothing. */
function printed(stream: "stdout" | "stderr", bytes: Buffer): Record<string, string> {
  if (bytes.length === 0) return {};
  if (isUtf8(bytes)) return { [stream]: bytes.toString("utf8") };
  return { [stream]: bytes.toString("base64"), [`${stream}-encoding`]: "base64" };
}

/** Whether what the context holds could be written. */
function isFlushed(agent: UnitAgent, context: HookContext): boolean {
  const reason = flush(agent, context);
  if (reason !== undefined) agent.log("ERROR", `cannot flush: ${reason}`);
  return reason === undefined;
}

function endTask(agent: UnitAgent, task: Task, end: Pick<Task, "status" | "message">): void {
  Object.assign(task, end, { completed: new Date(agent.world.clock.now()).toISOString() });
  agent.world.store.changed();
}

interface WaitingCommand {
  readonly text: string;
  readonly relation: RelationScope | null;
  readonly answer: (result: CommandResult) => void;
}

const commandFlags: FlagSpecs = {
  unit: { kind: "value", short: "u" },
  relation: { kind: "value", short: "r" },
  "remote-unit": { kind: "value" },
  "force-remote-unit": { kind: "bool" },
  operator: { kind: "bool" },
  "no-context": { kind: "bool" },
};

/** Command lines of the machine's juju-exec that wait for the unit's turn. */
export class CommandQueue {
  readonly #waiting: WaitingCommand[] = [];
  readonly #wake: () => void;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  get waiting(): readonly string[] {
    return this.#waiting.map(({ text }) => text);
  }

  /** Queues what juju-exec was called with; resolves with what the command printed and its exit code. */
  add(agent: UnitAgent, args: readonly string[]): Promise<CommandResult> {
    const parsed = parseCommandLine(agent, args);
    return new Promise((answer) => {
      this.#waiting.push({ ...parsed, answer });
      this.#wake();
    });
  }

  /** Runs the oldest command in a context of its own. What it wrote is flushed whatever its exit code, unless it was killed; a reboot that it asked for follows. */
  async runNext(agent: UnitAgent): Promise<void> {
    const command = this.#waiting.shift();
    if (command === undefined) return;
    const context = agent.openContext("run-commands", { hook: null, task: null, scope: command.relation });
    const { outcome, ...said } = await agent.during(context, (started) =>
      runCommandLine(tapped(agent.world, context), context, command.text, started),
    );
    const stdout = said.stdout.toString("utf8");
    const stderr = said.stderr.toString("utf8");
    const fail = (code: number, reason: string): void =>
      command.answer({ code, stdout, stderr: `${stderr}ERROR ${reason}\n` });
    if (outcome.kind === "killed") fail(137, "command terminated");
    else if (!isFlushed(agent, context)) fail(1, "committing requested changes failed");
    else command.answer({ code: outcome.kind === "failed" ? outcome.code : 0, stdout, stderr });
    if (context.reboot !== "none") agent.askForReboot();
  }

  /** Answers all that wait with an error. */
  refuseAll(reason: string): void {
    for (const { answer } of this.#waiting.splice(0))
      answer({ code: 1, stdout: "", stderr: `ERROR ${reason}\n` });
  }
}

function parseCommandLine(agent: UnitAgent, args: readonly string[]): Omit<WaitingCommand, "answer"> {
  const { flags, args: words } = parseLine(commandFlags, args);
  const rest = flags.has("unit") || words[0] !== agent.unit.name ? words : words.slice(1);
  if (rest.length === 0) throw new UsageError("no commands specified");
  const given = flags.get("relation")?.value;
  if (given === undefined) return { text: rest.join(" "), relation: null };
  const id = Number(given.slice(given.lastIndexOf(":") + 1));
  const relation = agent.unit.local.relations[id] === undefined ? undefined : agent.model.relations[id];
  if (relation === undefined)
    throw new UsageError(`invalid value "${given}" for option --relation: relation not found`);
  const remoteApp = remoteApplicationOf(relation, agent.unit.application);
  const remoteUnit = flags.get("remote-unit")?.value ?? onlyMember(agent, id);
  return { text: rest.join(" "), relation: { relation: id, remoteApp, remoteUnit } };
}

function onlyMember(agent: UnitAgent, relation: number): string {
  const members = Object.keys(agent.unit.local.relations[relation]?.members ?? {});
  return members.length === 1 ? (members[0] ?? "") : "";
}
