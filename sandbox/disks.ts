// What a machine has besides its own files: its units' storage, and the resources that people gave their charms.
import { copyFile, mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { MachineRecord, Model, StorageInstance, Unit } from "../lib/juju/model.ts";
import { resourcePaths } from "../lib/juju/resources.ts";
import type { FleetMachine } from "./fleet-machine.ts";
import type { AgentDisk } from "./juju/agent-files.ts";

/** The storage of all units of a machine. */
function storageOf(model: Model, record: MachineRecord): StorageInstance[] {
  return Object.values(model.storage).filter(
    ({ unit }) => unit !== null && model.units[unit]?.machine === record.id,
  );
}

/** Whether a machine that runs has storage that is not mounted yet. */
export function awaitsStorage(model: Model, record: MachineRecord): boolean {
  return record.status === "started" && storageOf(model, record).some(({ provisioned }) => !provisioned);
}

/** Mounts all storage of a machine, now and at every later start; what is mounted already stays. */
export async function mountStorage(
  model: Model,
  record: MachineRecord,
  machine: FleetMachine,
): Promise<void> {
  for (const storage of storageOf(model, record)) {
    if (storage.provisioned && machine.isRunning) continue;
    await machine.mountStorage(storage.id.replace("/", "-"), storage.location);
    storage.provisioned = machine.isRunning;
  }
}

/** After a machine's start its storage is there. */
export function markMounted(model: Model, record: MachineRecord): void {
  for (const storage of storageOf(model, record)) storage.provisioned = true;
}

/** Puts the resources of a unit's application where resource-get says that they are. */
export async function placeResources(model: Model, unit: Unit, machine: AgentDisk): Promise<void> {
  const resources = model.applications[unit.application]?.resources ?? {};
  for (const [name, path] of resourcePaths(model, unit)) {
    const target = machine.disk(path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(resources[name]?.file ?? "", `${target}.new`);
    await rename(`${target}.new`, target);
  }
}
