// What an agent has on its machine: the charm, a link for each hook command, and juju-exec.
import { existsSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { unitPaths } from "../../lib/juju/environment.ts";
import { hookCommandNames } from "../../lib/juju/hook-commands/index.ts";
import type { Unit } from "../../lib/juju/model.ts";
import { placeCharm } from "./charm-files.ts";

export interface AgentDisk {
  /** The path on disk of a path inside, whether the machine runs or not. */
  disk(inside: string): string;
  /** Where the machine has hook-tool.pl. */
  readonly hookTool: string;
}

/**
 * Puts a unit's agent on a machine; a charm that is there already stays.
 * @param charms the store of charms
 */
export async function installAgent(unit: Unit, machine: AgentDisk, charms: string): Promise<void> {
  const { toolsDir, charmDir } = unitPaths(unit.name);
  const tools = machine.disk(toolsDir);
  await rm(tools, { recursive: true, force: true });
  await mkdir(tools, { recursive: true });
  for (const name of hookCommandNames) await symlink(machine.hookTool, join(tools, name));
  const exec = machine.disk("/usr/local/bin/juju-exec");
  await mkdir(dirname(exec), { recursive: true });
  await rm(exec, { force: true });
  await symlink(machine.hookTool, exec);
  const charm = machine.disk(charmDir);
  if (existsSync(charm)) return;
  await mkdir(dirname(charm), { recursive: true });
  await placeCharm(charms, unit.local.charm, charm);
}
