// A cluster on its way into a ClusterSet or out of it, on which nobody works any more: its server is restarted, or its relation ends.
import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import { type FakeServer, loneServer } from "../support/mysql.ts";
import { founded, operations } from "../support/standby.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  type MachineOptions,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "../support/world.ts";

const updateStatus = { kind: "update-status" } as const;
const { "seed-unit": _, ...unseeded } = names;
const running = { receiver: "ON", applier: "ON", errorNumber: 0, lagSeconds: 0, lastReceived: "" } as const;
const group = [{ uuid: "uuid-0", host, state: "ONLINE", role: "PRIMARY" }] as const;

/** Its record is there, it follows paris, and it is in no set. */
const half: Partial<FakeServer> = {
  ...{ uuid: "uuid-0", host, password: serverPassword("own"), superReadOnly: true, readOnly: true },
  ...{ group, electsWritable: false, startsOnBoot: true, channel: running, databases: ["shop"] },
  metadata: {
    own: "rome",
    clusters: [{ name: "paris" }, { name: "rome" }],
    instances: [{ cluster: "rome", label: `${host}:3306`, address: `${host}:3306`, uuid: "uuid-0" }],
  },
};

async function site(
  given: Partial<FakeServer> = {},
  servers: MachineOptions["servers"] = {},
): Promise<Machine> {
  const made = await founded({ servers });
  Object.assign(made.local, half, given);
  return made;
}

const parted = (bag: Readonly<Record<string, string>> = unseeded): CharmWorld =>
  namedWorld({ relations: [peers({ [own]: bag })] });

/** Its instance is offered, and paris is at it. */
function awaited(): CharmWorld {
  const world = parted();
  const offered = { "cluster-name": "rome", endpoint: "192.0.2.1", "node-label": "mysql-0" };
  const relation = {
    id: 5,
    endpoint: "async-replica",
    remoteApp: "paris",
    bags: { [own]: offered, paris: { "cluster-name": "paris" } },
  } as const;
  return { ...world, relations: [...world.relations, relation] };
}

const jobs = (made: Machine): readonly string[] => [...made.jobs.states.keys()];
const peerBag = (world: CharmWorld) => world.relations.find(({ id }) => id === 1)?.bags[own] ?? {};

function expectLeft(made: Machine): void {
  expect(made.local).toMatchObject({ group: [], superReadOnly: true, startsOnBoot: false, managed: [] });
  expect([made.local.metadata, made.local.channel]).toEqual([undefined, undefined]);
  expect(made.local.databases).toEqual(["shop"]);
}

describe("a standby that was restarted before it was one", () => {
  test("is not started as a cluster of its own: who adds it takes it back", async () => {
    const made = await site({ group: [] });
    const { exitCode, world } = await runEvent(made.charm, awaited(), updateStatus);
    expect([exitCode, jobs(made), made.local.statements]).toEqual([0, [], []]);
    expect(world.appStatus?.kind).not.toBe("blocked");
    expect(operations(made)).toEqual([]);
  });

  test("waits for it as one that was not", async () => {
    const made = await site();
    const { world } = await runEvent(made.charm, awaited(), updateStatus);
    expect(made.local.statements).toEqual([]);
    expect(world.unitStatus).toEqual(statuses.setAwaited);
  });
});

describe("a standby whose relation ended before it was one", () => {
  test.each<readonly [string, Partial<FakeServer>]>([
    ["in its group", {}],
    ["out of it", { group: [] }],
  ])("leaves what was begun with it, %s, and says what leads on", async (_what, given) => {
    const made = await site(given);
    const { world } = await runEvent(made.charm, parted(), updateStatus);
    expectLeft(made);
    expect(peerBag(world)).toMatchObject({ "removed-from-cluster-set": "true" });
    const { world: after } = await runEvent(made.charm, world, updateStatus);
    expect(after.unitStatus).toEqual(statuses.removedFromSet);
    const recreate = { kind: "action", action: "recreate-cluster", actionId: "9" } as const;
    const { action, world: seeded } = await runEvent(made.charm, after, recreate);
    expect(action.failure).toBeUndefined();
    await runEvent(made.charm, seeded, updateStatus);
    expect(operations(made)[0]).toBe("create-cluster");
  });

  test.each(Array.from({ length: 13 }, (_each, at) => at))("also when killed at statement %d", async (at) => {
    const made = await site();
    let left = at;
    made.local.onStatement = () => {
      if (left === 0) throw new MysqlProblem("unreachable", "A statement", "");
      left -= 1;
    };
    const { exitCode, world } = await runEvent(made.charm, parted(), updateStatus);
    expect([exitCode, left]).toEqual([0, 0]);
    delete made.local.onStatement;
    await runEvent(made.charm, world, updateStatus);
    expectLeft(made);
  });

  test("keeps still while AdminAPI is at work on it, and looks again", async () => {
    const made = await site({ administered: true });
    const { world } = await runEvent(made.charm, parted(), updateStatus);
    expect(made.local.statements).toEqual([]);
    expect(world.unitStatus).toEqual(statuses.clusterBusy);
    expect(jobs(made)).toEqual(["wake"]);
  });

  test("a cluster of its own that is in no set yet, and follows nobody, is not taken for one", async () => {
    const made = await site({ managed: [] });
    delete made.local.channel;
    await runEvent(made.charm, parted(), updateStatus);
    expect(made.local.statements).not.toContain("STOP GROUP_REPLICATION");
  });
});

