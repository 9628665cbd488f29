// Facts of the async-primary side that the tests of its table start from.
import type { JobOutcome } from "../../../src/mysql/job-outcome.ts";
import type { OwnCluster, PrimaryFacts } from "../../../src/replication/decide-primary.ts";
import type { PrimaryBag, ReplicaBag } from "../../../src/wire/replication.ts";

export const own: Exclude<OwnCluster, string> = {
  name: "rome",
  version: "9.7.0",
  setName: "empire",
  role: "primary",
  invalidated: false,
  clusters: ["rome", "lisbon"],
  remoteLabel: "lisbon-0",
  remoteHosts: ["lisbon-0.example"],
};
const alone: OwnCluster = { ...own, clusters: ["rome"], remoteLabel: undefined };
export const offer: ReplicaBag = {
  "cluster-name": "lisbon",
  endpoint: "192.0.2.7",
  "node-label": "lisbon-0",
};
export const shared: PrimaryBag = {
  "secret-id": "secret:abcdefghijklmnopqrst",
  "cluster-name": "rome",
  "mysql-version": "9.7.0",
  "cluster-set-name": "empire",
  "replica-state": "initialized",
};
const { "replica-state": _, ...rest } = shared;
export const sharedBefore: PrimaryBag = rest;
export const failed: JobOutcome = { kind: "failed", reason: "busy", what: "Adding: locked" };

export const baseline: PrimaryFacts = {
  remoteApp: "lisbon",
  own,
  shared,
  remote: { kind: "value", value: offer },
  secret: "current",
  resolves: "all",
  membersGone: false,
  job: { kind: "none" },
  isAddingAnother: false,
  remains: { kind: "none" },
  wokenByJob: false,
};
/** The other application has offered its instance, which is not in the set yet. */
export const before: Partial<PrimaryFacts> = { own: alone, shared: sharedBefore };
