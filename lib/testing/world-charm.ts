// The charm's metadata as Juju's rules take it.

import type { CharmEndpoint, CharmMeta as DeclaredCharm } from "../juju/charm.ts";
import type { RelationEndpoint } from "../juju/model.ts";
import type { CharmMeta } from "../meta.ts";

const roles = { peer: "peer", provides: "provider", requires: "requirer" } as const;
const otherRole = { peer: "peer", provider: "requirer", requirer: "provider" } as const;

/** What Juju would have read from the charm's YAML. */
export function declaredCharm(meta: CharmMeta): DeclaredCharm {
  return {
    name: meta.name,
    endpoints: mapEntries(
      meta.endpoints,
      (declared, name): CharmEndpoint => ({
        name,
        role: roles[declared.role],
        interface: declared.interface,
        scope: "global",
        limit: declared.limit ?? 0,
      }),
    ),
    bindings: Object.keys(meta.bindings ?? {}),
    storage: mapEntries(meta.storages, ({ type, location, multiple }) => ({
      type,
      location: location ?? "/var/lib/juju/storage",
      mountedAt: multiple || location === undefined ? "location/id" : "location",
      minimum: 1,
      maximum: multiple ? null : 1,
    })),
    resources: {},
    actions: mapEntries(meta.actions, () => ({ description: "", schema: {} })),
    options: mapEntries(meta.config, (option) => ({ description: "", ...option })),
  };
}

/** Both ends of a relation, or the single one of a peer relation. */
export function endsOf(
  charm: DeclaredCharm,
  application: string,
  relation: { readonly endpoint: string; readonly remoteApp: string },
): readonly RelationEndpoint[] {
  const near = charm.endpoints[relation.endpoint];
  if (near === undefined) throw new Error(`the charm has no endpoint "${relation.endpoint}"`);
  if (near.role === "peer") return [{ ...near, application }];
  const far = { ...near, name: "remote", role: otherRole[near.role], application: relation.remoteApp };
  return [{ ...near, application }, far];
}

function mapEntries<A, B>(
  source: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, change(value, key)]));
}
