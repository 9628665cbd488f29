import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import type { FakeCluster } from "../support/mysql.ts";
import { type FakeSet, inGaul, inSet, type SetOptions } from "../support/set.ts";
import { type CharmWorld, names, own, peers } from "../support/world.ts";

const wake = { kind: "update-status" } as const;
const failedOver: readonly FakeCluster[] = [
  { name: "paris", role: "PRIMARY" },
  { name: "rome", role: "REPLICA", invalidated: true },
];

/** rome led gaul and was cut off: paris was made the primary by force, and rome's own copy says nothing of it. */
async function replaced(options: SetOptions = {}): Promise<FakeSet> {
  const site = await inSet({ leader: "rome", ...options });
  site.record(failedOver, "4294967301", ["paris"]);
  return site;
}

describe("an old primary that finds a newer record", () => {
  test.each([true, false])("is made read-only at its next event, leader %s", async (leader) => {
    const site = await replaced();
    const { exitCode, world } = await runEvent(site.charm, inGaul({ leader }), wake);
    expect(exitCode).toBe(0);
    expect(site.local).toMatchObject({ superReadOnly: true, electsWritable: false });
    expect(world.unitStatus).toEqual(statuses.invalidated("rome"));
    expect(site.operations()).toEqual([]);
    if (leader) expect(world.appStatus).toEqual(statuses.invalidated("rome"));
  });

  test("waits to be let go where nothing relates it any more", async () => {
    const site = await replaced();
    const alone = inGaul();
    const [peers] = alone.relations;
    const relations = peers === undefined ? [] : [peers];
    const { world } = await runEvent(site.charm, { ...alone, relations }, wake);
    expect(site.local.superReadOnly).toBe(true);
    expect(world.unitStatus).toEqual(statuses.leavingSet("gaul"));
  });

  test("takes no client's write from the first statement on, wherever the hook is killed", async () => {
    for (let kill = 1; kill <= 4; kill += 1) {
      const site = await replaced();
      let count = 0;
      site.local.onStatement = () => {
        count += 1;
        if (count === kill) throw new Error("killed");
      };
      const first = await runEvent(site.charm, inGaul(), wake);
      expect(first.exitCode).toBe(1);
      if (kill > 1) expect(site.local.readOnly).toBe(true);
      delete site.local.onStatement;
      const { exitCode } = await runEvent(site.charm, inGaul(), wake);
      expect(exitCode).toBe(0);
      expect(site.local).toMatchObject({ superReadOnly: true, readOnly: true, electsWritable: false });
    }
  });

  test("is left alone once it is read-only", async () => {
    const site = await replaced();
    await runEvent(site.charm, inGaul(), wake);
    site.local.statements.splice(0);
    await runEvent(site.charm, inGaul(), wake);
    expect(site.local.statements).toEqual([]);
  });

  test.each([true, false])("that only a switchover wrote is obeyed by the leader: %s", async (leader) => {
    const site = await inSet({ leader: "paris" });
    Object.assign(site.local, { superReadOnly: false, electsWritable: true });
    await runEvent(site.charm, inGaul({ leader }), wake);
    expect(site.local).toMatchObject({ superReadOnly: leader, electsWritable: !leader });
  });

  test("is found invalid also while its group lies still, and is not shared from", async () => {
    const site = await replaced();
    site.local.group = [];
    const { world } = await runEvent(site.charm, inGaul(), wake);
    expect(world.unitStatus).toEqual(statuses.invalidated("rome"));
    expect(site.local.statements).toEqual([]);
  });
});

describe("what another site says over Juju, while nobody else answers,", () => {
  const told = (view: string) => {
    const world = inGaul();
    const relations = world.relations.map((each) =>
      each.id === 5 ? { ...each, bags: { ...each.bags, paris: { "set-view": view } } } : each,
    );
    return { ...world, relations };
  };
  const cut = async (): Promise<FakeSet> => {
    const site = await inSet({ leader: "rome" });
    site.server("paris").down = "unreachable";
    return site;
  };

  test("of a forced failover makes the primary read-only", async () => {
    const site = await cut();
    const { world } = await runEvent(site.charm, told("set-gaul:1.5"), wake);
    expect(site.local).toMatchObject({ superReadOnly: true, electsWritable: false });
    expect(world.unitStatus).toEqual(statuses.invalidatedAlone("rome"));
  });

  test.each(["set-gaul:0.9", "set-other:1.5", "set-gaul:1", "x", "set-gaul:1.5 OR 1"])(
    "%j changes nothing",
    async (view) => {
      const site = await cut();
      const { exitCode } = await runEvent(site.charm, told(view), wake);
      expect(exitCode).toBe(0);
      expect(site.local.superReadOnly).toBe(false);
    },
  );

  test("makes no standby invalid", async () => {
    const site = await inSet();
    const { world } = await runEvent(site.charm, told("set-gaul:1.5"), wake);
    expect(world.unitStatus).toEqual(statuses.standbyPrimary(0));
  });
});

