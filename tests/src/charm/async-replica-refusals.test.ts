import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { statuses } from "../../../src/statuses.ts";
import {
  bag,
  changed,
  expectOffered,
  following,
  founded,
  type Other,
  operations,
  ownSecret,
  peerBag,
  settle,
  shared,
} from "../support/standby.ts";
import { type CharmWorld, type Machine, names, own, passwordsOf } from "../support/world.ts";

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

  test("but over none that the primary's side has brought since the instance was offered", async () => {
    const site = await founded();
    const world = await settle(site, following());
    site.local.databases = ["shop"];
    expectOffered(site, await settle(site, world));
  });

  test("over data of a server that is to be offered in another's place", async () => {
    const site = await founded();
    const world = await settle(site, following());
    site.local.databases = ["shop"];
    const offer = { ...bag(world), "node-label": "mysql-9", endpoint: "192.0.2.9" };
    const relations = world.relations.map((each) =>
      each.id === 5 ? { ...each, bags: { ...each.bags, [own]: offer } } : each,
    );
    const after = await settle(site, { ...world, relations });
    expect(after.appStatus).toEqual(statuses.userData(["shop"]));
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
