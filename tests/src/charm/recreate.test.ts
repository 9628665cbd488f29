import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { statuses } from "../../../src/statuses.ts";
import { type FakeServer, loneServer, primaryServer } from "../support/mysql.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  machine,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "../support/world.ts";

const recreate = { kind: "action", action: "recreate-cluster", actionId: "9" } as const;
const password = serverPassword("own");
const { "seed-unit": _, ...unseeded } = names;
const removed = { ...unseeded, "removed-from-cluster-set": "true" };
const peer = { "instance-hostname": "mysql-1.lan:3306", "unit-configured": "True" };

function world(bag: Readonly<Record<string, string>> = removed, given: Partial<CharmWorld> = {}): CharmWorld {
  return namedWorld({ relations: [peers({ [own]: bag })], ...given });
}
const withPeer = (): CharmWorld =>
  world(removed, { relations: [peers({ [own]: removed, "mysql/1": peer })] });

/** A server that a ClusterSet let go: read-only, with its data, in no cluster. */
async function site(other: Partial<FakeServer> = {}): Promise<Machine> {
  const local = loneServer({ host, password, superReadOnly: true, readOnly: true, databases: ["shop"] });
  const second = loneServer({ host: "mysql-1.lan", uuid: "uuid-1", password, ...other });
  const servers = { local, "mysql-1.lan": second };
  const made = machine({ snap: { kind: "installed", version: "9.7.0" }, servers });
  await runEvent(made.charm, world(), { kind: "update-status" });
  return made;
}
const peerBag = (after: CharmWorld) => after.relations.find(({ id }) => id === 1)?.bags[own] ?? {};
const formed = (made: Machine): readonly string[] =>
  made.shell.runs.map(({ command }) => `${command.operation} ${command.args[0]}`);

async function run(made: Machine, before: CharmWorld) {
  return await runEvent(made.charm, before, recreate);
}

describe("a cluster that was removed from its set", () => {
  test("is formed again, with a set of its own, once Juju has it in writing", async () => {
    const made = await site();
    const { exitCode, action, world: after } = await run(made, world());
    expect(exitCode).toBe(0);
    expect(action.results).toMatchObject({
      message: "Cluster rome is formed again on mysql/0",
      "cluster-name": "rome",
      "cluster-set-name": expect.stringMatching(/^cluster-set-[0-9a-f]{32}$/),
    });
    expect(peerBag(after)["removed-from-cluster-set"]).toBeUndefined();
    expect(formed(made)).toEqual([]);
    expect(made.jobs.started.map(({ name }) => name)).toEqual(["wake"]);
    await runEvent(made.charm, after, { kind: "custom", name: "job-ended" });
    expect(formed(made)).toEqual([
      "create-cluster rome",
      expect.stringMatching(/^set-instance-option/),
      `create-cluster-set ${peerBag(after)["cluster-set-domain-name"]}`,
    ]);
    expect(peerBag(after)["cluster-set-domain-name"]).not.toBe("empire");
  });

  test("without the accounts of the members that it had before", async () => {
    const made = await site();
    made.local.replicationAccounts = ["mysql_innodb_cluster_1a", "mysql_innodb_cs_2b"];
    const { world: after } = await run(made, world());
    await runEvent(made.charm, after, { kind: "custom", name: "job-ended" });
    expect(made.local.replicationAccounts).toEqual([]);
    expect(formed(made)[0]).toBe("create-cluster rome");
  });

  test("also where its removal was not noted yet", async () => {
    const record = { 4: { side: "async-replica", cluster: "paris", secret: "" } };
    const unnoted = { ...names, "set-relations": JSON.stringify(record) };
    const made = await site();
    const { action, world: after } = await run(made, world(unnoted));
    expect(action.failure).toBeUndefined();
    expect(peerBag(after)["set-relations"]).toBeUndefined();
    expect(peerBag(after)["removed-from-cluster-set"]).toBeUndefined();
    expect(formed(made)).toEqual([]);
  });

  test("takes the set's name from its option where there is one", async () => {
    const made = await site();
    const { world: after } = await run(made, world(removed, { config: { "cluster-set-name": "gaul" } }));
    expect(peerBag(after)["cluster-set-domain-name"]).toBe("gaul");
  });

  test("does no harm twice, nor once it stands", async () => {
    const made = await site();
    const { world: after } = await run(made, world());
    const again = await run(made, after);
    expect(again.action.results["message"]).toBe("Cluster rome stands already");
    expect(peerBag(again.world)).toEqual(peerBag(after));
    await runEvent(made.charm, after, { kind: "update-status" });
    const third = await run(made, after);
    expect(third.action.failure).toBeUndefined();
    expect(formed(made).filter((each) => each.startsWith("create-cluster "))).toHaveLength(1);
  });

  test("is formed also where the removal left a group that elects no writer", async () => {
    const made = await site();
    const { world: after } = await run(made, world());
    const group = [{ uuid: made.local.uuid, host, state: "ONLINE", role: "PRIMARY" }] as const;
    Object.assign(made.local, { group, electsWritable: false });
    await runEvent(made.charm, after, { kind: "update-status" });
    expect(made.local.electsWritable).toBeUndefined();
    expect(formed(made)[0]).toBe("create-cluster rome");
  });

  test.each<[string, Partial<FakeServer>]>([
    [
      "a channel",
      { channel: { receiver: "OFF", applier: "OFF", errorNumber: 0, lagSeconds: 0, lastReceived: "" } },
    ],
    ["a group to look for", { startsOnBoot: true }],
    ["no writer to be elected", { electsWritable: false }],
  ])("whose removal was cut short by a power cut, and left %s, takes it off first", async (_, left) => {
    const made = await site();
    Object.assign(made.local, { startsOnBoot: false, ...left });
    const { world: after } = await runEvent(made.charm, world(), { kind: "update-status" });
    expect(after.unitStatus).toEqual(statuses.removedFromSet);
    expect(made.local.channel).toBeUndefined();
    expect(made.local.electsWritable).toBeUndefined();
    expect(made.local.startsOnBoot).toBe(false);
    expect(made.local).toMatchObject({ superReadOnly: true, databases: ["shop"] });
    expect(made.local.statements).toContain("SET PERSIST group_replication_start_on_boot = OFF");
  });

  test("has nothing taken off where its removal was whole", async () => {
    const made = await site();
    made.local.startsOnBoot = false;
    await runEvent(made.charm, world(), { kind: "update-status" });
    expect(made.local.statements.filter((each) => /REPLICATION|PERSIST/.test(each))).toEqual([]);
  });

  test("is formed where the newest data is", async () => {
    const made = await site();
    made.local.lacks = "uuid:9";
    const { world: after } = await run(made, withPeer());
    expect(peerBag(after)["seed-unit"]).toBe("mysql/1");
  });

  test("is formed on the leader where all have the same", async () => {
    const { world: after } = await run(await site(), withPeer());
    expect(peerBag(after)["seed-unit"]).toBe("mysql/0");
  });
});

