// Two clusters of three in two models become one ClusterSet, switched over and back, while a client writes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RowClient } from "../../scripts/demo/client.ts";
import {
  addressesOf,
  clusterStatus,
  deploy,
  eventually,
  isActive,
  isStandby,
  mustRun,
  runAction,
  type Site,
  setState,
} from "../../scripts/demo/deployment.ts";
import { fingerprint } from "../support/sql.ts";
import { beginStory, chapters, endStory, type Story, shown } from "../support/story.ts";

const ROME: Site = { model: "rome", app: "db1", cluster: "roma", units: 3 };
const LISBON: Site = { model: "lisbon", app: "db2", cluster: "lisboa", units: 3 };
const SITES = [ROME, LISBON];
const FORMED = { timeoutMs: 180_000 };

let story: Story;
chapters();
let client: RowClient;

beforeAll(async () => {
  story = await beginStory("clusterset");
});

afterAll(async () => {
  client?.end();
  await endStory(story);
});

/** Both sites active, the one a standby and the other not. */
async function untilStandby(standby: Site): Promise<void> {
  await Promise.all(
    SITES.map((site) =>
      story.sandbox.waitFor(
        (status) => isActive(status, site) && isStandby(status, site) === (site === standby),
        { model: site.model, ...FORMED },
      ),
    ),
  );
}

async function promote(to: Site): Promise<void> {
  await mustRun(story.sandbox, to.model, `${to.app}/leader`, [
    "promote-standby-cluster",
    "cluster-set-name=europe",
  ]);
}

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

/** The set is healthy and led by one cluster, whoever is asked. */
async function expectLed(by: Site): Promise<void> {
  for (const { model, app } of SITES) {
    const state = await eventually(
      () => setState(story.sandbox, model, `${app}/0`),
      ({ status, primaryCluster }) => status === "healthy" && primaryCluster === by.cluster,
      60_000,
    );
    expect(state.clusters).toEqual({
      [ROME.cluster]: { role: by === ROME ? "primary" : "replica", status: "ok" },
      [LISBON.cluster]: { role: by === LISBON ? "primary" : "replica", status: "ok" },
    });
  }
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
    await sandbox.mustJuju(["offer", "rome.db1:async-primary"]);
    await sandbox.mustJuju(["consume", "-m", "lisbon", "rome.db1"]);
    await sandbox.mustJuju(["integrate", "-m", "lisbon", "db1", "db2:async-replica"]);
    await untilStandby(LISBON);
    await expectLed(ROME);
    await client.useServers([...(await addressesOf(sandbox, ROME)), ...(await addressesOf(sandbox, LISBON))]);
    expect(await hostsOf(ROME)).toContain(await untilMoreRows());
  });

  test("the standby took over the passwords of the primary cluster", async () => {
    const action = ["get-password", "username=clusteradmin"];
    const own = await mustRun(story.sandbox, LISBON.model, "db2/1", action);
    expect(own).toEqual(await mustRun(story.sandbox, ROME.model, "db1/1", action));
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
    await expectLed(ROME);
  });

  test("switched over, rows are written in the other cluster", async () => {
    await promote(LISBON);
    await untilStandby(ROME);
    await expectLed(LISBON);
    expect(await hostsOf(LISBON)).toContain(await untilMoreRows());
  });

  test("switched back, rows are written in the first again", async () => {
    await promote(ROME);
    await untilStandby(LISBON);
    await expectLed(ROME);
    expect(await hostsOf(ROME)).toContain(await untilMoreRows());
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
    const of = async (site: Site): Promise<string> =>
      (await fingerprint(story.sandbox, site.model, `${site.app}/0`)).gtids;
    await eventually(
      async () => [await of(ROME), await of(LISBON)],
      ([rome, lisbon]) => rome !== "" && rome === lisbon,
      30_000,
    );
  });
});
