// Three clusters in a ClusterSet: any is promoted, one is lost behind a cut network with rows that no other has, clusters part and come back.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RowClient } from "../../scripts/demo/client.ts";
import {
  addressesOf,
  deploy,
  eventually,
  isActive,
  mustRun,
  runAction,
  type Site,
  setState,
} from "../../scripts/demo/deployment.ts";
import {
  expectLed,
  offerTo,
  promote,
  relate,
  unrelate,
  untilLedBy,
  writableUnits,
} from "../support/clusterset.ts";
import { query, queryAsAdmin } from "../support/sql.ts";
import { beginStory, chapters, endStory, type Story, shown, untilShown } from "../support/story.ts";

const ROME: Site = { model: "rome", app: "db1", cluster: "roma", units: 1 };
const LISBON: Site = { model: "lisbon", app: "db2", cluster: "lisboa", units: 1 };
const OSLO: Site = { model: "oslo", app: "db3", cluster: "oslo", units: 1 };
const SITES = [ROME, LISBON, OSLO];
const SET = "cluster-set-name=europe";

let story: Story;
let client: RowClient;
chapters();

beforeAll(async () => {
  story = await beginStory("clusterset-star");
});

afterAll(async () => {
  client?.end();
  await endStory(story);
});

async function untilMoreRows(count = 20): Promise<number> {
  const { acknowledged } = await client.look();
  const mark = await eventually(
    () => client.look(),
    (now) => now.acknowledged >= acknowledged + count,
    90_000,
  );
  return mark.acknowledged;
}

/** From now on the standby falls behind. */
async function stopReceiver(site: Site): Promise<void> {
  const sql = "STOP REPLICA IO_THREAD FOR CHANNEL 'clusterset_replication'";
  await queryAsAdmin(story.sandbox, site.model, `${site.app}/0`, sql);
}

