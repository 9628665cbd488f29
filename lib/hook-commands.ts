// Adapter: runs Juju's hook commands as the executables that they are.
import type { HookTools } from "./hook-tools.ts";
import type { Processes } from "./process.ts";

export function hookTools(_processes: Processes): HookTools {
  throw new Error("not yet");
}
