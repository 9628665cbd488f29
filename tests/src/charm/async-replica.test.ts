import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import {
  bag,
  changed,
  expectOffered,
  following,
  founded,
  operations,
  peerBag,
  settle,
  shared,
} from "../support/standby.ts";
import { host, type Machine, own, passwordsOf } from "../support/world.ts";

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

  test("changes all accounts at once, so that no cut leaves some with other passwords", async () => {
    const site = await founded();
    await settle(site, following());
    const changes = site.local.statements.filter((text) => text.startsWith("ALTER USER"));
    expect(changes).toHaveLength(1);
    for (const password of Object.values(passwordsOf("theirs")))
      expect(changes[0]).toContain(`'${password}'`);
  });

  test("takes a name that differs from the primary cluster's in more than case", async () => {
    const site = await founded();
    const world = await settle(site, following({ remote: { ...shared, "cluster-name": "ROME" } }));
    expect(bag(world)["cluster-name"]).toMatch(/^rome-[0-9a-f]{4}$/);
    expect(peerBag(world)["cluster-name"]).toBe(bag(world)["cluster-name"]);
  });

  test("cut at the change of the accounts: later hooks end the work", async () => {
    const site = await founded();
    let seen = 0;
    site.local.onStatement = (text) => {
      if (!text.startsWith("ALTER USER")) return;
      seen += 1;
      if (seen === 1) throw new Error("killed");
    };
    expectOffered(site, await settle(site, following(), 1));
  });

  test.each(["before", "amid", "after"])(
    "cut %s the dissolution of the cluster: later hooks end the work",
    async (when) => {
      let cut = true;
      const site: Machine = await founded({
        perform: ({ command }) => {
          if (command.operation !== "dissolve" || !cut) return;
          cut = false;
          if (when === "after") site.local.group = [];
          if (when !== "before") delete site.local.metadata;
          throw new Error("killed");
        },
      });
      expectOffered(site, await settle(site, following(), 1));
    },
  );

  test("whose relation goes once its cluster is dissolved, it says how to form it again", async () => {
    const site = await founded();
    const related = await settle(site, following());
    const relations = related.relations.filter(({ endpoint }) => endpoint === "database-peers");
    const secrets = related.secrets.filter(({ owner }) => owner !== "paris");
    const left = { ...related, relations, secrets };
    const { world } = await runEvent(site.charm, left, { kind: "update-status" });
    const { world: alone } = await runEvent(site.charm, world, { kind: "update-status" });
    expect(peerBag(alone)["removed-from-cluster-set"]).toBe("true");
    expect(alone.unitStatus).toEqual(statuses.removedFromSet);
    expect(operations(site)).toEqual(["dissolve"]);
  });

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

test("an instance whose unit gets another address is offered there", async () => {
  const site = await founded();
  const world = await settle(site, following());
  const networks = {
    ...world.networks,
    "async-replica": { bindAddress: "192.0.2.77", ingressAddress: "203.0.113.77", hostname: "" },
  };
  const after = await settle(site, { ...world, networks });
  expect(bag(after)).toEqual({ ...bag(world), endpoint: "203.0.113.77" });
  expect(after.appStatus).toEqual(statuses.additionAwaited("paris"));
  // Not by another unit, which knows its own address only.
  const offeredByAnother = after.relations.map((each) => ({
    ...each,
    bags:
      each.id === 5
        ? { ...each.bags, [own]: { ...bag(after), "node-label": "mysql-7" } }
        : { ...each.bags, "mysql/7": {} },
  }));
  const moved = { ...world, relations: offeredByAnother };
  expect(bag(await settle(site, moved))["endpoint"]).toBe("203.0.113.77");
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
  site.local.channel = { receiver: "ON", applier: "ON", errorNumber: 0, lagSeconds: 3, lastReceived: "" };
  const after = await settle(site, world);
  expect(peerBag(after)["cluster-set-domain-name"]).toBe("gaul");
  expect(after.unitStatus).toEqual(statuses.standbyPrimary(3));
  expect(after.appStatus).toEqual(statuses.appStandby("gaul"));
  expect(operations(site)).toEqual(["dissolve"]);
});

test("when Juju removed the unit that offered its instance, this one offers its own", async () => {
  const site = await founded();
  const world = await settle(site, following());
  const relations = world.relations.map((each) =>
    each.id === 5
      ? {
          ...each,
          bags: {
            ...each.bags,
            [own]: { ...each.bags[own], "node-label": "mysql-9", endpoint: "192.0.2.9" },
          },
        }
      : each,
  );
  const after = await settle(site, { ...world, relations });
  expectOffered(site, after);
});
