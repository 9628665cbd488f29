// The Python charm of revision 234 at the other end of a relation: what it writes, and what it makes of what we write.

type Bag = Readonly<Record<string, string>>;

const MODEL = "2cd7d2d8-7ad2-4bb7-8b9c-2a31a8a2a7f4";
export const PYTHON_SECRET = "cp1dkh7mp25c7b1v5dag";

/** Its databags, message by message, as it leaves them at the end of a hook. */
export const pythonWrites = {
  /** Its primary cluster has shared; the version is what its server answers, package and all. */
  shared: {
    "secret-id": `secret://${MODEL}/${PYTHON_SECRET}`,
    "cluster-name": "paris",
    "mysql-version": "8.0.36-0ubuntu0.22.04.1",
    "cluster-set-name": "cluster-set-9f2c1d7e5b3a4c6d8e0f1a2b3c4d5e6f",
  },
  /** It has added our cluster. */
  initialized: { "replica-state": "initialized" },
  /** It is a standby itself. */
  standby: { "is-replica": "true" },
  /** Its later revisions: the bare version, a name for the replication, a counter. */
  later: { "mysql-version": "8.0.44", "replication-name": "default", switchover: "3" },
  /** Its standby refuses, for its data. */
  userData: { "user-data-found": "true" },
  /** Its standby offers its leader's server. */
  offered: { "cluster-name": "lisbon", endpoint: "192.0.2.7", "node-label": "lisbon-0" },
  /** What its units have in their own bags: nothing but Juju's. */
  unit: {
    "egress-subnets": "198.51.100.1/32",
    "ingress-address": "198.51.100.1",
    "private-address": "198.51.100.1",
  },
} as const satisfies Readonly<Record<string, Bag>>;

/** It shares every field of its own secret whose name has "password" in it. */
export const pythonExtraFields: Bag = { "relation-7-password": "x", "mysql-root-password-old": "y" };

const knownFields: readonly string[] = [
  "root-password",
  "server-config-password",
  "cluster-admin-password",
  "monitoring-password",
  "backups-password",
];

/** How its standby goes on with what a primary cluster wrote, by its own rules. */
export function pythonStandbyReads(
  bag: Bag,
  secret: Bag,
  ownVersion: string,
): "waits" | "refuses the version" | "crashes" | "follows" | "recovers" {
  if (bag["secret-id"] === undefined) return "waits";
  if (bag["mysql-version"] !== ownVersion) return "refuses the version";
  if (bag["cluster-name"] === undefined || bag["cluster-set-name"] === undefined) return "crashes";
  const given = Object.keys(secret);
  if (given.some((field) => !knownFields.includes(field))) return "crashes";
  if (knownFields.some((field) => !given.includes(field))) return "crashes";
  return bag["replica-state"] === "initialized" ? "recovers" : "follows";
}

/** How its primary cluster goes on with what a standby wrote. */
export function pythonPrimaryReads(bag: Bag): "waits" | "adds" | "crashes" {
  if (bag["endpoint"] === undefined) return "waits";
  const isWhole = bag["cluster-name"] !== undefined && /^[a-z0-9-]+-\d+$/.test(bag["node-label"] ?? "");
  // The three go into a script as they are; the endpoint gets its port there.
  const isPlain = /^[A-Za-z0-9.-]+$/.test(bag["endpoint"]) && /^[\w.-]+$/.test(bag["cluster-name"] ?? "");
  return isWhole && isPlain ? "adds" : "crashes";
}
