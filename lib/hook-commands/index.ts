// Adapter: Juju's hook commands as the executables that they are.

import type { HookTools } from "../hook-tools.ts";
import type { Processes } from "../process.ts";
import { type CommandOptions, commandRunner } from "./command.ts";
import { machineCommands } from "./machine.ts";
import { relationCommands } from "./relation.ts";
import { secretCommands } from "./secret.ts";
import { actionCommands, unitCommands } from "./unit.ts";

/** Hook commands by Juju's executables, which must be on PATH. */
export function hookTools(processes: Processes, options: CommandOptions = {}): HookTools {
  const bare = commandRunner(processes, options);
  const run = options.around?.(bare) ?? bare;
  return {
    ...relationCommands(run),
    ...unitCommands(run),
    ...actionCommands(run),
    ...secretCommands(run),
    ...machineCommands(run),
  };
}
