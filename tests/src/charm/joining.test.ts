import { describe, expect, test } from "vitest";
import { emptyWorld, runEvent } from "../../../lib/testing/world.ts";
import { charmMeta } from "../../../src/generated/charm-meta.ts";
import { paths } from "../../../src/machine/paths.ts";
import { statuses } from "../../../src/statuses.ts";
import { type FakeServer, loneServer, primaryServer } from "../support/mysql.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  type MachineOptions,
  machine,
  names,
  own,
  peerSecret,
  serverPassword,
} from "../support/world.ts";

const ended = { kind: "custom", name: "job-ended" } as const;
const updateStatus = { kind: "update-status" } as const;
const changed = {
  kind: "relation-changed",
  endpoint: "database-peers",
  relationId: 1,
  remoteApp: own,
  remoteUnit: "mysql/0",
} as const;
const first = {
  "member-state": "online",
  "instance-hostname": "first:3306",
  "unit-initialized": "True",
  "known-hosts": `${host},other`,
} as const;
type Bags = CharmWorld["relations"][number]["bags"];

/** Unit 1 of an application whose unit 0 formed the cluster. */
function second(bags: Bags = {}): CharmWorld {
  return emptyWorld(charmMeta, {
    unit: "mysql/1",
    relations: [
      {
        id: 1,
        endpoint: "database-peers",
        remoteApp: own,
        bags: { [own]: names, "mysql/1": {}, "mysql/0": first, ...bags },
      },
    ],
    secrets: [peerSecret()],
    storages: [{ name: "database", id: "database/0", location: paths.common }],
  });
}

interface Site extends Machine {
  readonly first: FakeServer;
}

/** A machine whose own server is ready, next to the first member's. */
function site(options: MachineOptions = {}, given: Partial<FakeServer> = {}): Site {
  const password = serverPassword("own");
  const member = primaryServer("rome", "empire", { host: "first", password, ...given });
  const local = loneServer({ host: "second", uuid: "uuid-1", down: "unreachable" });
  return { ...machine({ ...options, servers: { first: member, local, ...options.servers } }), first: member };
}

const joins = ({ jobs }: Machine): readonly string[] =>
  jobs.started.map(({ name }) => name).filter((name) => name === "join");

