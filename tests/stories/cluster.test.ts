// The life of one cluster while a client writes: units that come and go, a primary that is cut off, a power failure.
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
} from "../../scripts/demo/deployment.ts";
import { query } from "../support/sql.ts";
import { beginStory, chapters, endStory, type Story, untilShown } from "../support/story.ts";

const MODEL = "alone";
const SITE: Site = { model: MODEL, app: "db", cluster: "rome", units: 1 };
/** Where the client runs: this unit stays, and is never cut off. */
const HOME = "db/1";
/** More than the time between two update-status: a join that failed is tried again then. */
const LIMIT_MS = 360_000;

let story: Story;
let client: RowClient;
chapters();

beforeAll(async () => {
  story = await beginStory("cluster");
  await story.sandbox.mustJuju(["add-model", MODEL]);
});

afterAll(async () => {
  client?.end();
  await endStory(story);
});

const juju = (...argv: readonly string[]): Promise<string> => story.sandbox.mustJuju([...argv]);
const sql = (unit: string, text: string): Promise<readonly string[]> =>
  query(story.sandbox, MODEL, unit, text);

async function untilActive(units: number): Promise<void> {
  await story.sandbox.waitFor((status) => isActive(status, { ...SITE, units }), {
    model: MODEL,
    timeoutMs: LIMIT_MS,
  });
}

/** `label role` of all members that a unit's server sees online, in order of their labels. */
async function members(unit: string): Promise<readonly string[]> {
  return await sql(
    unit,
    `SELECT i.label, LOWER(m.member_role) FROM performance_schema.replication_group_members m
     JOIN mysql_innodb_cluster_metadata.instances j ON j.mysql_server_uuid = m.member_id
     JOIN mysql_innodb_cluster_metadata.v2_instances i ON i.instance_id = j.instance_id
     WHERE m.member_state = 'ONLINE' ORDER BY i.label`,
  );
}

const labels = (rows: readonly string[]): readonly string[] => rows.map((row) => row.split("\t")[0] ?? "");

async function primaryUnit(): Promise<string> {
  const row = (await members(HOME)).find((each) => each.endsWith("\tprimary")) ?? "";
  return row.split("\t")[0]?.replace(/-(\d+)$/, "/$1") ?? "";
}

async function machineOf(unit: string): Promise<string> {
  const status = await story.sandbox.status(MODEL);
  return status.applications[SITE.app]?.units?.[unit]?.machine ?? "";
}

/** Stands in for the passing of time: update-status comes every five minutes. */
async function untilOnline(units: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      await story.sandbox.juju(["trigger", "-m", MODEL, "update-status", ...units]);
      return labels(await members(HOME).catch(() => []));
    },
    (online) => online.length === units.length,
    LIMIT_MS,
  );
  await untilActive(units.length);
}

/** Every acknowledged row is on every server, and no other. */
async function expectAllRows(): Promise<void> {
  await client.useServers(await addressesOf(story.sandbox, SITE));
  const { acknowledged } = await client.look();
  const counts = await eventually(
    () => client.counts(),
    (all) => all.every(({ rows }) => rows >= acknowledged),
    60_000,
  );
  expect(counts.map(({ rows, first, last }) => [first, last - rows])).toEqual(counts.map(() => [1, 0]));
}

describe("units come and go", () => {
  test("one becomes five, of which four come at the same moment", async () => {
    await deploy(story.sandbox, story.charm, SITE);
    await untilActive(1);
    await juju("add-unit", "-m", MODEL, SITE.app, "-n", "4");
    await untilActive(5);
    expect(await members(HOME)).toEqual([
      "db-0\tprimary",
      "db-1\tsecondary",
      "db-2\tsecondary",
      "db-3\tsecondary",
      "db-4\tsecondary",
    ]);
  });

  test("the primary and another one leave while a client writes", async () => {
    const { password } = await mustRun(story.sandbox, MODEL, HOME, ["get-password", "username=serverconfig"]);
    const servers = await addressesOf(story.sandbox, SITE);
    client = await RowClient.start(story.sandbox, {
      ...{ model: MODEL, unit: HOME, servers },
      ...{ user: "serverconfig", password: String(password) },
    });
    await client.mark();
    await juju("remove-unit", "-m", MODEL, "--no-prompt", "db/0", "db/3");
    await untilActive(3);
    // What one that leaves cannot do, the leader does; with the leader gone, another leads within a minute.
    const known = await eventually(
      () => sql(HOME, "SELECT label FROM mysql_innodb_cluster_metadata.v2_instances ORDER BY 1"),
      (all) => all.length === 3,
      120_000,
    );
    expect(known).toEqual(["db-1", "db-2", "db-4"]);
    expect(labels(await members(HOME))).toEqual(known);
    await expectAllRows();
  });
});

describe("what goes wrong", () => {
  const units = ["db/1", "db/2", "db/4"];

  test("a primary that is cut off takes no write, and comes back with what the others took", async () => {
    await mustRun(story.sandbox, MODEL, "db/4", ["promote-to-primary", "scope=unit"]);
    const machine = await machineOf("db/4");
    const { acknowledged: before } = await client.mark();
    await juju("cut", "-m", MODEL, machine);
    const lonely = sql("db/4", "INSERT INTO demo.numbered VALUES (-1, 'alone')").then(
      () => "acknowledged",
      () => "refused",
    );
    await eventually(primaryUnit, (unit) => unit !== "db/4", 90_000);
    await eventually(
      () => client.look(),
      ({ acknowledged }) => acknowledged > before + 100,
      90_000,
    );
    await juju("heal", "-m", MODEL, "--all");
    await untilOnline(units);
    expect(await lonely).toBe("refused");
    await expectAllRows();
  });

  test("after a power failure of all machines the cluster starts again by itself", async () => {
    const machines = await Promise.all(units.map(machineOf));
    const { acknowledged } = await client.mark();
    client.end();
    for (const each of machines) await juju("power-off", "-m", MODEL, each);
    await Promise.all(machines.map((each) => juju("power-on", "-m", MODEL, each)));
    await untilShown(story, MODEL, SITE.app, /^active/, LIMIT_MS);
    await untilActive(3);
    expect(labels(await members(HOME))).toEqual(["db-1", "db-2", "db-4"]);
    for (const unit of units) {
      const [rows] = await sql(unit, "SELECT COUNT(*) FROM demo.numbered WHERE n > 0");
      expect(Number(rows)).toBeGreaterThanOrEqual(acknowledged);
    }
  });

  test("nothing is forced while the cluster has a quorum", async () => {
    const secondary = units.find((unit) => unit !== "db/4") ?? "";
    const primary = await primaryUnit();
    const target = primary === secondary ? "db/4" : secondary;
    const action = ["promote-to-primary", "scope=unit", "force=true"];
    const { completed, message } = await runAction(story.sandbox, MODEL, target, action);
    expect(completed).toBe(false);
    expect(message).toContain("has a quorum");
    expect(await primaryUnit()).toBe(primary);
  });
});
