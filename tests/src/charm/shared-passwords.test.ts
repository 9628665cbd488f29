import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { primaryServer } from "../support/mysql.ts";
import { bag, changed, following, founded, ownSecret, peerBag } from "../support/standby.ts";
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

const updateStatus = { kind: "update-status" } as const;

/** A standby of paris that has its passwords. */
async function standby(): Promise<{ readonly site: Machine; readonly world: CharmWorld }> {
  const site = await founded();
  Object.assign(site.local, { password: serverPassword("theirs"), superReadOnly: true });
  const instance = { cluster: "rome", label: "mysql-0", address: `${host}:3306`, uuid: site.local.uuid };
  site.local.metadata = {
    own: "rome",
    domain: "empire",
    clusters: [
      { name: "paris", role: "PRIMARY" },
      { name: "rome", role: "REPLICA" },
    ],
    instances: [instance],
  };
  const { world } = await runEvent(site.charm, following(), changed);
  return { site, world };
}

/** Paris changed the passwords: its databag counts, its secret has another revision, its servers take both. */
function afterChange(site: Machine, world: CharmWorld): CharmWorld {
  site.local.oldPassword = serverPassword("theirs");
  site.local.password = serverPassword("newer");
  return {
    ...world,
    relations: world.relations.map((each) =>
      each.id === 5
        ? { ...each, bags: { ...each.bags, paris: { ...each.bags["paris"], "passwords-generation": "1" } } }
        : each,
    ),
    secrets: world.secrets.map((each) =>
      each.owner === "paris" ? { ...each, revisions: [...each.revisions, passwordsOf("newer")] } : each,
    ),
  };
}

describe("on a standby", () => {
  test("the passwords of the primary cluster are taken over, and told once they are in writing", async () => {
    const { site, world } = await standby();
    const first = await runEvent(site.charm, afterChange(site, world), changed);
    expect(first.exitCode).toBe(0);
    expect(ownSecret(first.world)).toMatchObject(passwordsOf("newer"));
    expect(bag(first.world)["passwords-generation"]).toBeUndefined();
    site.jobs.states.clear();
    const second = await runEvent(site.charm, first.world, updateStatus);
    expect(bag(second.world)["passwords-generation"]).toBe("1");
    expect(site.local.statements).toEqual([]);
  });

  test("the primary cluster is not told while another unit may use the old ones", async () => {
    const { site, world } = await standby();
    const [relation, ...others] = world.relations;
    if (relation === undefined) throw new Error("no peers");
    const wider = {
      ...world,
      relations: [{ ...relation, bags: { ...relation.bags, "mysql/1": {} } }, ...others],
    };
    const first = await runEvent(site.charm, afterChange(site, wider), changed);
    site.jobs.states.clear();
    const second = await runEvent(site.charm, first.world, updateStatus);
    expect(peerBag(second.world)["passwords-generation"]).toBeDefined();
    expect(bag(second.world)["passwords-generation"]).toBeUndefined();
  });

  test.each([
    ["follows", (world: CharmWorld): CharmWorld => world],
    [
      "has not left it yet, and the relation ended",
      (world: CharmWorld): CharmWorld => ({
        ...world,
        relations: world.relations.filter(({ id }) => id !== 5),
        secrets: world.secrets.filter(({ owner }) => owner !== "paris"),
      }),
    ],
  ])("old passwords are not ended while it %s: that is the primary cluster's", async (_, change) => {
    const { site, world } = await standby();
    const { world: after } = await runEvent(site.charm, afterChange(site, world), changed);
    site.jobs.states.clear();
    await runEvent(site.charm, change(after), updateStatus);
    expect(site.local.oldPassword).toBe(serverPassword("theirs"));
  });
});