describe("a unit that is no member", () => {
  test("takes the passwords that changed while it was none, before it joins", async () => {
    const here = site();
    const { world } = await runEvent(here.charm, second({ "mysql/0": {} }), updateStatus);
    here.local.statements.splice(0);
    const [relation] = world.relations;
    if (relation === undefined) throw new Error("no peers");
    const told = { ...relation.bags, [own]: { ...names, "passwords-generation": "2" }, "mysql/0": first };
    await runEvent(here.charm, { ...world, relations: [{ ...relation, bags: told }] }, changed);
    expect(joins(here)).toEqual(["join"]);
    expect(here.local.statements[0]).toBe("SET SESSION sql_log_bin = 0");
    expect(here.local.statements).toContainEqual(
      expect.stringContaining("'clusteradmin'@'%' IDENTIFIED BY 'own-clusteradmin-pw'"),
    );
    expect(here.local.statements.at(-1)).toBe("SET GLOBAL super_read_only = ON");
  });

  test("is added through the primary, as a job, under its own label", async () => {
    const here = site();
    const { world } = await runEvent(here.charm, second(), changed);
    expect(joins(here)).toEqual(["join"]);
    expect(here.shell.runs).toEqual([
      {
        host: "first",
        command: expect.objectContaining({
          object: "cluster",
          operation: "add-instance",
          args: ["mysql-0.lan:3306"],
          options: { label: "mysql-1", "recovery-method": "incremental", "recovery-progress": "1" },
        }),
      },
    ]);
    expect(world.unitStatus).toEqual(statuses.joining(""));
    expect(world.relations[0]?.bags["mysql/1"]).toMatchObject({
      "member-state": "waiting",
      "unit-configured": "True",
    });
  });

  test("is added also to a cluster that has a standby", async () => {
    const here = site();
    const joined = { "1": { side: "async-primary", cluster: "lisbon", secret: "" } };
    const bags = { [own]: { ...names, "set-relations": JSON.stringify(joined) } };
    await runEvent(here.charm, second(bags), changed);
    expect(joins(here)).toEqual(["join"]);
    const alone = site({}, { group: [] });
    const { world } = await runEvent(alone.charm, second(bags), changed);
    expect(world.unitStatus).toEqual(statuses.firstMemberAwaited);
    const early = emptyWorld(charmMeta, {
      ...second({ [own]: bags[own] }),
      relations: [
        { id: 1, endpoint: "database-peers", remoteApp: own, bags: { [own]: bags[own], "mysql/1": {} } },
      ],
      plannedUnits: 2,
    });
    const { world: soon } = await runEvent(site().charm, early, { kind: "start" });
    expect(soon.unitStatus).toEqual(statuses.firstMemberAwaited);
  });

  test("leaves the group that its member lost, though AdminAPI still waits for it", async () => {
    const here = site({}, { group: [] });
    here.local.startsOnBoot = true;
    here.local.group = [
      { uuid: "uuid-1", host: "second", state: "RECOVERING", role: "SECONDARY" },
      { uuid: "uuid-0", host: "first", state: "UNREACHABLE", role: "PRIMARY" },
    ];
    here.jobs.states.set("join", { kind: "running", label: "", startedAt: 0, lastLines: [] });
    await runEvent(here.charm, second(), changed);
    expect(here.local.statements).toContain("STOP GROUP_REPLICATION");
  });

  test("is cloned when the binary logs of the member do not reach back", async () => {
    const here = site({}, { catchesUp: false });
    await runEvent(here.charm, second(), changed);
    expect(here.shell.runs[0]?.command.options).toMatchObject({ "recovery-method": "clone" });
  });

  test("goes through the primary that the group has now, not through the first member", async () => {
    const password = serverPassword("own");
    const third = primaryServer("rome", "empire", { host: "third", uuid: "uuid-2", password });
    const group = [
      { uuid: "uuid-0", host: "first", state: "ONLINE", role: "SECONDARY" },
      { uuid: "uuid-2", host: "third", state: "ONLINE", role: "PRIMARY" },
    ] as const;
    const here = site({ servers: { third } }, { group });
    await runEvent(here.charm, second(), changed);
    expect(here.shell.runs.map(({ host }) => host)).toEqual(["third"]);
  });

  test("waits for members that do not know its name", async () => {
    const here = site();
    const { world } = await runEvent(
      here.charm,
      second({ "mysql/0": { ...first, "known-hosts": `other,${host}x` } }),
      changed,
    );
    expect(joins(here)).toEqual([]);
    expect(world.unitStatus).toEqual(statuses.hostsAwaited("mysql/0"));
  });

  test("waits for a unit of lower number, but not at update-status", async () => {
    const third = { ...second(), unit: "mysql/2" };
    const relation = third.relations[0];
    if (relation === undefined) throw new Error("no peers");
    const waits = { "member-state": "waiting", "unit-configured": "True" };
    const bags = {
      ...relation.bags,
      "mysql/0": first,
      "mysql/1": waits,
      "mysql/2": {},
    };
    const world = { ...third, relations: [{ ...relation, bags }] };
    const here = site();
    const { world: queued } = await runEvent(here.charm, world, changed);
    expect(queued.unitStatus).toEqual(statuses.queued("mysql/1"));
    expect(joins(here)).toEqual([]);
    await runEvent(here.charm, queued, updateStatus);
    expect(joins(here)).toEqual(["join"]);
  });

  test("stands by when the metadata lists nine members, whether they are there or not", async () => {
    const here = site();
    const nine = Array.from({ length: 9 }, (_, at) => ({
      cluster: "rome",
      label: `mysql-${at + 10}`,
      address: `m${at}:3306`,
      uuid: at === 0 ? here.first.uuid : `u${at}`,
    }));
    if (here.first.metadata !== undefined) here.first.metadata = { ...here.first.metadata, instances: nine };
    const { world } = await runEvent(here.charm, second(), changed);
    expect(world.unitStatus).toEqual(statuses.clusterFull);
    expect(joins(here)).toEqual([]);
  });

  test("waits when no member is there yet", async () => {
    const here = site();
    const { world } = await runEvent(here.charm, second({ "mysql/0": {} }), changed);
    expect(world.unitStatus).toEqual(statuses.firstMemberAwaited);
    expect(here.shell.runs).toEqual([]);
  });

  test.each(["unreachable", "timed-out"] as const)("waits when the member is %s", async (down) => {
    const here = site({}, { down });
    const { world } = await runEvent(here.charm, second(), changed);
    expect(world.unitStatus).toEqual(statuses.firstMemberAwaited);
    expect(here.shell.runs).toEqual([]);
  });
});

