// A cluster of three in operation: passwords, options and revisions change while a client writes.
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RowClient } from "../../scripts/demo/client.ts";
import {
  addressesOf,
  deploy,
  eventually,
  mustRun,
  runAction,
  type Site,
} from "../../scripts/demo/deployment.ts";
import { query } from "../support/sql.ts";
import { beginStory, chapters, endStory, type Story, untilShown } from "../support/story.ts";

const SITE: Site = { model: "operate", app: "db", cluster: "rome", units: 3 };
const UNITS = ["db/0", "db/1", "db/2"] as const;
/** What a client may notice of a change that goes from member to member: one hand-over. */
const HAND_OVER_MS = 15_000;

let story: Story;
let client: RowClient;
chapters();

beforeAll(async () => {
  story = await beginStory("operate");
});

afterAll(async () => {
  client?.end();
  await endStory(story);
});

const juju = (...argv: readonly string[]): Promise<string> => story.sandbox.mustJuju(argv);
const ask = (unit: string, sql: string): Promise<readonly string[]> =>
  query(story.sandbox, SITE.model, unit, sql);

async function untilActive(): Promise<void> {
  for (const unit of UNITS) await untilShown(story, SITE.model, unit, /^active: (?:Primary)?$/, 120_000);
}

/** Waits until every unit's server answers as told. */
async function everywhere(sql: string, expected: string): Promise<void> {
  for (const unit of UNITS) {
    await eventually(
      () => ask(unit, sql).catch(() => []),
      (rows) => rows.join() === expected,
      150_000,
    );
  }
}

/** Rows that were acknowledged are on every server, once each. */
async function nothingIsLost(): Promise<void> {
  const { acknowledged } = await client.look();
  await eventually(
    () => client.counts(),
    (counts) => counts.every(({ rows, first, last }) => first === 1 && last >= acknowledged && rows === last),
    30_000,
  );
}

function tell(what: string, pauseMs: number): void {
  console.log(`${what}: longest pause of the client ${(pauseMs / 1000).toFixed(1)} s`);
}

