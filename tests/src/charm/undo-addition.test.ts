// An addition that was killed in the middle, as the primary's side finds it: it is taken back, and begun again.
import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import { type FakeServer, loneServer, primaryServer } from "../support/mysql.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  machine,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "../support/world.ts";

const password = serverPassword("own");
const changed = {
  kind: "relation-changed",
  endpoint: "async-primary",
  relationId: 4,
  remoteApp: "lisbon",
} as const;
const JOB = "add-replica-cluster-4";
const running = { receiver: "ON", applier: "ON", errorNumber: 0, lagSeconds: 0, lastReceived: "" } as const;

interface Site extends Machine {
  readonly lisbon: FakeServer;
  readonly world: CharmWorld;
}

const bags = {
  lisbon: { "cluster-name": "lisbon", endpoint: "192.0.2.7", "node-label": "lisbon-0" },
  "lisbon/0": {
    "hostname-details": JSON.stringify({ names: ["lisbon-0"], address: "192.0.2.7" }),
    "known-hosts": host,
  },
};

/** Lisbon's record is in rome's metadata, its server runs a group of its own and follows, and it is in no set. */
async function cutShort(given: Partial<FakeServer> = {}): Promise<Site> {
  const first = primaryServer("rome", "empire", { host, password, gtidExecuted: "a" });
  const [instance] = first.metadata?.instances ?? [];
  const metadata = {
    own: "rome",
    domain: "empire",
    clusters: [{ name: "rome", role: "PRIMARY" }, { name: "lisbon" }],
    instances: [
      ...(instance === undefined ? [] : [{ ...instance, label: "mysql-0" }]),
      { cluster: "lisbon", label: "lisbon-0:3306", address: "lisbon-0:3306", uuid: "uuid-9" },
    ],
  } as const;
  const lisbon = loneServer({
    ...{ host: "lisbon-0", uuid: "uuid-9", password, gtidExecuted: "a", databases: ["shop"] },
    group: [{ uuid: "uuid-9", host: "lisbon-0", state: "ONLINE", role: "PRIMARY" }],
    metadata: { ...metadata, own: "lisbon", domain: "" },
    channel: running,
    ...given,
  });
  const local = { ...first, metadata: { ...metadata, clusters: metadata.clusters.slice(0, 1) } };
  const site = machine({
    snap: { kind: "installed", version: "9.7.0" },
    servers: { local, "192.0.2.7": lisbon },
  });
  const relation = { id: 4, endpoint: "async-primary", remoteApp: "lisbon", bags } as const;
  const related = namedWorld({ relations: [peers({ [own]: names }), { ...relation, bags: {} }] });
  const { world } = await runEvent(site.charm, related, changed);
  site.local.metadata = metadata;
  site.local.statements.splice(0);
  const relations = world.relations.map((each) =>
    each.id === 4 ? { ...each, bags: { ...each.bags, ...bags } } : each,
  );
  return { ...site, lisbon, world: { ...world, relations } };
}

/** The unit that had offered its server is gone, and another one's server is offered, to which nothing was done yet. */
async function offeredAnew(given: Partial<FakeServer>): Promise<Site> {
  const site = await cutShort({ uuid: "uuid-8", group: [], ...given });
  delete site.lisbon.metadata;
  delete site.lisbon.channel;
  return site;
}

const started = (site: Site): readonly string[] => site.jobs.started.map(({ name }) => name);
const deleted = ["instances", "clusters"].map(
  (table) => `DELETE FROM mysql_innodb_cluster_metadata.${table} WHERE cluster_id = ?`,
);

const leftGroup = [
  "STOP GROUP_REPLICATION",
  "SET GLOBAL super_read_only = OFF",
  "DO group_replication_reset_member_actions()",
  "SET GLOBAL super_read_only = ON",
];

function expectBegunAgain(site: Site): void {
  expect(site.local.metadata?.clusters.map(({ name }) => name)).toEqual(["rome"]);
  expect(site.local.metadata?.instances.map(({ cluster }) => cluster)).toEqual(["rome"]);
  expect(site.lisbon).toMatchObject({ group: [], superReadOnly: true });
  expect([site.lisbon.metadata, site.lisbon.channel]).toEqual([undefined, undefined]);
  expect(started(site)).toEqual([JOB]);
}

function expectUntouched(site: Site, jobs: readonly string[] = []): void {
  expect([site.local.statements, site.lisbon.statements, started(site)]).toEqual([[], [], jobs]);
}

