// Facts of the async-replica side that the tests of its table start from.
import type { ReplicaCluster, ReplicaFacts } from "../../../src/replication/replica-facts.ts";
import type { PrimaryBag, ReplicaBag } from "../../../src/wire/replication.ts";

export const alone: Extract<ReplicaCluster, { kind: "present" }> = {
  kind: "present",
  name: "lisbon",
  version: "9.7.0",
  setName: "cluster-set-x",
  role: "primary",
  clusters: ["lisbon"],
  onlineMembers: 3,
};
export const inSet: ReplicaCluster = {
  ...alone,
  role: "replica",
  setName: "empire",
  clusters: ["rome", "lisbon"],
};
export const gone: ReplicaCluster = { kind: "absent", version: "9.7.0" };
export const shared: PrimaryBag = {
  "secret-id": "secret:abcdefghijklmnopqrst",
  "cluster-name": "rome",
  "mysql-version": "9.7.0",
  "cluster-set-name": "empire",
};
export const offer: ReplicaBag = {
  "cluster-name": "lisbon",
  endpoint: "192.0.2.7",
  "node-label": "lisbon-0",
};
export const without = (key: keyof PrimaryBag): ReplicaFacts["remote"] => ({
  kind: "value",
  value: Object.fromEntries(Object.entries(shared).filter(([each]) => each !== key)),
});

/** Ready for what cannot be undone: a cluster of its own, and everything that must be known before it is dissolved. */
export const ready: ReplicaFacts = {
  remoteApp: "rome",
  cluster: alone,
  plannedMembers: 3,
  offered: {},
  remote: { kind: "value", value: shared },
  userDatabases: [],
  userData: "none",
  isFollowed: false,
  hasMoved: false,
  incoming: "value",
  accounts: "theirs",
  stored: true,
  site: { addresses: ["192.0.2.1"], reachable: true },
  seed: "committed",
  isSecond: false,
  offererGone: false,
  recordedSetName: "cluster-set-x",
};