describe("three members and a client that writes", () => {
  test("form a cluster", async () => {
    await juju("add-model", SITE.model);
    await deploy(story.sandbox, story.charm, SITE, "empire");
    await untilActive();
    const action = ["get-password", "username=serverconfig"];
    const { password } = await mustRun(story.sandbox, SITE.model, "db/leader", action);
    client = await RowClient.start(story.sandbox, {
      model: SITE.model,
      unit: "db/0",
      servers: await addressesOf(story.sandbox, SITE),
      user: "serverconfig",
      password: String(password),
    });
  });

  test("another password: the old one ends once every unit has the new one", async () => {
    await client.mark();
    for (const username of ["serverconfig", "root"]) {
      const action = ["set-password", `username=${username}`, `password=changed-${username}`];
      await mustRun(story.sandbox, SITE.model, "db/leader", action);
    }
    const kept = `SELECT COUNT(*) FROM mysql.user WHERE JSON_EXTRACT(user_attributes, '$.additional_password') IS NOT NULL`;
    await everywhere(kept, "0");
    await untilActive();
    const { password } = await mustRun(story.sandbox, SITE.model, "db/2", ["get-password", "username=root"]);
    expect(password).toBe("changed-root");
    const { longestPauseMs } = await client.mark();
    tell("password change", longestPauseMs);
    expect(longestPauseMs).toBeLessThan(5_000);
  });

  test("an option that running servers take over", async () => {
    await client.mark();
    await juju(
      "config",
      "-m",
      SITE.model,
      "db",
      "experimental-max-connections=40",
      "binlog-retention-days=2",
    );
    await everywhere("SELECT @@max_connections, @@binlog_expire_logs_seconds", "40\t172800");
    const { longestPauseMs } = await client.mark();
    tell("dynamic option", longestPauseMs);
    expect(longestPauseMs).toBeLessThan(5_000);
  });

  test("clients that take all connections of a member do not keep the charm out", async () => {
    await ask(await primaryUnit(), "CREATE USER crowd@localhost IDENTIFIED BY 'standing-room-only'");
    await eventually(
      () => ask("db/2", "SELECT COUNT(*) FROM mysql.user WHERE user = 'crowd'"),
      (rows) => rows[0] === "1",
      30_000,
    );
    const socket = "/var/snap/charmed-mysql/common/var/run/mysqld/mysqld.sock";
    const one = `MYSQL_PWD=standing-room-only charmed-mysql.mysql -ucrowd -S ${socket} -e 'DO SLEEP(600)'`;
    const crowd = `for i in $(seq 45); do ${one} >/dev/null 2>&1 & done; sleep 8; jobs -r | wc -l`;
    const hold = new AbortController();
    const held = story.sandbox.juju(["ssh", "-m", SITE.model, "db/2", `${crowd}; sleep 60`], {
      signal: hold.signal,
    });
    const refused = ["ssh", "-m", SITE.model, "db/2", `${one.replace("600", "0")} 2>&1`];
    await eventually(
      () => story.sandbox.juju(refused),
      ({ stdout, stderr }) => `${stdout}${stderr}`.includes("Too many connections"),
      30_000,
    );
    const status = await runAction(story.sandbox, SITE.model, "db/2", ["get-cluster-status"]);
    expect(status.completed).toBe(true);
    await juju("trigger", "-m", SITE.model, "update-status", "db/2");
    await untilShown(story, SITE.model, "db/2", /^active/);
    hold.abort();
    await held.catch(() => undefined);
    await juju("ssh", "-m", SITE.model, "db/2", "pkill -x mysql || true");
  });

  test("a member whose storage is full says so, and comes back when there is space", async () => {
    const data = "/var/snap/charmed-mysql/common/var/lib";
    const small = `${data}/small`;
    await onMachine(`snap stop charmed-mysql.mysqld && mkdir ${small} && mount -t tmpfs -o size=300m tmpfs ${small} &&
      cp -a --sparse=always ${data}/mysql ${small}/ && mount --bind ${small}/mysql ${data}/mysql &&
      { dd if=/dev/zero of=${small}/fill bs=64k 2>/dev/null; snap start charmed-mysql.mysqld; }`);
    await juju("trigger", "-m", SITE.model, "update-status", "db/2");
    expect(await untilShown(story, SITE.model, "db/2", /^blocked/)).toContain("storage database");
    await onMachine(`rm ${small}/fill`);
    await juju("trigger", "-m", SITE.model, "update-status", "db/2");
    await untilShown(story, SITE.model, "db/2", /^active/);
    await nothingIsLost();
  });

  test("an option that needs a restart goes from member to member", async () => {
    await client.mark();
    await juju("config", "-m", SITE.model, "db", "profile=production", "profile-limit-memory=700");
    await everywhere("SELECT @@innodb_buffer_pool_size", String(128 * 2 ** 20));
    await untilActive();
    await nothingIsLost();
    const { longestPauseMs } = await client.mark();
    tell("static option", longestPauseMs);
    expect(longestPauseMs).toBeLessThan(HAND_OVER_MS);
  });

  test("another revision of the snap goes from member to member", async () => {
    await client.mark();
    expect((await runAction(story.sandbox, SITE.model, "db/1", ["pre-upgrade-check"])).completed).toBe(true);
    const next = join(story.sandbox.folder, "next-charm");
    await cp(story.charm, next, { recursive: true });
    await writeFile(join(next, "snap-revisions.json"), JSON.stringify({ x64: "160", arm64: "160" }));
    await juju("refresh", "-m", SITE.model, "db", "--path", next);
    for (const unit of UNITS) {
      await eventually(
        () => juju("ssh", "-m", SITE.model, unit, "snap list charmed-mysql"),
        (listed) => /\s160\s/.test(listed),
        150_000,
      );
    }
    await untilActive();
    await nothingIsLost();
    const { longestPauseMs } = await client.mark();
    tell("refresh", longestPauseMs);
    expect(longestPauseMs).toBeLessThan(HAND_OVER_MS);
  });
});

function onMachine(script: string): Promise<string> {
  return juju("ssh", "-m", SITE.model, "db/2", script);
}

async function primaryUnit(): Promise<string> {
  for (const unit of UNITS) {
    const [writable] = await ask(unit, "SELECT @@super_read_only");
    if (writable === "0") return unit;
  }
  throw new Error("no unit takes writes");
}
