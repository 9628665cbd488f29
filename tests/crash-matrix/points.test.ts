import { describe, expect, test } from "vitest";
import {
  distinct,
  type Effect,
  effectsIn,
  nameOf,
  pointNamed,
  pointsOf,
} from "../../scripts/crash-matrix/points.ts";

const LOG = [
  "unit-db-0: 2026-11-23 06:17:05.250 DEBUG sandbox.fault 1: run /var/lib/juju/agents/unit-db-0/charm/dispatch (start)",
  "unit-db-0: 2026-11-23 06:17:05.250 DEBUG sandbox.fault 2: config-get (start)",
  "unit-db-0: 2026-11-23 06:17:05.250 WARNING sandbox.fault fault 3 strikes: kills rome:db/0 before effect 2",
  "unit-db-0: 2026-11-23 06:17:06.250 DEBUG sandbox.fault 3: send 10.2.0.11:3306: SET GLOBAL (start)",
  "unit-db-0: 2026-11-23 06:17:06.250 DEBUG sandbox.fault 4: run /usr/bin/id (job)",
  "unit-db-0: 2026-11-23 06:17:06.250 DEBUG sandbox.fault 5: end /usr/bin/id (start)",
];

const AT = Date.parse("2026-11-23T06:17:05.250Z");

/** The effects of one run. */
function run(...labels: readonly string[]): readonly Effect[] {
  return labels.map((label, index) => ({ role: "first", run: "start", n: index + 1, label, at: index }));
}

const begin = "run /var/lib/juju/agents/unit-db-0/charm/dispatch";
const end = "end /var/lib/juju/agents/unit-db-0/charm/./runtime/node";
const struck = (...labels: readonly string[]): readonly number[] =>
  distinct(run(...labels)).map(({ n }) => n);

describe("effects", () => {
  test("are read from the log and numbered within the runs of one name", () => {
    expect(effectsIn(LOG, "second")).toEqual([
      { role: "second", run: "start", n: 1, label: begin, at: AT },
      { role: "second", run: "start", n: 2, label: "config-get", at: AT },
      { role: "second", run: "start", n: 3, label: "send 10.2.0.11:3306: SET GLOBAL", at: AT + 1_000 },
      { role: "second", run: "job", n: 1, label: "run /usr/bin/id", at: AT + 1_000 },
      { role: "second", run: "start", n: 4, label: "end /usr/bin/id", at: AT + 1_000 },
    ]);
  });

  test.each([
    "open /etc/hosts.new",
    "write /etc/hosts.new",
    "rename /etc/hosts",
    "remove /etc/x",
    "make /etc/x",
    "mode /etc/x",
    "owner /etc/x",
    "mount /media",
    "unmount /media",
    "signal 15 to mysqld",
    "send 10.2.0.11:3306: encrypted",
    "send /run/launch.socket",
  ])("that change something part two points: %s", (label) => {
    expect(struck(begin, "config-get", label, "juju-log", end)).toEqual([1, 4]);
  });

  test.each([
    "relation-get",
    "relation-set",
    "secret-add",
    "status-set",
    "run /usr/bin/hostname",
    "end /usr/bin/hostname",
    "open /tmp/charm-secret-x/root-password",
    "open /run/snapd.lock",
    "write /var/lib/juju/agents/unit-db-0/jobs/join-1/output",
  ])("after which nothing outside is another do not: %s", (label) => {
    expect(struck(begin, label, label, "juju-log", end)).toEqual([1]);
  });

  test("of each dispatch begin a point, and those of a job are apart", () => {
    expect(struck(begin, "config-get", end, begin, "config-get", end)).toEqual([1, 4]);
    const job: readonly Effect[] = [{ role: "first", run: "job", n: 1, label: "juju-log", at: AT }];
    expect(
      distinct([...run(begin, "write /etc/hosts"), ...job, ...run("x")]).map(({ label }) => label),
    ).toEqual([begin, "juju-log", "x"]);
  });

  test("on a data directory are one until something else happens", () => {
    const data = "write /var/snap/charmed-mysql/common/var/lib/mysql/ibdata1";
    expect(struck(begin, data, data, data, "write /etc/x", data, data, end)).toEqual([1, 5, 6, 8]);
  });
});

describe("points", () => {
  test("are kills with and without the machine where they differ, and all three ways of every effect on request", () => {
    const effects = run(begin, "config-get", "write /etc/hosts", end);
    expect(pointsOf("relate", effects, false).map(nameOf)).toEqual([
      "relate/first/start/1/before",
      "relate/first/start/1/power",
      "relate/first/start/4/before",
      "relate/first/start/4/power",
    ]);
    expect(pointsOf("relate", effects, true)).toHaveLength(12);
  });

  test("are found again by their names", () => {
    const name = "relate/second/async-replica-relation-changed/17/power";
    expect(nameOf(pointNamed(name))).toBe(name);
  });

  test.each([
    "",
    "relate",
    "relate/third/start/1/before",
    "relate/first/start/0/before",
    "relate/first/start/1/maybe",
    "relate/first/start/1/before/x",
  ])("have no other names: %j", (name) => {
    expect(() => pointNamed(name)).toThrow("is no point");
  });
});
