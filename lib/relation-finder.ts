// Which relations there are, with whom, and who is in them.

import { keyed } from "./ask-once.ts";
import { type HookContext, parseUnit } from "./context.ts";
import type { Event } from "./events.ts";
import { isRefusal } from "./hook-error.ts";
import type { RelationTools } from "./hook-tools.ts";
import type { CharmMeta, EndpointName } from "./meta.ts";
import type { Relation } from "./model.ts";
import type { RelationData } from "./relation-data.ts";

export interface FinderParts<M extends CharmMeta> {
  readonly context: HookContext;
  readonly meta: M;
  readonly event: Event<M>;
  readonly tools: Pick<RelationTools, "relationIds" | "relationApp">;
  readonly data: Pick<RelationData, "isGone">;
}

export type RelationFinder<M extends CharmMeta> = <E extends EndpointName<M>>(
  endpoint: E,
) => Promise<readonly Relation<E>[]>;

/**
 * Relations by endpoint, in the order of their ids. After `juju remove-saas --force` the agents of the consuming side run no
 * hook, and list the relation until they start again: it is left out.
 */
export function relationFinder<M extends CharmMeta>(parts: FinderParts<M>): RelationFinder<M> {
  const { context, meta, event, tools, data } = parts;
  const eventRelation = "relationId" in event ? event : undefined;
  const broken = eventRelation?.kind === "relation-broken" ? eventRelation.relationId : undefined;
  /** Undefined when the relation is gone. */
  const remoteApp = async (endpoint: EndpointName<M>, id: number): Promise<string | undefined> => {
    if (meta.endpoints[endpoint]?.role === "peer") return context.app;
    if (id !== broken && (await data.isGone(id))) return undefined;
    if (eventRelation?.relationId === id && eventRelation.remoteApp !== "") return eventRelation.remoteApp;
    try {
      return await tools.relationApp(id);
    } catch (thrown) {
      if (isRefusal(thrown, "relation-gone")) return undefined;
      throw thrown;
    }
  };
  const find = async (endpoint: EndpointName<M>): Promise<readonly Relation<EndpointName<M>>[]> => {
    const ids = new Set(await tools.relationIds(endpoint));
    // Juju leaves it out of its list, though its bags can still be read.
    if (broken !== undefined && eventRelation?.endpoint === endpoint) ids.add(broken);
    const found = [...ids]
      .sort((one, other) => one - other)
      .map(async (id) => ({ id, endpoint, remoteApp: await remoteApp(endpoint, id), broken: id === broken }));
    return (await Promise.all(found)).flatMap(({ remoteApp: app, ...rest }) =>
      app === undefined ? [] : [{ ...rest, remoteApp: app }],
    );
  };
  const cached = keyed((endpoint: EndpointName<M>) => endpoint, find);
  return async <E extends EndpointName<M>>(endpoint: E) => (await cached(endpoint)) as readonly Relation<E>[];
}

/** Units at the other end, without this one; nobody in a relation that is gone. */
export async function listUnits(
  tools: Pick<RelationTools, "relationUnits">,
  relation: Relation,
  self: string,
): Promise<readonly string[]> {
  try {
    const units = await tools.relationUnits(relation.id);
    return units.filter((unit) => unit !== self).sort(byNumber);
  } catch (thrown) {
    if (isRefusal(thrown, "relation-gone")) return [];
    throw thrown;
  }
}

/** Sorts units and storage instances: by name, then by number. */
export function byNumber(one: string, other: string): number {
  const [a, b] = [parseUnit(one), parseUnit(other)];
  return a.app === b.app ? a.number - b.number : a.app < b.app ? -1 : 1;
}
