import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { type FakeSet, inGaul, inSet, type SetOptions } from "../support/set.ts";
import { host, own } from "../support/world.ts";

const rejoin = { kind: "action", action: "rejoin-cluster", actionId: "9" } as const;

async function run(site: FakeSet, cluster = "paris", leader = true) {
  return await runEvent(site.charm, inGaul({ leader }), rejoin, { params: { "cluster-name": cluster } });
}

/** rome was made the primary by force; paris is back, and read-only. */
async function failedOver(options: SetOptions = {}): Promise<FakeSet> {
  const site = await inSet({ leader: "rome", ...options });
  site.record(
    [
      { name: "paris", role: "REPLICA", invalidated: true },
      { name: "rome", role: "PRIMARY" },
    ],
    "4294967301",
  );
  delete site.server("paris").channel;
  return site;
}

describe("an invalidated cluster", () => {
  test("is taken back, and told", async () => {
    const site = await failedOver();
    const { action, world } = await run(site);
    expect(action.failure).toBeUndefined();
    expect(action.results).toMatchObject({
      message: "Cluster paris is a standby of the set again",
      "cluster-name": "paris",
    });
    expect(site.shell.runs).toMatchObject([
      { host, command: { operation: "rejoin-cluster", args: ["paris"] } },
    ]);
    expect(world.relations.find(({ id }) => id === 5)?.bags[own]).toMatchObject({ switchover: "5" });
  });

  test("by a unit that does not lead, too, in whatever case the name is typed", async () => {
    const site = await failedOver();
    expect((await run(site, "PARIS", false)).action.failure).toBeUndefined();
    expect(site.shell.runs).toMatchObject([{ command: { args: ["paris"] } }]);
  });

  test("with transactions of its own is refused, with what they are and where", async () => {
    const site = await failedOver();
    site.local.lacks = "8120f137-e6ea-11f1-9251-ca668b2bb5b6:4-5";
    const { action } = await run(site);
    expect(action.failure).toContain("2 transactions that the set lost");
    expect(action.failure).toContain("paris-0");
    expect(action.results).toMatchObject({
      "lost-transactions": "8120f137-e6ea-11f1-9251-ca668b2bb5b6:4-5",
      "lost-count": "2",
      "held-by": "paris-0",
    });
    expect(site.operations()).toEqual([]);
  });

  test("that MySQL Shell refuses is told in its words", async () => {
    const site = await failedOver({
      perform: () => {
        throw new MysqlProblem("data-diverged", "rejoin-cluster", "MYSQLSH 51153: purged");
      },
    });
    expect((await run(site)).action.failure).toContain("MYSQLSH 51153");
  });
});

describe("a standby", () => {
  test("whose channel stopped is made to follow again", async () => {
    const site = await inSet({ leader: "rome" });
    const { channel } = site.server("paris");
    if (channel !== undefined) site.server("paris").channel = { ...channel, applier: "OFF" };
    expect((await run(site)).action.failure).toBeUndefined();
    expect(site.operations()).toEqual(["rejoin-cluster"]);
  });

  test("that follows needs no rejoin: a second run does no harm", async () => {
    const site = await failedOver();
    await run(site);
    const { action } = await run(site);
    expect(action.results["message"]).toBe("Cluster paris needs no rejoin");
    expect(site.operations()).toEqual(["rejoin-cluster"]);
  });
});

describe("it is refused, and nothing changes,", () => {
  async function refusal(site: FakeSet, cluster?: string): Promise<string> {
    const { exitCode, action } = await run(site, cluster);
    expect([exitCode, site.operations()]).toEqual([0, []]);
    return action.failure ?? "";
  }

  test("for a cluster that is not in the set", async () => {
    expect(await refusal(await failedOver(), "oslo")).toContain("it has paris, rome");
  });

  test.each(["x'); import os", "-x", ""])("for the name %j", async (name) => {
    expect(await refusal(await failedOver(), name)).toContain("cluster-name");
  });

  test("for the primary cluster", async () => {
    expect(await refusal(await failedOver(), "rome")).toContain("rome is the primary cluster");
  });

  test("while it does not answer", async () => {
    const site = await failedOver();
    site.server("paris").down = "unreachable";
    expect(await refusal(site)).toContain("No server of cluster paris answers");
  });

  test("while its group lies still", async () => {
    const site = await failedOver();
    site.server("paris").group = [];
    expect(await refusal(site)).toContain("none leads its group");
  });

  test("on the invalidated cluster itself", async () => {
    const site = await failedOver();
    site.record(
      [
        { name: "paris", role: "PRIMARY" },
        { name: "rome", role: "REPLICA", invalidated: true },
      ],
      "8589934600",
    );
    expect(await refusal(site)).toContain("invalidated itself");
  });

  test("while the primary cluster is silent", async () => {
    const site = await inSet({ clusters: ["paris", "rome", "oslo"] });
    site.record(
      [
        { name: "paris", role: "PRIMARY" },
        { name: "rome", role: "REPLICA" },
        { name: "oslo", role: "REPLICA", invalidated: true },
      ],
      "7",
    );
    site.server("paris").down = "unreachable";
    expect(await refusal(site, "oslo")).toContain("primary cluster paris does not answer");
  });
});
