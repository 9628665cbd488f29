import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import { primaryServer } from "../support/mysql.ts";
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

const changed = {
  kind: "relation-changed",
  endpoint: "async-replica",
  relationId: 5,
  remoteApp: "paris",
} as const;
const sharedId = "sharedsecret00000000";
const shared = {
  "secret-id": `secret:${sharedId}`,
  "cluster-name": "paris",
  "mysql-version": "9.7.0",
  "cluster-set-name": "gaul",
};
type Bag = Readonly<Record<string, string>>;

interface Other {
  readonly remote?: Bag;
  readonly granted?: boolean;
  readonly passwords?: Bag;
}

/** This application, with a cluster of its own, is to follow paris. */
function following({ remote = shared, granted = true, passwords }: Other = {}): CharmWorld {
  const world = namedWorld();
  const relation = {
    id: 5,
    endpoint: "async-replica",
    remoteApp: "paris",
    bags: { paris: remote, "paris/0": { "ingress-address": "198.51.100.1" } },
  } as const;
  const secret = {
    id: sharedId,
    owner: "paris",
    revisions: [passwords ?? passwordsOf("theirs")],
    grants: granted ? [5] : [],
  };
  return {
    ...world,
    relations: [peers({ [own]: names }), relation],
    secrets: [...world.secrets, secret],
  };
}

/** A machine whose server is the primary of a cluster of its own, as the charm left it. */
async function founded(options: MachineOptions = {}): Promise<Machine> {
  const local = primaryServer("rome", "empire", { host, password: serverPassword("own") });
  const site = machine({ snap: { kind: "installed", version: "9.7.0" }, ...options, servers: { local } });
  await runEvent(site.charm, namedWorld(), { kind: "update-status" });
  site.local.statements.splice(0);
  return site;
}

const operations = (site: Machine): readonly string[] =>
  site.shell.runs.map(({ command }) => command.operation).filter((each) => each !== "set-instance-option");
const bag = (world: CharmWorld): Bag => world.relations.find(({ id }) => id === 5)?.bags[own] ?? {};
const peerBag = (world: CharmWorld): Bag => world.relations.find(({ id }) => id === 1)?.bags[own] ?? {};
const ownSecret = (world: CharmWorld): Bag | undefined =>
  world.secrets.find(({ label }) => label === "database-peers.mysql.app")?.revisions.at(-1);

/** Runs the event until a hook changes nothing any more. Juju runs a failed one again; `killed` times that may be. */
async function settle(site: Machine, start: CharmWorld, killed = 0): Promise<CharmWorld> {
  let failures = 0;
  let world = start;
  for (let hooks = 0; hooks < 10; hooks += 1) {
    const { exitCode, world: next } = await runEvent(site.charm, world, changed);
    failures += exitCode;
    expect(failures).toBeLessThanOrEqual(killed);
    if (exitCode === 0 && JSON.stringify(next) === JSON.stringify(world)) return world;
    world = next;
  }
  throw new Error(`no rest: ${JSON.stringify(world.appStatus)}`);
}

function expectOffered(site: Machine, world: CharmWorld): void {
  expect(site.local.metadata).toBeUndefined();
  expect(site.local.password).toBe(serverPassword("theirs"));
  expect(ownSecret(world)).toEqual(passwordsOf("theirs"));
  expect(peerBag(world)).toEqual({ "cluster-name": "rome", "cluster-set-domain-name": "empire" });
  expect(bag(world)).toMatchObject({ "cluster-name": "rome", "node-label": "mysql-0" });
  expect(bag(world)["endpoint"]).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  expect(world.appStatus).toEqual(statuses.additionAwaited("paris"));
}

