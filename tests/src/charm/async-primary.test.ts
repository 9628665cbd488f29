import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { statuses } from "../../../src/statuses.ts";
import { type FakeServer, loneServer, primaryServer } from "../support/mysql.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  type MachineOptions,
  machine,
  namedWorld,
  names,
  own,
  passwordsOf,
  peers,
  serverPassword,
} from "../support/world.ts";

const password = serverPassword("own");
const offer = { "cluster-name": "lisbon", endpoint: "192.0.2.7", "node-label": "lisbon-0" };
const changed = {
  kind: "relation-changed",
  endpoint: "async-primary",
  relationId: 4,
  remoteApp: "lisbon",
} as const;
type Bag = Readonly<Record<string, string>>;

/** What lisbon's first unit says of itself: where it is, and whom it can resolve. */
const unit = {
  "hostname-details": JSON.stringify({ names: ["lisbon-0"], address: "192.0.2.7" }),
  "known-hosts": `${host},mysql-1.lan`,
};

function related(remote: Bag = {}, given: Partial<CharmWorld> = {}): CharmWorld {
  const relation = {
    id: 4,
    endpoint: "async-primary",
    remoteApp: "lisbon",
    bags: { lisbon: remote, "lisbon/0": unit },
  } as const;
  return namedWorld({ relations: [peers({ [own]: names }), relation], ...given });
}

/** This unit is the primary of rome; lisbon's instance waits at its endpoint. */
function rome(options: MachineOptions = {}, given: Partial<FakeServer> = {}): Machine {
  const local = primaryServer("rome", "empire", { host, password, ...given });
  const [instance] = local.metadata?.instances ?? [];
  if (instance !== undefined && local.metadata !== undefined && given.metadata === undefined)
    local.metadata = { ...local.metadata, instances: [{ ...instance, label: "mysql-0" }] };
  const remote = loneServer({ host: "lisbon-0", uuid: "uuid-9", password });
  return machine({
    snap: { kind: "installed", version: "9.7.0" },
    ...options,
    servers: { local, "192.0.2.7": remote, ...options.servers },
  });
}

/** What it wrote for the relation itself, beside what it tells everybody of the set. */
const bag = (world: CharmWorld): Bag => {
  const {
    "set-hosts": _,
    "set-view": __,
    ...rest
  } = world.relations.find(({ id }) => id === 4)?.bags[own] ?? {};
  return rest;
};

/** Runs a hook that only prepares the machine, so that the next ones meet a server in order. */
async function settledSite(options: MachineOptions = {}, given: Partial<FakeServer> = {}): Promise<Machine> {
  const site = rome(options, given);
  await runEvent(site.charm, namedWorld(), { kind: "update-status" });
  return site;
}

describe("when another application is related", () => {
  test("the leader shares a secret of its own, granted over the relation, with the four keys at once", async () => {
    const site = await settledSite();
    const { exitCode, world } = await runEvent(site.charm, related(), changed);
    expect(exitCode).toBe(0);
    const shared = world.secrets.find(({ grants }) => grants.includes(4));
    expect(shared?.revisions).toEqual([passwordsOf("own")]);
    expect(shared?.label).not.toBe("database-peers.mysql.app");
    expect(bag(world)).toMatchObject({
      "cluster-name": "rome",
      "cluster-set-name": "empire",
      "mysql-version": "9.7.0",
    });
    expect(bag(world)["secret-id"]).toContain(shared?.id);
    expect(world.secrets.find(({ label }) => label === "database-peers.mysql.app")?.grants).toEqual([]);
    expect(world.appStatus).toEqual(statuses.standbyAwaited("lisbon"));
  });

  test("a unit that does not lead writes nothing of the application's", async () => {
    const site = await settledSite();
    const { exitCode, world, calls } = await runEvent(site.charm, related({}, { leader: false }), changed);
    expect(exitCode).toBe(0);
    expect(bag(world)).toEqual({});
    expect(calls).not.toContain("secretAdd");
  });

  test("nothing is shared while the own server cannot be asked", async () => {
    const site = await settledSite();
    site.local.down = "timed-out";
    const { exitCode, world } = await runEvent(site.charm, related(), changed);
    expect(exitCode).toBe(0);
    expect(bag(world)).toEqual({});
    expect(world.secrets).toHaveLength(1);
  });

  test("a standby refuses to lead another, and says so on the wire", async () => {
    const site = await settledSite();
    const instances = site.local.metadata?.instances ?? [];
    site.local.metadata = {
      own: "rome",
      domain: "empire",
      clusters: [
        { name: "rome", role: "REPLICA" },
        { name: "paris", role: "PRIMARY" },
      ],
      instances,
    };
    const { world } = await runEvent(site.charm, related(), changed);
    expect(bag(world)).toEqual({ "is-replica": "true" });
    expect(world.appStatus).toEqual(statuses.standbyCannotLead("lisbon"));
    expect(world.secrets).toHaveLength(1);
  });
});

