import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem, type ProblemReason } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import { type FakeServer, loneServer } from "../support/mysql.ts";
import { type FakeSet, inGaul, inSet, type SetOptions } from "../support/set.ts";
import { type CharmWorld, host, own } from "../support/world.ts";

const promote = { kind: "action", action: "promote-standby-cluster", actionId: "9" } as const;
const gaul = { "cluster-set-name": "gaul" };
const force = { ...gaul, force: true };
const three = { clusters: ["paris", "rome", "oslo"] };

async function run(site: FakeSet, params: Readonly<Record<string, unknown>>, world = inGaul()) {
  return await runEvent(site.charm, world, promote, { params });
}
const bag = (world: CharmWorld, id: number) => world.relations.find((each) => each.id === id)?.bags[own];

describe("a switchover", () => {
  test("makes this cluster the primary, tells the other side, and shows it at once", async () => {
    const site = await inSet();
    const { exitCode, action, world } = await run(site, gaul);
    expect(exitCode).toBe(0);
    expect(action.failure).toBeUndefined();
    expect(action.results).toMatchObject({
      message: "Cluster rome is the primary cluster of gaul",
      "lag-seconds": "0",
    });
    expect(JSON.parse(action.results["json"] ?? "")).toMatchObject({ "cluster-name": "rome" });
    expect(site.shell.runs).toEqual([
      {
        host,
        command: expect.objectContaining({
          object: "clusterset",
          operation: "set-primary-cluster",
          args: ["rome"],
        }),
      },
    ]);
    expect(bag(world, 5)).toMatchObject({ switchover: "5" });
    expect(bag(world, 1)).toMatchObject({ switchover: "1" });
    expect(world.unitStatus).toEqual(statuses.primary);
  });

  test("that AdminAPI refuses fails the action with its words, and tells nobody", async () => {
    const site = await inSet({
      perform: ({ command }) => {
        if (command.operation === "set-primary-cluster")
          throw new MysqlProblem("replica-unavailable", "set-primary-cluster", "MYSQLSH 51613: One or more");
      },
    });
    const { exitCode, action, world } = await run(site, gaul);
    expect(exitCode).toBe(0);
    expect(action.failure).toContain("MYSQLSH 51613");
    expect(world.relations).toEqual(inGaul().relations);
  });
});

