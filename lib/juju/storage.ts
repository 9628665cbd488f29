// Storage instances of a unit. Changes the model in place.
import type { Model, SandboxState, StorageInstance, Unit } from "./model.ts";

/** Why a unit may not have so many more instances of a storage, in Juju's words; undefined when it may. */
export function tooMuchStorage(
  state: SandboxState,
  model: Model,
  unit: Unit,
  wanted: { readonly name: string; readonly count: number },
): string | undefined {
  const { name, count } = wanted;
  const charm = state.charms[unit.local.charm];
  const maximum = charm?.storage[name]?.maximum ?? null;
  const owned = Object.values(model.storage).filter((own) => own.unit === unit.name && own.name === name);
  if (maximum === null || owned.length + count <= maximum) return undefined;
  return `charm ${JSON.stringify(charm?.name)} store ${JSON.stringify(name)}: at most ${maximum} instances supported, ${owned.length + count} specified`;
}

/** Adds an instance of a storage that the unit's charm declares; undefined when it declares none of that name. */
export function addStorage(
  state: SandboxState,
  model: Model,
  unit: Unit,
  name: string,
): StorageInstance | undefined {
  const declared = state.charms[unit.local.charm]?.storage[name];
  if (declared === undefined) return undefined;
  const id = `${name}/${model.next.storage++}`;
  const instance: StorageInstance = {
    id,
    name,
    kind: declared.type,
    location: declared.mountedAt === "location" ? declared.location : `${declared.location}/${id}`,
    unit: unit.name,
    life: "alive",
    provisioned: false,
  };
  model.storage[id] = instance;
  return instance;
}

/** Instances that hook commands may see: attached, as the charm was told. */
export function attachedStorage(
  model: Model,
  unit: Unit,
  beingAttached: string | undefined,
): StorageInstance[] {
  return Object.values(model.storage).filter(
    (storage) =>
      storage.unit === unit.name &&
      storage.provisioned &&
      (unit.local.storage.includes(storage.id) || storage.id === beingAttached),
  );
}