describe("becoming a standby", () => {
  test("takes two hooks: the seed is released in writing before anything is dissolved", async () => {
    const site = await founded();
    const { exitCode, world } = await runEvent(site.charm, following(), changed);
    expect(exitCode).toBe(0);
    expect(peerBag(world)["seed-unit"]).toBeUndefined();
    expect(operations(site)).toEqual([]);
    expect(site.local.statements).toEqual([]);
    expect(world.appStatus).toEqual(statuses.preparing);
    const { world: after } = await runEvent(site.charm, world, changed);
    expect(operations(site)).toEqual(["dissolve"]);
    expectOffered(site, after);
  });

  test("forms no cluster again, whatever comes: it waits to be added", async () => {
    const site = await founded();
    const world = await settle(site, following());
    const { world: later } = await runEvent(site.charm, world, { kind: "update-status" });
    expect(operations(site)).toEqual(["dissolve"]);
    expectOffered(site, later);
    expect(later.unitStatus).toEqual(statuses.setAwaited);
  });

  test("changes the charm's own account last, so that a cut is seen as not done", async () => {
    const site = await founded();
    await settle(site, following());
    const changes = site.local.statements.filter((text) => text.startsWith("ALTER USER"));
    expect(changes).toHaveLength(5);
    expect(changes.at(-1)).toContain("'serverconfig'");
    expect(changes.map((text) => /'([^']*)'$/.exec(text)?.[1])).toEqual(
      expect.arrayContaining(Object.values(passwordsOf("theirs"))),
    );
  });

  test("takes a name that differs from the primary cluster's in more than case", async () => {
    const site = await founded();
    const world = await settle(site, following({ remote: { ...shared, "cluster-name": "ROME" } }));
    expect(bag(world)["cluster-name"]).toMatch(/^rome-[0-9a-f]{4}$/);
    expect(peerBag(world)["cluster-name"]).toBe(bag(world)["cluster-name"]);
  });

  test.each([1, 2, 3, 4, 5])("cut at change of account %i: later hooks end the work", async (at) => {
    const site = await founded();
    let seen = 0;
    site.local.onStatement = (text) => {
      if (!text.startsWith("ALTER USER")) return;
      seen += 1;
      if (seen === at) throw new Error("killed");
    };
    expectOffered(site, await settle(site, following(), 1));
  });

  test.each(["before", "after"])(
    "cut %s the cluster is dissolved: later hooks end the work",
    async (when) => {
      let cut = true;
      const site: Machine = await founded({
        perform: ({ command }) => {
          if (command.operation !== "dissolve" || !cut) return;
          cut = false;
          if (when === "after") {
            site.local.group = [];
            delete site.local.metadata;
          }
          throw new Error("killed");
        },
      });
      expectOffered(site, await settle(site, following(), 1));
    },
  );

  test("a dissolution that AdminAPI refuses is shown, and the cluster stands", async () => {
    const site = await founded({
      perform: ({ command }) => {
        if (command.operation === "dissolve") throw new MysqlProblem("no-quorum", "dissolve", "");
      },
    });
    const { world } = await runEvent(site.charm, following(), changed);
    const { exitCode, world: after } = await runEvent(site.charm, world, changed);
    expect(exitCode).toBe(0);
    expect(after.appStatus).toEqual(statuses.operationFailed("dissolve: the cluster has no quorum"));
    expect(bag(after)["endpoint"]).toBeUndefined();
  });
});

