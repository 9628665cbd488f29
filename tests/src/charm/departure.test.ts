import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { paths } from "../../../src/machine/paths.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { type FakeMember, type FakeServer, primaryServer } from "../support/mysql.ts";
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

const detaching = {
  kind: "storage-detaching",
  storage: "database",
  storageId: "database/0",
  location: paths.common,
} as const;
const password = serverPassword("own");
const members: readonly FakeMember[] = [
  { uuid: "uuid-0", host, state: "ONLINE", role: "PRIMARY" },
  { uuid: "uuid-1", host: "second", state: "ONLINE", role: "SECONDARY" },
];
const instances = [
  { cluster: "rome", label: "mysql-0", address: `${host}:3306`, uuid: "uuid-0" },
  { cluster: "rome", label: "mysql-1", address: "second:3306", uuid: "uuid-1" },
];

/** Unit 0, the primary of a cluster of two. */
function site(
  options: MachineOptions = {},
  role: "PRIMARY" | "REPLICA" = "PRIMARY",
): Machine & { readonly second: FakeServer } {
  const made = primaryServer("rome", "empire", { host, password, group: members });
  const clusters = role === "PRIMARY" ? [] : ([{ name: "lisbon", role: "PRIMARY" }] as const);
  const local = {
    ...made,
    metadata: { own: "rome", domain: "empire", clusters: [...clusters, { name: "rome", role }], instances },
  };
  const second = primaryServer("rome", "empire", { host: "second", uuid: "uuid-1", password });
  return { ...machine({ ...options, servers: { local, second } }), second };
}

const two = (plannedUnits = 2): CharmWorld =>
  namedWorld({ plannedUnits, relations: [peers({ [own]: names, "mysql/1": {} })] });
const done = ({ shell }: Machine): readonly string[] =>
  shell.runs.map(({ command }) => [command.operation, ...command.args].join(" "));

describe("a unit that Juju removes", () => {
  test("hands over to one that stays, leaves its cluster, and stops its server", async () => {
    const here = site();
    const { exitCode } = await runEvent(here.charm, two(), detaching);
    expect(exitCode).toBe(0);
    expect(done(here)).toEqual(["set-primary-instance second:3306", `remove-instance ${host}:3306`]);
    expect(here.snapCalls).toEqual(["stop"]);
    expect(here.sql.open()).toBe(0);
  });

  test("has its turn at the member that is the primary when it gets it", async () => {
    const here = site();
    const [first, second] = members;
    if (first === undefined || second === undefined) throw new Error("no members");
    const turns: string[] = [];
    const takes = (at: FakeServer, then?: () => void) => (text: string) => {
      if (!text.includes("GET_LOCK")) return;
      turns.push(at.host);
      then?.();
    };
    // While this one waits, another unit that leaves hands over to the second.
    here.local.onRows = takes(here.local, () => {
      const group: readonly FakeMember[] = [
        { ...first, role: "SECONDARY" },
        { ...second, role: "PRIMARY" },
      ];
      here.local.group = group;
      here.second.group = group;
    });
    here.second.onRows = takes(here.second);
    await runEvent(here.charm, two(), detaching);
    expect(turns).toEqual([host, "second", "second"]);
    expect(done(here).at(-1)).toBe(`remove-instance ${host}:3306`);
  });

  test("hands over to nobody who goes as well", async () => {
    const here = site();
    here.local.group = [...members, { uuid: "uuid-2", host: "third", state: "ONLINE", role: "SECONDARY" }];
    const { metadata } = here.local;
    const third = { cluster: "rome", label: "mysql-2", address: "third:3306", uuid: "uuid-2" };
    if (metadata !== undefined) here.local.metadata = { ...metadata, instances: [...instances, third] };
    // Of the three units two are planned: the one that is named last goes too.
    const relations = [peers({ [own]: names, "mysql/2": {}, "mysql/1": {} })];
    await runEvent(here.charm, namedWorld({ plannedUnits: 2, relations }), detaching);
    expect(done(here)[0]).toBe("set-primary-instance third:3306");
  });

  test("does it once: what Juju runs afterwards does not start the server again", async () => {
    const here = site();
    const { world } = await runEvent(here.charm, two(), detaching);
    const broken = {
      kind: "relation-broken",
      endpoint: "database-peers",
      relationId: 1,
      remoteApp: own,
    } as const;
    const changed = { ...broken, kind: "relation-changed", remoteUnit: "mysql/1" } as const;
    const { world: told } = await runEvent(here.charm, world, changed);
    const { world: woken } = await runEvent(here.charm, told, { kind: "custom", name: "job-ended" });
    const { world: after } = await runEvent(here.charm, woken, broken);
    await runEvent(here.charm, after, { kind: "stop" });
    expect(here.snapCalls).toEqual(["stop"]);
    expect(done(here)).toHaveLength(2);
  });

  test.each(["set-primary-instance", "remove-instance"])("ends also where %s is refused", async (refused) => {
    const here = site({
      perform: ({ command }) => {
        if (command.operation === refused) throw new MysqlProblem("busy", refused, "");
      },
    });
    const { exitCode } = await runEvent(here.charm, two(), detaching);
    expect(exitCode).toBe(0);
    expect(done(here)).toEqual(["set-primary-instance second:3306", `remove-instance ${host}:3306`]);
    expect(here.snapCalls).toEqual(["stop"]);
  });

  test.each(["set-primary-instance", "remove-instance"])("killed at %s it starts over", async (at) => {
    let cut = true;
    const here = site({
      perform: ({ command }) => {
        if (cut && command.operation === at) throw new Error("killed");
      },
    });
    const world = two();
    expect((await runEvent(here.charm, world, detaching)).exitCode).toBe(1);
    expect(here.snapCalls).toEqual([]);
    cut = false;
    expect((await runEvent(here.charm, world, detaching)).exitCode).toBe(0);
    expect(here.local.metadata?.own).toBeUndefined();
    expect(here.snapCalls).toEqual(["stop"]);
  });

  test("with its whole application keeps the cluster in its storage", async () => {
    const here = site();
    await runEvent(here.charm, namedWorld({ plannedUnits: 1 }), detaching);
    expect(done(here)).toEqual([]);
    expect(here.snapCalls).toEqual(["stop"]);
  });

  test("as the last of a standby has it taken out of the ClusterSet, and goes also where that cannot be", async () => {
    const refuse: MachineOptions = {
      perform: ({ command }) => {
        throw new MysqlProblem("primary-unavailable", command.operation, "");
      },
    };
    for (const options of [{}, refuse]) {
      const here = site(options, "REPLICA");
      here.local.group = members.slice(0, 1);
      const { exitCode } = await runEvent(here.charm, namedWorld(), detaching);
      expect(exitCode).toBe(0);
      expect(done(here)).toEqual(["remove-cluster rome"]);
      expect(here.snapCalls).toEqual(["stop"]);
    }
  });

  test("whose server is down goes without a word", async () => {
    const here = site();
    here.local.down = "unreachable";
    const { exitCode } = await runEvent(here.charm, two(), detaching);
    expect(exitCode).toBe(0);
    expect(done(here)).toEqual([]);
  });
});
