// What a unit runs besides hooks: actions and command lines (juju exec from outside, juju-exec from its machine).

import { type FlagSpecs, parseLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { CommandResult } from "../../lib/juju/hook-commands/index.ts";
import type { HookContext, RelationScope } from "../../lib/juju/hook-context.ts";
import type { Task } from "../../lib/juju/model.ts";
import { remoteApplicationOf } from "../../lib/juju/relations.ts";
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
  await (task.name === "juju-exec" ? runExecTask(agent, task) : runAction(agent, task));
  if (task.status === "running") return;
  unit.local = resume;
  unit.agent = before;
  world.store.changed();
}

async function runAction(agent: UnitAgent, task: Task): Promise<void> {
  const { world, unit } = agent;
  const context = agent.openContext(task.name, { hook: null, task, scope: null });
  const output = await agent.during(context, (started) => runCharm(world.machine, context, started));
  if (output.outcome.kind === "missing") {
    return endTask(agent, task, {
      status: "failed",
      message: `action not implemented on unit "${unit.name}"`,
    });
  }
  finishTask(agent, task, context, output);
}

async function runExecTask(agent: UnitAgent, task: Task): Promise<void> {
  const context = agent.openContext("run-commands", { hook: null, task: null, scope: null });
  const output = await agent.during(context, (started) =>
    runCommandLine(agent.world.machine, context, task.command, started),
  );
  finishTask(agent, task, context, output);
}

/** Results are kept however it ended; buffered writes only when the process exited 0. */
function finishTask(agent: UnitAgent, task: Task, context: HookContext, output: RunOutput): void {
  const { outcome, stdout, stderr } = output;
  const code = outcome.kind === "failed" ? outcome.code : 0;
  task.results = {
    ...context.results,
    "return-code": code,
    ...(stdout === "" ? {} : { stdout }),
    ...(stderr === "" ? {} : { stderr }),
  };
  if (outcome.kind === "killed") {
    endTask(agent, task, { status: "failed", message: "action terminated" });
    return;
  }
  if (outcome.kind === "failed" && task.name !== "juju-exec") {
    endTask(agent, task, { status: "failed", message: context.failed ?? outcome.reason });
    return;
  }
  if (!isFlushed(agent, context)) {
    task.results["return-code"] = 1;
    endTask(agent, task, { status: "failed", message: "committing requested changes failed" });
    return;
  }
  endTask(agent, task, {
    status: context.failed === null ? "completed" : "failed",
    message: context.failed ?? "",
  });
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

  /** Runs the oldest command in a context of its own. What it wrote is flushed whatever its exit code, unless it was killed. */
  async runNext(agent: UnitAgent): Promise<void> {
    const command = this.#waiting.shift();
    if (command === undefined) return;
    const context = agent.openContext("run-commands", { hook: null, task: null, scope: command.relation });
    const { outcome, stdout, stderr } = await agent.during(context, (started) =>
      runCommandLine(agent.world.machine, context, command.text, started),
    );
    if (outcome.kind === "killed")
      return command.answer({ code: 137, stdout, stderr: `${stderr}ERROR command terminated\n` });
    if (!isFlushed(agent, context)) {
      return command.answer({
        code: 1,
        stdout,
        stderr: `${stderr}ERROR committing requested changes failed\n`,
      });
    }
    command.answer({ code: outcome.kind === "failed" ? outcome.code : 0, stdout, stderr });
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
