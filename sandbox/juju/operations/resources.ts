// Resources: files that people give an application for its charm. Changes the state in place.
import { copyFile, mkdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { CharmMeta } from "../../../lib/juju/charm.ts";
import { newHex } from "../../../lib/juju/identity.ts";
import type { Application, StoredResource } from "../../../lib/juju/model.ts";
import { choices, Refusal } from "./refusal.ts";

/** Where files come from and go to, and the time. */
export interface ResourcePlace {
  /** Relative paths of people start here. */
  readonly cwd: string;
  /** The store of charms. */
  readonly store: string;
  readonly now: string;
}

/**
 * Copies a file that a person gives for a resource of a charm.
 * @throws Refusal for a resource that the charm does not declare, and for a file that is not there.
 */
export async function storeResource(
  charm: CharmMeta,
  given: { readonly name: string; readonly path: string },
  place: ResourcePlace,
): Promise<StoredResource> {
  const resource = charm.resources[given.name];
  if (resource === undefined)
    throw new Refusal(
      `unrecognized resource ${JSON.stringify(given.name)}${choices(Object.keys(charm.resources))}`,
    );
  const path = resolve(place.cwd, given.path);
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() !== true)
    throw new Refusal(`file for resource ${JSON.stringify(given.name)}: open ${path}: no such file`);
  const file = join(place.store, `resource-${newHex(16)}`);
  await mkdir(place.store, { recursive: true });
  await copyFile(path, file);
  return { file, filename: resource.filename, size: info.size, uploaded: place.now };
}

/** Gives an application another file for a resource: its units upgrade, as to another charm. */
export function attachResource(application: Application, name: string, resource: StoredResource): void {
  application.resources[name] = resource;
  application.charmModified += 1;
}
