import fc from "fast-check";
import { expect, test } from "vitest";
import { statuses, troubleStatus } from "../../../src/statuses.ts";
import { decideWorkload, type WorkloadFacts, workloadRows } from "../../../src/workload/decide.ts";
import { stepOf, testTable } from "../support/rows.ts";

const baseline: WorkloadFacts = {
  storage: "mounted",
  snap: "installed",
  identity: "known",
  config: "same",
  initFile: "absent",
  service: "unknown",
  login: "ok",
  accepted: true,
  configured: "yes",
  settings: "same",
  trouble: undefined,
  revision: "unknown",
};
const trouble = { kind: "disk-full", option: "" } as const;
const down = { login: "unreachable", service: "active" } as const;

testTable({ rows: workloadRows, decide: decideWorkload, baseline }, [
  {
    row: "storage is not mounted",
    when: { storage: "missing" },
    then: "wait",
    status: statuses.storageMissing,
  },
  { row: "snap belongs to another", when: { snap: "foreign" }, then: "stuck", status: statuses.foreignSnap },
  {
    row: "snap is not installed",
    when: { snap: "absent" },
    then: "install-snap",
    status: statuses.installing,
  },
  { row: "identity is not known", when: { identity: "awaited" }, then: "wait" },
  { row: "server runs, init file is left", when: { initFile: "present" }, then: "remove-init-file" },
  { row: "config file differs", when: { config: "different" }, then: "write-config" },
  {
    row: "server was never set up",
    when: { config: "missing" },
    then: "make-accounts",
    status: statuses.startingServer,
  },
  {
    row: "server was set up half",
    when: { initFile: "present", login: "unreachable", service: "active" },
    then: "make-accounts",
    status: statuses.startingServer,
  },
  {
    row: "server was set up half",
    because: "with passwords that were lost",
    when: { initFile: "present", login: "denied" },
    then: "make-accounts",
    status: statuses.startingServer,
  },
  {
    row: "passwords of the set-up were lost",
    when: { login: "denied", accepted: false },
    then: "make-accounts",
    status: statuses.startingServer,
  },
  {
    row: "server refuses the charm",
    when: { login: "denied" },
    then: "stuck",
    status: statuses.lockedOut,
  },
  {
    row: "server is stopped",
    when: { login: "unreachable", service: "inactive" },
    then: "start-server",
    status: statuses.startingServer,
  },
  {
    row: "server does not run, and its snap is another",
    when: { login: "unreachable", service: "inactive", revision: "other" },
    then: "change-revision",
    status: statuses.refreshing,
  },
  {
    row: "server does not run, and its snap is another",
    because: "which cannot open the data, so that mysqld is started again and again",
    when: { ...down, revision: "other", trouble: { kind: "downgrade", option: "" } },
    then: "change-revision",
    status: statuses.refreshing,
  },
  {
    row: "server does not answer, and says why",
    when: { ...down, trouble },
    then: "stuck",
    status: troubleStatus(trouble),
  },
  {
    row: "server does not answer",
    because: "whatever its snap: it may be about to",
    when: { ...down, revision: "other" },
    then: "wait",
    status: statuses.serverDown,
  },
  {
    row: "server does not answer",
    when: { login: "unreachable", service: "active" },
    then: "wait",
    status: statuses.serverDown,
  },
  {
    row: "server is not prepared",
    when: { configured: "no" },
    then: "configure-instance",
    status: statuses.configuring,
  },
  {
    row: "server could not be read",
    when: { configured: "unknown" },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "server could not be read",
    because: "nor its settings",
    when: { settings: "unknown" },
    then: "wait",
    status: statuses.unknown,
  },
  { row: "settings differ", when: { settings: "different" }, then: "apply-settings" },
  { row: "server is ready", when: {}, then: "settled" },
]);

const anyFacts: fc.Arbitrary<WorkloadFacts> = fc.record({
  storage: fc.constantFrom("mounted", "missing"),
  snap: fc.constantFrom("absent", "foreign", "installed"),
  identity: fc.constantFrom("known", "awaited"),
  config: fc.constantFrom("missing", "different", "same"),
  initFile: fc.constantFrom("present", "absent"),
  service: fc.constantFrom("active", "inactive", "unknown"),
  login: fc.constantFrom("ok", "denied", "unreachable"),
  accepted: fc.boolean(),
  configured: fc.constantFrom("yes", "no", "unknown"),
  settings: fc.constantFrom("same", "different", "unknown"),
  trouble: fc.constantFrom(undefined, trouble),
  revision: fc.constantFrom("pinned", "other", "unknown"),
});

test("whatever the facts, the table has an answer", () => {
  fc.assert(fc.property(anyFacts, (facts) => void decideWorkload(facts)));
});

test("nothing is touched without storage, or on a snap of another", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = stepOf(decideWorkload(facts));
      if (facts.storage === "missing" || facts.snap === "foreign") expect(step).toBeUndefined();
    }),
  );
});

test("the accounts are set only with known passwords, and never on a server that takes the login", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideWorkload(facts)) !== "make-accounts") return;
      expect(facts.identity).toBe("known");
      expect(facts.snap).toBe("installed");
      if (facts.config !== "missing") expect(facts.login).not.toBe("ok");
      if (facts.config === "same" && facts.initFile === "absent") expect(facts.accepted).toBe(false);
    }),
  );
});

test("a server that merely does not answer keeps its accounts", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.config !== "same" || facts.initFile === "present") return;
      if (facts.login === "unreachable")
        expect(["start-server", "install-snap", "change-revision", undefined]).toContain(
          stepOf(decideWorkload(facts)),
        );
    }),
  );
});

test("configuring needs a server that answered that it is not configured", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (stepOf(decideWorkload(facts)) !== "configure-instance") return;
      expect([facts.login, facts.configured]).toEqual(["ok", "no"]);
    }),
  );
});
