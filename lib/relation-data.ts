// Relation bags within one hook: each read once, writes kept aside, relations that are gone read as empty.

import { applyBag, type Bag, diffBag } from "./databag.ts";
import { isRefusal } from "./hook-error.ts";
import type { HookTools } from "./hook-tools.ts";

type Target = "unit" | "app";

/** Bags by relation id and owner. What is written is seen by later reads and handed to Juju by flush(). */
export interface RelationData {
  /** The bag as Juju has it, without what this hook wrote. */
  committed(relationId: number, owner: string): Promise<Bag>;
  /** Juju lists the relation and does not have it: it refuses even the own unit's bag. */
  isGone(relationId: number): Promise<boolean>;
  /** The own unit's or application's bag with what this hook wrote. */
  own(relationId: number, target: Target): Promise<Bag>;
  write(relationId: number, target: Target, values: Bag): void;
  flush(): Promise<void>;
}

interface Write {
  readonly relationId: number;
  readonly target: Target;
  values: Bag;
}

export function relationData(
  tools: Pick<HookTools, "relationGet" | "relationSet">,
  self: { readonly unit: string; readonly app: string },
): RelationData {
  const bags = new Map<string, Promise<Bag>>();
  const gone = new Set<number>();
  const writes = new Map<string, Write>();

  const read = async (relationId: number, owner: string): Promise<Bag> => {
    try {
      return await tools.relationGet(relationId, owner);
    } catch (thrown) {
      // Juju 3.6 says "permission denied" for every bag of a relation that was removed by force, 4.0 "not found".
      if (!isRefusal(thrown, "denied", "relation-gone")) throw thrown;
      gone.add(relationId);
      return {};
    }
  };
  const committed = (relationId: number, owner: string): Promise<Bag> => {
    const key = `${relationId} ${owner}`;
    const known = bags.get(key) ?? read(relationId, owner);
    bags.set(key, known);
    return known;
  };
  const flushOne = async ({ relationId, target, values }: Write): Promise<void> => {
    const changes = diffBag(await committed(relationId, self[target]), values);
    // Nobody reads a relation that is gone, and Juju would refuse the write for ever.
    if (Object.keys(changes).length > 0 && !gone.has(relationId)) {
      await tools.relationSet(relationId, target, changes);
    }
  };
  return {
    committed,
    isGone: async (relationId) => {
      await committed(relationId, self.unit);
      return gone.has(relationId);
    },
    own: async (relationId, target) =>
      applyBag(
        await committed(relationId, self[target]),
        writes.get(`${relationId} ${target}`)?.values ?? {},
      ),
    write: (relationId, target, values) => {
      const key = `${relationId} ${target}`;
      const before = writes.get(key)?.values ?? {};
      writes.set(key, { relationId, target, values: { ...before, ...values } });
    },
    flush: async () => {
      for (const write of writes.values()) await flushOne(write);
      writes.clear();
      bags.clear();
    },
  };
}
