// One hook of a unit, from the note that it is about to run to the flush of what it wrote.

import { CommitError, commit } from "../../lib/juju/commit.ts";
import type { HookContext } from "../../lib/juju/hook-context.ts";
import { type HookInfo, hookName, isRelationHook } from "../../lib/juju/local-state.ts";
import { tapped } from "../faults/effects.ts";
import { runOf } from "../faults/strikes.ts";
import { prepareHook, setAgentStatus } from "./agent-steps.ts";
import { runCharm } from "./charm-run.ts";
import type { UnitAgent } from "./unit-agent.ts";

export type HookEnd =
  | { readonly kind: "done" | "failed" | "requeued"; readonly reboot: boolean }
  /** The agent was ended meanwhile: the hook stays written down as running. */
  | { readonly kind: "stopped" };

/** Runs a hook and flushes its writes when it succeeded. What the unit remembers of a success is the caller's to write. */
export async function runHook(agent: UnitAgent, hook: HookInfo): Promise<HookEnd> {
  const { world, unit } = agent;
  unit.resolved = null;
  prepareHook(world, unit, hook);
  await world.store.saved();
  if (agent.isStopped) return { kind: "stopped" };
  const scope = isRelationHook(hook) ? hook : null;
  const context = agent.openContext(hookName(hook), { hook, task: null, scope });
  const { outcome } = await agent.during(context, (started) =>
    runCharm(tapped(world, context), context, started),
  );
  if (agent.isStopped) return { kind: "stopped" };
  const reboot = context.reboot !== "none";
  if (context.reboot === "now" || outcome.kind === "killed") {
    agent.log("WARNING", `hook "${hookName(hook)}" was killed, running it again`);
    unit.local = { ...unit.local, step: "queued", hook };
    world.store.changed();
    return { kind: "requeued", reboot };
  }
  const reason = outcome.kind === "failed" ? outcome.reason : flush(agent, context);
  if (reason !== undefined) {
    agent.log("ERROR", `hook "${hookName(hook)}" (via hook dispatching script: dispatch) failed: ${reason}`);
    setAgentStatus(world, unit, "error", `hook failed: "${hookName(hook)}"`);
    return { kind: "failed", reboot: false };
  }
  const how = outcome.kind === "ok" ? "(via hook dispatching script: dispatch)" : "(missing)";
  agent.log("INFO", `${outcome.kind === "ok" ? "ran" : "skipped"} "${hookName(hook)}" hook ${how}`);
  return { kind: "done", reboot };
}

/** Writes what the context holds; the reason when that was refused. */
export function flush({ world, model, unit }: UnitAgent, context: HookContext): string | undefined {
  if (world.strikes?.refusesFlush(runOf(context))) return "connection is shut down";
  try {
    commit({ state: world.store.state, model, unit, now: world.clock.now() }, context.writes);
    world.store.changed();
    return undefined;
  } catch (error) {
    if (error instanceof CommitError) return error.message;
    throw error;
  }
}
