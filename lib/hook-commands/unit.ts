// What a unit asks about itself and says of itself: leadership, options, statuses, state, the log; and the running action.

import { object, plainText, readOptionValues, textMap, truth } from "../hook-answers.ts";
import type { ActionTools, ShownStatus, UnitTools } from "../hook-tools.ts";
import { checkState } from "../limits.ts";
import { asking, type CommandRunner } from "./command.ts";

export function unitCommands(run: CommandRunner): UnitTools {
  const { tell } = run;
  const ask = asking(run);
  const ofApplication = <T>(read: (told: unknown) => T): Promise<T> =>
    ask(["status-get", "--include-data", "--application"], (answer) =>
      read(object(answer)["application-status"]),
    );
  return {
    isLeader: () => ask(["is-leader"], truth),
    leaderGet: () => ask(["leader-get"], textMap),
    leaderSet: async (changes) => {
      const pairs = Object.entries(changes).map(([key, value]) => `${key}=${value}`);
      await tell(["leader-set", "--", ...pairs]);
    },
    configGet: () => ask(["config-get"], readOptionValues),
    statusGet: (target) =>
      target === "app" ? ofApplication(readStatus) : ask(["status-get", "--include-data"], readStatus),
    unitStatuses: () =>
      ofApplication((told) =>
        Object.fromEntries(
          Object.entries(object(object(told)["units"])).map(([unit, status]) => [unit, readStatus(status)]),
        ),
      ),
    statusSet: async (target, { kind, message }) => {
      const app = target === "app" ? ["--application"] : [];
      await tell(["status-set", ...app, "--", kind, message]);
    },
    applicationVersionSet: async (version) => void (await tell(["application-version-set", "--", version])),
    jujuLog: async (level, text) => void (await tell(["juju-log", "--log-level", level, "--", text])),
    stateGet: () => ask(["state-get"], textMap),
    stateSet: async (changes) => {
      checkState("state-set", changes);
      await tell(["state-set", "--file", "-"], { stdin: JSON.stringify(changes) });
    },
    stateDelete: async (key) => void (await tell(["state-delete", "--", key])),
  };
}

export function actionCommands(run: CommandRunner): ActionTools {
  const { tell } = run;
  const ask = asking(run);
  return {
    actionGet: () => ask(["action-get"], object),
    actionSet: async (results) => {
      const pairs = [...results].map(([key, value]) => `${key}=${value}`);
      if (pairs.length > 0) await tell(["action-set", "--", ...pairs]);
    },
    actionFail: async (message) => void (await tell(["action-fail", "--", message])),
    actionLog: async (message) => void (await tell(["action-log", "--", message])),
  };
}

function readStatus(answer: unknown): ShownStatus {
  const { status, message } = object(answer);
  return { kind: plainText(status) || "unknown", message: plainText(message) };
}
