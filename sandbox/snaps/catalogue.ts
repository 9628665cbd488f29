// The snaps that exist for the sandbox's machines.
import { readFileSync } from "node:fs";
import { charmedMysql } from "./charmed-mysql/snap.ts";
import {
  type Definition,
  type Installation,
  installation,
  type StoreFacts,
  storeFolder,
} from "./definition.ts";
import { snapState } from "./state.ts";

const CATALOGUE: readonly Definition[] = [charmedMysql];

export function definitionOf(name: string): Definition | undefined {
  return CATALOGUE.find((definition) => definition.name === name);
}

/** What bytes sent to an address are about to change; null for nothing, undefined when no snap knows. */
export function describeSend(address: string, bytes: Buffer): string | null | undefined {
  for (const { describeSend: describe } of CATALOGUE) {
    const said = describe?.(address, bytes);
    if (said !== undefined) return said;
  }
  return undefined;
}

/** In a machine: what the sandbox wrote there about a snap of the catalogue. */
export function factsOf(name: string): StoreFacts {
  return JSON.parse(readFileSync(`${storeFolder(name)}/facts.json`, "utf8")) as StoreFacts;
}

/** In a machine: the snap's definition and its installed revision, or undefined. */
export function installed(name: string): { definition: Definition; snap: Installation } | undefined {
  const definition = definitionOf(name);
  const state = snapState(name);
  if (definition === undefined || state === undefined) return undefined;
  return { definition, snap: installation(name, state.revision, factsOf(name)) };
}

export function servicesOf(definition: Definition): readonly string[] {
  return Object.keys(definition.apps).filter((app) => definition.apps[app]?.service !== undefined);
}
