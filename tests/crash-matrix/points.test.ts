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
  distinct(run(...labels), "inside").map(({ n }) => n);
/** Without what MySQL Shell does in its runs. */
const outside = (...labels: readonly string[]): readonly number[] =>
  distinct(run(...labels), "runs").map(({ n }) => n);

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
      distinct([...run(begin, "write /etc/hosts"), ...job, ...run("x")], "runs").map(({ label }) => label),
    ).toEqual([begin, "juju-log", "x"]);
  });

  test("on a data directory are one until something else happens", () => {
    const data = "write /var/snap/charmed-mysql/common/var/lib/mysql/ibdata1";
    expect(struck(begin, data, data, data, "write /etc/x", data, data, end)).toEqual([1, 5, 6, 8]);
  });

  test("of snapd are one, from its lock to the end of who holds it", () => {
    const [lock, unlock, made] = ["open /run/snapd.lock", "end /usr/bin/flock", "make /snap/x"];
    expect(struck(begin, "make /etc/x", lock, made, made, unlock, "juju-log", end)).toEqual([1, 3, 6]);
    expect(struck(begin, lock, "juju-log", unlock, end)).toEqual([1]);
  });

  const shell = [
    "run /snap/bin/charmed-mysql.mysqlsh",
    "run /usr/local/lib/juju-sandbox-node",
    "send 10.1.0.10:3306: encrypted",
    "send 10.1.0.10:3306: encrypted",
    "end /usr/local/lib/juju-sandbox-node",
  ];

  test("of a run of MySQL Shell are one, unless one looks inside", () => {
    expect(outside(begin, "make /etc/x", ...shell, "juju-log", end)).toEqual([1, 3, 7]);
    expect(struck(begin, "make /etc/x", ...shell, "juju-log", end)).toEqual([1, 3, 6, 7]);
  });

  test("of a job are MySQL Shell's, which a hook began", () => {
    const job = run(...shell.slice(2), "write /x/claim.json", "end /x/node").map((effect) => ({
      ...effect,
      run: "job",
    }));
    expect(distinct(job, "runs").map(({ n }) => n)).toEqual([1, 3, 5]);
    expect(distinct(job, "inside").map(({ n }) => n)).toEqual([1, 2, 3, 5]);
  });
});

describe("points", () => {
  test("are kills with and without the machine where they differ, and all three ways of every effect on request", () => {
    const effects = run(begin, "config-get", "write /etc/hosts", end);
    expect(pointsOf("relate", effects, "runs").map(nameOf)).toEqual([
      "relate/first/start/1/before",
      "relate/first/start/1/power",
      "relate/first/start/4/before",
      "relate/first/start/4/power",
    ]);
    expect(pointsOf("relate", effects, "every")).toHaveLength(12);
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
