import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decideReplica,
  type ReplicaCluster,
  type ReplicaFacts,
  replicaRows,
} from "../../../src/replication/decide-replica.ts";
import { statuses } from "../../../src/statuses.ts";
import type { PrimaryBag, ReplicaBag } from "../../../src/wire/replication.ts";
import { stepOf, testTable } from "../support/rows.ts";

const alone: Extract<ReplicaCluster, { kind: "present" }> = {
  kind: "present",
  name: "lisbon",
  version: "9.7.0",
  setName: "cluster-set-x",
  role: "primary",
  clusters: ["lisbon"],
  onlineMembers: 3,
};
const inSet: ReplicaCluster = { ...alone, role: "replica", setName: "empire", clusters: ["rome", "lisbon"] };
const gone: ReplicaCluster = { kind: "absent", version: "9.7.0" };
const shared: PrimaryBag = {
  "secret-id": "secret:abcdefghijklmnopqrst",
  "cluster-name": "rome",
  "mysql-version": "9.7.0",
  "cluster-set-name": "empire",
};
const offer: ReplicaBag = { "cluster-name": "lisbon", endpoint: "192.0.2.7", "node-label": "lisbon-0" };
const without = (key: keyof PrimaryBag): ReplicaFacts["remote"] => ({
  kind: "value",
  value: Object.fromEntries(Object.entries(shared).filter(([each]) => each !== key)),
});

/** Ready for what cannot be undone: a cluster of its own, and everything that must be known before it is dissolved. */
const ready: ReplicaFacts = {
  remoteApp: "rome",
  cluster: alone,
  plannedMembers: 3,
  offered: {},
  remote: { kind: "value", value: shared },
  userDatabases: [],
  incoming: "value",
  accounts: "theirs",
  stored: true,
  site: { addresses: ["192.0.2.1"], reachable: true },
  seed: "committed",
  recordedSetName: "cluster-set-x",
};

testTable({ rows: replicaRows, decide: decideReplica, baseline: ready }, [
  {
    row: "own cluster could not be asked",
    when: { cluster: "unknown" },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "remote databag is refused",
    when: { remote: { kind: "invalid", field: "cluster-name", reason: "must be a name" } },
    then: "stuck",
    status: statuses.badRemote("rome", "cluster-name", "must be a name"),
  },
  { row: "set has another name than recorded", when: { cluster: inSet }, then: "record-set-name" },
  {
    row: "both are in one set",
    when: { cluster: inSet, recordedSetName: "empire", offered: offer },
    then: "settled",
  },
  {
    row: "both are in one set",
    because: "also when this side leads after a switchover",
    when: {
      cluster: { ...alone, setName: "empire", clusters: ["Rome", "lisbon"] },
      recordedSetName: "empire",
    },
    then: "settled",
  },
  {
    row: "own cluster follows another",
    when: { cluster: { ...alone, role: "replica", setName: "gaul", clusters: ["paris", "lisbon"] } },
    then: "stuck",
    status: statuses.alreadyFollows("gaul"),
  },
  {
    row: "own cluster leads others",
    when: { cluster: { ...alone, clusters: ["lisbon", "porto"] } },
    then: "stuck",
    status: statuses.alreadyLeads("cluster-set-x"),
  },
  {
    row: "databases could not be listed",
    when: { userDatabases: "unknown" },
    then: "wait",
    status: statuses.unknown,
  },
  { row: "user data is not reported", when: { userDatabases: ["shop"] }, then: "report-user-data" },
  {
    row: "user data would be lost",
    when: { userDatabases: ["shop"], offered: { "user-data-found": "true" } },
    then: "stuck",
    status: statuses.userData(["shop"]),
  },
  {
    row: "user data is gone",
    when: { offered: { "user-data-found": "true" } },
    then: "withdraw-user-data",
  },
  {
    row: "remote is a standby",
    when: { remote: { kind: "value", value: { "is-replica": "true" } } },
    then: "stuck",
    status: statuses.remoteIsStandby("rome"),
  },
  {
    row: "remote is this very cluster",
    when: {
      remote: {
        kind: "value",
        value: { ...shared, "cluster-name": "lisbon", "cluster-set-name": "cluster-set-x" },
      },
    },
    then: "stuck",
    status: statuses.sameCluster,
  },
  {
    row: "server is older than its source",
    when: { cluster: { ...alone, version: "8.0.36" } },
    then: "stuck",
    status: statuses.olderServer("8.0.36", "9.7.0"),
  },
  {
    row: "instance is offered",
    when: { cluster: gone, offered: offer },
    then: "wait",
    status: statuses.additionAwaited("rome"),
  },
  {
    row: "remote shares nothing yet",
    when: { remote: { kind: "absent" } },
    then: "wait",
    status: statuses.primaryAwaited("rome"),
  },
  ...(["secret-id", "cluster-name", "mysql-version", "cluster-set-name"] as const).map((key) => ({
    row: "remote shares nothing yet",
    because: `${key} is missing`,
    when: { remote: without(key) },
    then: "wait" as const,
    status: statuses.primaryAwaited("rome"),
  })),
  {
    row: "members are missing",
    when: { cluster: { ...alone, onlineMembers: 2 } },
    then: "wait",
    status: statuses.membersAwaited(2, 3),
  },
  {
    row: "secret is not granted yet",
    when: { incoming: "not-granted" },
    then: "wait",
    status: statuses.grantAwaited("rome"),
  },
  {
    row: "secret lacks a field",
    when: { incoming: { missing: "backups-password" } },
    then: "stuck",
    status: statuses.secretField("rome", "backups-password"),
  },
  {
    row: "primary site cannot be reached",
    when: { site: { addresses: ["192.0.2.1", "192.0.2.2"], reachable: false } },
    then: "stuck",
    status: statuses.unreachableSite("192.0.2.1, 192.0.2.2"),
  },
  {
    row: "primary site cannot be reached",
    because: "no unit of it gave an address",
    when: { site: { addresses: [], reachable: false } },
    then: "stuck",
    status: statuses.unreachableSite("rome"),
  },
  {
    row: "seed is still held",
    when: { seed: "held" },
    then: "release-seed",
    status: statuses.preparing,
  },
  {
    row: "seed is not released in writing",
    when: { seed: "releasing" },
    then: "wait",
    status: statuses.preparing,
  },
  {
    row: "accounts could not be asked",
    when: { accounts: "unknown" },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "accounts have the old passwords",
    when: { accounts: "own", stored: false },
    then: "adopt-accounts",
    status: statuses.adoptingCredentials,
  },
  { row: "passwords are not stored", when: { stored: false }, then: "store-passwords" },
  {
    row: "own cluster still stands",
    when: {},
    then: "dissolve",
    status: statuses.dissolving("lisbon"),
  },
  {
    row: "own cluster still stands",
    because: "nine members are as many as a cluster can have",
    when: { cluster: { ...alone, onlineMembers: 9 }, plannedMembers: 11 },
    then: "dissolve",
    status: statuses.dissolving("lisbon"),
  },
  { row: "instance is not offered", when: { cluster: gone }, then: "publish-instance" },
]);

