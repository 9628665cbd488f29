// Where a unit finds the resources of its application. Pure.
import { unitPaths } from "./environment.ts";
import type { Model, Unit } from "./model.ts";

/** The path on the unit's machine of each resource that its application has, by name. */
export function resourcePaths(model: Model, unit: Unit): Map<string, string> {
  const { agentDir } = unitPaths(unit.name);
  const resources = Object.entries(model.applications[unit.application]?.resources ?? {});
  return new Map(
    resources.map(([name, { filename }]) => [name, `${agentDir}/resources/${name}/${filename}`]),
  );
}