describe("on the primary cluster", () => {
  const shared = { id: "sharedsecret00000000", owner: own, revisions: [passwordsOf("own")], grants: [4] };

  /** rome leads lisbon. */
  function leading(remote: Readonly<Record<string, string>>): { site: Machine; world: CharmWorld } {
    const local = primaryServer("rome", "empire", { host, password: serverPassword("own") });
    const site = machine({ snap: { kind: "installed", version: "9.7.0" }, servers: { local } });
    const offered = { "cluster-name": "lisbon", endpoint: "192.0.2.7", "node-label": "lisbon-0" };
    const told = {
      "secret-id": shared.id,
      "cluster-name": "rome",
      "mysql-version": "9.7.0",
      "cluster-set-name": "empire",
      "replica-state": "initialized",
    };
    const relation = {
      id: 4,
      endpoint: "async-primary",
      remoteApp: "lisbon",
      bags: { [own]: told, lisbon: { ...offered, ...remote } },
    } as const;
    const { metadata } = local;
    if (metadata === undefined) throw new Error("no metadata");
    local.metadata = {
      ...metadata,
      clusters: [...metadata.clusters, { name: "lisbon", role: "REPLICA" }],
      instances: metadata.instances.map((each) => ({ ...each, label: "mysql-0" })),
    };
    const world = namedWorld({ relations: [peers({ [own]: names }), relation] });
    return { site, world: { ...world, secrets: [...world.secrets, shared] } };
  }

  async function change(
    remote: Readonly<Record<string, string>>,
  ): Promise<{ site: Machine; world: CharmWorld }> {
    const { site, world } = leading(remote);
    const request = { kind: "action", action: "set-password", actionId: "7" } as const;
    const params = { username: "serverconfig", password: "new-password" };
    const { action, world: changedWorld } = await runEvent(site.charm, world, request, { params });
    expect(action.failure).toBeUndefined();
    site.jobs.states.clear();
    const { world: after } = await runEvent(site.charm, changedWorld, updateStatus);
    return { site, world: after };
  }

  test("a change reaches the shared secret, without the fields that only this side knows", async () => {
    const { world } = await change({});
    const content = world.secrets.find(({ id }) => id === shared.id)?.revisions.at(-1);
    expect(content).toEqual({ ...passwordsOf("own"), "server-config-password": "new-password" });
    expect(world.relations.find(({ id }) => id === 4)?.bags[own]).toMatchObject({
      "passwords-generation": "1",
    });
  });

  test("the old password opens until the standby has the new one", async () => {
    const { site, world } = await change({});
    await runEvent(site.charm, world, updateStatus);
    expect(site.local.oldPassword).toBe(serverPassword("own"));
    const relations = world.relations.map((each) =>
      each.id === 4
        ? { ...each, bags: { ...each.bags, lisbon: { ...each.bags["lisbon"], "passwords-generation": "1" } } }
        : each,
    );
    await runEvent(site.charm, { ...world, relations }, updateStatus);
    expect(site.local.oldPassword).toBeUndefined();
  });

  test("the old password opens until a standby whose relation has ended is out of the set", async () => {
    const { site, world } = await change({});
    const relations = world.relations.filter(({ id }) => id !== 4);
    const secrets = world.secrets.map((each) => ({ ...each, grants: [] }));
    await runEvent(site.charm, { ...world, relations, secrets }, updateStatus);
    expect(site.local.oldPassword).toBe(serverPassword("own"));
    const { metadata } = site.local;
    if (metadata === undefined) throw new Error("no metadata");
    site.local.metadata = { ...metadata, clusters: metadata.clusters.filter(({ name }) => name === "rome") };
    const removing = { kind: "running", label: "", startedAt: 0, lastLines: [] } as const;
    site.jobs.states.set("remove-cluster", removing);
    await runEvent(site.charm, { ...world, relations, secrets }, updateStatus);
    expect(site.local.oldPassword).toBe(serverPassword("own"));
    site.jobs.states.clear();
    await runEvent(site.charm, { ...world, relations, secrets }, updateStatus);
    expect(site.local.oldPassword).toBeUndefined();
  });
});