describe("a switchover that was cut off after its record was written", () => {
  /** As AdminAPI leaves it at the worst moment: both clusters know, and nothing was done about it. */
  async function cutOff(paris: Partial<FakeServer> = {}, options: SetOptions = {}): Promise<FakeSet> {
    const site = await inSet(options);
    site.record(
      [
        { name: "paris", role: "REPLICA" },
        { name: "rome", role: "PRIMARY" },
      ],
      "5",
    );
    Object.assign(site.server("paris"), paris);
    return site;
  }

  test("is finished by the next run: the other stops writing before this one takes writes, and follows it", async () => {
    const site = await cutOff();
    const { action, world } = await run(site, gaul);
    expect(action.failure).toBeUndefined();
    expect(site.operations()).toEqual(["unfence-writes", "rejoin-cluster"]);
    expect(site.server("paris")).toMatchObject({ superReadOnly: true, electsWritable: false });
    expect(site.local).toMatchObject({ superReadOnly: false, readOnly: false });
    expect(site.local.statements.slice(-2)).toEqual([
      "DO asynchronous_connection_failover_delete_managed('clusterset_replication', 'group-1')",
      "RESET REPLICA ALL FOR CHANNEL 'clusterset_replication'",
    ]);
    expect(bag(world, 5)).toMatchObject({ switchover: "5" });
  });

  test("is finished also where it takes writes already", async () => {
    const site = await cutOff({ superReadOnly: true, electsWritable: false });
    Object.assign(site.local, { superReadOnly: false, readOnly: false, electsWritable: true });
    expect((await run(site, gaul)).action.failure).toBeUndefined();
    expect(site.operations()).toEqual(["rejoin-cluster"]);
  });

  test("waits for what the other one had committed", async () => {
    const site = await cutOff();
    site.local.lacks = "uuid-paris:1-99";
    const { action } = await run(site, gaul);
    expect(action.failure).toContain("still receives what paris has committed");
    expect(site.server("paris").superReadOnly).toBe(true);
    expect(site.local.superReadOnly).toBe(true);
    expect(site.operations()).toEqual([]);
  });

  test("is left alone while the other one has no quorum", async () => {
    const site = await cutOff();
    const { group } = site.server("paris");
    const lost = group.map((each) => ({
      ...each,
      state: "UNREACHABLE" as const,
      role: "SECONDARY" as const,
    }));
    site.server("paris").group = [...group, ...lost, ...lost];
    const { action } = await run(site, gaul);
    expect(action.failure).toContain("cluster paris has no member that leads its group. Nothing was changed");
    expect((await run(site, force)).action.failure).toBe(action.failure);
    expect(site.server("paris").statements).toEqual([]);
  });

  test("is left alone while the other one does not answer", async () => {
    const site = await cutOff({ down: "unreachable" });
    const { action } = await run(site, gaul);
    expect(action.failure).toContain("cluster paris does not answer now. Nothing was changed");
    expect(action.failure).toContain("run it with force=true");
    expect(site.local.statements).toEqual([]);
  });

  test("is finished by force without a cluster that does not answer, and says what may be lost", async () => {
    const site = await cutOff({ down: "unreachable" });
    site.local.channel = { ...channel, lastReceived: "2026-01-02T03:04:05.000000Z" };
    const { action } = await run(site, force);
    expect(action.failure).toBeUndefined();
    expect(site.operations()).toEqual(["unfence-writes"]);
    expect(site.local).toMatchObject({ superReadOnly: false, readOnly: false });
    expect(action.results).toMatchObject({
      "left-behind": "paris",
      "last-received": "2026-01-02T03:04:05.000000Z",
      "lost-transactions": expect.stringContaining("rejoin-cluster cluster-name=paris"),
    });
  });

  test("is finished also where the leader's own server is out of its group", async () => {
    const second = loneServer();
    const site = await cutOff({}, { units: { "mysql-1": second } });
    const identity = { host: "mysql-1", uuid: "uuid-second" };
    const group = site.local.group.map((each) => ({ ...each, ...identity }));
    Object.assign(second, site.local, identity, { group });
    site.local.group = [];
    const world = inGaul();
    const [first, ...rest] = world.relations;
    if (first === undefined) throw new Error("there is no peer relation");
    const bags = { ...first.bags, "mysql/1": { "instance-hostname": "mysql-1:3306" } };
    const { action } = await run(site, gaul, { ...world, relations: [{ ...first, bags }, ...rest] });
    expect(action.failure).toBeUndefined();
    const runs = site.shell.runs.map((each) => `${each.command.operation} on ${each.host}`);
    expect(runs.slice(0, 2)).toEqual(["unfence-writes on mysql-1", "rejoin-cluster on mysql-1"]);
  });

  test("is what its status asks for, and unfence-writes leaves it alone", async () => {
    const site = await cutOff();
    const unfence = { kind: "action", action: "unfence-writes", actionId: "9" } as const;
    const { action, world } = await runEvent(site.charm, inGaul(), unfence, { params: gaul });
    expect(action.failure).toContain("finish it with promote-standby-cluster cluster-set-name=gaul");
    expect(site.operations()).toEqual([]);
    expect(world.unitStatus).not.toEqual(statuses.fenced);
    const { world: after } = await runEvent(site.charm, world, { kind: "update-status" });
    expect(after.unitStatus).toEqual(statuses.switchoverCutOff("gaul"));
    // As after a restart of the whole cluster, which goes by the record.
    Object.assign(site.local, { superReadOnly: false, readOnly: false, electsWritable: true });
    const restarted = await runEvent(site.charm, after, { kind: "update-status" });
    expect(restarted.world.unitStatus).toEqual(statuses.switchoverCutOff("gaul"));
  });
});

describe("a failover", () => {
  test("needs the primary cluster to be silent; it is invalidated, and the standbys that are silent too", async () => {
    const site = await inSet(three);
    site.server("paris").down = "unreachable";
    site.server("oslo").down = "unreachable";
    site.local.channel = { ...channel, lastReceived: "2026-01-02T03:04:05.000000Z" };
    const { action, world } = await run(site, force);
    expect(action.failure).toBeUndefined();
    expect(site.shell.runs).toEqual([
      {
        host,
        command: expect.objectContaining({
          operation: "force-primary-cluster",
          args: ["rome"],
          options: { "invalidate-replica-clusters:json": '["oslo"]' },
        }),
      },
    ]);
    expect(action.results).toMatchObject({
      message: "Cluster rome is the primary cluster of gaul",
      invalidated: "paris,oslo",
      "last-received": "2026-01-02T03:04:05.000000Z",
      "lost-transactions": expect.stringContaining("rejoin-cluster cluster-name=paris"),
    });
    expect(bag(world, 5)).toMatchObject({ switchover: "5" });
    expect(world.unitStatus).toEqual(statuses.primary);
  });

  test("beside another operation says when to try again", async () => {
    const site = await inSet({
      perform: () => {
        throw new MysqlProblem(
          "busy",
          "set-primary-cluster",
          "MYSQLSH 51500: Failed to acquire Cluster lock",
        );
      },
    });
    const { action } = await run(site, gaul);
    expect(action.failure).toContain("Nothing was changed; run the action again when the units");
  });

  test("behind another standby says which to promote", async () => {
    const site = await inSet({
      ...three,
      perform: () => {
        throw new MysqlProblem("behind", "force-primary-cluster", "MYSQLSH 51311: Target cluster is behind");
      },
    });
    site.server("paris").down = "unreachable";
    expect((await run(site, force)).action.failure).toContain("Promote the cluster that is named");
  });
});

