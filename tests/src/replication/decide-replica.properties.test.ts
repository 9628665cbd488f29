import fc from "fast-check";
import { expect, test } from "vitest";
import { decideReplica } from "../../../src/replication/decide-replica.ts";
import type { ReplicaCluster, ReplicaFacts } from "../../../src/replication/replica-facts.ts";
import type { PrimaryBag, ReplicaBag } from "../../../src/wire/replication.ts";
import { stepOf } from "../support/rows.ts";
import { alone, gone, inSet, offer, ready, shared } from "./replica-facts.ts";

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
  userDatabases: fc.constant(["shop"]),
  userData: usually<ReplicaFacts["userData"]>("none", "theirs", "own", "unlisted", "unknown"),
  isFollowed: usually(false, true),
  isSecond: usually(false, true),
  offererGone: usually(false, true),
  hasMoved: usually(false, true),
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
        userData: expect.stringMatching(/^(none|theirs)$/),
        isFollowed: false,
        incoming: "value",
        accounts: "theirs",
        stored: true,
        seed: "committed",
        site: { reachable: true },
        cluster: { kind: "present", version: "9.7.0" },
      });
      expect(facts.remote).not.toMatchObject({ value: { "is-replica": "true" } });
      if (typeof facts.cluster === "string" || facts.cluster.kind !== "present") return;
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
      expect([facts.seed, facts.incoming]).toEqual(["committed", "value"]);
      expect(["none", "theirs"]).toContain(facts.userData);
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
        userData: expect.stringMatching(/^(none|theirs)$/),
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
