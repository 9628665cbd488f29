import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses } from "../../../src/statuses.ts";
import { loneServer } from "../support/mysql.ts";
import { type FakeSet, inGaul, inSet } from "../support/set.ts";
import { host, serverPassword } from "../support/world.ts";

const gaul = { "cluster-set-name": "gaul" };
type Name = "fence-writes" | "unfence-writes";

async function run(site: FakeSet, action: Name, params: Readonly<Record<string, unknown>> = gaul) {
  return await runEvent(
    site.charm,
    inGaul({ leader: false }),
    { kind: "action", action, actionId: "9" },
    { params },
  );
}
const leading = (): Promise<FakeSet> => inSet({ leader: "rome" });
const replaced = async (): Promise<FakeSet> => {
  const site = await leading();
  site.record(
    [
      { name: "paris", role: "PRIMARY" },
      { name: "rome", role: "REPLICA", invalidated: true },
    ],
    "4294967301",
    ["paris"],
  );
  return site;
};

describe("fence-writes", () => {
  test("stops the writes of the primary, from any unit, and shows it", async () => {
    const site = await leading();
    const { action, world } = await run(site, "fence-writes");
    expect(action.failure).toBeUndefined();
    expect(action.results).toMatchObject({ fenced: "true", "cluster-name": "rome" });
    expect(JSON.parse(action.results["json"] ?? "")).toMatchObject({ fenced: true });
    expect(site.shell.runs).toMatchObject([
      { host, command: { object: "cluster", operation: "fence-writes" } },
    ]);
    expect(site.local.superReadOnly).toBe(true);
    expect(world.unitStatus).toEqual(statuses.fenced);
  });

  test("does no harm twice", async () => {
    const site = await leading();
    await run(site, "fence-writes");
    const { action } = await run(site, "fence-writes");
    expect(action.results["message"]).toContain("fenced already");
    expect(site.operations()).toEqual(["fence-writes"]);
  });

  test("says so when a member goes on taking writes", async () => {
    const site = await leading();
    const second = { uuid: "uuid-1", host: "paris-0", state: "ONLINE", role: "SECONDARY" } as const;
    site.local.group = [...site.local.group, second];
    Object.assign(site.server("paris"), { superReadOnly: false });
    expect((await run(site, "fence-writes")).action.failure).toContain("paris-0 still takes them");
  });

  test("says what MySQL Shell said", async () => {
    const site = await inSet({
      leader: "rome",
      perform: () => {
        throw new MysqlProblem("busy", "fence-writes", "MYSQLSH 51500: locked");
      },
    });
    expect((await run(site, "fence-writes")).action.failure).toContain("MYSQLSH 51500");
  });
});

describe("unfence-writes", () => {
  const fenced = async (): Promise<FakeSet> => {
    const site = await leading();
    await run(site, "fence-writes");
    return site;
  };

  test("resumes them on the primary, also what AdminAPI leaves on", async () => {
    const site = await fenced();
    const { action, world } = await run(site, "unfence-writes");
    expect(action.failure).toBeUndefined();
    expect(action.results).toMatchObject({ fenced: "false" });
    expect(site.local).toMatchObject({ superReadOnly: false, readOnly: false, electsWritable: true });
    expect(world.unitStatus).toEqual(statuses.primary);
  });

  test("does no harm twice", async () => {
    const site = await fenced();
    await run(site, "unfence-writes");
    const { action } = await run(site, "unfence-writes");
    expect(action.results["message"]).toContain("were not fenced");
    expect(site.operations()).toEqual(["fence-writes", "unfence-writes"]);
  });

  test.each([false, true])("never where the cluster was replaced, force %s", async (force) => {
    const site = await replaced();
    Object.assign(site.local, { superReadOnly: true, electsWritable: false });
    const { action } = await run(site, "unfence-writes", { ...gaul, force });
    expect(action.failure).toContain("stays read-only");
    expect(site.local.superReadOnly).toBe(true);
    expect(site.operations()).toEqual([]);
  });

  test("only by force while nobody can say whether it was replaced", async () => {
    const site = await fenced();
    site.server("paris").down = "unreachable";
    const { action } = await run(site, "unfence-writes");
    expect(action.failure).toContain("force=true");
    expect(site.local.superReadOnly).toBe(true);
    expect((await run(site, "unfence-writes", { ...gaul, force: true })).action.failure).toBeUndefined();
    expect(site.local.superReadOnly).toBe(false);
  });

  test("also when the set has no other cluster any more", async () => {
    const site = await fenced();
    site.record([{ name: "rome", role: "PRIMARY" }], "5", ["rome"]);
    const { action, world } = await run(site, "unfence-writes");
    expect(action.failure).toBeUndefined();
    expect(site.local.superReadOnly).toBe(false);
    expect(world.unitStatus).toEqual(statuses.primary);
  });

  test("names a secondary that takes writes", async () => {
    const site = await fenced();
    const second = { uuid: "uuid-1", host: "paris-0", state: "ONLINE", role: "SECONDARY" } as const;
    site.local.group = [...site.local.group, second];
    Object.assign(site.server("paris"), { superReadOnly: false, readOnly: false });
    expect((await run(site, "unfence-writes")).action.failure).toContain("paris-0 takes them too");
  });
});

describe.each<Name>(["fence-writes", "unfence-writes"])("%s changes nothing", (action) => {
  test("on a standby, and names the primary cluster", async () => {
    const site = await inSet();
    const failed = await run(site, action);
    expect(failed.action.failure).toContain("run the action on a unit of the primary cluster paris");
    expect(site.operations()).toEqual([]);
  });

  test("for another set", async () => {
    const site = await leading();
    const failed = await run(site, action, { "cluster-set-name": "empire" });
    expect(failed.action.failure).toContain("belongs to ClusterSet gaul, not to empire");
    expect(site.operations()).toEqual([]);
  });

  test("on a server that is in no cluster", async () => {
    const site = await leading();
    Object.assign(site.local, loneServer({ host, password: serverPassword("own") }));
    delete site.local.metadata;
    expect((await run(site, action)).action.failure).toContain("could not be asked");
  });
});