const channel = { receiver: "ON", applier: "ON", errorNumber: 0, lagSeconds: 0, lastReceived: "" } as const;

describe("it is refused, and nothing changes in MySQL,", () => {
  async function refusal(
    site: FakeSet,
    params: Readonly<Record<string, unknown>>,
    given: Partial<CharmWorld> = {},
  ): Promise<string> {
    const before = inGaul(given);
    const { exitCode, action, world } = await run(site, params, before);
    expect(exitCode).toBe(0);
    expect(site.operations()).toEqual([]);
    expect(world.relations).toEqual(before.relations);
    return action.failure ?? "";
  }

  test("for another name of the set", async () => {
    const failure = await refusal(await inSet(), { "cluster-set-name": "germania" });
    expect(failure).toContain("cluster-set-name");
    expect(failure).toContain("gaul");
  });

  test.each(["x'); import os", "-force", "", "GAUL"])("for the name %j", async (name) => {
    expect(await refusal(await inSet(), { "cluster-set-name": name })).toContain("cluster-set-name");
  });

  test("on a unit that does not lead", async () => {
    expect(await refusal(await inSet(), gaul, { leader: false })).toContain("leader");
  });

  test.each([gaul, force])("on the primary cluster, with %j, whose status is put right", async (params) => {
    const site = await inSet({ leader: "rome" });
    const before = inGaul({ unitStatus: statuses.standbyPrimary(0) });
    const { action, world } = await run(site, params, before);
    expect(action.failure).toContain("already is the primary cluster");
    expect(site.operations()).toEqual([]);
    expect(world.unitStatus).toEqual(statuses.primary);
  });

  test.each([gaul, force])("on a cluster that only others know to be invalid, with %j", async (params) => {
    const site = await inSet({ leader: "rome" });
    site.record(
      [
        { name: "paris", role: "PRIMARY" },
        { name: "rome", role: "REPLICA", invalidated: true },
      ],
      "4294967301",
      ["paris"],
    );
    expect(await refusal(site, params)).toContain("rejoin-cluster cluster-name=rome");
  });

  test("on a cluster that was removed from the set", async () => {
    const site = await inSet();
    site.record([{ name: "paris", role: "PRIMARY" }], "5", ["paris"]);
    expect(await refusal(site, gaul)).toContain("removed from its ClusterSet");
  });

  test("on a cluster without another in its set", async () => {
    const site = await inSet();
    site.record([{ name: "rome", role: "PRIMARY" }], "5", ["rome"]);
    expect(await refusal(site, gaul)).toContain("no other cluster");
  });

  test.each(["unreachable", "denied"] as const satisfies readonly ProblemReason[])(
    "when the server is %s: an answer that could not be had is not taken for a no",
    async (down) => {
      const site = await inSet();
      site.local.down = down;
      expect(await refusal(site, gaul)).toContain("could not be asked");
    },
  );

  test("by force while the primary cluster answers", async () => {
    expect(await refusal(await inSet(), force)).toContain("answers; switch over without force=true");
  });

  test("by force while servers of it answer that can be restored", async () => {
    const site = await inSet();
    site.server("paris").group = [];
    expect(await refusal(site, force)).toContain("can still be restored");
  });

  test("without force while the primary cluster is silent", async () => {
    const site = await inSet();
    site.server("paris").down = "unreachable";
    expect(await refusal(site, gaul)).toContain("promote-standby-cluster force=true");
  });

  test("while another standby is silent", async () => {
    const site = await inSet(three);
    site.server("oslo").down = "unreachable";
    expect(await refusal(site, gaul)).toContain("cluster oslo does not answer; bring it back");
  });

  test("while the primary cluster is fenced", async () => {
    const site = await inSet();
    site.server("paris").superReadOnly = true;
    expect(await refusal(site, gaul)).toContain("run unfence-writes on one of its units");
  });

  test("where another cluster's servers are older", async () => {
    const site = await inSet();
    site.server("paris").version = "9.6.0";
    expect(await refusal(site, gaul)).toContain("paris runs MySQL 9.6.0 and could not follow 9.7.0");
  });

  test("while replication does not run", async () => {
    const site = await inSet();
    site.local.channel = { ...channel, applier: "OFF", errorNumber: 1062 };
    expect(await refusal(site, gaul)).toContain("run rejoin-cluster cluster-name=rome");
  });
});
