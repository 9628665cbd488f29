// The charm's options, checked: a bad one blocks the unit with the option's name and the rule.
import * as z from "zod";
import { clusterNameSchema } from "./names.ts";

const optionalName = z
  .literal("")
  .transform(() => undefined)
  .or(clusterNameSchema)
  .optional();

function whole(least: number, most: number, unit = ""): z.ZodInt {
  const rule = `must be from ${least} to ${most}${unit}`;
  return z.int(rule).min(least, rule).max(most, rule);
}

export const configSchema = z.object({
  "cluster-name": optionalName,
  "cluster-set-name": optionalName,
  profile: z.enum(["production", "testing"], 'must be "production" or "testing"').default("production"),
  "profile-limit-memory": whole(600, 9_999_999, " (MB)").optional(),
  "experimental-max-connections": whole(10, 100_000).optional(),
  // MySQL counts seconds, in 32 bits.
  "binlog-retention-days": whole(1, 49_710, " (days)").default(7),
  "logs-retention-period": z
    .string()
    .regex(/^(?:auto|[3-9]|[1-9]\d{1,3})$/, 'must be "auto" or a number of days from 3 to 9999')
    .default("auto"),
});
export type Config = z.output<typeof configSchema>;

export type ConfigRead =
  | { readonly kind: "value"; readonly config: Config }
  | { readonly kind: "invalid"; readonly option: string; readonly reason: string };

/** Options as Juju gives them → checked options, or the first bad one by name. */
export function readConfig(raw: Readonly<Record<string, unknown>>): ConfigRead {
  const parsed = configSchema.safeParse(raw);
  if (parsed.success) return { kind: "value", config: parsed.data };
  const issue = parsed.error.issues[0];
  const option = String(issue?.path[0] ?? "configuration");
  return { kind: "invalid", option, reason: describe(issue) };
}

/** A union of `""` and a name reports both failures; the name's own rule is the one to show. */
function describe(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return "is not valid";
  if (issue.code !== "invalid_union") return issue.message;
  const inner = issue.errors.flat().find((error) => error.code === "invalid_format");
  return inner?.message ?? issue.message;
}
