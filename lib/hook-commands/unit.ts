// What a unit asks about itself and says of itself: leadership, options, statuses, state, the log; and the running action.

import { object, textMap } from "../hook-answers.ts";
import type { ActionTools, ShownStatus, UnitTools } from "../hook-tools.ts";
import { checkState } from "../limits.ts";
import type { ConfigValue } from "../meta.ts";
import type { CommandRunner } from "./command.ts";

export function unitCommands({ tell, ask }: CommandRunner): UnitTools {
  const application = async (): Promise<unknown> =>
    object(await ask(["status-get", "--include-data", "--application"]))["application-status"];
  return {
    isLeader: async () => (await ask(["is-leader"])) === true,
    leaderGet: async () => textMap(await ask(["leader-get"])),
    leaderSet: async (changes) => {
      const pairs = Object.entries(changes).map(([key, value]) => `${key}=${value}`);
      await tell(["leader-set", "--", ...pairs]);
    },
    configGet: async () => object(await ask(["config-get"])) as Readonly<Record<string, ConfigValue>>,
    statusGet: async (target) =>
      readStatus(target === "app" ? await application() : await ask(["status-get", "--include-data"])),
    unitStatuses: async () => {
      const units = Object.entries(object(object(await application())["units"]));
      return Object.fromEntries(units.map(([unit, status]) => [unit, readStatus(status)]));
    },
    statusSet: async (target, { kind, message }) => {
      const app = target === "app" ? ["--application"] : [];
      await tell(["status-set", ...app, "--", kind, message]);
    },
    applicationVersionSet: async (version) => void (await tell(["application-version-set", "--", version])),
    jujuLog: async (level, text) => void (await tell(["juju-log", "--log-level", level, "--", text])),
    stateGet: async () => textMap(await ask(["state-get"])),
    stateSet: async (changes) => {
      checkState("state-set", changes);
      await tell(["state-set", "--file", "-"], { stdin: JSON.stringify(changes) });
    },
    stateDelete: async (key) => void (await tell(["state-delete", "--", key])),
  };
}

export function actionCommands({ tell, ask }: CommandRunner): ActionTools {
  return {
    actionGet: async () => object(await ask(["action-get"])),
    actionSet: async (results) => {
      const pairs = [...results].map(([key, value]) => `${key}=${value}`);
      if (pairs.length > 0) await tell(["action-set", "--", ...pairs]);
    },
    actionFail: async (message) => void (await tell(["action-fail", "--", message])),
    actionLog: async (message) => void (await tell(["action-log", "--", message])),
  };
}

function readStatus(answer: unknown): ShownStatus {
  const { status = "unknown", message = "" } = textMap(answer);
  return { kind: status, message };
}
