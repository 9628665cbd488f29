// Security events, in the words that ops uses: JSON lines at level TRACE, for whoever collects them from the model's log.

import type { HookContext } from "./context.ts";
import { type HookToolError, isRefusal } from "./hook-error.ts";
import type { HookTools } from "./hook-tools.ts";
import type { Log } from "./log.ts";

/** sys_crash:<error> · sys_restart:<user id> · authz_fail:<hook command> (OWASP's logging vocabulary). */
export interface SecurityEvent {
  readonly event: `sys_crash:${string}` | `sys_restart:${number}` | `authz_fail:${string}`;
  readonly level: "WARN" | "CRITICAL";
  readonly description: string;
}

/** Writes security events of one unit. */
export type SecurityLog = (told: SecurityEvent) => void;

export function securityLog(context: Pick<HookContext, "modelUuid" | "unit">, log: Log): SecurityLog {
  const appid = `${context.modelUuid}-${context.unit}`;
  return ({ event, level, description }) =>
    log.trace(
      JSON.stringify({
        datetime: new Date().toISOString().replace("Z", "+00:00"),
        level,
        type: "security",
        appid,
        event,
        description,
      }),
    );
}

/** The same hook commands; each that Juju refuses for want of permission is told as well. */
export function watchRefusals(tools: HookTools, tell: SecurityLog): HookTools {
  const noticed = (refused: HookToolError): void =>
    tell({
      event: `authz_fail:${refused.command}`,
      level: "CRITICAL",
      description: `Hook command ${refused.message}`,
    });
  return new Proxy(tools, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== "function") return method;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        try {
          return await method(...args);
        } catch (thrown) {
          if (isRefusal(thrown, "denied", "not-leader")) noticed(thrown);
          throw thrown;
        }
      };
    },
  });
}
