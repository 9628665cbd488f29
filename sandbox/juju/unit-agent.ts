// The agent of one unit: asks the resolver for the next operation, does it, remembers it, and asks again. One thing at a time.
import type { Server } from "node:net";
import { drawFraction } from "../../lib/juju/chance.ts";
import { unitPaths } from "../../lib/juju/environment.ts";
import type { HookContext, RunKind } from "../../lib/juju/hook-context.ts";
import { commitHook, type HookInfo, hookName } from "../../lib/juju/local-state.ts";
import type { Model, Unit } from "../../lib/juju/model.ts";
import { nextSecretTime } from "../../lib/juju/secrets.ts";
import { runOf } from "../faults/strikes.ts";
import { answersOf } from "./agent-answers.ts";
import { forgetGoneRelations, note } from "./agent-notes.ts";
import { openAgentSocket } from "./agent-socket.ts";
import { type AgentWorld, finishHook, setAgentStatus } from "./agent-steps.ts";
import type { RunOutput } from "./charm-run.ts";
import { runHook } from "./hook-run.ts";
import { describeOperation, nextOperation, type Operation } from "./resolver.ts";
import { logLine, RunningContexts } from "./running-contexts.ts";
import { takeSnapshot } from "./snapshot.ts";
import { CommandQueue, runTask } from "./task-run.ts";
import { Alarm, RetryTimer, UpdateStatusTimer } from "./timers.ts";
import type { Program } from "./unit-machine.ts";

export class UnitAgent {
  readonly world: AgentWorld;
  readonly model: Model;
  readonly unit: Unit;
  readonly commands: CommandQueue;
  readonly #contexts = new RunningContexts();
  readonly #retry: RetryTimer;
  readonly #updateStatus: UpdateStatusTimer;
  readonly #alarm: Alarm;
  #rebooted: boolean;
  #socket: Server | undefined;
  #stopped = false;
  /** The charm asked for a reboot: nothing more happens until this agent is ended by it. */
  #awaitsReboot = false;
  #wakeUp: () => void = () => {};
  #endPause: () => void = () => {};
  readonly #ended = Promise.withResolvers<void>();
  #loop: Promise<void> = Promise.resolve();

  constructor(world: AgentWorld, model: Model, unit: Unit, options: { rebooted: boolean }) {
    this.world = world;
    this.model = model;
    this.unit = unit;
    this.#rebooted = options.rebooted;
    this.commands = new CommandQueue(() => this.wake());
    const wake = (): void => this.wake();
    const fraction = (): number => drawFraction(world.store.state.chance, `${model.name}:${unit.name}`);
    this.#retry = new RetryTimer(world.clock, world.retry, wake, fraction);
    const { updateStatusVersion } = unit.local;
    this.#updateStatus = new UpdateStatusTimer(world.clock, model, updateStatusVersion, wake, fraction);
    this.#alarm = new Alarm(world.clock, () => this.wake());
  }

  /** Opens the unit's socket and begins. A hook that was running when the agent last ended counts as failed. */
  async start(): Promise<void> {
    const path = this.world.machine.path(unitPaths(this.unit.name).socket);
    this.#socket = await openAgentSocket(
      path,
      answersOf(this, this.#contexts, () => this.#contact()),
    );
    forgetGoneRelations(this);
    this.#updateStatus.restart();
    this.#loop = this.#work();
  }

  /** Ends the agent; what it runs is killed and is found unfinished by the next agent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ended.resolve();
    this.#endPause();
    this.#retry.stop();
    this.#updateStatus.stop();
    this.#alarm.stop();
    this.#contexts.kill();
    this.commands.refuseAll("the unit's agent is stopping");
    this.wake();
    this.#socket?.close();
    await this.#loop;
  }

  /** The agent was ended: whatever it was running is left as it is written down. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Something may have changed. */
  wake(): void {
    this.#wakeUp();
  }

  /** Makes update-status due now; it runs when nothing else is. */
  triggerUpdateStatus(): void {
    this.#updateStatus.trigger();
  }