describe("a server that its set has removed, and that is in its group still", () => {
  const removed = { ...unseeded, "removed-from-cluster-set": "true" };
  const forgotten = async (given: Partial<FakeServer> = {}): Promise<Machine> => {
    const made = await site(given);
    delete made.local.metadata;
    return made;
  };

  test("waits while AdminAPI is at work on it, and looks again", async () => {
    const made = await forgotten({ administered: true });
    const { world } = await runEvent(made.charm, parted(removed), updateStatus);
    expect(made.local.statements).toEqual([]);
    expect(world.unitStatus).toEqual(statuses.clearingRemoved);
    expect(jobs(made)).toEqual(["wake"]);
  });

  test("waits while MySQL Shell is connected to the primary of its group", async () => {
    const second = loneServer({ ...half, host: "second", uuid: "uuid-1", administered: true });
    const primary = { uuid: "uuid-1", host: "second", state: "ONLINE", role: "PRIMARY" } as const;
    const made = await site({ group: [{ ...group[0], role: "SECONDARY" }, primary] }, { second });
    delete made.local.metadata;
    const { world } = await runEvent(made.charm, parted(removed), updateStatus);
    expect(made.local.statements).toEqual([]);
    expect(world.unitStatus).toEqual(statuses.clearingRemoved);
  });

  test("waits while it cannot say who is connected", async () => {
    const made = await forgotten();
    made.local.onRows = (text) => {
      if (text.includes("AS administered")) throw new MysqlProblem("timed-out", "A question", "");
    };
    const { world } = await runEvent(made.charm, parted(removed), updateStatus);
    expect(made.local.statements).toEqual([]);
    expect(world.unitStatus).toEqual(statuses.clearingRemoved);
  });

  test("leaves it by itself where whoever removed it is gone", async () => {
    const made = await forgotten();
    const { world } = await runEvent(made.charm, parted(removed), updateStatus);
    expectLeft(made);
    expect(world.unitStatus).toEqual(statuses.removedFromSet);
  });

  test("is asked whether it follows a group still: that alone is left, too", async () => {
    const made = await forgotten({ group: [], startsOnBoot: false, managed: ["group-1"] });
    delete made.local.channel;
    delete made.local.electsWritable;
    await runEvent(made.charm, parted(removed), updateStatus);
    expectLeft(made);
  });
});

describe("a cluster that knows itself that it was invalidated", () => {
  const invalidated: Partial<FakeServer> = {
    metadata: {
      ...{ own: "rome", domain: "gaul", view: "4294967301" },
      clusters: [
        { name: "paris", role: "PRIMARY" },
        { name: "rome", role: "REPLICA", invalidated: true },
      ],
      instances: [
        { cluster: "paris", label: "paris-0", address: "paris-0:3306", uuid: "uuid-9" },
        { cluster: "rome", label: "mysql-0", address: `${host}:3306`, uuid: "uuid-0" },
      ],
    },
  };
  const record = JSON.stringify({ 5: { side: "async-replica", cluster: "paris", secret: "" } });

  test("names what leads on where all others are silent", async () => {
    const made = await site(invalidated);
    const { world } = await runEvent(made.charm, awaited(), updateStatus);
    expect(world.unitStatus).toEqual(statuses.invalidatedAlone("rome"));
    expect(made.local.statements).toEqual([]);
  });

  test("leaves by itself once its relation has ended, too, and keeps its data", async () => {
    const made = await site(invalidated);
    const { world } = await runEvent(
      made.charm,
      parted({ ...unseeded, "set-relations": record }),
      updateStatus,
    );
    expectLeft(made);
    expect(peerBag(world)).toMatchObject({ "removed-from-cluster-set": "true" });
    const { world: after } = await runEvent(made.charm, world, updateStatus);
    expect(after.unitStatus).toEqual(statuses.removedFromSet);
  });
});
