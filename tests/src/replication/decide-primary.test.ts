import fc from "fast-check";
import { expect, test } from "vitest";
import type { JobOutcome } from "../../../src/mysql/job-outcome.ts";
import {
  decidePrimary,
  type OwnCluster,
  type PrimaryFacts,
  primaryRows,
} from "../../../src/replication/decide-primary.ts";
import { statuses } from "../../../src/statuses.ts";
import type { PrimaryBag, ReplicaBag } from "../../../src/wire/replication.ts";
import { stepOf, testTable } from "../support/rows.ts";

const own: Exclude<OwnCluster, string> = {
  name: "rome",
  version: "9.7.0",
  setName: "empire",
  role: "primary",
  invalidated: false,
  clusters: ["rome", "lisbon"],
  remoteLabel: "lisbon-0",
  remoteHost: "lisbon-0.example",
};
const alone: OwnCluster = { ...own, clusters: ["rome"], remoteLabel: undefined };
const offer: ReplicaBag = { "cluster-name": "lisbon", endpoint: "192.0.2.7", "node-label": "lisbon-0" };
const shared: PrimaryBag = {
  "secret-id": "secret:abcdefghijklmnopqrst",
  "cluster-name": "rome",
  "mysql-version": "9.7.0",
  "cluster-set-name": "empire",
  "replica-state": "initialized",
};
const { "replica-state": _, ...sharedBefore } = shared;
const failed: JobOutcome = { kind: "failed", reason: "busy", what: "Adding: locked" };

const baseline: PrimaryFacts = {
  remoteApp: "lisbon",
  own,
  shared,
  remote: { kind: "value", value: offer },
  secret: "current",
  resolves: "all",
  job: { kind: "none" },
  wokenByJob: false,
};
/** The other application has offered its instance, which is not in the set yet. */
const before: Partial<PrimaryFacts> = { own: alone, shared: sharedBefore };

testTable({ rows: primaryRows, decide: decidePrimary, baseline }, [
  { row: "own cluster could not be asked", when: { own: "unknown" }, then: "wait", status: statuses.unknown },
  { row: "own cluster is not formed", when: { own: "forming" }, then: "wait" },
  {
    row: "own cluster is not formed",
    because: "it founds its set first",
    when: { own: { ...own, setName: undefined, role: "alone" } },
    then: "wait",
  },
  {
    row: "own cluster is invalidated",
    when: { own: { ...own, invalidated: true } },
    then: "stuck",
    status: statuses.invalidated("rome"),
  },
  {
    row: "standby was refused before",
    when: { shared: { ...shared, "is-replica": "true" } },
    then: "withdraw-refusal",
  },
  {
    row: "standby shares nothing",
    when: { own: { ...own, role: "replica" }, shared: {} },
    then: "refuse-as-replica",
  },
  {
    row: "standby cannot lead",
    when: { own: { ...own, role: "replica" }, shared: { "is-replica": "true" } },
    then: "stuck",
    status: statuses.standbyCannotLead("lisbon"),
  },
  {
    row: "the other side leads",
    because: "after a switchover",
    when: { own: { ...own, role: "replica" } },
    then: "settled",
  },
  {
    row: "nothing is shared yet",
    when: { ...before, shared: {}, secret: "none", remote: { kind: "absent" } },
    then: "share",
    status: statuses.settingUp,
  },
  { row: "shared passwords are old", when: { secret: "stale" }, then: "refresh-secret" },
  {
    row: "shared secret could not be read",
    when: { ...before, secret: "unknown" },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "remote databag is refused",
    when: { ...before, remote: { kind: "invalid", field: "cluster-name", reason: "must be a name" } },
    then: "stuck",
    status: statuses.badRemote("lisbon", "cluster-name", "must be a name"),
  },
  {
    row: "remote holds user data",
    when: { ...before, remote: { kind: "value", value: { "user-data-found": "true" } } },
    then: "wait",
    status: statuses.standbyAwaited("lisbon"),
  },
  {
    row: "remote offers no instance yet",
    when: { ...before, remote: { kind: "absent" } },
    then: "wait",
    status: statuses.standbyAwaited("lisbon"),
  },
  ...(["cluster-name", "endpoint", "node-label"] as const).map((key) => ({
    row: "remote offers no instance yet",
    because: `${key} is missing`,
    when: {
      ...before,
      remote: {
        kind: "value" as const,
        value: Object.fromEntries(Object.entries(offer).filter(([each]) => each !== key)),
      },
    },
    then: "wait" as const,
    status: statuses.standbyAwaited("lisbon"),
  })),
  {
    row: "replica cluster is being added",
    when: { ...before, job: { kind: "running", progress: "Stage PAGE COPY" } },
    then: "wait",
    status: statuses.addingReplica("lisbon", "Stage PAGE COPY"),
  },
  { row: "the job is over", when: { ...before, job: { kind: "ended" } }, then: "clear-job" },
  {
    row: "the job is over",
    because: "it failed, yet the cluster is in",
    when: { job: failed },
    then: "clear-job",
  },
  {
    row: "instance has no label",
    when: { own: { ...own, remoteLabel: "192.0.2.7:3306" } },
    then: "label-instance",
    status: statuses.labelling,
  },
  { row: "remote was not told", when: { shared: sharedBefore }, then: "publish-initialized" },
  {
    row: "remote was not told",
    because: "with several members there is no label to set",
    when: { shared: sharedBefore, own: { ...own, remoteLabel: undefined } },
    then: "publish-initialized",
  },
  { row: "replica cluster is in the set", when: {}, then: "settled" },
  {
    row: "replica cluster is in the set",
    because: "whatever the case of its name",
    when: { own: { ...own, clusters: ["rome", "LISBON"] } },
    then: "settled",
  },
  {
    row: "adding failed just now",
    when: { ...before, job: failed, wokenByJob: true },
    then: "wait",
    status: statuses.operationFailed("Adding: locked"),
  },
  { row: "adding failed before", when: { ...before, job: failed }, then: "clear-job" },
  {
    row: "instance cannot resolve the members yet",
    when: { ...before, resolves: "not-yet" },
    then: "wait",
    status: statuses.hostsAwaited("lisbon"),
  },
  {
    row: "replica cluster is positively absent",
    because: "an application that exchanges no host names has its own way",
    when: { ...before, resolves: "unsaid" },
    then: "start-adding",
    status: statuses.addingReplica("lisbon", ""),
  },
  {
    row: "replica cluster is positively absent",
    when: before,
    then: "start-adding",
    status: statuses.addingReplica("lisbon", ""),
  },
  {
    row: "own cluster leads no set",
    when: { ...before, own: { ...own, role: "alone", clusters: [] } },
    then: "wait",
    status: statuses.unknown,
  },
]);

