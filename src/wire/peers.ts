// The databags and the secret of `database-peers`: what the units of one application tell each other.
import * as z from "zod";
import { addressSchema, clusterNameSchema, hostSchema, secretIdSchema, unitNameSchema } from "./names.ts";

export const PEERS = "database-peers";

const counterSchema = z.string().regex(/^\d{1,9}$/, "must be a number");

/** Who switched over counts up in every databag that it writes, so that all readers are woken. Ours alone. */
export const switchoverSchema = counterSchema.optional();

/**
 * Counts the changes of the system passwords: the leader writes it with the new ones, and who repeats it has no use for
 * the old ones any more. Ours alone.
 */
export const PASSWORDS_GENERATION = "passwords-generation";
export const generationSchema = counterSchema.optional();

/** Snap revision and settings that a unit's server runs with; ours alone. */
export const SERVER_CONFIGURATION = "server-configuration";

/** The next value of a counter. */
export function nextCount(current: string | undefined): string {
  return String((Number(current ?? "0") + 1) % 1_000_000_000);
}

/**
 * What has to be done when a relation to another cluster is gone, since nothing can be read from it then, and Juju does
 * not always say that it went. By relation id. Ours alone.
 */
const setRelationsSchema = z.record(
  z.string().regex(/^\d+$/),
  z.object({
    side: z.enum(["async-primary", "async-replica"]),
    /** The other cluster, once both are in one set; "" before. */
    cluster: clusterNameSchema.or(z.literal("")),
    /** The secret that was made for the relation; "" where none was. */
    secret: secretIdSchema.or(z.literal("")),
  }),
);
export type SetRelations = z.infer<typeof setRelationsSchema>;

/** What does not fit the schema is as good as not there: it is written anew. */
export function readSetRelations(text: string | undefined): SetRelations {
  try {
    const parsed = setRelationsSchema.safeParse(JSON.parse(text ?? "{}"));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}

/** Written by the leader, read by every unit. */
export const peerAppSchema = z.object({
  "cluster-name": clusterNameSchema,
  "cluster-set-domain-name": clusterNameSchema,
  /** The one unit that may form the cluster; empty while another cluster's primary is to form it. */
  "seed-unit": unitNameSchema.optional(),
  "removed-from-cluster-set": z.enum(["true"]).optional(),
  "set-relations": z.string().max(20_000).optional(),
  switchover: switchoverSchema,
  [PASSWORDS_GENERATION]: generationSchema,
});
export type PeerApp = z.infer<typeof peerAppSchema>;

export const memberStates = [
  "waiting",
  "online",
  "recovering",
  "offline",
  "error",
  "unreachable",
  "unknown",
] as const;
export type MemberState = (typeof memberStates)[number];

/** Written by each unit about itself. */
export const peerUnitSchema = z.object({
  "member-state": z.enum(memberStates).optional(),
  "member-role": z.enum(["primary", "secondary", "unknown"]).optional(),
  "instance-hostname": z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}:\d{1,5}$/, "must be <host>:<port>")
    .optional(),
  "unit-configured": z.enum(["True"]).optional(),
  "unit-initialized": z.enum(["True"]).optional(),
  "known-hosts": z.string().max(4000).optional(),
  /** This unit starts the cluster again, and brings the other members back itself. Ours alone. */
  "restarting-cluster": z.enum(["true"]).optional(),
  [PASSWORDS_GENERATION]: generationSchema,
  [SERVER_CONFIGURATION]: z
    .string()
    .regex(/^[0-9x]{1,20}-[0-9a-f]{12}$/)
    .optional(),
});
export type PeerUnit = z.infer<typeof peerUnitSchema>;

/** Value of `hostname-details`, in the unit bags of the peers and of both async endpoints. */
export const hostnameDetailsSchema = z.object({
  names: z.array(hostSchema).min(1).max(8),
  address: addressSchema,
});
export type HostnameDetails = z.infer<typeof hostnameDetailsSchema>;
export const HOSTNAME_DETAILS = "hostname-details";

/** Comma separated host names of the other side's units that this unit can resolve. Beside `hostname-details`; ours alone. */
export const KNOWN_HOSTS = "known-hosts";

/** Whether a unit's `known-hosts` holds every one of the names. */
export function knowsHosts(knownHosts: string | undefined, names: readonly string[]): boolean {
  const known = new Set((knownHosts ?? "").split(","));
  return names.every((name) => known.has(name));
}

/** Label of the application's own secret, as the Python charm spells it. */
export function peerSecretLabel(app: string): string {
  return `${PEERS}.${app}.app`;
}