  /** Kills what the unit is running, as if its machine had lost patience. */
  killProgram(): boolean {
    return this.#contexts.kill();
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      // Whatever changes from here on has to wake the loop again.
      let woken = false;
      const change = new Promise<void>((resolve) => {
        this.#wakeUp = () => {
          woken = true;
          resolve();
        };
      });
      const mayAct = !this.#awaitsReboot && (this.world.inContact?.() ?? true);
      const operation: Operation = mayAct ? this.#next() : { kind: "wait" };
      if (operation.kind === "dead") return this.world.onDead(this);
      if (operation.kind === "wait" || operation.kind === "retry-later") {
        if (operation.kind === "retry-later") this.#awaitRetry(operation.hook);
        else if (mayAct) this.#rest();
        this.#alarm.set(nextSecretTime(this.model, this.unit.name));
        if (!woken) await change;
      } else {
        await this.#inTurn(operation).catch((error: unknown) => this.#broken(operation, error));
      }
    }
  }

  /** When agents act in turns, what is next may be another operation by then, or none. */
  async #inTurn(operation: Operation): Promise<void> {
    const { turns } = this.world;
    if (turns === undefined) return await this.#perform(operation);
    const giveBack = await turns.take(`${this.model.name}:${this.unit.name}`);
    try {
      if (!this.#stopped && (this.world.inContact?.() ?? true)) await this.#perform(this.#next());
    } finally {
      giveBack();
    }
  }

  /** The agent itself could not do its work: that is said, and tried again like a failed hook. */
  async #broken(operation: Operation, error: unknown): Promise<void> {
    if (this.#stopped) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.log("ERROR", `cannot ${describeOperation(operation)}: ${reason}`);
    setAgentStatus(this.world, this.unit, "failed", reason);
    await new Promise<void>((resolve) => {
      const cancel = this.world.clock.after(this.world.retry.first, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  #next(): Operation {
    const { world, unit } = this;
    const snapshot = takeSnapshot(world.store.state, this.model, unit, world.clock.now());
    return nextOperation(unit.local, snapshot, {
      rebooted: this.#rebooted,
      retryDue: this.#retry.isDue,
      updateStatusVersion: this.#updateStatus.version,
      commands: this.commands.waiting,
    });
  }

  #rest(): void {
    if (this.unit.agent.status === "idle") return;
    setAgentStatus(this.world, this.unit, "idle", "");
  }

  #awaitRetry(hook: HookInfo): void {
    const message = `hook failed: "${hookName(hook)}"`;
    if (this.unit.agent.message !== message) setAgentStatus(this.world, this.unit, "error", message);
    if (this.model.config["automatically-retry-hooks"] !== false) this.#retry.start();
  }

  async #perform(operation: Operation): Promise<void> {
    const { unit } = this;
    switch (operation.kind) {
      case "run-hook":
        return await this.#runHook(operation.hook);
      case "skip-hook":
        unit.resolved = null;
        this.#retry.stop();
        return this.#commitLocal(operation.hook);
      case "run-action":
      case "fail-action":
        await runTask(this, operation.task, operation.kind);
        return;
      case "run-command":
        return await this.commands.runNext(this);
      default:
        return await note(this, operation);
    }
  }

  async #runHook(hook: HookInfo): Promise<void> {
    if (hook.kind === "start") this.#rebooted = false;
    const end = await runHook(this, hook);
    if (end.kind === "done") this.#commitLocal(hook);
    else if (end.kind === "failed") this.#retry.failedAgain();
    if (end.kind !== "stopped" && end.reboot) this.askForReboot();
  }

  /** Nothing more runs until the machine has been rebooted. */
  askForReboot(): void {
    this.#awaitsReboot = true;
    this.world.onReboot(this);
  }

  #commitLocal(hook: HookInfo): void {
    this.unit.local = commitHook(this.unit.local, hook);
    this.#retry.reset();
    this.#updateStatus.restart();
    finishHook(this.world, this.model, this.unit, hook);
    this.world.store.changed();
  }

  /** Opens a context under a fresh id, which starts with the unit and what it is for. */
  openContext(purpose: string, run: RunKind): HookContext {
    return this.#contexts.open(this, purpose, run);
  }

  /** Lets hook commands find the context while `run` is under way, and remembers the program that it starts. */
  async during(
    context: HookContext,
    run: (started: (program: Program) => void) => Promise<RunOutput>,
  ): Promise<RunOutput> {
    const output = await this.#contexts.during(context, run);
    await this.#contact();
    return this.world.strikes?.after(runOf(context))
      ? { ...output, outcome: { kind: "killed", signal: "SIGKILL" } }
      : output;
  }

  /** Waits until the controller can be reached, or the agent is to end. */
  async #contact(): Promise<void> {
    while (!this.#stopped && this.world.inContact?.() === false) {
      const change = Promise.withResolvers<void>();
      const unlisten = this.world.store.onChange(change.resolve);
      await Promise.race([change.promise, this.#ended.promise]);
      unlisten();
    }
  }

  /** A line of the agent itself in the model's log. */
  log(level: "INFO" | "WARNING" | "ERROR", message: string): void {
    logLine(this, level, "juju.worker.uniter.operation", message);
  }
}
