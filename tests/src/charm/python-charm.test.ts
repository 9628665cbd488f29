import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { statuses } from "../../../src/statuses.ts";
import { loneServer, primaryServer } from "../support/mysql.ts";
import {
  PYTHON_SECRET,
  pythonExtraFields,
  pythonPrimaryReads,
  pythonStandbyReads,
  pythonWrites,
} from "../support/python-charm.ts";
import { bag, changed, expectOffered, following, founded, operations, settle } from "../support/standby.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  machine,
  namedWorld,
  names,
  own,
  passwordsOf,
  peers,
  serverPassword,
} from "../support/world.ts";

const VERSION = "8.0.36-0ubuntu0.22.04.1";
type Bag = Readonly<Record<string, string>>;

describe("a Python application leads, and this one is to follow it", () => {
  async function related(remote: Bag, version = VERSION): Promise<{ site: Machine; start: CharmWorld }> {
    const site = await founded();
    site.local.version = version;
    const base = following();
    // As in its databag, with the model that the secret is of.
    const id = `secret://${base.modelUuid}/${PYTHON_SECRET}`;
    const bagOfParis = remote["secret-id"] === undefined ? remote : { ...remote, "secret-id": id };
    const relations = base.relations.map((each) =>
      each.id === 5 ? { ...each, bags: { paris: bagOfParis, "paris/0": pythonWrites.unit } } : each,
    );
    const secret = {
      id: PYTHON_SECRET,
      owner: "paris",
      revisions: [{ ...passwordsOf("theirs"), ...pythonExtraFields }],
      grants: [5],
    };
    return { site, start: { ...base, relations, secrets: [base.secrets[0] ?? secret, secret] } };
  }

  test("what it shares is enough, and fields of other accounts in its secret are no hindrance", async () => {
    const { site, start } = await related(pythonWrites.shared);
    const world = await settle(site, start);
    expectOffered(site, world);
    expect(pythonPrimaryReads(bag(world))).toBe("adds");
  });

  test("so is what its later revisions write", async () => {
    const { site, start } = await related({ ...pythonWrites.shared, ...pythonWrites.later }, "8.0.44");
    const world = await settle(site, start);
    expect(pythonPrimaryReads(bag(world))).toBe("adds");
  });

  test("a server of another build of the same version may follow, and a newer one", async () => {
    for (const version of ["8.0.36-1ubuntu1", "8.0.41", "8.4.3"]) {
      const { site, start } = await related(pythonWrites.shared, version);
      expect(pythonPrimaryReads(bag(await settle(site, start)))).toBe("adds");
    }
  });

  test("an older one may not", async () => {
    const { site, start } = await related({ ...pythonWrites.shared, "mysql-version": "8.0.44" });
    const world = await settle(site, start);
    expect(world.appStatus).toEqual(statuses.olderServer(VERSION, "8.0.44"));
    expect(operations(site)).toEqual([]);
  });

  test("a name that it has written in lower case is the same cluster: both are in one set", async () => {
    const { site, start } = await related({ ...pythonWrites.shared, ...pythonWrites.initialized });
    site.local.metadata = {
      own: "rome",
      domain: "Gaul",
      clusters: [
        { name: "Paris", role: "PRIMARY" },
        { name: "rome", role: "REPLICA" },
      ],
      instances: [{ cluster: "rome", label: "mysql-0", address: `${host}:3306`, uuid: site.local.uuid }],
    };
    const { exitCode, world } = await runEvent(site.charm, start, changed);
    expect(exitCode).toBe(0);
    expect(world.appStatus).toEqual(statuses.appStandby("Gaul"));
    expect(operations(site)).toEqual([]);
  });

  test("one that is a standby itself is refused", async () => {
    const { site, start } = await related(pythonWrites.standby);
    expect((await settle(site, start)).appStatus).toEqual(statuses.remoteIsStandby("paris"));
  });

  test("one that has not shared yet is waited for, and reads nothing from us", async () => {
    const { site, start } = await related({});
    const world = await settle(site, start);
    expect(world.appStatus).toEqual(statuses.primaryAwaited("paris"));
    expect(pythonPrimaryReads(bag(world))).toBe("waits");
  });
});