const bag = <T>(entries: Readonly<Partial<Record<string, string>>>): fc.Arbitrary<T> =>
  fc.subarray(Object.entries(entries)).map((some) => Object.fromEntries(some) as T);
const usually = <T>(good: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(good), weight: 4 }, fc.constantFrom(good, ...others));

const anyFacts: fc.Arbitrary<ReplicaFacts> = fc.record({
  remoteApp: fc.constant("rome"),
  cluster: usually<ReplicaCluster>(
    alone,
    "unknown",
    gone,
    inSet,
    { ...alone, version: "8.4.3" },
    { ...alone, onlineMembers: 2 },
    { ...alone, clusters: ["lisbon", "porto"] },
    { ...alone, setName: undefined, role: "alone", clusters: [] },
  ),
  plannedMembers: usually(3, 1, 4, 10),
  offered: fc.oneof(fc.constant({}), bag<ReplicaBag>({ ...offer, "user-data-found": "true" })),
  remote: fc.oneof(
    { arbitrary: fc.constant<ReplicaFacts["remote"]>({ kind: "value", value: shared }), weight: 4 },
    fc.constantFrom<ReplicaFacts["remote"]>(
      { kind: "absent" },
      { kind: "invalid", field: "cluster-name", reason: "must be a name" },
    ),
    bag<PrimaryBag>({ ...shared, "is-replica": "true" }).map((value) => ({ kind: "value" as const, value })),
  ),
  userDatabases: usually<ReplicaFacts["userDatabases"]>([], "unknown", ["shop"]),
  incoming: usually<ReplicaFacts["incoming"]>("value", "none", "not-granted", { missing: "root-password" }),
  accounts: usually<ReplicaFacts["accounts"]>("theirs", "own", "unknown"),
  stored: usually(true, false),
  site: usually(ready.site, { addresses: [], reachable: false }),
  seed: usually<ReplicaFacts["seed"]>("committed", "held", "releasing"),
  recordedSetName: fc.constantFrom("cluster-set-x", "empire"),
});
const runs = { numRuns: 10_000 };

test("whatever the facts, the table has an answer", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => void decideReplica(facts)),
    runs,
  );
});

test("a cluster is dissolved only when everything that speaks for it is positively known", () => {
  let seen = 0;
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideReplica(facts)) !== "dissolve") return;
      seen += 1;
      expect(facts).toMatchObject({
        remote: { kind: "value", value: shared },
        userDatabases: [],
        incoming: "value",
        accounts: "theirs",
        stored: true,
        seed: "committed",
        site: { reachable: true },
        cluster: { kind: "present", version: "9.7.0" },
      });
      expect(facts.remote).not.toMatchObject({ value: { "is-replica": "true" } });
      if (typeof facts.cluster === "string" || facts.cluster.kind === "absent") return;
      expect(facts.cluster.clusters.length).toBeLessThanOrEqual(1);
      expect(facts.cluster.onlineMembers).toBeGreaterThanOrEqual(Math.min(facts.plannedMembers, 9));
    }),
    runs,
  );
  expect(seen).toBeGreaterThan(10);
});

test("the accounts change hands only after the seed was released in writing, and before it is dissolved", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = stepOf(decideReplica(facts));
      if (step !== "adopt-accounts" && step !== "store-passwords") return;
      expect([facts.seed, facts.incoming, facts.userDatabases]).toEqual(["committed", "value", []]);
    }),
    runs,
  );
});

test("an instance is offered only by an application that has no cluster and takes the shared passwords", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideReplica(facts)) !== "publish-instance") return;
      expect(facts).toMatchObject({
        cluster: { kind: "absent" },
        userDatabases: [],
        accounts: "theirs",
        stored: true,
        seed: "committed",
      });
    }),
    runs,
  );
});

test("what could not be asked leads to no step", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.cluster === "unknown") expect(stepOf(decideReplica(facts))).toBeUndefined();
    }),
    runs,
  );
});