describe("when the other application offers its instance", () => {
  async function shared(): Promise<{ readonly site: Machine; readonly world: CharmWorld }> {
    const site = await settledSite();
    const { world } = await runEvent(site.charm, related(), changed);
    return { site, world };
  }
  const offering = (world: CharmWorld, remote: Bag): CharmWorld => ({
    ...world,
    relations: world.relations.map((each) =>
      each.id === 4 ? { ...each, bags: { ...each.bags, lisbon: remote } } : each,
    ),
  });

  test("it is added as a job, by the way that its data needs", async () => {
    const { site, world } = await shared();
    const { world: after } = await runEvent(site.charm, offering(world, offer), changed);
    expect(site.jobs.started.map(({ name }) => name)).toEqual(["add-replica-cluster-4"]);
    expect(site.shell.runs.at(-1)).toEqual({
      host,
      command: expect.objectContaining({
        object: "clusterset",
        operation: "create-replica-cluster",
        args: ["192.0.2.7:3306", "lisbon"],
        options: expect.objectContaining({ "recovery-method": "incremental", timeout: "0" }),
      }),
    });
    expect(after.appStatus).toEqual(statuses.addingReplica("lisbon", ""));
  });

  test("it waits for another application's cluster that is being added", async () => {
    const { site, world } = await shared();
    site.jobs.states.set("add-replica-cluster-7", {
      kind: "running",
      label: "",
      startedAt: 0,
      lastLines: [],
    });
    const porto = { id: 7, endpoint: "async-primary", remoteApp: "porto", bags: {} } as const;
    const two = { ...offering(world, offer), relations: [...offering(world, offer).relations, porto] };
    const { world: after } = await runEvent(site.charm, two, changed);
    expect(site.jobs.started.map(({ name }) => name)).toEqual([]);
    expect(after.appStatus?.message).toContain("Waiting");
    site.jobs.states.clear();
    await runEvent(site.charm, after, { kind: "custom", name: "job-ended" });
    expect(site.jobs.started.map(({ name }) => name)).toEqual(["add-replica-cluster-4"]);
  });

  test("a clone is given by a secondary", async () => {
    const { site, world } = await shared();
    site.local.catchesUp = false;
    site.local.group = [
      ...site.local.group,
      { uuid: "uuid-1", host: "mysql-1.lan", state: "ONLINE", role: "SECONDARY" },
    ];
    await runEvent(site.charm, offering(world, offer), changed);
    expect(site.shell.runs.at(-1)?.command.options).toMatchObject({
      "recovery-method": "clone",
      "clone-donor": "mysql-1.lan:3306",
    });
  });

  test("once it is in the set, it is labelled and told", async () => {
    const { site, world } = await shared();
    const instances = site.local.metadata?.instances ?? [];
    const remote = { cluster: "lisbon", address: "lisbon-0.lan:3306", uuid: "uuid-9" };
    const joined = (label: string): void => {
      site.local.metadata = {
        own: "rome",
        domain: "empire",
        clusters: [
          { name: "rome", role: "PRIMARY" },
          { name: "lisbon", role: "REPLICA" },
        ],
        instances: [...instances, { ...remote, label }],
      };
    };
    joined("lisbon-0.lan:3306");
    const { world: after } = await runEvent(site.charm, offering(world, offer), changed);
    expect(site.shell.runs.at(-1)).toMatchObject({
      host: "lisbon-0.lan",
      command: { operation: "set-instance-option", args: ["lisbon-0.lan:3306", "label", "lisbon-0"] },
    });
    expect(bag(after)["replica-state"]).toBe("initialized");
    expect(after.appStatus).toEqual(statuses.appPrimary);
  });

  test.each([
    ["cluster-name", "x'); import os"],
    ["endpoint", "192.0.2.7:3306 --force"],
    ["node-label", "-x"],
  ])("a %s of %j is refused by its name, and nothing changes in MySQL", async (field, value) => {
    const { site, world } = await shared();
    const {
      exitCode,
      world: after,
      log,
    } = await runEvent(site.charm, offering(world, { ...offer, [field]: value }), changed);
    expect(exitCode).toBe(0);
    expect(after.appStatus?.kind).toBe("blocked");
    expect(after.appStatus?.message).toContain(`Refused what lisbon wrote: ${field}`);
    expect(JSON.stringify([after.appStatus, log])).not.toContain(value);
    expect([site.jobs.started, site.shell.runs]).toEqual([[], []]);
  });

  test("it is not added before it can resolve every member of this cluster", async () => {
    const { site, world } = await shared();
    site.local.group = [
      ...site.local.group,
      { uuid: "uuid-2", host: "mysql-2.lan", state: "ONLINE", role: "SECONDARY" },
    ];
    const { world: after } = await runEvent(site.charm, offering(world, offer), changed);
    expect(site.jobs.started).toEqual([]);
    expect(after.appStatus).toEqual(statuses.hostsAwaited("lisbon"));
  });

  test("while it reports user data nothing is added", async () => {
    const { site, world } = await shared();
    await runEvent(site.charm, offering(world, { "user-data-found": "true" }), changed);
    expect(site.jobs.started).toEqual([]);
  });

  test("when the relation goes, the cluster stays and the status follows", async () => {
    const { site, world } = await shared();
    const broken = { ...changed, kind: "relation-broken" } as const;
    const { exitCode, world: after } = await runEvent(site.charm, world, broken);
    expect(exitCode).toBe(0);
    expect(after.unitStatus).toEqual(statuses.primary);
    expect(site.shell.runs).toEqual([]);
  });
});