describe("a Python application asks to follow this one", () => {
  const changedHere = {
    kind: "relation-changed",
    endpoint: "async-primary",
    relationId: 4,
    remoteApp: "lisbon",
  } as const;
  const related = (remote: Bag): CharmWorld =>
    namedWorld({
      relations: [
        peers({ [own]: names }),
        {
          id: 4,
          endpoint: "async-primary",
          remoteApp: "lisbon",
          bags: { lisbon: remote, "lisbon/0": pythonWrites.unit },
        },
      ],
    });
  async function leading(): Promise<Machine> {
    const password = serverPassword("own");
    const local = primaryServer("rome", "empire", { host, password, version: VERSION });
    const remote = loneServer({ host: "lisbon-0", uuid: "uuid-9", password });
    const site = machine({
      snap: { kind: "installed", version: "8.0.36" },
      servers: { local, "192.0.2.7": remote },
    });
    await runEvent(site.charm, namedWorld(), { kind: "update-status" });
    return site;
  }
  const written = (world: CharmWorld): Bag => world.relations.find(({ id }) => id === 4)?.bags[own] ?? {};
  const shared = (world: CharmWorld): Bag =>
    world.secrets.find(({ grants }) => grants.includes(4))?.revisions.at(-1) ?? {};

  test("it finds all that it looks for: the version as the server says it, and no field that it does not know", async () => {
    const site = await leading();
    const { world } = await runEvent(site.charm, related({}), changedHere);
    expect(pythonStandbyReads(written(world), shared(world), VERSION)).toBe("follows");
    expect(world.appStatus).toEqual(statuses.standbyAwaited("lisbon"));
  });

  test("its user data is waited out, with nothing added", async () => {
    const site = await leading();
    const first = await runEvent(site.charm, related(pythonWrites.userData), changedHere);
    const { world } = await runEvent(site.charm, first.world, changedHere);
    expect(world.appStatus).toEqual(statuses.standbyAwaited("lisbon"));
    expect(site.jobs.started).toEqual([]);
  });

  test("its server is added though it exchanges no host names, and it is told", async () => {
    const site = await leading();
    const first = await runEvent(site.charm, related(pythonWrites.offered), changedHere);
    const { world } = await runEvent(site.charm, first.world, changedHere);
    expect(site.jobs.started.map(({ name }) => name)).toContain("add-replica-cluster-4");
    const instances = site.local.metadata?.instances ?? [];
    site.local.metadata = {
      own: "rome",
      domain: "empire",
      clusters: [
        { name: "rome", role: "PRIMARY" },
        { name: "lisbon", role: "REPLICA" },
      ],
      instances: [
        ...instances,
        { cluster: "lisbon", label: "lisbon-0", address: "lisbon-0:3306", uuid: "uuid-9" },
      ],
    };
    site.jobs.states.clear();
    const { world: after } = await runEvent(site.charm, world, changedHere);
    expect(pythonStandbyReads(written(after), shared(after), VERSION)).toBe("recovers");
  });

  test("while this one is a standby, it is told so in the way that it knows", async () => {
    const site = await leading();
    const { metadata } = site.local;
    if (metadata !== undefined)
      site.local.metadata = {
        ...metadata,
        clusters: [
          { name: "rome", role: "REPLICA" },
          { name: "paris", role: "PRIMARY" },
        ],
      };
    const { world } = await runEvent(site.charm, related({}), changedHere);
    expect(written(world)["is-replica"]).toBe("true");
    expect(pythonStandbyReads(written(world), {}, VERSION)).toBe("waits");
  });
});
