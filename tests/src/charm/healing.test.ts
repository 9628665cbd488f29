import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import {
  type FakeCluster,
  type FakeMember,
  type FakeMetadata,
  type FakeServer,
  loneServer,
  primaryServer,
} from "../support/mysql.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  type MachineOptions,
  machine,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "../support/world.ts";

const updateStatus = { kind: "update-status" } as const;
const ended = { kind: "custom", name: "job-ended" } as const;
const lookAgain = { name: "wake", argv: ["sleep", "15"] };
const password = serverPassword("own");
const hosts = [host, "second", "third"] as const;
const all: readonly FakeMember[] = hosts.map((each, at) => ({
  uuid: `uuid-${at}`,
  host: each,
  state: "ONLINE",
  role: at === 1 ? "PRIMARY" : "SECONDARY",
}));
const instances = hosts.map((each, at) => ({
  cluster: "rome",
  label: `mysql-${at}`,
  address: `${each}:3306`,
  uuid: `uuid-${at}`,
}));

interface Site extends Machine {
  readonly second: FakeServer;
  readonly third: FakeServer;
}

type Given = Partial<FakeServer>;

/** The machine of unit 0 in a cluster of three, of which unit 1 is the primary. */
function site(
  given: { own?: Given; second?: Given; third?: Given } = {},
  options: MachineOptions = {},
): Site {
  const made = (at: number, more: Given = {}): FakeServer =>
    primaryServer("rome", "empire", {
      host: hosts[at] ?? "",
      uuid: `uuid-${at}`,
      password,
      group: all,
      metadata: { own: "rome", domain: "empire", clusters: [{ name: "rome", role: "PRIMARY" }], instances },
      gtidExecuted: "a",
      ...more,
    });
  const [local, second, third] = [made(0, given.own), made(1, given.second), made(2, given.third)];
  const snap = { kind: "installed", version: "9.7.0" } as const;
  return { ...machine({ snap, ...options, servers: { local, second, third } }), second, third };
}

const told = (name: string) =>
  ({
    "member-state": "online",
    "instance-hostname": `${name}:3306`,
    "unit-configured": "True",
    "unit-initialized": "True",
    "known-hosts": hosts.join(","),
  }) as const;

/** Unit 0 leads; units as given are there. */
function world(
  given: Partial<CharmWorld> = {},
  bags: CharmWorld["relations"][number]["bags"] = {},
): CharmWorld {
  const others = { "mysql/1": told("second"), "mysql/2": told("third") };
  return namedWorld({
    plannedUnits: 3,
    relations: [peers({ [own]: names, "mysql/0": told(host), ...others, ...bags })],
    ...given,
  });
}

const started = ({ jobs }: Machine): readonly string[] =>
  jobs.started.map(({ argv }) => argv.slice(1).join(" "));
const done = ({ shell }: Machine): readonly string[] =>
  shell.runs.map((run) => [run.host, run.command.operation, ...run.command.args].join(" "));
const out = { group: [] } as const;