describe("the seed, without a place in the cluster", () => {
  const seed = (bags: Bags): CharmWorld => second({ [own]: { ...names, "seed-unit": "mysql/1" }, ...bags });

  test("forms it when nobody has it", async () => {
    const here = site();
    await runEvent(here.charm, { ...seed({ "mysql/0": {} }), leader: true }, changed);
    expect(here.shell.runs.map(({ command }) => command.operation)).toContain("create-cluster");
  });

  test("clears away first what is left of a schema that was being made", async () => {
    const here = site();
    here.local.startsOnBoot = false;
    here.local.halfMetadata = true;
    await runEvent(here.charm, { ...seed({ "mysql/0": {} }), leader: true }, changed);
    expect(here.local.statements).toContain("DROP SCHEMA IF EXISTS mysql_innodb_cluster_metadata");
    expect(here.shell.runs.map(({ command }) => command.operation)).toContain("create-cluster");
  });

  test.each(["offline", "unreachable", "unknown", "error"])(
    "forms none while a peer that was a member is %s",
    async (state) => {
      const here = site({}, { down: "unreachable" });
      const bags = { "mysql/0": { ...first, "member-state": state } };
      const { world } = await runEvent(here.charm, seed(bags), changed);
      expect(here.shell.runs).toEqual([]);
      expect(world.unitStatus).toEqual(statuses.firstMemberAwaited);
    },
  );

  test("joins the cluster that its peers are in", async () => {
    const here = site();
    await runEvent(here.charm, seed({}), changed);
    expect(here.shell.runs.map(({ command }) => command.operation)).toEqual(["add-instance"]);
  });
});

describe("the job", () => {
  const jobEnded = (here: Site, code: number, output: string): void =>
    void here.jobs.states.set("join", {
      kind: "ended",
      label: "Joining the cluster",
      startedAt: 0,
      endedAt: 1,
      code,
      timedOut: false,
      output,
    });
  const locked = '{"error":"MYSQLSH 51500: Failed to acquire Cluster lock through primary member"}\n';

  test("that runs is told of, and no other starts", async () => {
    const here = site();
    await runEvent(here.charm, second(), changed);
    const lastLines = ['{"info":"** Stage FILE COPY: Completed\\n"}'];
    here.jobs.states.set("join", { kind: "running", label: "x", startedAt: 0, lastLines });
    const { world } = await runEvent(here.charm, second(), updateStatus);
    expect(world.unitStatus).toEqual(statuses.joining("** Stage FILE COPY: Completed"));
    expect(joins(here)).toHaveLength(1);
  });

  test("that failed is not tried again by its own end, but by the next event", async () => {
    const here = site();
    await runEvent(here.charm, second(), changed);
    jobEnded(here, 1, locked);
    const { world } = await runEvent(here.charm, second(), ended);
    expect(world.unitStatus).toEqual(statuses.clusterBusy);
    expect(joins(here)).toHaveLength(1);
    await runEvent(here.charm, second(), updateStatus);
    expect(joins(here)).toHaveLength(2);
  });

  test("that ended well leaves an online secondary", async () => {
    const here = site();
    await runEvent(here.charm, second(), changed);
    jobEnded(here, 0, "");
    const instances = [{ cluster: "rome", label: "mysql-1", address: "second:3306", uuid: "uuid-1" }];
    here.local.group = [
      ...here.first.group,
      { uuid: "uuid-1", host: "second", state: "ONLINE", role: "SECONDARY" },
    ];
    here.local.metadata = {
      own: "rome",
      domain: "empire",
      clusters: [{ name: "rome", role: "PRIMARY" }],
      instances,
    };
    const { world } = await runEvent(here.charm, second(), ended);
    expect(world.unitStatus).toEqual(statuses.secondary);
    expect(here.jobs.states.size).toBe(0);
    expect(world.relations[0]?.bags["mysql/1"]).toMatchObject({
      "member-state": "online",
      "member-role": "secondary",
      "unit-initialized": "True",
    });
  });
});
