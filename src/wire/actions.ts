// Parameters of the actions. Juju has checked their types; here are the rules that a schema of its cannot say.
import * as z from "zod";
import { systemUsers } from "./credentials.ts";
import { clusterNameSchema } from "./names.ts";

export const getClusterStatusSchema = z.object({ "cluster-set": z.boolean().default(false) });

export const getPasswordSchema = z.object({
  username: z
    .enum(systemUsers as [string, ...string[]], `must be one of ${systemUsers.join(", ")}`)
    .default("root"),
});

export const promoteStandbyClusterSchema = z.object({
  "cluster-set-name": clusterNameSchema,
  force: z.boolean().default(false),
});
