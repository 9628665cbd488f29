// What a hook has written and Juju has not flushed yet. Dropped as a whole when the hook fails.

import type { SecretGrant, Settings } from "./model.ts";
import type { PortChange } from "./open-ports.ts";

export interface SecretDraft {
  readonly id: string;
  readonly owner: { readonly kind: "application" | "unit"; readonly name: string };
  label: string;
  description: string;
  expire: string;
  rotate: string;
  data: Settings;
}

/** Changes of an existing secret; undefined leaves the field as it is. */
export interface SecretUpdate {
  label?: string;
  description?: string;
  expire?: string;
  rotate?: string;
  data?: Settings;
}

export interface PendingWrites {
  /** Relation id → key → value; "" removes the key. */
  readonly unitBags: Map<number, Settings>;
  readonly applicationBags: Map<number, Settings>;
  /** null = untouched in this hook. */
  charmState: Settings | null;
  readonly ports: PortChange[];
  readonly storageAdds: { readonly name: string; readonly count: number }[];
  readonly secretCreates: Map<string, SecretDraft>;
  readonly secretUpdates: Map<string, SecretUpdate>;
  /** Own secrets whose newest revision the unit tracks once this hook is flushed. */
  readonly secretTracks: Set<string>;
  readonly secretGrants: { readonly id: string; readonly grant: SecretGrant }[];
  readonly secretRevokes: { readonly id: string; readonly matches: Partial<SecretGrant> }[];
  readonly secretRemoves: { readonly id: string; readonly revision: number | undefined }[];
}

/** Nothing written yet. */
export function noWrites(): PendingWrites {
  return {
    unitBags: new Map(),
    applicationBags: new Map(),
    charmState: null,
    ports: [],
    storageAdds: [],
    secretCreates: new Map(),
    secretUpdates: new Map(),
    secretTracks: new Set(),
    secretGrants: [],
    secretRevokes: [],
    secretRemoves: [],
  };
}

/** Merges further keys into the pending writes of one bag. */
export function bufferBag(bags: Map<number, Settings>, relation: number, changes: Settings): void {
  bags.set(relation, { ...bags.get(relation), ...changes });
}
