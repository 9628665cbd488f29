// What an agent answers over its unit's socket: hook commands of running contexts, juju-exec, and the tap that asks before effects.
import { mayHappen } from "../faults/effects.ts";
import { LEFT_BEHIND } from "../faults/runs.ts";
import { runOf } from "../faults/strikes.ts";
import type { SocketOwner } from "./agent-socket.ts";
import type { RunningContexts } from "./running-contexts.ts";
import type { UnitAgent } from "./unit-agent.ts";

/** @param contact resolves once the controller can be reached */
export function answersOf(
  agent: UnitAgent,
  contexts: RunningContexts,
  contact: () => Promise<void>,
): SocketOwner {
  const { world, model, unit } = agent;
  return {
    contact,
    contextOf: (id) => contexts.byId(id),
    runCommandLine: (args) => agent.commands.add(agent, args),
    beforeCall: (context, name) => {
      const struck = world.strikes?.before(runOf(context), ["command", "effect"], name) === true;
      if (struck) agent.killProgram();
      return !struck;
    },
    afterCall: (context) => {
      // juju-reboot --now does not wait for the hook's end.
      if (context.reboot === "now" || world.strikes?.after(runOf(context))) agent.killProgram();
    },
    onEffect: (id, effect) => {
      const context = contexts.byId(id);
      // Of a run that has ended, it is what it left behind that asks.
      const run = context === undefined ? { model, unit, name: LEFT_BEHIND } : runOf(context);
      const may = mayHappen(world, run, effect);
      if (!may && context !== undefined) agent.killProgram();
      return may;
    },
  };
}
