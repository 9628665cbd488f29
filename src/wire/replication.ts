// The databags of `async-primary` and `async-replica`, as the Python charm of revision 234 reads and writes them.
import * as z from "zod";
import { clusterNameSchema, hostSchema, labelSchema, secretIdSchema, versionSchema } from "./names.ts";
import { generationSchema, PASSWORDS_GENERATION, switchoverSchema } from "./peers.ts";

export const ASYNC_PRIMARY = "async-primary";
export const ASYNC_REPLICA = "async-replica";

/** Host names and addresses of members of the whole set, as JSON; in the application's bag of the peers, too. Ours alone. */
export const SET_HOSTS = "set-hosts";

/**
 * Which record of the set its writer has seen, `<id of the set>:<generation>.<number>`; in each unit's bag of the
 * peers, too. A change wakes those who read it. A primary that a partition keeps from every other cluster still learns
 * over Juju that it was replaced. Ours alone.
 */
export const SET_VIEW = "set-view";
const setViewSchema = z.string().regex(/^[A-Za-z0-9-]{1,64}:\d{1,10}\.\d{1,10}$/);

/** The generation that a bag tells of this set; undefined where it tells nothing of it. */
export function toldGeneration(bag: Readonly<Record<string, string>>, setId: string): number | undefined {
  const read = setViewSchema.safeParse(bag[SET_VIEW]);
  const [id, view = ""] = read.success ? read.data.split(":") : [];
  return id === setId ? Number(view.split(".")[0]) : undefined;
}

/** The instance that was added last over this relation. What was removed since is added again only if another is offered. Ours alone. */
export const ADDED_ENDPOINT = "added-endpoint";

/** Written by the leader of the application that provides `async-primary`. */
export const primaryBagSchema = z.object({
  "secret-id": secretIdSchema.optional(),
  "cluster-name": clusterNameSchema.optional(),
  "mysql-version": versionSchema.optional(),
  "cluster-set-name": clusterNameSchema.optional(),
  "is-replica": z.enum(["true"]).optional(),
  "replica-state": z.enum(["initialized"]).optional(),
  [ADDED_ENDPOINT]: hostSchema.optional(),
  switchover: switchoverSchema,
  [PASSWORDS_GENERATION]: generationSchema,
});
export type PrimaryBag = z.infer<typeof primaryBagSchema>;

/** Written by the leader of the application that requires `async-replica`. */
export const replicaBagSchema = z.object({
  "user-data-found": z.enum(["true"]).optional(),
  "cluster-name": clusterNameSchema.optional(),
  endpoint: hostSchema.optional(),
  "node-label": labelSchema.optional(),
  switchover: switchoverSchema,
  [PASSWORDS_GENERATION]: generationSchema,
});
export type ReplicaBag = z.infer<typeof replicaBagSchema>;