describe("what a killed addition left", () => {
  test("is taken back, the record last, and the server is added anew, as a copy", async () => {
    const site = await cutShort();
    const { world } = await runEvent(site.charm, site.world, changed);
    expect(site.lisbon.statements).toEqual([
      ...leftGroup,
      "STOP REPLICA FOR CHANNEL 'clusterset_replication'",
      "SET PERSIST group_replication_start_on_boot = OFF",
      "SET SESSION sql_log_bin = 0",
      "SET GLOBAL super_read_only = OFF",
      "DROP SCHEMA IF EXISTS mysql_innodb_cluster_metadata",
      "SET GLOBAL super_read_only = ON",
      "DO asynchronous_connection_failover_delete_managed('clusterset_replication', 'group-1')",
      "RESET REPLICA ALL FOR CHANNEL 'clusterset_replication'",
      "SET PERSIST super_read_only = ON",
    ]);
    expect(site.local.statements).toEqual(deleted);
    expectBegunAgain(site);
    // Its transactions say that it has the metadata, and it has not.
    expect(site.shell.runs.at(-1)?.command.options).toMatchObject({ "recovery-method": "clone" });
    expect(world.appStatus).toEqual(statuses.addingReplica("lisbon", ""));
  });

  test.each(Array.from({ length: 15 }, (_, at) => at))(
    "is taken back though its statement %d is not reached at first",
    async (at) => {
      const site = await cutShort();
      let left = at;
      const killed = (): void => {
        if (left === 0) throw new MysqlProblem("unreachable", "A statement", "");
        left -= 1;
      };
      for (const server of [site.lisbon, site.local]) server.onStatement = killed;
      const { exitCode, world } = await runEvent(site.charm, site.world, changed);
      expect([exitCode, started(site)]).toEqual([0, []]);
      for (const server of [site.lisbon, site.local]) delete server.onStatement;
      await runEvent(site.charm, world, { kind: "update-status" });
      expectBegunAgain(site);
    },
  );

  test("before its record was written is a group, which ends; the data that was copied is of use", async () => {
    const site = await cutShort();
    const [rome] = site.local.metadata?.clusters ?? [];
    const instances = (site.local.metadata?.instances ?? []).slice(0, 1);
    const before = {
      own: "rome",
      domain: "empire",
      clusters: rome === undefined ? [] : [rome],
      instances,
    } as const;
    site.local.metadata = before;
    site.lisbon.metadata = { ...before, own: undefined };
    delete site.lisbon.channel;
    await runEvent(site.charm, site.world, changed);
    expect(site.lisbon.statements).toEqual([
      ...leftGroup,
      "SET PERSIST group_replication_start_on_boot = OFF",
      "SET PERSIST super_read_only = ON",
    ]);
    expect(site.local.statements).toEqual([]);
    expect(started(site)).toEqual([JOB]);
    expect(site.shell.runs.at(-1)?.command.options).toMatchObject({ "recovery-method": "incremental" });
  });

  test.each([undefined, false])(
    "on a unit that is gone is a record: it goes, and the server offered since is added (plugin: %s)",
    async (startsOnBoot) => {
      const site = await offeredAnew(startsOnBoot === undefined ? {} : { startsOnBoot });
      await runEvent(site.charm, site.world, changed);
      expect(site.lisbon.statements).toEqual([]);
      expect(site.local.statements).toEqual(deleted);
      expect(site.local.metadata?.clusters.map(({ name }) => name)).toEqual(["rome"]);
      expect(started(site)).toEqual([JOB]);
    },
  );

  test("on a unit that is gone, and on the one that is offered since, is taken back on both", async () => {
    const site = await offeredAnew({ startsOnBoot: true });
    await runEvent(site.charm, site.world, changed);
    expect(site.lisbon).toMatchObject({ startsOnBoot: false, superReadOnly: true });
    expectBegunAgain(site);
  });

  test("is left alone while AdminAPI is at work", async () => {
    const site = await cutShort();
    site.local.onRows = (text) => {
      if (text.includes("service_get_write_locks(")) throw new MysqlProblem("busy", "A statement", "");
    };
    const { world } = await runEvent(site.charm, site.world, changed);
    expectUntouched(site, ["wake"]);
    expect(world.appStatus).toEqual(statuses.clusterBusy);
  });

  test("may have been an addition at its end: under the lock it is looked at again", async () => {
    const site = await cutShort();
    site.local.onRows = (text) => {
      const { metadata } = site.local;
      if (!text.includes("service_get_write_locks(") || metadata === undefined) return;
      const clusters = metadata.clusters.map(
        ({ name }) => ({ name, role: name === "rome" ? "PRIMARY" : "REPLICA" }) as const,
      );
      for (const server of [site.local, site.lisbon])
        server.metadata = { ...metadata, own: server.metadata?.own, domain: "empire", clusters };
    };
    await runEvent(site.charm, site.world, changed);
    expectUntouched(site);
    expect(site.shell.runs.at(-1)?.command.operation).toBe("set-instance-option");
  });
});

describe("what no addition leaves is not touched, and it is told", () => {
  test.each<readonly [string, (site: Site) => void]>([
    [
      "a cluster of two, one of them recorded",
      ({ lisbon }) =>
        void Object.assign(lisbon, {
          group: [...lisbon.group, { uuid: "uuid-8", host: "lisbon-1", state: "ONLINE", role: "SECONDARY" }],
        }),
    ],
    ["rows that the primary cluster lacks", ({ local }) => void Object.assign(local, { lacks: "b:1" })],
    [
      "a cluster in a set",
      ({ lisbon }) => {
        const clusters = [{ name: "lisbon", role: "PRIMARY" }] as const;
        if (lisbon.metadata !== undefined) lisbon.metadata = { ...lisbon.metadata, domain: "own", clusters };
      },
    ],
  ])("%s", async (_what, change) => {
    const site = await cutShort();
    change(site);
    const { world } = await runEvent(site.charm, site.world, changed);
    expectUntouched(site);
    expect(world.appStatus).toEqual(statuses.instanceInUse("lisbon", "lisbon"));
  });

  test("transactions without any data are nothing to lose", async () => {
    const site = await cutShort({ databases: [] });
    site.local.lacks = "b:1";
    await runEvent(site.charm, site.world, changed);
    expectBegunAgain(site);
  });

  test("a server that does not answer", async () => {
    const site = await cutShort({ down: "unreachable" });
    const { exitCode, world } = await runEvent(site.charm, site.world, changed);
    expectUntouched(site);
    expect([exitCode, world.appStatus?.kind]).toEqual([0, "maintenance"]);
  });
});
