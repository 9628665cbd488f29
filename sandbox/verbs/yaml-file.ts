// YAML files that people name on a command line.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { Refusal } from "../juju/operations/refusal.ts";

/** The map in a YAML file; relative paths start at `cwd`. Refuses a file that is not there or holds anything else. */
export function readYamlMap(cwd: string, file: string): Record<string, unknown> {
  const path = resolve(cwd, file);
  if (!existsSync(path)) throw new Refusal(`open ${path}: no such file or directory`);
  const content = parsed(path);
  if (typeof content === "object" && content !== null && !Array.isArray(content)) return { ...content };
  throw new Refusal(`${path}: a YAML map is needed there`);
}

function parsed(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Refusal(`${path} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}