test("each unit tells its peers which record it has seen, and the leader every other site", async () => {
  const site = await inSet();
  site.record(failedOver, "4294967301", ["paris"]);
  const { world } = await runEvent(site.charm, inGaul(), wake);
  const bags = (each: CharmWorld, id: number) => each.relations.find((one) => one.id === id)?.bags;
  expect(bags(world, 1)?.["mysql/0"]).toMatchObject({ "set-view": "set-gaul:1.5" });
  expect(bags(world, 5)?.["mysql"]).toMatchObject({ "set-view": "set-gaul:1.5" });
  const { world: other } = await runEvent(site.charm, inGaul({ leader: false }), wake);
  expect(bags(other, 1)?.["mysql/0"]).toMatchObject({ "set-view": "set-gaul:1.5" });
  expect(bags(other, 5)?.["mysql"]?.["set-view"]).toBeUndefined();
});

describe("a primary is left as it is", () => {
  const untouched = async (site: FakeSet): Promise<void> => {
    const { exitCode, world } = await runEvent(site.charm, inGaul(), wake);
    expect(exitCode).toBe(0);
    expect(site.local.statements).toEqual([]);
    expect(world.unitStatus).toEqual(statuses.primary);
  };

  test("by a record of the same view", async () => untouched(await inSet({ leader: "rome" })));

  test("by an older record that says otherwise", async () => {
    const site = await inSet({ leader: "rome" });
    site.record(failedOver, "3", ["paris"]);
    await untouched(site);
  });

  test("by a record of another set", async () => {
    const site = await inSet({ leader: "rome" });
    const { metadata } = site.server("paris");
    if (metadata !== undefined)
      site.server("paris").metadata = {
        ...metadata,
        domain: "other",
        view: "4294967301",
        clusters: failedOver,
      };
    await untouched(site);
  });

  test("when nobody can be asked", async () => {
    const site = await replaced();
    site.server("paris").down = "unreachable";
    await untouched(site);
  });
});

test("a fenced primary is shown as one, and stays fenced", async () => {
  const site = await inSet({ leader: "rome" });
  Object.assign(site.local, { superReadOnly: true, electsWritable: false });
  const { world } = await runEvent(site.charm, inGaul(), wake);
  expect(world.unitStatus).toEqual(statuses.fenced);
  expect(site.local.superReadOnly).toBe(true);
});

test("a primary that refuses to be fenced is told, and fenced at the next event", async () => {
  const site = await replaced();
  site.local.onStatement = () => {
    throw new MysqlProblem("timed-out", "A statement", "");
  };
  const { exitCode, world } = await runEvent(site.charm, inGaul(), wake);
  expect(exitCode).toBe(0);
  expect(world.unitStatus?.message).toContain("trying again");
  delete site.local.onStatement;
  await runEvent(site.charm, inGaul(), wake);
  expect(site.local.superReadOnly).toBe(true);
});

describe("a standby whose primary cluster has other passwords", () => {
  const record = JSON.stringify({ 5: { side: "async-replica", cluster: "paris", secret: "" } });
  const peerBag = { ...names, "cluster-set-domain-name": "gaul" };
  const apart = (bag: Readonly<Record<string, string>>): CharmWorld =>
    inGaul({ relations: [peers({ [own]: { ...peerBag, ...bag } })] });
  const denied = async (): Promise<FakeSet> => {
    const site = await inSet();
    site.server("paris").password = "another";
    return site;
  };

  test.each([
    ["the relation ended", apart({ "set-relations": record })],
    ["the leader noted that it left", apart({ "removed-from-cluster-set": "true" })],
  ])("leaves the set when %s, with its data", async (_, world) => {
    const site = await denied();
    const { exitCode } = await runEvent(site.charm, world, wake);
    expect(exitCode).toBe(0);
    expect(site.local.metadata).toBeUndefined();
    expect(site.local.group).toEqual([]);
    expect(site.local.superReadOnly).toBe(true);
    expect(site.local.statements.join()).not.toMatch(
      /DROP (?!SCHEMA IF EXISTS mysql_innodb_cluster_metadata)/,
    );
  });

  test.each<readonly [string, CharmWorld, (site: FakeSet) => void]>([
    ["its relation is there", inGaul(), () => undefined],
    ["nothing tells of a relation that ended", apart({}), () => undefined],
    [
      "that is silent",
      apart({ "set-relations": record }),
      (site) => Object.assign(site.server("paris"), { down: "unreachable" }),
    ],
    [
      "it leads the set itself",
      apart({ "set-relations": record }),
      (site) =>
        site.record(
          [
            { name: "rome", role: "PRIMARY" },
            { name: "paris", role: "REPLICA" },
          ],
          "5",
        ),
    ],
  ])("stays while %s", async (_, world, spoil) => {
    const site = await denied();
    spoil(site);
    const { exitCode } = await runEvent(site.charm, world, wake);
    expect(exitCode).toBe(0);
    expect(site.local.statements).not.toContain("STOP GROUP_REPLICATION");
    expect(site.operations()).not.toContain("create-cluster");
  });
});
