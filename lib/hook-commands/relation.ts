// relation-ids, relation-list, relation-get, relation-set and relation-model-get.

import { object, strings, textMap } from "../hook-answers.ts";
import type { RelationTools } from "../hook-tools.ts";
import type { CommandRunner } from "./command.ts";

export function relationCommands({ tell, ask }: CommandRunner): RelationTools {
  return {
    relationIds: async (endpoint) =>
      strings(await ask(["relation-ids", endpoint])).map((id) => Number(id.slice(id.lastIndexOf(":") + 1))),
    relationUnits: async (id) => strings(await ask(["relation-list", "-r", String(id)])),
    relationApp: async (id) => String((await ask(["relation-list", "-r", String(id), "--app"])) ?? ""),
    relationModel: async (id) =>
      String(object(await ask(["relation-model-get", "-r", String(id)]))["uuid"] ?? ""),
    relationGet: async (id, owner) => {
      const app = owner.includes("/") ? [] : ["--app"];
      return textMap(await ask(["relation-get", "-r", String(id), ...app, "-", owner]));
    },
    relationSet: async (id, target, changes) => {
      const app = target === "app" ? ["--app"] : [];
      const stdin = JSON.stringify(changes);
      await tell(["relation-set", "-r", String(id), ...app, "--file", "-"], { stdin });
    },
  };
}
