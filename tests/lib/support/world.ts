// A small world with two relations and a secret, and a charm made of one function.

import type { Charm, Scope } from "../../../lib/index.ts";
import {
  emptyWorld,
  runEvent,
  type World,
  type WorldRelation,
  type WorldSecret,
} from "../../../lib/testing/world.ts";
import { type Meta, meta } from "./charm.ts";

export type Handler = (scope: Scope<Meta>) => Promise<void> | void;

export const charm = (handle: Handler): Charm<Meta> => ({
  meta,
  handle: async (_event, scope) => handle(scope),
});
export const world = (given: Partial<World<Meta>> = {}): World<Meta> =>
  emptyWorld(meta, { unit: "db/1", ...given });

export const peers: WorldRelation<"peers"> = {
  id: 3,
  endpoint: "peers",
  remoteApp: "db",
  bags: { db: { name: "rome" }, "db/0": { state: "up" }, "db/1": { state: "new" }, "db/2": { state: "up" } },
};
export const upstream: WorldRelation<"upstream"> = {
  id: 7,
  endpoint: "upstream",
  remoteApp: "web",
  bags: { web: { offer: "x" }, "web/0": { address: "10.0.0.9" }, db: { asked: "1" } },
};
export const secret = (more: Partial<WorldSecret> = {}): WorldSecret => ({
  id: "9m4e2mr0ui3e8a215n4g",
  owner: "db",
  label: "keys",
  revisions: [{ password: "first-value" }, { password: "second-value" }],
  tracked: 1,
  grants: [],
  ...more,
});
export const both = { relations: [peers, upstream] };

/** Runs a start hook that must succeed; what it logged is the error otherwise. */
export async function runOk(given: World<Meta>, handler: Handler): ReturnType<typeof runEvent<Meta>> {
  const result = await runEvent(charm(handler), given, { kind: "start" });
  if (result.exitCode !== 0) throw new Error(result.log.map(({ text }) => text).join("\n"));
  return result;
}