describe("it is refused, and nothing changes,", () => {
  async function refusal(made: Machine, before: CharmWorld): Promise<string> {
    const { exitCode, action, world: after } = await run(made, before);
    expect(exitCode).toBe(0);
    expect(peerBag(after)).toEqual(peerBag(before));
    expect(formed(made)).toEqual([]);
    return action.failure ?? "";
  }

  test("on a unit that does not lead", async () => {
    expect(await refusal(await site(), world(removed, { leader: false }))).toContain("leader");
  });

  test("while it is related as a standby", async () => {
    const relation = { id: 5, endpoint: "async-replica", remoteApp: "paris", bags: {} } as const;
    const before = world(removed, { relations: [peers({ [own]: removed }), relation] });
    expect(await refusal(await site(), before)).toContain("remove the relation first");
  });

  test("where it was not removed", async () => {
    expect(await refusal(await site(), world(unseeded))).toContain("was not removed from a ClusterSet");
  });

  test("while its server is still in the group of its set", async () => {
    const made = await site();
    made.local.group = [{ uuid: made.local.uuid, host, state: "ONLINE", role: "PRIMARY" }];
    expect(await refusal(made, world())).toContain("try again in a moment");
  });

  test("while another unit is still in the set", async () => {
    const member = primaryServer("rome", "empire", { host: "mysql-1.lan", uuid: "uuid-1", password });
    expect(await refusal(await site(member), withPeer())).toContain("mysql/1 is still leaving");
  });

  test("while its server cannot be asked", async () => {
    const made = await site();
    made.local.down = "unreachable";
    expect(await refusal(made, world())).toContain("could not be asked");
  });

  test("while another unit cannot be asked, which may have more", async () => {
    const made = await site({ down: "unreachable" });
    expect(await refusal(made, withPeer())).toContain("MySQL of mysql/1 could not be asked");
  });

  test("where every unit lacks what another has", async () => {
    const made = await site({ lacks: "uuid:1" });
    made.local.lacks = "uuid:9";
    expect(await refusal(made, withPeer())).toContain("remove the units whose data is not wanted");
  });
});
