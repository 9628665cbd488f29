// A cluster that lost its quorum, that is down as a whole, or that has no member any more.
import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";

import { statuses } from "../../../src/statuses.ts";
import { type FakeCluster, type FakeMember, type FakeMetadata, loneServer } from "../support/mysql.ts";
import {
  all,
  done,
  ended,
  type Given,
  instances,
  out,
  password,
  site,
  started,
  told,
  updateStatus,
  world,
} from "../support/three.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  machine,
  namedWorld,
  names,
  own,
  peers,
} from "../support/world.ts";

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

  /** The third was in the group, and no record lists it yet. */
  async function withUnlisted(databases: readonly string[]) {
    const mine = { ...out, lacks: "uuid-1:7" };
    const here = site({ own: mine, second: mine, third: { ...out, uuid: "uuid-9", databases } });
    delete here.third.metadata;
    for (const server of [here.local, here.second])
      if (server.metadata !== undefined)
        server.metadata = { ...server.metadata, instances: instances.slice(0, 2) };
    const { world: after } = await runEvent(here.charm, world(), updateStatus);
    return { started: started(here), appStatus: after.appStatus };
  }

  test("waits for a person where a unit that was about to be a member has rows that no member has", async () => {
    expect(await withUnlisted(["shop"])).toEqual({ started: [], appStatus: statuses.outageDiverged });
    expect(await withUnlisted([])).toMatchObject({
      started: [`${host} reboot-cluster-from-complete-outage`],
    });
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
