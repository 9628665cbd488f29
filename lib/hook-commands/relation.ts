// relation-ids, relation-list, relation-get, relation-set and relation-model-get.

import { numbered, object, plainText, relationNumbers, textMap } from "../hook-answers.ts";
import type { RelationTools } from "../hook-tools.ts";
import { asking, type CommandRunner } from "./command.ts";

export function relationCommands(run: CommandRunner): RelationTools {
  const { tell } = run;
  const ask = asking(run);
  return {
    relationIds: (endpoint) => ask(["relation-ids", endpoint], relationNumbers),
    relationUnits: (id) => ask(["relation-list", "-r", String(id)], numbered),
    relationApp: (id) => ask(["relation-list", "-r", String(id), "--app"], plainText),
    relationModel: (id) =>
      ask(["relation-model-get", "-r", String(id)], (answer) => plainText(object(answer)["uuid"])),
    relationGet: (id, owner) => {
      const app = owner.includes("/") ? [] : ["--app"];
      return ask(["relation-get", "-r", String(id), ...app, "-", owner], textMap);
    },
    relationSet: async (id, target, changes) => {
      const app = target === "app" ? ["--app"] : [];
      const stdin = JSON.stringify(changes);
      await tell(["relation-set", "-r", String(id), ...app, "--file", "-"], { stdin });
    },
  };
}
