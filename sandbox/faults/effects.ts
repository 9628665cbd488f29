/*
 * Effects of a unit's runs: everything that a dispatch, or a program that it started, changes outside of itself. They are
 * counted in the order in which they are about to happen, each of them a point at which `kill-at --effect <n>` can strike:
 *
 *   <hook command>             any of Juju's, seen by the engine that carries it out
 *   run, end <program>         a program starts (mysqlsh, snap, …), and has done all that it does
 *   open, write, rename, remove, make, mode, owner <path>, mount, unmount <path>
 *   signal <n> to <program>    services are stopped by one
 *   send <address>[: <what>]   bytes over a connection: for a server that a snap knows, the statement by its first words, and
 *                              only what may change something ("encrypted" where it cannot be seen)
 *
 * All but hook commands come from machine/tap.pl, which needs nothing of the charm. Its answer holds the process up, so
 * that a kill comes exactly before the n-th effect; after it means before whatever is next, or at the end of the run. What
 * a run leaves behind (a job) is seen too, as run "job"; there the program at the effect is killed, with its group. To walk
 * through all points of a journey: `count-effects` once for their number, then `kill-at --effect <n>` and `--after` for each.
 */
import { unitPaths } from "../../lib/juju/environment.ts";
import type { HookContext } from "../../lib/juju/hook-context.ts";
import type { AgentWorld } from "../juju/agent-steps.ts";
import type { UnitMachine } from "../juju/unit-machine.ts";
import { type Run, runOf } from "./strikes.ts";

/** The unit's machine as a run is to have it: with a tap when its effects are counted, or what it starts is recorded. */
export function tapped({ machine, strikes }: AgentWorld, context: HookContext): UnitMachine {
  const { tap, recorder } = machine;
  if (tap !== undefined && strikes?.countsEffects(runOf(context)) === true)
    return through(machine, [...tap, unitPaths(context.unit.name).socket, context.id]);
  return recorder === undefined ? machine : through(machine, recorder);
}

function through(machine: UnitMachine, before: readonly string[]): UnitMachine {
  return {
    path: (inside) => machine.path(inside),
    spawn: (argv, options) => machine.spawn([...before, ...argv], options),
  };
}

/** Counts an effect that the tap tells of (kind, detail, bytes in hexadecimal); false when it must not happen. */
export function mayHappen(
  { strikes, describeSend }: AgentWorld,
  run: Run,
  [kind = "", detail = "", bytes = ""]: readonly string[],
): boolean {
  const said = kind === "send" ? describeSend?.(detail, Buffer.from(bytes, "hex")) : undefined;
  if (said === null) return true;
  const label = `${kind} ${detail}${said === undefined ? "" : `: ${said}`}`;
  return strikes?.before(run, ["effect"], label) !== true;
}