describe("a member that fell out of its group", () => {
  test("rejoins through the primary, as a job", async () => {
    const here = site({ own: { group: [{ ...all[0], state: "ERROR" } as FakeMember] } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(started(here)).toEqual(["second rejoin-instance"]);
    expect(here.shell.runs[0]?.command).toMatchObject({ args: [`${host}:3306`], options: {} });
    expect(after.unitStatus).toEqual(statuses.joining(""));
  });

  test("by clone where the binary logs are gone", async () => {
    const here = site({ own: out, second: { catchesUp: false } });
    await runEvent(here.charm, world(), updateStatus);
    expect(here.shell.runs[0]?.command.options).toEqual({ "recovery-method": "clone" });
  });

  test("of which it is not known whether it has data of its own is left as it is", async () => {
    let asked = 0;
    const here = site({
      own: {
        ...out,
        onRows: (text) => {
          if (text.includes("schemata") && ++asked > 0) throw new MysqlProblem("timed-out", "Asking", "");
        },
      },
      second: { diverged: true },
    });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(asked).toBeGreaterThan(0);
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.diverged);
  });

  test("of another cluster of the same name is left as it is", async () => {
    const here = site({ own: out });
    const { metadata } = here.local;
    if (metadata !== undefined) here.local.metadata = { ...metadata, clusterId: "id-of-another" };
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.foreignCluster("rome"));
  });

  test("with data of its own is left as it is", async () => {
    const here = site({ own: { ...out, databases: ["shop"] }, second: { diverged: true } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.diverged);
  });

  test("stays out while a person keeps it out", async () => {
    const here = site({ own: { ...out, heldBack: true } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.keptOut);
  });

  test("is looked at again soon while mysqld looks for the group by itself", async () => {
    const here = site({ own: { ...out, starting: true } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(started(here)).toEqual(["15"]);
    expect(after.unitStatus).toEqual(statuses.comingBack);
  });

  test("waits while another unit starts the whole cluster again, but not for ever", async () => {
    const here = site({ own: out });
    const busy = world({}, { "mysql/1": { ...told("second"), "restarting-cluster": "true" } });
    const { world: after } = await runEvent(here.charm, busy, { kind: "config-changed" });
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.restartingCluster(""));
    await runEvent(here.charm, busy, updateStatus);
    expect(started(here)).toEqual(["second rejoin-instance"]);
  });

  test("waits while this very unit starts the whole cluster again", async () => {
    const here = site({ own: out });
    const running = { kind: "running", label: "", startedAt: 0, lastLines: [] } as const;
    here.jobs.states.set("restart-cluster", running);
    const { world: after } = await runEvent(here.charm, world(), { kind: "config-changed" });
    expect(here.jobs.started).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.restartingCluster(""));
  });

  test("that its cluster has removed forgets it and joins anew, by clone", async () => {
    const here = site({ own: out });
    const { metadata } = here.second;
    if (metadata !== undefined) here.second.metadata = { ...metadata, instances: instances.slice(1) };
    await runEvent(here.charm, world(), updateStatus);
    expect(here.local.statements).toEqual([
      "STOP GROUP_REPLICATION",
      "SET GLOBAL super_read_only = OFF",
      "DO group_replication_reset_member_actions()",
      "SET GLOBAL super_read_only = ON",
      "SET SESSION sql_log_bin = 0",
      "SET GLOBAL super_read_only = OFF",
      "DROP SCHEMA IF EXISTS mysql_innodb_cluster_metadata",
      "SET GLOBAL super_read_only = ON",
    ]);
    expect(here.shell.runs[0]?.command).toMatchObject({
      operation: "add-instance",
      options: { "recovery-method": "clone" },
    });
  });

  test("killed while it forgets its cluster it does so again", async () => {
    let cut = true;
    const here = site({
      own: {
        ...out,
        onStatement: (text) => {
          if (cut && text.startsWith("DROP")) throw new Error("killed");
        },
      },
    });
    const { metadata } = here.second;
    if (metadata !== undefined) here.second.metadata = { ...metadata, instances: instances.slice(1) };
    expect((await runEvent(here.charm, world(), updateStatus)).exitCode).toBe(1);
    cut = false;
    await runEvent(here.charm, world(), updateStatus);
    expect(started(here)).toEqual(["second add-instance"]);
  });
});

describe("a primary that is read-only", () => {
  const primary = all.map(
    (each) => ({ ...each, role: each.host === host ? "PRIMARY" : "SECONDARY" }) as const,
  );

  test("by mistake takes writes again", async () => {
    const here = site({ own: { group: primary, superReadOnly: true } });
    await runEvent(here.charm, world(), updateStatus);
    expect(here.local.superReadOnly).toBe(false);
  });

  test("stays so while another cluster of its set may lead by now", async () => {
    const clusters = [
      { name: "rome", role: "PRIMARY" },
      { name: "lisbon", role: "REPLICA" },
    ] as const;
    const metadata = { own: "rome", domain: "empire", clusters, instances };
    const here = site({ own: { group: primary, superReadOnly: true, metadata } });
    await runEvent(here.charm, world(), updateStatus);
    expect(here.local.superReadOnly).toBe(true);
  });

  test("because writes were fenced stays so", async () => {
    const here = site({ own: { group: primary, superReadOnly: true, electsWritable: false } });
    await runEvent(here.charm, world(), updateStatus);
    expect(here.local.superReadOnly).toBe(true);
  });
});

describe("a group without a quorum", () => {
  const group = all.map((each) => (each.host === host ? each : ({ ...each, state: "UNREACHABLE" } as const)));

  test("is left to a person while Juju knows the lost units", async () => {
    const here = site({ own: { group }, second: { down: "unreachable" }, third: { down: "unreachable" } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(done(here)).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.noQuorum("mysql/0"));
  });

  test("is left to a person while a lost member cannot be told to be removed", async () => {
    const here = site({ own: { group }, second: { down: "unreachable" }, third: { down: "unreachable" } });
    const { metadata } = here.local;
    if (metadata !== undefined) here.local.metadata = { ...metadata, instances: instances.slice(0, 2) };
    const alone = namedWorld({ relations: [peers({ [own]: names, "mysql/0": told(host) })] });
    await runEvent(here.charm, alone, updateStatus);
    expect(done(here)).toEqual([]);
  });

  test("goes on without units that Juju has removed", async () => {
    const here = site({ own: { group }, second: { down: "unreachable" }, third: { down: "unreachable" } });
    const alone = namedWorld({ relations: [peers({ [own]: names, "mysql/0": told(host) })] });
    await runEvent(here.charm, alone, updateStatus);
    expect(done(here)).toContain(`${host} force-quorum-using-partition-of ${host}:3306`);
  });

  // Of two members one was restarted: the other waits for it, and it gets into no group that cannot decide.
  describe("whose other members are out of it", () => {
    const left: readonly FakeMember[] = [
      { uuid: "uuid-0", host, state: "ONLINE", role: "SECONDARY" },
      { uuid: "uuid-1", host: "second", state: "UNREACHABLE", role: "PRIMARY" },
      { uuid: "uuid-2", host: "third", state: "UNREACHABLE", role: "SECONDARY" },
    ];
    const forced = `${host} force-quorum-using-partition-of ${host}:3306`;

    test("goes on by itself, when all of them say so and have nothing that it lacks", async () => {
      const here = site({ own: { group: left }, second: out, third: out });
      await runEvent(here.charm, world(), updateStatus);
      expect(done(here)).toContain(forced);
    });

    test.each<readonly [string, Given, Given]>([
      ["one does not answer", out, { down: "unreachable" }],
      ["one was just started", { ...out, starting: true }, out],
      ["one has what it lacks", { ...out, gtidExecuted: "a,b" }, out],
      [
        "one is with others",
        { group: [{ uuid: "uuid-1", host: "second", state: "RECOVERING", role: "" }] },
        out,
      ],
    ])("waits where %s", async (_why, second, third) => {
      const here = site({ own: { group: left }, second, third });
      const { world: after } = await runEvent(here.charm, world(), updateStatus);
      expect(done(here)).toEqual([]);
      expect(after.unitStatus).toEqual(statuses.noQuorum("mysql/0"));
    });
  });
});

describe("members whose units Juju has removed", () => {
  test("are taken out by the leader, also while they run", async () => {
    const here = site();
    const two = world({ plannedUnits: 2 });
    const { ["mysql/2"]: _gone, ...bags } = two.relations[0]?.bags ?? {};
    const relation = two.relations[0];
    if (relation === undefined) throw new Error("no peers");
    await runEvent(here.charm, { ...two, relations: [{ ...relation, bags }] }, updateStatus);
    expect(done(here)).toEqual(["second remove-instance third:3306"]);
    expect(here.shell.runs[0]?.command.options).toEqual({ force: "true" });
  });

  test("are left where their labels are none of this application", async () => {
    const relabelled = instances.map((each, at) => (at === 2 ? { ...each, label: "other-2" } : each));
    const here = site();
    for (const server of [here.local, here.second]) {
      if (server.metadata !== undefined) server.metadata = { ...server.metadata, instances: relabelled };
    }
    const two = world({ plannedUnits: 2 });
    const relation = two.relations[0];
    if (relation === undefined) throw new Error("no peers");
    const { ["mysql/2"]: _gone, ...bags } = relation.bags;
    await runEvent(here.charm, { ...two, relations: [{ ...relation, bags }] }, updateStatus);
    expect(done(here)).toEqual([]);
  });

  test("are left while their units are on the way out, as long as they run", async () => {
    const here = site();
    const relation = world().relations[0];
    if (relation === undefined) throw new Error("no peers");
    const departed = {
      kind: "relation-departed",
      endpoint: "database-peers",
      relationId: 1,
      remoteApp: own,
      remoteUnit: "mysql/2",
      departingUnit: "mysql/2",
    } as const;
    const two = world({ plannedUnits: 2, relations: [relation] });
    await runEvent(here.charm, two, departed);
    expect(done(here)).toEqual([]);
    // Their end is told to nobody.
    expect(here.jobs.started).toMatchObject([lookAgain]);
    here.second.group = all.slice(0, 2);
    here.local.group = all.slice(0, 2);
    await runEvent(here.charm, two, departed);
    expect(done(here)).toEqual(["second remove-instance third:3306"]);
  });

  test("are left where the unit is no leader, or where Juju still has them", async () => {
    const here = site();
    await runEvent(here.charm, world({ leader: false }), updateStatus);
    const relation = world().relations[0];
    if (relation === undefined) throw new Error("no peers");
    const { ["mysql/2"]: _unmet, ...bags } = relation.bags;
    await runEvent(here.charm, world({ relations: [{ ...relation, bags }] }), updateStatus);
    expect(done(here)).toEqual([]);
  });
});

describe("a cluster that is down as a whole", () => {
  test("starts again from the member that has all transactions, whichever unit leads", async () => {
    const here = site({ own: out, second: out, third: { ...out, gtidExecuted: "a,b" } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(started(here)).toEqual(["third reboot-cluster-from-complete-outage"]);
    expect(here.shell.runs[0]?.command).toMatchObject({
      args: ["rome"],
      options: { primary: "third:3306" },
    });
    expect(after.appStatus).toEqual(statuses.restartingCluster(""));
    expect(after.relations[0]?.bags["mysql/0"]).toMatchObject({ "restarting-cluster": "true" });
    here.jobs.states.set("restart-cluster", {
      kind: "ended",
      ...{ label: "", startedAt: 0, endedAt: 1, code: 0, timedOut: false, output: "" },
    });
    for (const server of [here.local, here.second, here.third]) server.group = all;
    const { world: up } = await runEvent(here.charm, after, ended);
    expect(up.unitStatus).toEqual(statuses.secondary);
    expect(up.relations[0]?.bags["mysql/0"]?.["restarting-cluster"]).toBeUndefined();
  });

  test("starts again also where a person kept one of its members out", async () => {
    const here = site({ own: out, second: out, third: { ...out, heldBack: true } });
    await runEvent(here.charm, world(), updateStatus);
    expect(started(here)).toEqual([`${host} reboot-cluster-from-complete-outage`]);
  });

  test("is no outage while a member catches up", async () => {
    const catching = [{ uuid: "uuid-2", host: "third", state: "RECOVERING", role: "SECONDARY" }] as const;
    const here = site({ own: out, second: out, third: { group: catching } });
    await runEvent(here.charm, world(), updateStatus);
    expect(done(here)).toEqual([]);
  });

  test("waits for a member that does not answer", async () => {
    const here = site({ own: out, second: out, third: { down: "unreachable" } });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(here.jobs.started).toEqual([]);
    expect(after.appStatus).toEqual(statuses.outageAwaits("mysql-2", "mysql/0"));
  });

  test("does not wait for one whose unit Juju has removed", async () => {
    const here = site({ own: out, second: out, third: { down: "unreachable" } });
    const relation = world().relations[0];
    if (relation === undefined) throw new Error("no peers");
    const { ["mysql/2"]: _gone, ...bags } = relation.bags;
    await runEvent(here.charm, world({ plannedUnits: 2, relations: [{ ...relation, bags }] }), updateStatus);
    expect(here.shell.runs[0]?.command).toMatchObject({
      operation: "reboot-cluster-from-complete-outage",
      options: { primary: `${host}:3306`, force: "true" },
    });
  });

  test("waits for one that joined when it went, until that one has left the lost group", async () => {
    const group: readonly FakeMember[] = [
      { uuid: "uuid-0", host, state: "UNREACHABLE", role: "PRIMARY" },
      { uuid: "uuid-9", host: "third", state: "RECOVERING", role: "SECONDARY" },
    ];
    const here = site({ own: out, second: out, third: { uuid: "uuid-9", group } });
    delete here.third.metadata;
    for (const server of [here.local, here.second])
      if (server.metadata !== undefined)
        server.metadata = { ...server.metadata, instances: instances.slice(0, 2) };
    await runEvent(here.charm, world(), updateStatus);
    expect(here.jobs.started).toEqual([]);
    here.third.group = [];
    await runEvent(here.charm, world(), updateStatus);
    expect(started(here)).toEqual([`${host} reboot-cluster-from-complete-outage`]);
  });

  // AdminAPI refuses force there, and needs none.
  test.each(["its own", "the other cluster's"])(
    "starts without a removed unit and without force where %s record says that it was replaced",
    async (whose) => {
      const lists = instances.map((each, at) => (at < 2 ? each : { ...each, cluster: "lisbon" }));
      const record = (rome: FakeCluster, lisbon: FakeCluster, view: string): FakeMetadata => ({
        ...{ own: "rome", domain: "empire", view, clusters: [rome, lisbon], instances: lists },
      });
      const replaced = record(
        { name: "rome", role: "REPLICA", invalidated: true },
        { name: "lisbon", role: "PRIMARY" },
        "4294967301",
      );
      const old = record({ name: "rome", role: "PRIMARY" }, { name: "lisbon", role: "REPLICA" }, "5");
      const here = site({
        own: { ...out, metadata: whose === "its own" ? replaced : old },
        second: { down: "unreachable" },
        third: { group: all.slice(2), metadata: { ...replaced, own: "lisbon" } },
      });
      const relations = [peers({ [own]: names, "mysql/0": told(host) })];
      await runEvent(here.charm, world({ plannedUnits: 1, relations }), updateStatus);
      expect(started(here)).toEqual([`${host} reboot-cluster-from-complete-outage`]);
      expect(here.shell.runs[0]?.command.options).toEqual({ primary: `${host}:3306` });
    },
  );

  test("is left to a person where members have diverged", async () => {
    const here = site({
      own: out,
      second: { ...out, gtidExecuted: "a,c" },
      third: { ...out, gtidExecuted: "a,b" },
    });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    expect(here.jobs.started).toEqual([]);
    expect(after.appStatus).toEqual(statuses.outageDiverged);
  });

  test.each(["PRIMARY", "REPLICA"] as const)("as a %s whose other cluster does not answer", async (role) => {
    const set = {
      own: "rome",
      domain: "empire",
      clusters: [
        { name: "rome", role },
        { name: "lisbon", role: role === "PRIMARY" ? "REPLICA" : "PRIMARY" },
      ],
      instances: [...instances, { cluster: "lisbon", label: "db-0", address: "far:3306", uuid: "uuid-9" }],
    } as const;
    const here = site({
      own: { ...out, metadata: set },
      second: { ...out, metadata: set },
      third: { ...out, metadata: set },
    });
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    // A standby starts read-only, whoever leads; a primary cluster may have been replaced meanwhile.
    if (role === "REPLICA") expect(started(here)).toEqual([`${host} reboot-cluster-from-complete-outage`]);
    else {
      expect(here.jobs.started).toEqual([]);
      expect(after.appStatus).toEqual(statuses.outageSuperseded("lisbon", "mysql/0"));
    }
  });
});

describe("an application without any member", () => {
  const lone = (): Machine =>
    machine({
      snap: { kind: "installed", version: "9.7.0" },
      servers: { local: loneServer({ host, password }) },
    });
  const orphan = (given: Partial<CharmWorld> = {}): CharmWorld =>
    namedWorld({ relations: [peers({ [own]: { ...names, "seed-unit": "mysql/9" } })], ...given });

  test("gets a new seed when Juju has removed the one it had, and forms a cluster in the next hook", async () => {
    const here = lone();
    const { world: after } = await runEvent(here.charm, orphan(), updateStatus);
    expect(after.relations[0]?.bags[own]?.["seed-unit"]).toBe("mysql/0");
    expect(done(here).some((each) => each.includes("create-cluster"))).toBe(false);
    expect(started(here)).toEqual(["0"]);
    await runEvent(here.charm, after, ended);
    expect(done(here)).toContain(`${host} create-cluster rome`);
  });

  test("keeps its seed while a unit that was not met yet could be a member", async () => {
    const here = lone();
    const { world: after } = await runEvent(here.charm, orphan({ plannedUnits: 2 }), updateStatus);
    expect(after.relations[0]?.bags[own]?.["seed-unit"]).toBe("mysql/9");
  });
});

test("a removal that MySQL Shell refuses is shown, and tried again", async () => {
  const here = site(
    {},
    {
      perform: ({ command }) => {
        if (command.operation === "remove-instance") throw new MysqlProblem("busy", "remove-instance", "");
      },
    },
  );
  const relation = world().relations[0];
  if (relation === undefined) throw new Error("no peers");
  const { ["mysql/2"]: _gone, ...bags } = relation.bags;
  const two = world({ plannedUnits: 2, relations: [{ ...relation, bags }] });
  const { exitCode, world: after } = await runEvent(here.charm, two, updateStatus);
  expect(exitCode).toBe(0);
  expect(after.appStatus).toEqual(statuses.clusterBusy);
  expect(here.jobs.started).toMatchObject([lookAgain]);
});

test("a server that is still starting after a reboot is looked at again soon, without waiting for an event", async () => {
  const here = site();
  const { world: before } = await runEvent(here.charm, world(), updateStatus);
  expect(here.jobs.started).toEqual([]);
  here.local.down = "timed-out";
  const { world: after } = await runEvent(here.charm, before, { kind: "start" });
  expect(after.unitStatus).toEqual(statuses.serverDown);
  expect(here.jobs.started).toMatchObject([lookAgain]);
});