/** The rows on each site, by its cluster. */
async function rowsOf(sites: readonly Site[]): Promise<Readonly<Record<string, number>>> {
  const counts = await client.counts();
  const found = sites.map(async (site) => {
    const [address] = await addressesOf(story.sandbox, site);
    return [site.cluster, counts.find((each) => each.address === address)?.rows ?? -1] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

describe("a primary cluster with two standbys", () => {
  test("two clusters ask to follow a third at the same time, and both do", async () => {
    for (const site of SITES) {
      await story.sandbox.mustJuju(["add-model", site.model]);
      await deploy(story.sandbox, story.charm, site, site === ROME ? "europe" : undefined);
    }
    await Promise.all(
      SITES.map((site) =>
        story.sandbox.waitFor((status) => isActive(status, site), { model: site.model, timeoutMs: 180_000 }),
      ),
    );
    const { password } = await mustRun(story.sandbox, ROME.model, "db1/0", [
      "get-password",
      "username=serverconfig",
    ]);
    client = await RowClient.start(story.sandbox, {
      model: LISBON.model,
      unit: "db2/0",
      servers: await addressesOf(story.sandbox, ROME),
      user: "serverconfig",
      password: String(password),
    });
    await offerTo(story, ROME, LISBON, OSLO);
    await relate(story, LISBON, ROME);
    await relate(story, OSLO, ROME);
    await untilLedBy(story, ROME, SITES);
    await expectLed(story, ROME, SITES);
    const addresses = await Promise.all(SITES.map((site) => addressesOf(story.sandbox, site)));
    await client.useServers(addresses.flat());
  });

  test("a standby that is related to none of the other standbys is promoted", async () => {
    await promote(story, OSLO);
    await untilLedBy(story, OSLO, SITES);
    await expectLed(story, OSLO, SITES);
    await untilMoreRows();
  });

  test("a password that is changed reaches all three, wherever the writes go", async () => {
    const change = ["set-password", "username=clusteradmin"];
    await mustRun(story.sandbox, ROME.model, "db1/leader", change);
    const shows = async (site: Site): Promise<unknown> =>
      (await mustRun(story.sandbox, site.model, `${site.app}/0`, ["get-password", "username=clusteradmin"]))[
        "password"
      ];
    const wanted = await shows(ROME);
    for (const site of [LISBON, OSLO])
      await eventually(
        () => shows(site),
        (password) => password === wanted,
        60_000,
      );
    const refused = await runAction(story.sandbox, OSLO.model, "db3/leader", change);
    expect(refused.message).toContain("come from db1");
  });
});

describe("the primary cluster is lost behind a cut network", () => {
  let acknowledgedThere: number;

  test("with rows that no standby has received", async () => {
    for (const site of [ROME, LISBON]) await stopReceiver(site);
    acknowledgedThere = await untilMoreRows();
    for (const { model } of [ROME, LISBON]) await story.sandbox.mustJuju(["cut", OSLO.model, model]);
    const refused = await runAction(story.sandbox, LISBON.model, "db2/leader", [
      "promote-standby-cluster",
      SET,
    ]);
    expect(refused.message).toContain("oslo does not answer");
  });

  test("a standby is made the primary by force, and the client goes on there", async () => {
    const results = await promote(story, LISBON, "force=true");
    expect(results).toMatchObject({ invalidated: "oslo", "cluster-name": "lisboa" });
    await untilMoreRows();
    expect((await client.look()).acknowledged).toBeGreaterThan(acknowledgedThere);
    const state = await setState(story.sandbox, ROME.model, "db1/0");
    expect(state.clusters).toMatchObject({
      lisboa: { role: "primary", status: "ok" },
      oslo: { status: "invalidated" },
    });
  });

  test("the old primary stops taking writes while it is still cut off: Juju tells it", async () => {
    const status = await untilShown(story, OSLO.model, "db3/0", /^blocked: Invalidated by a failover/);
    expect(status).toContain("rejoin-cluster cluster-name=oslo");
    expect(await writableUnits(story, OSLO)).toEqual([]);
  });

  test("the lost rows are named, and are as many as the client misses", async () => {
    await story.sandbox.mustJuju(["heal", "--all"]);
    await eventually(
      () => setState(story.sandbox, LISBON.model, "db2/0"),
      ({ clusters }) => clusters["oslo"]?.status === "invalidated",
      60_000,
    );
    const refused = await runAction(story.sandbox, LISBON.model, "db2/0", [
      "rejoin-cluster",
      "cluster-name=oslo",
    ]);
    expect(refused.completed).toBe(false);
    const acknowledged = await client.stop();
    const rows = await eventually(
      () => rowsOf([ROME, LISBON]),
      ({ roma, lisboa }) => roma === lisboa,
      60_000,
    );
    const missing = acknowledged - (rows["lisboa"] ?? 0);
    const lost = Number(refused.results["lost-count"]);
    expect(missing).toBeGreaterThan(0);
    // The row that was under way when the network was cut got in, and was never acknowledged.
    expect([missing, missing + 1]).toContain(lost);
    const there = Number(
      (await query(story.sandbox, OSLO.model, "db3/0", "SELECT COUNT(*) FROM demo.numbered"))[0],
    );
    const received = "SELECT COUNT(*) FROM demo.numbered WHERE server <> @@hostname";
    expect(lost).toBe(there - Number((await query(story.sandbox, LISBON.model, "db2/0", received))[0]));
    expect(await writableUnits(story, OSLO)).toEqual([]);
    const unfenced = await runAction(story.sandbox, OSLO.model, "db3/0", [
      "unfence-writes",
      SET,
      "force=true",
    ]);
    expect(unfenced.message).toContain("stays read-only");
  });
});

describe("clusters part and come back", () => {
  test("of two standbys, the one that asked to follow leaves; the primary cluster notices nothing", async () => {
    await unrelate(story, OSLO, ROME);
    await untilShown(story, OSLO.model, "db3", /^blocked: Removed from its ClusterSet/);
    await untilLedBy(story, LISBON, [ROME, LISBON]);
    await expectLed(story, LISBON, [ROME, LISBON]);
  });

  test("what only it has is not given up for a relation: its databases are named", async () => {
    await promote(story, ROME);
    await untilLedBy(story, ROME, [ROME, LISBON]);
    await relate(story, OSLO, ROME);
    await untilShown(story, OSLO.model, "db3", /^blocked: Databases would be overwritten: demo/);
  });

  test("once they are dropped it follows again, with the rows of the others", async () => {
    const drop = "SET GLOBAL super_read_only = OFF; DROP DATABASE demo; SET GLOBAL super_read_only = ON";
    await queryAsAdmin(story.sandbox, OSLO.model, "db3/0", drop);
    await story.sandbox.mustJuju(["trigger", "-m", OSLO.model, "update-status", "db3/0"]);
    await untilLedBy(story, ROME, SITES);
    await expectLed(story, ROME, SITES);
    const rows = await eventually(
      () => rowsOf(SITES),
      ({ roma, lisboa, oslo }) => roma === lisboa && lisboa === oslo,
      60_000,
    );
    expect(rows["roma"]).toBeGreaterThan(0);
  });

  test("a removed cluster is formed again with its rows", async () => {
    const before = await rowsOf([LISBON]);
    await unrelate(story, LISBON, ROME);
    await untilShown(story, LISBON.model, "db2/0", /^blocked: Removed from its ClusterSet/);
    await mustRun(story.sandbox, LISBON.model, "db2/leader", ["recreate-cluster"]);
    const status = await story.sandbox.waitFor((now) => isActive(now, LISBON), {
      model: LISBON.model,
      timeoutMs: 120_000,
    });
    expect(shown(status, "db2/0")).toBe("active: Primary");
    expect(await writableUnits(story, LISBON)).toEqual(["db2/0"]);
    expect(await rowsOf([LISBON])).toEqual(before);
    await expectLed(story, ROME, [ROME, OSLO]);
  });

  test("an application whose model goes for good takes nothing with it", async () => {
    await story.sandbox.mustJuju(["remove-application", "-m", OSLO.model, "db3", "--no-prompt"]);
    await eventually(
      () => runAction(story.sandbox, ROME.model, "db1/0", ["get-cluster-status", "cluster-set=true"]),
      ({ completed, results }) => completed && !JSON.stringify(results).includes("oslo"),
      90_000,
    );
    expect(await writableUnits(story, ROME)).toEqual(["db1/0"]);
  });
});
