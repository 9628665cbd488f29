// The grammar of every name that crosses a trust boundary: databags, options, action parameters.
import * as z from "zod";

/** InnoDB Cluster and ClusterSet names, by the rule of `dba.createCluster()`: 1–63 characters, a letter first. */
export const clusterNameSchema = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/,
    'must be 1 to 63 letters, digits, "-", "_" or ".", the first one a letter',
  );

/** AdminAPI compares the names of clusters without regard to case. No name is like no other. */
export function isSameName(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one.toLowerCase() === other?.toLowerCase();
}

/** A host as MySQL and /etc/hosts take it: an IPv4 address or a DNS name, without port or credentials. */
export const hostSchema = z
  .string()
  .max(253)
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    "must be an IPv4 address or a DNS name, without port",
  );

/** An IPv4 address in dotted form. */
export const addressSchema = z.ipv4("must be an IPv4 address");

/** Label of a member in the cluster's topology, `<application>-<unit number>`. */
export const labelSchema = z
  .string()
  .max(80)
  .regex(/^[a-z][a-z0-9-]*-\d+$/, "must be <application>-<unit number>");

/** What `SELECT version()` answers, such as `8.0.36-0ubuntu0.22.04.1`. */
export const versionSchema = z
  .string()
  .max(100)
  .regex(/^\d{1,3}\.\d{1,3}\.\d{1,3}(?:[-+~.A-Za-z0-9]*)$/, "must be a MySQL version such as 8.0.36");

/** A Juju secret reference in any of its spellings: `secret:<id>`, `secret://<model uuid>/<id>`, bare id. */
export const secretIdSchema = z
  .string()
  .regex(/^(?:secret:(?:\/\/)?(?:[0-9a-f-]{36}\/)?)?[0-9a-z]{20}$/, "must be the URI of a Juju secret");

export const unitNameSchema = z.string().regex(/^[a-z][a-z0-9-]*\/\d+$/, "must be a unit name such as db1/0");

/** `db1/0` → `db1-0`: the label by which a unit is found in the topology. */
export function unitLabel(unit: string): string {
  return unit.replace("/", "-");
}
