// Two clusters of three in two models: one ClusterSet, switchover, failover, rejoin, removal and return, while a client writes and leaders change.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RowClient } from "../../scripts/demo/client.ts";
import {
  addressesOf,
  clusterStatus,
  deploy,
  eventually,
  isActive,
  mustRun,
  runAction,
  type Site,
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
import { StorySecrets } from "../support/secrets.ts";
import { fingerprint, query } from "../support/sql.ts";
import { beginStory, chapters, endStory, type Story, shown, untilShown } from "../support/story.ts";

const ROME: Site = { model: "rome", app: "db1", cluster: "roma", units: 3 };
const LISBON: Site = { model: "lisbon", app: "db2", cluster: "lisboa", units: 3 };
const SITES = [ROME, LISBON];
const FORMED = { timeoutMs: 180_000 };

let story: Story;
chapters();
let client: RowClient;
let secrets: StorySecrets;

beforeAll(async () => {
  story = await beginStory("clusterset");
  secrets = await StorySecrets.begin(story.sandbox);
});

afterAll(async () => {
  client?.end();
  await endStory(story);
});

/** Rows that are acknowledged after this moment prove that writes flow. */
async function untilMoreRows(): Promise<string> {
  const { acknowledged } = await client.look();
  const mark = await eventually(
    () => client.look(),
    (now) => now.acknowledged >= acknowledged + 50,
    60_000,
  );
  return mark.server;
}

async function hostsOf({ model }: Site): Promise<readonly string[]> {
  return Object.values((await story.sandbox.status(model)).machines).map((machine) => machine.hostname);
}

/** Gives the lead to a unit that did not have it. */
async function moveLeader({ model, app }: Site): Promise<void> {
  const units = (await story.sandbox.status(model)).applications[app]?.units ?? {};
  const [next] = Object.keys(units).filter((name) => units[name]?.leader !== true);
  if (next !== undefined) await story.sandbox.mustJuju(["move-leader", "-m", model, next]);
}

async function transactionsOf(site: Site): Promise<string> {
  return (await fingerprint(story.sandbox, site.model, `${site.app}/0`)).gtids;
}

/** Every server has every row that was acknowledged until now; the client goes on meanwhile. */
async function expectRowsEverywhere(): Promise<void> {
  const { acknowledged } = await client.look();
  const counts = await eventually(
    () => client.counts(),
    (all) => all.every((one) => one.rows >= acknowledged && one.first === 1 && one.rows === one.last),
    60_000,
  );
  expect(counts).toHaveLength(6);
}

describe("the journey of two clusters", () => {
  test("two clusters of three form", async () => {
    for (const site of SITES) {
      await story.sandbox.mustJuju(["add-model", site.model]);
      await deploy(story.sandbox, story.charm, site, site === ROME ? "europe" : undefined);
    }
    const formed = await Promise.all(
      SITES.map((site) =>
        story.sandbox.waitFor((status) => isActive(status, site), { model: site.model, ...FORMED }),
      ),
    );
    for (const [at, { app, units }] of SITES.entries()) {
      const statuses = Array.from({ length: units }, (_, n) => {
        const status = formed[at];
        return status === undefined ? "" : shown(status, `${app}/${n}`);
      });
      expect(statuses.sort()).toEqual(["active: ", "active: ", "active: Primary"]);
    }
  });

  test("get-cluster-status shows the members of one cluster", async () => {
    const document = await clusterStatus(story.sandbox, ROME.model, "db1/1", false);
    expect(document).toMatchObject({ clustername: "roma", domainname: "europe" });
    const { status, topology } = document["defaultreplicaset"] as Record<string, Record<string, object>>;
    expect(status).toBe("ok");
    expect(Object.keys(topology ?? {}).sort()).toEqual(["db1-0", "db1-1", "db1-2"]);
    expect(
      Object.values(topology ?? {})
        .map((member) => (member as { mode: string }).mode)
        .sort(),
    ).toEqual(["r/o", "r/o", "r/w"]);
  });

  test("a client writes to the primary with a password of get-password", async () => {
    const got = await mustRun(story.sandbox, ROME.model, "db1/2", ["get-password", "username=serverconfig"]);
    expect(got).toMatchObject({ username: "serverconfig", password: expect.stringMatching(/^\w{24,}$/) });
    client = await RowClient.start(story.sandbox, {
      model: ROME.model,
      unit: "db1/0",
      servers: await addressesOf(story.sandbox, ROME),
      user: "serverconfig",
      password: String(got["password"]),
    });
    expect(await hostsOf(ROME)).toContain(await untilMoreRows());
  });

  test("related, the second becomes a standby of the first", async () => {
    const { sandbox } = story;
    await offerTo(story, ROME, LISBON);
    await moveLeader(LISBON);
    await relate(story, LISBON, ROME);
    await untilLedBy(story, ROME, SITES);
    await expectLed(story, ROME, SITES);
    await client.useServers([...(await addressesOf(sandbox, ROME)), ...(await addressesOf(sandbox, LISBON))]);
    expect(await hostsOf(ROME)).toContain(await untilMoreRows());
    await expectRowsEverywhere();
  });

  test("the standby took over the passwords of the primary cluster", async () => {
    const action = ["get-password", "username=clusteradmin"];
    const own = await mustRun(story.sandbox, LISBON.model, "db2/1", action);
    expect(own).toEqual(await mustRun(story.sandbox, ROME.model, "db1/1", action));
  });

  test("passwords that are changed reach the standby", async () => {
    const { sandbox } = story;
    await secrets.gather();
    const odd = "s&cr=t%2F+<of>~{backups}|$(x);@:?*";
    const given = ["set-password", "username=backups", `password=${odd}`];
    await mustRun(sandbox, ROME.model, "db1/leader", given);
    await mustRun(sandbox, ROME.model, "db1/leader", ["set-password", "username=clusteradmin"]);
    const passwordOf = (model: string, unit: string, user: string) =>
      mustRun(sandbox, model, unit, ["get-password", `username=${user}`]);
    const changed = await passwordOf(ROME.model, "db1/1", "clusteradmin");
    await eventually(
      async () => [
        await passwordOf(LISBON.model, "db2/1", "backups"),
        await passwordOf(LISBON.model, "db2/1", "clusteradmin"),
      ],
      ([backups, admin]) => backups?.["password"] === odd && admin?.["password"] === changed["password"],
      60_000,
    );
    await untilLedBy(story, ROME, SITES);
  });

  test("the primary cluster cannot be promoted, and nothing changes", async () => {
    const refused = await runAction(story.sandbox, ROME.model, "db1/leader", [
      "promote-standby-cluster",
      "cluster-set-name=europe",
    ]);
    expect(refused).toMatchObject({
      completed: false,
      message: expect.stringContaining("already is the primary"),
    });
    await expectLed(story, ROME, SITES);
  });

  test("switched over under new leaders, no acknowledged row is lost", async () => {
    for (const site of SITES) await moveLeader(site);
    await client.mark();
    await promote(story, LISBON);
    expect(await hostsOf(LISBON)).toContain(await untilMoreRows());
    console.log(`switchover: the client paused for ${(await client.mark()).longestPauseMs} ms`);
    await untilLedBy(story, LISBON, SITES);
    await expectLed(story, LISBON, SITES);
    await expectRowsEverywhere();
  });

  test("the primary site is fenced, and freezes as a whole: failover takes the writes to the other", async () => {
    await mustRun(story.sandbox, LISBON.model, "db2/1", ["fence-writes", "cluster-set-name=europe"]);
    expect(await writableUnits(story, LISBON)).toEqual([]);
    await eventually(
      async () => [await transactionsOf(ROME), await transactionsOf(LISBON)],
      ([rome, lisbon]) => rome !== "" && rome === lisbon,
      30_000,
    );
    await moveLeader(ROME);
    await story.sandbox.mustJuju(["freeze", LISBON.model]);
    const refused = await runAction(story.sandbox, ROME.model, "db1/leader", [
      "promote-standby-cluster",
      "cluster-set-name=europe",
    ]);
    expect(refused.message).toContain("primary cluster lisboa does not answer");
    expect(await promote(story, ROME, "force=true")).toMatchObject({ invalidated: "lisboa" });
    expect(await hostsOf(ROME)).toContain(await untilMoreRows());
  });

  test("thawed, the old primary finds itself replaced and stays read-only", async () => {
    await story.sandbox.mustJuju(["thaw", LISBON.model]);
    for (const unit of ["db2/0", "db2/1", "db2/2"])
      await untilShown(story, LISBON.model, unit, /^blocked: Invalidated by a failover/, 120_000);
    expect(await writableUnits(story, LISBON)).toEqual([]);
    expect(await writableUnits(story, ROME)).toHaveLength(1);
  });

  test("rejoined, it is a standby with every row", async () => {
    const rejoin = ["rejoin-cluster", "cluster-name=lisboa"];
    await mustRun(story.sandbox, ROME.model, "db1/2", rejoin);
    expect(await mustRun(story.sandbox, ROME.model, "db1/leader", rejoin)).toMatchObject({
      message: "Cluster lisboa needs no rejoin",
    });
    await untilLedBy(story, ROME, SITES);
    await expectLed(story, ROME, SITES);
    await expectRowsEverywhere();
  });

  test("when the relation ends, the standby is let go with its data, read-only", async () => {
    await moveLeader(ROME);
    await unrelate(story, LISBON, ROME);
    for (const name of ["db2", "db2/0", "db2/1", "db2/2"])
      await untilShown(story, LISBON.model, name, /^blocked: Removed from its ClusterSet/, 120_000);
    expect(await writableUnits(story, LISBON)).toEqual([]);
    const kept = await query(story.sandbox, LISBON.model, "db2/0", "SELECT COUNT(*) > 0 FROM demo.numbered");
    expect(kept).toEqual(["1"]);
    await untilMoreRows();
  });

  test("related again, it catches up with what it missed", async () => {
    await moveLeader(LISBON);
    await relate(story, LISBON, ROME);
    await untilLedBy(story, ROME, SITES);
    await expectLed(story, ROME, SITES);
  });

  test("every acknowledged row is on all six servers", async () => {
    const acknowledged = await client.stop();
    const complete = { rows: acknowledged, first: 1, last: acknowledged };
    const counts = await eventually(
      () => client.counts(),
      (all) => all.every((one) => one.rows === acknowledged && one.last === acknowledged),
      60_000,
    );
    expect(counts).toEqual(counts.map(({ address }) => ({ address, ...complete })));
    expect(counts).toHaveLength(6);
  });

  test("both clusters have executed the same transactions", async () => {
    await eventually(
      async () => [await transactionsOf(ROME), await transactionsOf(LISBON)],
      ([rome, lisbon]) => rome !== "" && rome === lisbon,
      30_000,
    );
  });

  test("no secret is where it does not belong: printed, logged, on a disk, or given to a program", async () => {
    // Two applications with five passwords each, and two that were changed.
    expect(await secrets.gather()).toBeGreaterThanOrEqual(12);
    expect(await secrets.onDisk()).toEqual([]);
    const { told, started, entrusted } = await secrets.inPrograms();
    expect(told).toEqual([]);
    expect(started).toBeGreaterThan(500);
    expect(entrusted).toBeGreaterThan(5);
    for (const { model, app, units } of SITES) {
      const names = Array.from({ length: units }, (_, at) => `${app}/${at}`);
      const verbs = [
        ["status", "--format", "json"],
        ["debug-log", "--replay", "--no-tail", "--level", "TRACE"],
        ["show-application", app],
        ...names.flatMap((name) => [
          ["show-unit", name, "--format", "json"],
          ["show-status-log", name],
        ]),
      ];
      for (const [verb = "", ...more] of verbs) {
        const { stdout, stderr } = await story.sandbox.juju([verb, "-m", model, ...more]);
        expect(stdout.length, verb).toBeGreaterThan(0);
        expect(secrets.isIn(stdout + stderr), `${verb} of ${model} shows a secret`).toBe(false);
      }
    }
  });
});
