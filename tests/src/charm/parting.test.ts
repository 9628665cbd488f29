import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import { loneServer } from "../support/mysql.ts";
import { type FakeSet, inSet } from "../support/set.ts";
import {
  type CharmRelation,
  type CharmWorld,
  host,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "../support/world.ts";

const secretId = "sharedsecret00000000";
const updateStatus = { kind: "update-status" } as const;
const setPassword = { kind: "action", action: "set-password", actionId: "9" } as const;
const broken = {
  kind: "relation-broken",
  endpoint: "async-primary",
  relationId: 4,
  remoteApp: "paris",
} as const;

/** paris asked to follow rome; or the other way round. */
function related(side: "async-primary" | "async-replica" = "async-primary", bag = {}): CharmWorld {
  const relation: CharmRelation = {
    id: 4,
    endpoint: side,
    remoteApp: "paris",
    bags: {
      [own]: side === "async-primary" ? { "secret-id": `secret:${secretId}` } : {},
      paris: { "cluster-name": "paris", ...bag },
    },
  };
  const world = namedWorld({ relations: [peers({ [own]: names }), relation] });
  const secret = { id: secretId, owner: own, revisions: [world.secrets[0]?.revisions[0] ?? {}], grants: [4] };
  return side === "async-primary" ? { ...world, secrets: [...world.secrets, secret] } : world;
}
/** Juju lists the relation no more, and does not always say so. */
const without = (world: CharmWorld, gone = 4): CharmWorld => ({
  ...world,
  relations: world.relations.filter(({ id }) => id !== gone),
  secrets: world.secrets.map((secret) => ({ ...secret, grants: [] })),
});
/** juju remove-saas --force: no hook runs, and Juju lists the relation until the agent starts again. */
const forgotten = (world: CharmWorld): CharmWorld => ({
  ...without(world),
  relations: world.relations.map((each) => (each.id === 4 ? { ...each, ghost: true } : each)),
});
const peerBag = (world: CharmWorld) => world.relations.find(({ id }) => id === 1)?.bags[own] ?? {};
const jobs = (site: FakeSet): readonly string[] =>
  site.jobs.started.filter(({ name }) => name === "remove-cluster").map(({ argv }) => argv.join(" "));
const removal = (site: FakeSet): unknown =>
  site.shell.runs.filter(({ command }) => command.operation === "remove-cluster").at(-1)?.command;

async function run(
  site: FakeSet,
  world: CharmWorld,
  event: typeof updateStatus | typeof broken = updateStatus,
) {
  const result = await runEvent(site.charm, world, event);
  expect(result.exitCode).toBe(0);
  return result.world;
}
/** The job came to its end, and did what it was to do. */
async function ended(site: FakeSet, world: CharmWorld): Promise<CharmWorld> {
  site.jobs.states.set("remove-cluster", {
    kind: "ended",
    label: "",
    startedAt: 0,
    endedAt: 1,
    code: 0,
    output: "",
    timedOut: false,
  });
  const result = await runEvent(site.charm, world, { kind: "custom", name: "job-ended" });
  expect(result.exitCode).toBe(0);
  return result.world;
}

describe("the cluster that leads, when a relation ends,", () => {
  const gone = [
    ["with relation-broken", broken],
    ["without a word, as when the other model forgets it by force", updateStatus],
  ] as const;

  test.each(gone)("removes the other one %s, as a job, and forgets it with its secret", async (_, event) => {
    const site = await inSet({ leader: "rome" });
    let world = await run(site, related());
    expect(JSON.parse(peerBag(world)["set-relations"] ?? "")).toEqual({
      4: { side: "async-primary", cluster: "paris", secret: `secret:${secretId}` },
    });
    world = await run(site, event === broken ? world : without(world), event);
    expect(removal(site)).toMatchObject({ args: ["paris"], options: {} });
    expect(world.appStatus).toEqual(statuses.removingReplica("paris"));
    site.record([{ name: "rome", role: "PRIMARY" }], "5", ["rome"]);
    world = await ended(site, without(world));
    expect(peerBag(world)["set-relations"]).toBeUndefined();
    expect(world.secrets.map(({ id }) => id)).not.toContain(secretId);
    expect(world.appStatus).toEqual(statuses.appPrimary);
    await run(site, world);
    expect(jobs(site)).toHaveLength(1);
  });

  test.each<readonly [string, (site: FakeSet) => void]>([
    ["that is silent", (site) => Object.assign(site.server("paris"), { down: "unreachable" })],
    ["whose group lies still", (site) => Object.assign(site.server("paris"), { group: [] })],
    ["that does not replicate", (site) => delete site.server("paris").channel],
    [
      "that was invalidated",
      (site) =>
        site.record(
          [
            { name: "rome", role: "PRIMARY" },
            { name: "paris", role: "REPLICA", invalidated: true },
          ],
          "4294967301",
        ),
    ],
  ])("removes one %s by force: the record changes, and no data", async (_, spoil) => {
    const site = await inSet({ leader: "rome" });
    const world = await run(site, related());
    spoil(site);
    await run(site, without(world));
    expect(removal(site)).toMatchObject({ args: ["paris"], options: { force: "true" } });
  });

  test("removes nothing while its own server cannot be asked", async () => {
    const site = await inSet({ leader: "rome" });
    const world = await run(site, related());
    site.local.down = "timed-out";
    const after = await run(site, without(world));
    expect(jobs(site)).toEqual([]);
    expect(peerBag(after)["set-relations"]).toBeDefined();
  });

  test("says that its fence is in the way, and removes the other one once it is gone", async () => {
    const site = await inSet({ leader: "rome" });
    let world = await run(site, related());
    Object.assign(site.local, { superReadOnly: true, electsWritable: false });
    world = await run(site, without(world));
    expect(jobs(site)).toEqual([]);
    expect(world.appStatus).toEqual(statuses.removalFenced("paris", "gaul"));
    site.local.superReadOnly = false;
    await run(site, world);
    expect(removal(site)).toMatchObject({ args: ["paris"] });
  });

  test("tries again at a later event when it was cut short, whoever leads then", async () => {
    const site = await inSet({ leader: "rome" });
    let world = without(await run(site, related()));
    world = await run(site, world);
    const lost = { kind: "lost", label: "Removing cluster paris", startedAt: 0 } as const;
    site.jobs.states.set("remove-cluster", lost);
    const woken = await runEvent(site.charm, world, { kind: "custom", name: "job-ended" });
    expect(woken.world.appStatus?.message).toContain("was cut short");
    expect(jobs(site)).toHaveLength(1);
    await run(site, woken.world);
    expect(jobs(site)).toHaveLength(2);
  });

  test("goes on by force when one of its members has no name here any more", async () => {
    const site = await inSet({ leader: "rome" });
    const world = without(await run(site, related()));
    const late = { cluster: "paris", label: "paris-1", address: "paris-1:3306", uuid: "uuid-late" };
    const { metadata } = site.local;
    if (metadata === undefined) throw new Error("no metadata");
    site.local.metadata = { ...metadata, instances: [...metadata.instances, late] };
    const paris = site.server("paris");
    paris.metadata = { ...site.local.metadata, own: "paris" };
    paris.group = [...paris.group, { uuid: late.uuid, host: "paris-1", state: "ONLINE", role: "SECONDARY" }];
    await run(site, world);
    expect(removal(site)).toMatchObject({ args: ["paris"], options: { force: "true" } });
  });

  test("changes no password, which the other one would get and not be told", async () => {
    const site = await inSet({ leader: "rome" });
    const world = without(await run(site, related()));
    const params = { username: "root" };
    const { action } = await runEvent(site.charm, world, setPassword, { params });
    expect(action.failure).toContain("The relation with cluster paris has ended");
    expect(site.local.statements).toEqual([]);
  });

  test("leaves it to the leader", async () => {
    const site = await inSet({ leader: "rome" });
    const world = without(await run(site, related()));
    await run(site, { ...world, leader: false });
    expect(jobs(site)).toEqual([]);
  });

  test("leaves a third cluster alone", async () => {
    const site = await inSet({ leader: "rome", clusters: ["rome", "paris", "oslo"] });
    await run(site, without(await run(site, related())));
    expect(removal(site)).toMatchObject({ args: ["paris"] });
    expect(jobs(site)).toHaveLength(1);
  });

  test("removes nobody for another application that gives the name of its cluster as its own", async () => {
    const site = await inSet({ leader: "rome", clusters: ["rome", "paris", "oslo"] });
    const world = await run(site, related());
    const liar: CharmRelation = {
      id: 7,
      endpoint: "async-primary",
      remoteApp: "liar",
      bags: { liar: { "cluster-name": "paris" } },
    };
    const both = await run(site, { ...world, relations: [...world.relations, liar] });
    await run(site, without(both, 7));
    expect(jobs(site)).toEqual([]);
  });

  test("removes the cluster that it took in, whatever name its application gives later", async () => {
    const site = await inSet({ leader: "rome", clusters: ["rome", "paris", "oslo"] });
    const world = await run(site, related());
    const renamed = world.relations.map((each) =>
      each.id === 4 ? { ...each, bags: { ...each.bags, paris: { "cluster-name": "oslo" } } } : each,
    );
    await run(site, without(await run(site, { ...world, relations: renamed })));
    expect(removal(site)).toMatchObject({ args: ["paris"] });
  });

  test("has nothing to remove where the two never met", async () => {
    const site = await inSet({ leader: "rome", clusters: ["rome", "oslo"] });
    const world = await run(site, without(await run(site, related())));
    expect(jobs(site)).toEqual([]);
    expect(peerBag(world)["set-relations"]).toBeUndefined();
    expect(world.secrets.map(({ id }) => id)).not.toContain(secretId);
  });
});

describe("a standby, when its relation ends,", () => {
  test.each([
    ["is gone", without],
    ["is listed still, since its SAAS was removed by force", forgotten],
  ])("waits to be let go, looks again by itself, and says what to do then: %s", async (_, ends) => {
    const site = await inSet();
    let world = ends(await run(site, related("async-replica")));
    world = await run(site, world);
    expect(world.appStatus).toEqual(statuses.leavingSet("gaul"));
    expect(site.jobs.started.at(-1)?.argv).toEqual(["sleep", "15"]);
    expect(jobs(site)).toEqual([]);
    Object.assign(site.local, loneServer({ host, password: serverPassword("own"), superReadOnly: true }));
    delete site.local.metadata;
    delete site.local.channel;
    site.jobs.states.clear();
    world = await run(site, world);
    expect(peerBag(world)["set-relations"]).toBeUndefined();
    expect(peerBag(world)["seed-unit"]).toBeUndefined();
    expect(peerBag(world)["removed-from-cluster-set"]).toBe("true");
    world = await run(site, world);
    expect(world.unitStatus).toEqual(statuses.removedFromSet);
    expect(world.appStatus).toEqual(statuses.removedFromSet);
    expect(site.operations()).toEqual([]);
  });

  test("half-way out of its set forgets nothing", async () => {
    const site = await inSet();
    const world = without(await run(site, related("async-replica")));
    const { metadata } = site.local;
    if (metadata !== undefined)
      site.local.metadata = {
        own: "rome",
        clusters: [{ name: "rome" }],
        instances: metadata.instances,
      };
    let after = await run(site, world);
    expect(peerBag(after)["set-relations"]).toBe(peerBag(world)["set-relations"]);
    delete site.local.metadata;
    site.local.administered = true;
    after = await run(site, after);
    expect(after.unitStatus).toEqual(statuses.clearingRemoved);
    expect(peerBag(after)["set-relations"]).toBe(peerBag(world)["set-relations"]);
    expect(site.local.statements).toEqual([]);
    // Whoever removed it may have been cut short.
    site.local.administered = false;
    await run(site, after);
    expect(site.local.statements[0]).toBe("STOP GROUP_REPLICATION");
    site.local.group = [];
    site.jobs.states.clear();
    after = await run(site, after);
    expect(peerBag(after)["removed-from-cluster-set"]).toBe("true");
    expect(site.operations()).toEqual([]);
  });

  test("is recorded by a new leader as another unit's server sees it", async () => {
    const second = loneServer();
    const site = await inSet({ units: { "mysql-1": second } });
    const identity = { host: "mysql-1", uuid: "uuid-second" };
    const group = site.local.group.map((each) => ({ ...each, ...identity }));
    Object.assign(second, site.local, identity, { group });
    Object.assign(site.local, loneServer({ host, password: serverPassword("own") }));
    delete site.local.metadata;
    const world = related("async-replica");
    const bag = { "instance-hostname": "mysql-1:3306", "unit-initialized": "True" };
    const relations = world.relations.map((each) =>
      each.id === 1 ? { ...each, bags: { ...each.bags, "mysql/1": bag } } : each,
    );
    const after = await run(site, { ...world, relations });
    expect(peerBag(after)["set-relations"]).toContain('"cluster":"paris"');
  });

  test("is not given up by a new leader whose own server was never in it", async () => {
    const site = await inSet();
    const world = without(await run(site, related("async-replica")));
    const relations = world.relations.map((each) =>
      each.id === 1 ? { ...each, bags: { ...each.bags, "mysql/1": { "unit-initialized": "True" } } } : each,
    );
    Object.assign(site.local, loneServer({ host, password: serverPassword("own") }));
    delete site.local.metadata;
    const after = await run(site, { ...world, relations });
    expect(peerBag(after)["removed-from-cluster-set"]).toBeUndefined();
    expect(peerBag(after)["set-relations"]).toBe(peerBag(world)["set-relations"]);
  });

  test("that once formed the set does not form a cluster again by itself, before it is noted either", async () => {
    const site = await inSet();
    const world = without(await run(site, related("async-replica")));
    Object.assign(site.local, loneServer({ host, password: serverPassword("own") }));
    delete site.local.metadata;
    const { world: after } = await runEvent(site.charm, { ...world, leader: false }, updateStatus);
    expect(site.operations()).toEqual([]);
    expect(after.unitStatus).toEqual(statuses.removedFromSet);
  });

  test("whose primary cluster answers without a quorum waits for it", async () => {
    const site = await inSet();
    const world = without(await run(site, related("async-replica")));
    const paris = site.server("paris");
    const lost = { host: "paris-1", state: "UNREACHABLE", role: "SECONDARY" } as const;
    paris.group = [...paris.group, { ...lost, uuid: "uuid-8" }, { ...lost, uuid: "uuid-9" }];
    const after = await run(site, world);
    expect(after.appStatus).toEqual(statuses.leavingSet("gaul"));
  });

  test("whose primary cluster is silent is told to lead on by force", async () => {
    const site = await inSet();
    const world = without(await run(site, related("async-replica")));
    site.server("paris").down = "unreachable";
    const after = await run(site, world);
    expect(after.appStatus).toEqual(statuses.orphaned("gaul"));
    expect(after.appStatus?.message).toContain("promote-standby-cluster force=true cluster-set-name=gaul");
  });

  test("between two standbys the side that is followed removes the other", async () => {
    const site = await inSet({ leader: "oslo", clusters: ["oslo", "rome", "paris"] });
    await run(site, without(await run(site, related())));
    expect(removal(site)).toMatchObject({ args: ["paris"] });
    const other = await inSet({ leader: "oslo", clusters: ["oslo", "rome", "paris"] });
    await run(other, without(await run(other, related("async-replica"))));
    expect(jobs(other)).toEqual([]);
  });

  test("cut off when it was removed, leaves by itself once it can read the record", async () => {
    for (let kill = 0; kill <= 12; kill += 1) {
      const site = await inSet();
      site.local.electsWritable = false;
      site.local.replicationAccounts = ["mysql_innodb_cluster_1a", "mysql_innodb_cs_2b"];
      const world = without(await run(site, related("async-replica")));
      site.record([{ name: "paris", role: "PRIMARY" }], "5", ["paris"]);
      let count = 0;
      site.local.onStatement = () => {
        count += 1;
        if (count === kill) throw new Error("killed");
      };
      await runEvent(site.charm, world, updateStatus);
      delete site.local.onStatement;
      await run(site, world);
      expect(site.local.metadata).toBeUndefined();
      expect([site.local.group, site.local.replicationAccounts]).toEqual([[], []]);
      expect(site.local).toMatchObject({ superReadOnly: true, readOnly: true });
      // Else AdminAPI could form no cluster there again: its group would come up read-only.
      expect(site.local.electsWritable).toBeUndefined();
      expect(site.local.statements.filter((each) => each.startsWith("DROP SCHEMA"))).not.toEqual([]);
      const dropped = site.local.statements.findIndex((each) => each.startsWith("DROP SCHEMA"));
      expect(site.local.statements.slice(0, dropped)).toContain("SET SESSION sql_log_bin = 0");
    }
  });
});

test.each(["async-primary", "async-replica"] as const)(
  "one question that is not answered fails no hook: over %s",
  async (side) => {
    let last = false;
    for (let at = 1; !last; at += 1) {
      const site = await inSet({ leader: side === "async-primary" ? "rome" : "paris" });
      let asked = 0;
      site.local.onRows = () => {
        asked += 1;
        if (asked === at) throw new MysqlProblem("unreachable", "A question", "");
      };
      await run(site, related(side));
      last = asked < at;
    }
  },
);

test("hosts of the other site are kept until the clusters have parted", async () => {
  const site = await inSet({ leader: "rome" });
  const world = related();
  const unit = { "hostname-details": JSON.stringify({ names: ["paris-0"], address: "192.0.2.7" }) };
  const told = {
    ...world,
    relations: world.relations.map((each) =>
      each.id === 4 ? { ...each, bags: { ...each.bags, "paris/0": unit } } : each,
    ),
  };
  let after = await run(site, told);
  after = await run(site, without(after));
  after = await run(site, after);
  expect(site.files.held.get("/etc/hosts")?.text).toContain("192.0.2.7 paris-0");
  const { metadata } = site.local;
  if (metadata !== undefined)
    site.local.metadata = {
      ...metadata,
      clusters: [{ name: "rome", role: "PRIMARY" }],
      instances: metadata.instances.filter(({ cluster }) => cluster === "rome"),
    };
  after = await ended(site, after);
  await run(site, after);
  expect(site.files.held.get("/etc/hosts")?.text).not.toContain("paris-0");
});

test("a leader can reach a site that it hears of at once, without another event", async () => {
  const site = await inSet({ clusters: ["paris", "rome", "oslo"] });
  const oslo = JSON.stringify([{ names: ["oslo-0"], address: "192.0.2.9" }]);
  await run(site, related("async-replica", { "set-hosts": oslo }));
  expect(site.files.held.get("/etc/hosts")?.text).toContain("192.0.2.9 oslo-0");
});

test("a second relation between two clusters of one set is called one", async () => {
  const site = await inSet({ leader: "paris" });
  const world = await run(site, related());
  const again: CharmRelation = {
    id: 9,
    endpoint: "async-replica",
    remoteApp: "lutetia",
    bags: { lutetia: { "cluster-name": "paris" } },
  };
  const after = await run(site, { ...world, relations: [...world.relations, again] });
  expect(after.appStatus).toEqual(statuses.relatedTwice("lutetia"));
});
