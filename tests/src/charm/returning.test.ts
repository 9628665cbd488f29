import { expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { statuses } from "../../../src/statuses.ts";
import { type FakeServer, loneServer } from "../support/mysql.ts";
import { type Bag, bag, changed, following, operations, peerBag, settle } from "../support/standby.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  machine,
  names,
  own,
  peers,
  serverPassword,
} from "../support/world.ts";

const { "seed-unit": _, ...unseeded } = names;
const removed = { ...unseeded, "removed-from-cluster-set": "true" };

/** This application was a standby of paris, was removed from the set with its data, and is related again. */
async function returning(
  paris: Partial<FakeServer> = {},
  granted = true,
  peersBag: Bag = removed,
): Promise<{ readonly site: Machine; readonly world: CharmWorld }> {
  const local = loneServer({
    host,
    password: serverPassword("own"),
    superReadOnly: true,
    readOnly: true,
    databases: ["shop"],
  });
  const primary = loneServer({
    host: "paris-0",
    uuid: "uuid-9",
    password: serverPassword("theirs"),
    ...paris,
  });
  const site = machine({
    snap: { kind: "installed", version: "9.7.0" },
    servers: { local, "198.51.100.1": primary },
  });
  const start = following({ granted });
  const relations = [peers({ [own]: peersBag }), ...start.relations.filter(({ id }) => id !== 1)];
  const world = { ...start, relations };
  await runEvent(site.charm, { ...world, leader: false }, { kind: "update-status" });
  return { site, world };
}

test("data that the primary cluster has too is no reason to refuse: the instance is offered as it is", async () => {
  const { site, world } = await returning();
  const after = await settle(site, world);
  expect(bag(after)).toMatchObject({ endpoint: expect.any(String), "node-label": "mysql-0" });
  expect(bag(after)["user-data-found"]).toBeUndefined();
  expect(operations(site)).toEqual([]);
  expect(site.local.databases).toEqual(["shop"]);
  expect(peerBag(after)["removed-from-cluster-set"]).toBeUndefined();
  expect(after.appStatus).toEqual(statuses.additionAwaited("paris"));
});

test("transactions of its own are not given up for it: the databases are listed", async () => {
  const { site, world } = await returning({ lacks: "uuid:7" });
  const after = await settle(site, world);
  expect(after.appStatus).toEqual(statuses.userData(["shop"]));
  expect(bag(after)).toMatchObject({ "user-data-found": "true" });
  expect(bag(after)["endpoint"]).toBeUndefined();
});

test("before the passwords are there nobody can say whose the data is, and nothing is reported", async () => {
  const { site, world } = await returning({}, false);
  const after = await settle(site, world);
  expect(after.appStatus).toEqual(statuses.grantAwaited("paris"));
  expect(bag(after)["user-data-found"]).toBeUndefined();
});

test("while the primary cluster is silent nothing is given up and nothing offered", async () => {
  const { site, world } = await returning({ down: "unreachable" });
  const after = await settle(site, world);
  expect(after.appStatus).toEqual(statuses.dataCompared("paris"));
  expect(bag(after)["endpoint"]).toBeUndefined();
  expect(site.local.password).toBe(serverPassword("own"));
});

test("an application that was in no set reports its data at once", async () => {
  const { site, world } = await returning({ down: "unreachable" }, true, unseeded);
  const { world: after } = await runEvent(site.charm, world, changed);
  expect(after.appStatus).toEqual(statuses.userData(["shop"]));
});
