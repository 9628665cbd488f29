import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem, type ProblemReason } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import { type FakeServer, primaryServer } from "../support/mysql.ts";
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

const promote = { kind: "action", action: "promote-standby-cluster", actionId: "9" } as const;

/** The standby rome of set gaul, which paris leads. */
async function standby(options: MachineOptions = {}, given: Partial<FakeServer> = {}): Promise<Machine> {
  const local = primaryServer("rome", "gaul", { host, password: serverPassword("own") });
  const instance = { cluster: "rome", label: "mysql-0", address: `${host}:3306`, uuid: local.uuid };
  local.metadata = {
    own: "rome",
    domain: "gaul",
    clusters: [
      { name: "paris", role: "PRIMARY" },
      { name: "rome", role: "REPLICA" },
    ],
    instances: [instance],
  };
  local.channel = { receiver: "ON", applier: "ON", errorNumber: 0, lagSeconds: 0 };
  const site = machine({ snap: { kind: "installed", version: "9.7.0" }, ...options, servers: { local } });
  await runEvent(site.charm, namedWorld(), { kind: "update-status" });
  Object.assign(site.local, given);
  return site;
}

const relation = (bag: Readonly<Record<string, string>> = {}) =>
  ({ id: 5, endpoint: "async-replica", remoteApp: "paris", bags: { [own]: bag } }) as const;
const related = (given: Partial<CharmWorld> = {}): CharmWorld =>
  namedWorld({
    relations: [
      peers({ [own]: { ...names, "cluster-set-domain-name": "gaul" } }),
      relation({ switchover: "4" }),
    ],
    ...given,
  });
const switchovers = (site: Machine): readonly unknown[] =>
  site.shell.runs.filter(({ command }) => command.operation === "set-primary-cluster");

async function run(site: Machine, params: Readonly<Record<string, unknown>>, world = related()) {
  return await runEvent(site.charm, world, promote, { params });
}

test("a switchover makes this cluster the primary, tells the other side, and shows it at once", async () => {
  const site: Machine = await standby({
    perform: ({ command }) => {
      if (command.operation !== "set-primary-cluster" || site.local.metadata === undefined) return;
      const clusters = [
        { name: "paris", role: "REPLICA" },
        { name: "rome", role: "PRIMARY" },
      ] as const;
      site.local.metadata = { ...site.local.metadata, clusters };
    },
  });
  const { exitCode, action, world } = await run(site, { "cluster-set-name": "gaul" });
  expect(exitCode).toBe(0);
  expect(action.failure).toBeUndefined();
  expect(action.results["message"]).toBe("Cluster rome is the primary cluster of gaul");
  expect(switchovers(site)).toEqual([
    { host, command: expect.objectContaining({ object: "clusterset", args: ["rome"] }) },
  ]);
  expect(world.relations.find(({ id }) => id === 5)?.bags[own]).toMatchObject({ switchover: "5" });
  expect(world.relations.find(({ id }) => id === 1)?.bags[own]).toMatchObject({ switchover: "1" });
  expect(world.unitStatus).toEqual(statuses.primary);
});

describe("it is refused, and nothing changes in MySQL,", () => {
  async function refusal(
    site: Machine,
    params: Readonly<Record<string, unknown>>,
    given: Partial<CharmWorld> = {},
  ): Promise<string> {
    const before = related(given);
    const { exitCode, action, world } = await run(site, params, before);
    expect(exitCode).toBe(0);
    expect(switchovers(site)).toEqual([]);
    expect(world.relations).toEqual(before.relations);
    return action.failure ?? "";
  }
  const gaul = { "cluster-set-name": "gaul" };

  test("for another name of the set", async () => {
    const failure = await refusal(await standby(), { "cluster-set-name": "germania" });
    expect(failure).toContain("cluster-set-name");
    expect(failure).toContain("gaul");
  });

  test.each(["x'); import os", "-force", "", "GAUL"])("for the name %j", async (name) => {
    expect(await refusal(await standby(), { "cluster-set-name": name })).toContain("cluster-set-name");
  });

  test("on a unit that does not lead", async () => {
    expect(await refusal(await standby(), gaul, { leader: false })).toContain("leader");
  });

  test("on the primary cluster", async () => {
    const site = await standby();
    const { metadata } = site.local;
    if (metadata === undefined) throw new Error("no metadata");
    const clusters = [
      { name: "paris", role: "REPLICA" },
      { name: "rome", role: "PRIMARY" },
    ] as const;
    site.local.metadata = { ...metadata, clusters };
    expect(await refusal(site, gaul)).toContain("already is the primary cluster");
  });

  test("on an invalidated cluster", async () => {
    const site = await standby();
    const { metadata } = site.local;
    if (metadata === undefined) throw new Error("no metadata");
    const clusters = [
      { name: "paris", role: "PRIMARY" },
      { name: "rome", role: "REPLICA", invalidated: true },
    ] as const;
    site.local.metadata = { ...metadata, clusters };
    expect(await refusal(site, gaul)).toContain("invalidated");
  });

  test("on a cluster without another in its set", async () => {
    const site = await standby();
    site.local.metadata = primaryServer("rome", "gaul", { host }).metadata ?? {
      own: "",
      clusters: [],
      instances: [],
    };
    expect(await refusal(site, gaul)).toContain("no other cluster");
  });

  test("with force, which the charm does not offer yet", async () => {
    expect(await refusal(await standby(), { ...gaul, force: true })).toContain("force");
  });

  test.each(["unreachable", "denied"] as const satisfies readonly ProblemReason[])(
    "when the server is %s: an answer that could not be had is not taken for a no",
    async (down) => {
      expect(await refusal(await standby({}, { down }), gaul)).toContain("could not be asked");
    },
  );
});

test("a switchover that AdminAPI refuses fails the action with its words, and tells nobody", async () => {
  const site = await standby({
    perform: ({ command }) => {
      if (command.operation === "set-primary-cluster")
        throw new MysqlProblem("replica-unavailable", "set-primary-cluster", "MYSQLSH 51613: One or more");
    },
  });
  const { exitCode, action, world } = await run(site, { "cluster-set-name": "gaul" });
  expect(exitCode).toBe(0);
  expect(action.failure).toContain("MYSQLSH 51613");
  expect(world.relations).toEqual(related().relations);
});
