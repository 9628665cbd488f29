// The rest of the hook commands, in memory: the running action, statuses, state, ports, the log.

import { applyBag } from "../databag.ts";
import { HookToolError, type HookTools } from "../hook-tools.ts";
import type { LogLevel } from "../log.ts";
import type { CharmMeta } from "../meta.ts";
import type { Status } from "../status.ts";
import type { World } from "./shape.ts";
import type { Surroundings } from "./world-tools.ts";

/** What an action left behind; empty in a hook. */
export interface ActionOutcome {
  readonly results: Readonly<Record<string, string>>;
  readonly failure: string | undefined;
  readonly logs: readonly string[];
}

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

type ActionMethods = Pick<HookTools, "actionGet" | "actionSet" | "actionFail" | "actionLog">;

/** The running action; its commands fail in a hook. */
export function worldAction<M extends CharmMeta>({
  meta,
  event,
  params,
}: Surroundings<M>): {
  readonly tools: ActionMethods;
  outcome(): ActionOutcome;
} {
  const results: Record<string, string> = {};
  const logs: string[] = [];
  let failure: string | undefined;
  const running = (command: string): void => {
    if (event.kind !== "action") throw new HookToolError(command, 1, "failed", "not running an action");
  };
  const defaults =
    event.kind !== "action"
      ? []
      : Object.entries(meta.actions[event.action]?.params ?? {}).flatMap(([name, { default: value }]) =>
          value === undefined ? [] : [[name, value] as const],
        );
  return {
    tools: {
      actionGet: async () => {
        running("action-get");
        return { ...Object.fromEntries(defaults), ...params };
      },
      actionSet: async (values) => {
        running("action-set");
        for (const [key, value] of values) results[key] = value;
      },
      actionFail: async (message) => {
        running("action-fail");
        failure = message;
      },
      actionLog: async (message) => {
        running("action-log");
        logs.push(message);
      },
    },
    outcome: () => ({ results, failure, logs }),
  };
}

type SettingMethods = Pick<
  HookTools,
  | "statusGet"
  | "statusSet"
  | "applicationVersionSet"
  | "jujuLog"
  | "stateGet"
  | "stateSet"
  | "openedPorts"
  | "openPort"
>;

/** Statuses and the workload version change at once, the rest on success. */
export function worldSettings<M extends CharmMeta>(
  world: World<M>,
): {
  readonly tools: SettingMethods;
  readonly log: readonly LogLine[];
  readonly shown: readonly Status[];
  after(succeeded: boolean): Partial<World<M>>;
} {
  let { unitStatus, appStatus, workloadVersion, state } = world;
  const ports = new Set(world.openedPorts);
  const log: LogLine[] = [];
  const shown: Status[] = [];
  const leads = (command: string): void => {
    if (!world.leader) throw new HookToolError(command, 1, "not-leader", "this unit is not the leader");
  };
  const tools: SettingMethods = {
    statusGet: async (target) => {
      if (target === "app") leads("status-get");
      // What this hook has set is not shown to it.
      return (target === "app" ? world.appStatus : world.unitStatus) ?? { kind: "unknown", message: "" };
    },
    statusSet: async (target, status) => {
      if (target === "app") {
        leads("status-set");
        appStatus = status;
        return;
      }
      shown.push(status);
      unitStatus = status;
    },
    applicationVersionSet: async (version) => {
      workloadVersion = version;
    },
    jujuLog: async (level, text) => void log.push({ level, text }),
    stateGet: async () => state,
    stateSet: async (changes) => {
      state = applyBag(state, changes);
    },
    openedPorts: async () => [...ports],
    openPort: async (port) => void ports.add(port),
  };
  return {
    tools,
    log,
    shown,
    after: (succeeded) => ({
      unitStatus,
      appStatus,
      workloadVersion,
      ...(succeeded ? { state, openedPorts: [...ports] } : {}),
    }),
  };
}