describe("nothing is given up", () => {
  async function refused(
    other: Other,
    prepare: (site: Machine) => void = () => undefined,
  ): Promise<CharmWorld> {
    const site = await founded({ reachable: true });
    prepare(site);
    const world = await settle(site, following(other));
    expect(operations(site)).toEqual([]);
    expect(site.local.statements).toEqual([]);
    expect(site.local.metadata?.own).toBe("rome");
    expect(ownSecret(world)).toEqual(passwordsOf("own"));
    return world;
  }

  test("for a name that is code", async () => {
    const value = "x'); import os";
    const world = await refused({ remote: { ...shared, "cluster-name": value } });
    expect(world.appStatus?.message).toContain("Refused what paris wrote: cluster-name");
    expect(JSON.stringify(world.appStatus)).not.toContain("import");
    expect(peerBag(world)["seed-unit"]).toBe("mysql/0");
  });

  test.each(["secret-id", "cluster-name", "mysql-version", "cluster-set-name"])("without %s", async (key) => {
    const remote = Object.fromEntries(Object.entries(shared).filter(([each]) => each !== key));
    const world = await refused({ remote });
    expect(world.appStatus).toEqual(statuses.primaryAwaited("paris"));
  });

  test("without the grant", async () => {
    const world = await refused({ granted: false });
    expect(world.appStatus).toEqual(statuses.grantAwaited("paris"));
  });

  test("for a secret that lacks a field", async () => {
    const { "backups-password": _, ...passwords } = passwordsOf("theirs");
    const world = await refused({ passwords });
    expect(world.appStatus).toEqual(statuses.secretField("paris", "backups-password"));
  });

  test("over user data, which the other side is told of, until it is gone", async () => {
    const site = await founded();
    site.local.databases = ["shop", "wiki"];
    const world = await settle(site, following());
    expect(world.appStatus).toEqual(statuses.userData(["shop", "wiki"]));
    expect(bag(world)).toEqual({ "user-data-found": "true" });
    expect(operations(site)).toEqual([]);
    site.local.databases = [];
    const after = await settle(site, world);
    expect(bag(after)["user-data-found"]).toBeUndefined();
    expectOffered(site, after);
  });

  test("for a primary that is a standby itself", async () => {
    const world = await refused({ remote: { "is-replica": "true" } });
    expect(world.appStatus).toEqual(statuses.remoteIsStandby("paris"));
  });

  test("for a newer server than this one", async () => {
    const world = await refused({ remote: { ...shared, "mysql-version": "9.8.0" } });
    expect(world.appStatus).toEqual(statuses.olderServer("9.7.0", "9.8.0"));
  });

  test("while members are missing", async () => {
    const site = await founded();
    const world = await settle(site, { ...following(), plannedUnits: 3 });
    expect(world.appStatus).toEqual(statuses.membersAwaited(1, 3));
    expect(operations(site)).toEqual([]);
  });

  test("by a unit that does not lead", async () => {
    const site = await founded();
    const { exitCode, world } = await runEvent(site.charm, { ...following(), leader: false }, changed);
    expect(exitCode).toBe(0);
    expect(peerBag(world)).toEqual(names);
    expect([operations(site), site.local.statements]).toEqual([[], []]);
  });

  test("to a site that cannot be reached", async () => {
    const site = await founded({ reachable: false });
    const world = await settle(site, following());
    expect(world.appStatus).toEqual(statuses.unreachableSite("198.51.100.1"));
    expect(operations(site)).toEqual([]);
  });
});

test("once it is in the set, the set's name is recorded and the standby shows as one", async () => {
  const site = await founded();
  const world = await settle(site, following());
  const instance = { cluster: "rome", label: "mysql-0", address: `${host}:3306`, uuid: site.local.uuid };
  site.local.group = [{ uuid: site.local.uuid, host, state: "ONLINE", role: "PRIMARY" }];
  site.local.metadata = {
    own: "rome",
    domain: "gaul",
    clusters: [
      { name: "paris", role: "PRIMARY" },
      { name: "rome", role: "REPLICA" },
    ],
    instances: [instance],
  };
  site.local.channel = { receiver: "ON", applier: "ON", errorNumber: 0, lagSeconds: 3 };
  const after = await settle(site, world);
  expect(peerBag(after)["cluster-set-domain-name"]).toBe("gaul");
  expect(after.unitStatus).toEqual(statuses.standbyPrimary(3));
  expect(after.appStatus).toEqual(statuses.appStandby("gaul"));
  expect(operations(site)).toEqual(["dissolve"]);
});
