// A reboot of the unit's machine, asked of Juju.

import { setTimeout as sleep } from "node:timers/promises";
import type { HookTools } from "./hook-tools.ts";
import type { BufferedLog } from "./log.ts";
import type { SecurityLog } from "./security.ts";

/** Not in actions, where Juju refuses both. */
export interface Reboot {
  /** Once this hook has succeeded. */
  afterHook(): Promise<void>;
  /** Ends this process; nothing that the hook wrote is kept, and it runs again after the reboot. */
  now(): Promise<never>;
}

const patienceMs = 60_000;

export function rebooting(tools: Pick<HookTools, "reboot">, log: BufferedLog, tell: SecurityLog): Reboot {
  const announce = (when: string): void =>
    tell({
      event: `sys_restart:${process.getuid?.() ?? 0}`,
      level: "WARN",
      description: `The charm asks for a reboot of its machine, ${when}`,
    });
  return {
    afterHook: async () => {
      announce("after this hook");
      await tools.reboot("after-hook");
    },
    now: async () => {
      announce("at once");
      await log.flush();
      await tools.reboot("now");
      await sleep(patienceMs);
      throw new Error(`Juju did not end this hook for the reboot within ${patienceMs / 1000} s`);
    },
  };
}
