// Juju's rules for relations, in memory: which units and bags are in sight, who may write.

import { applyBag, type Bag } from "../databag.ts";
import { HookToolError, type HookTools } from "../hook-tools.ts";
import type { CharmMeta } from "../meta.ts";
import { appOf, type World, type WorldRelation } from "./shape.ts";
import type { Surroundings } from "./world-tools.ts";

type RelationMethods = Pick<
  HookTools,
  "relationIds" | "relationUnits" | "relationApp" | "relationGet" | "relationSet"
>;

/** Relations of one hook; own bags are read with what this hook has written. */
export function worldRelations<M extends CharmMeta>({
  meta,
  world,
  event,
}: Surroundings<M>): {
  readonly tools: RelationMethods;
  find(command: string, id: number): WorldRelation;
  wroteAsLeader(): boolean;
  after(): World<M>["relations"];
} {
  const own = appOf(world.unit);
  const changed = new Map<number, Record<string, Bag>>();
  let appWritten = false;
  const broken = event.kind === "relation-broken" ? event.relationId : undefined;
  const leaver = event.kind === "relation-departed" ? event.remoteUnit : undefined;

  const find = (command: string, id: number): WorldRelation => {
    const found = world.relations.find((relation) => relation.id === id);
    if (found !== undefined) return found;
    throw new HookToolError(
      command,
      2,
      "relation-gone",
      `invalid value "${id}" for option -r: relation not found`,
    );
  };
  const present = ({ id, bags, departed = [] }: WorldRelation): readonly string[] => {
    if (id === broken) return [];
    const away = new Set([
      world.unit,
      ...departed,
      ...(event.kind === "relation-departed" && event.relationId === id ? [leaver] : []),
    ]);
    return Object.keys(bags).filter((owner) => owner.includes("/") && !away.has(owner));
  };
  const refuse = (command: string, relation: WorldRelation, owner: string): void => {
    const foreign = owner === own && meta.endpoints[relation.endpoint]?.role !== "peer" && !world.leader;
    if (relation.ghost || foreign) throw new HookToolError(command, 1, "denied", "permission denied");
    if (![own, relation.remoteApp].includes(appOf(owner))) {
      throw new HookToolError(command, 1, "denied", "permission denied");
    }
  };
  const bag = (relation: WorldRelation, owner: string): Bag =>
    changed.get(relation.id)?.[owner] ??
    (Object.hasOwn(relation.bags, owner) ? (relation.bags[owner] ?? {}) : {});

  const tools: RelationMethods = {
    relationIds: async (endpoint) =>
      world.relations
        .filter((relation) => relation.endpoint === endpoint && relation.id !== broken)
        .map(({ id }) => id),
    relationUnits: async (id) => present(find("relation-list", id)),
    relationApp: async (id) => find("relation-list", id).remoteApp,
    relationGet: async (id, owner) => {
      const relation = find("relation-get", id);
      refuse("relation-get", relation, owner);
      return bag(relation, owner);
    },
    relationSet: async (id, target, changes) => {
      const relation = find("relation-set", id);
      if (target === "app" && !world.leader) {
        throw new HookToolError("relation-set", 1, "not-leader", "cannot write relation settings");
      }
      const owner = target === "app" ? own : world.unit;
      refuse("relation-set", relation, owner);
      if (target === "app") appWritten = true;
      changed.set(id, { ...changed.get(id), [owner]: applyBag(bag(relation, owner), changes) });
    },
  };
  return {
    tools,
    find,
    wroteAsLeader: () => appWritten,
    after: () =>
      world.relations
        .filter(({ id }) => id !== broken)
        .map((relation) => {
          const bags = { ...relation.bags, ...changed.get(relation.id) };
          const left =
            event.kind === "relation-departed" && event.relationId === relation.id ? [event.remoteUnit] : [];
          const departed = [...new Set([...(relation.departed ?? []), ...left])];
          return { ...relation, bags, ...(departed.length === 0 ? {} : { departed }) };
        }),
  };
}
