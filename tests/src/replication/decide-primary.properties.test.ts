import fc from "fast-check";
import { expect, test } from "vitest";
import type { JobOutcome } from "../../../src/mysql/job-outcome.ts";
import { decidePrimary, type PrimaryFacts } from "../../../src/replication/decide-primary.ts";
import type { Remains } from "../../../src/replication/remains.ts";
import type { PrimaryBag, ReplicaBag } from "../../../src/wire/replication.ts";
import { stepOf } from "../support/rows.ts";
import { failed, offer, shared } from "./primary-facts.ts";

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
      remoteHosts: fc.subarray(["lisbon-0.example"]),
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
  membersGone: fc.boolean(),
  job: fc.constantFrom<JobOutcome>(
    { kind: "none" },
    { kind: "running", progress: "" },
    { kind: "ended" },
    failed,
  ),
  isAddingAnother: fc.boolean(),
  remains: fc.constantFrom<Remains>(
    { kind: "none" },
    { kind: "cut-short" },
    { kind: "foreign" },
    { kind: "unknown", what: "silent" },
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
      const step = stepOf(decidePrimary(facts));
      if (step !== "start-adding" && step !== "undo-addition") return;
      expect(facts.remains.kind).toBe(step === "start-adding" ? "none" : "cut-short");
      expect(facts.own).toMatchObject({ role: "primary", setName: "empire", invalidated: false });
      expect(facts.own).not.toMatchObject({ clusters: expect.arrayContaining(["lisbon"]) });
      expect(facts.remote).toMatchObject({ kind: "value", value: offer });
      expect(facts.secret).toBe("current");
      expect(facts.resolves).not.toBe("not-yet");
      expect([facts.job, facts.isAddingAnother]).toEqual([{ kind: "none" }, false]);
    }),
    runs,
  );
});

test("a standby shares no password that was not shared, and adds nothing", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.secret === "stale") return;
      if (typeof facts.own === "string" || facts.own.role !== "replica") return;
      expect(["refuse-as-replica", undefined]).toContain(stepOf(decidePrimary(facts)));
    }),
    runs,
  );
});

test("nothing is done to MySQL while the own cluster could not be asked or is not formed", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.secret === "stale") return;
      if (typeof facts.own === "string") expect(stepOf(decidePrimary(facts))).toBeUndefined();
    }),
    runs,
  );
});

test("changed passwords are shared whatever else is the case", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.secret === "stale") expect(stepOf(decidePrimary(facts))).toBe("refresh-secret");
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