const optional = <T>(value: T): fc.Arbitrary<T | undefined> => fc.constantFrom(value, undefined);
const bag = <T>(entries: Readonly<Partial<Record<string, string>>>): fc.Arbitrary<T> =>
  fc.subarray(Object.entries(entries)).map((some) => Object.fromEntries(some) as T);

const anyFacts: fc.Arbitrary<PrimaryFacts> = fc.record({
  remoteApp: fc.constant("lisbon"),
  own: fc.oneof(
    fc.constantFrom("unknown" as const, "forming" as const),
    fc.record({
      name: fc.constant("rome"),
      version: fc.constant("9.7.0"),
      setName: optional("empire"),
      role: fc.constantFrom("alone", "primary", "replica"),
      invalidated: fc.boolean(),
      clusters: fc.subarray(["rome", "lisbon", "porto"]),
      remoteLabel: fc.constantFrom("lisbon-0", "192.0.2.7:3306", undefined),
      remoteHost: fc.constantFrom("lisbon-0.example", undefined),
    }),
  ),
  shared: bag<PrimaryBag>({ ...shared, "is-replica": "true" }),
  remote: fc.oneof(
    fc.constant({ kind: "absent" as const }),
    fc.constant({ kind: "invalid" as const, field: "endpoint", reason: "must be a host" }),
    bag<ReplicaBag>({ ...offer, "user-data-found": "true" }).map((value) => ({
      kind: "value" as const,
      value,
    })),
  ),
  secret: fc.constantFrom("none", "stale", "current", "unknown"),
  resolves: fc.constantFrom("all", "not-yet", "unsaid"),
  job: fc.constantFrom<JobOutcome>(
    { kind: "none" },
    { kind: "running", progress: "" },
    { kind: "ended" },
    failed,
  ),
  wokenByJob: fc.boolean(),
});
const runs = { numRuns: 5_000 };

test("whatever the facts, the table has an answer", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => void decidePrimary(facts)),
    runs,
  );
});

test("a cluster is added by a healthy primary cluster, with a whole offer, positively absent, and no job about", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decidePrimary(facts)) !== "start-adding") return;
      expect(facts.own).toMatchObject({ role: "primary", setName: "empire", invalidated: false });
      expect(facts.own).not.toMatchObject({ clusters: expect.arrayContaining(["lisbon"]) });
      expect(facts.remote).toMatchObject({ kind: "value", value: offer });
      expect(facts.secret).toBe("current");
      expect(facts.resolves).not.toBe("not-yet");
      expect(facts.job).toEqual({ kind: "none" });
    }),
    runs,
  );
});

test("a standby shares no password and adds nothing", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (typeof facts.own === "string" || facts.own.role !== "replica") return;
      expect(["refuse-as-replica", undefined]).toContain(stepOf(decidePrimary(facts)));
    }),
    runs,
  );
});

test("nothing is done while the own cluster could not be asked or is not formed", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (typeof facts.own === "string") expect(stepOf(decidePrimary(facts))).toBeUndefined();
    }),
    runs,
  );
});

test("the other side is told only of a cluster that is in the set", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decidePrimary(facts)) !== "publish-initialized") return;
      expect(facts.own).toMatchObject({ clusters: expect.arrayContaining(["lisbon"]) });
    }),
    runs,
  );
});

test("a databag that was refused leads to no step but those on what is shared", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.remote.kind !== "invalid") return;
      expect(["share", "refresh-secret", "refuse-as-replica", "withdraw-refusal", undefined]).toContain(
        stepOf(decidePrimary(facts)),
      );
    }),
    runs,
  );
});
