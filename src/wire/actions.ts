// Parameters of the actions. Juju has checked their types; here are the rules that a schema of its cannot say.
import * as z from "zod";
import { systemUsers } from "./credentials.ts";
import { clusterNameSchema } from "./names.ts";

export const getClusterStatusSchema = z.object({ "cluster-set": z.boolean().default(false) });

const usernameSchema = z.enum(systemUsers, `must be one of ${systemUsers.join(", ")}`).default("root");

export const getPasswordSchema = z.object({ username: usernameSchema });

/** It has none. */
export const preUpgradeCheckSchema = z.object({});

export const setPasswordSchema = z.object({
  username: usernameSchema,
  /** Nothing that a shell, a statement or an option file reads as more than itself. */
  password: z
    .string()
    .regex(
      /^(?![#-])[!#-&(-[\]-_a-~]{8,100}$/,
      "must be 8 to 100 printable ASCII characters without spaces, quotes and backslashes, the first one neither - nor #",
    )
    .optional(),
});

export const promoteStandbyClusterSchema = z.object({
  "cluster-set-name": clusterNameSchema,
  force: z.boolean().default(false),
});

export const promoteToPrimarySchema = z.object({
  scope: z.enum(["unit", "cluster"], 'must be "unit" or "cluster"'),
  force: z.boolean().default(false),
});

export const fenceWritesSchema = z.object({ "cluster-set-name": clusterNameSchema });

export const unfenceWritesSchema = z.object({
  "cluster-set-name": clusterNameSchema,
  force: z.boolean().default(false),
});

export const rejoinClusterSchema = z.object({ "cluster-name": clusterNameSchema });
