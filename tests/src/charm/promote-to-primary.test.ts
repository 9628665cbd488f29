import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { type FakeMember, primaryServer } from "../support/mysql.ts";
import {
  host,
  type Machine,
  type MachineOptions,
  machine,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "../support/world.ts";

const promote = { kind: "action", action: "promote-to-primary", actionId: "9" } as const;
const password = serverPassword("own");
const both: readonly FakeMember[] = [
  { uuid: "uuid-0", host, state: "ONLINE", role: "SECONDARY" },
  { uuid: "uuid-1", host: "second", state: "ONLINE", role: "PRIMARY" },
];
const left = both.map((each) => (each.host === host ? each : ({ ...each, state: "UNREACHABLE" } as const)));
const instances = both.map((each, at) => ({
  cluster: "rome",
  label: `mysql-${at}`,
  address: `${each.host}:3306`,
  uuid: each.uuid,
}));
const metadata = {
  own: "rome",
  domain: "empire",
  clusters: [{ name: "rome", role: "PRIMARY" }],
  instances,
} as const;

/** Unit 0, a secondary next to the primary `second`. */
function site(group: readonly FakeMember[], options: MachineOptions = {}, secondIsThere = true): Machine {
  const local = primaryServer("rome", "empire", { host, password, group, metadata });
  const second = primaryServer("rome", "empire", {
    host: "second",
    uuid: "uuid-1",
    password,
    group: both,
    metadata,
  });
  if (!secondIsThere) second.down = "unreachable";
  const snap = { kind: "installed", version: "9.7.0" } as const;
  return machine({ snap, ...options, servers: { local, second } });
}

const world = namedWorld({
  plannedUnits: 2,
  relations: [peers({ [own]: names, "mysql/1": { "instance-hostname": "second:3306" } })],
});
const run = (here: Machine, params: Readonly<Record<string, unknown>>) =>
  runEvent(here.charm, world, promote, { params });
const done = ({ shell }: Machine): readonly string[] =>
  shell.runs.map(({ command }) => [command.operation, ...command.args].join(" "));

describe("promote-to-primary scope=unit", () => {
  test("switches over to this unit, and tells its peers by its role", async () => {
    const here = site(both);
    const { action, world: after } = await run(here, { scope: "unit" });
    expect(done(here)).toEqual([`set-primary-instance ${host}:3306`]);
    expect(action.results["message"]).toBe("mysql/0 is the primary of its cluster");
    expect(JSON.parse(action.results["json"] ?? "")).toEqual({
      primary: "mysql/0",
      "previous-primary": "second",
      "without-members": "",
    });
    expect(after.relations[0]?.bags["mysql/0"]).toMatchObject({ "member-role": "primary" });
  });

  test("twice does no harm", async () => {
    const here = site(both);
    await run(here, { scope: "unit" });
    const { action } = await run(here, { scope: "unit" });
    expect(action.results["message"]).toBe("mysql/0 already is the primary");
    expect(done(here)).toHaveLength(1);
  });

  test("by force goes on without the lost members, and only by force", async () => {
    const here = site(left, {}, false);
    const refused = await run(here, { scope: "unit" });
    expect(refused.action.failure).toMatch(/no quorum: mysql-1 cannot be reached.*Nothing was changed/);
    expect(done(here)).toEqual([]);
    const { action } = await run(here, { scope: "unit", force: true });
    expect(action.failure).toBeUndefined();
    expect(done(here)).toEqual([
      `force-quorum-using-partition-of ${host}:3306`,
      `set-primary-instance ${host}:3306`,
    ]);
    expect(action.results["without-members"]).toBe("mysql-1");
  });

  test("by force hands nothing over where this unit leads already", async () => {
    const alone = left.map((each) => (each.host === host ? ({ ...each, role: "PRIMARY" } as const) : each));
    const here = site(alone, {}, false);
    const { action } = await run(here, { scope: "unit", force: true });
    expect(action.failure).toBeUndefined();
    expect(done(here)).toEqual([`force-quorum-using-partition-of ${host}:3306`]);
  });

  test("by force makes no second cluster while the others have a quorum", async () => {
    const alone = both.map((each) =>
      each.host === host ? each : ({ ...each, state: "UNREACHABLE" } as const),
    );
    const here = site(alone);
    const { action } = await run(here, { scope: "unit", force: true });
    expect(action.failure).toContain("nothing has to be forced");
    expect(done(here)).toEqual([]);
  });

  test("by force starts a cluster that is down from this unit", async () => {
    const here = site([], {}, false);
    await run(here, { scope: "unit", force: true });
    expect(here.shell.runs[0]?.command).toMatchObject({
      operation: "reboot-cluster-from-complete-outage",
      args: ["rome"],
      options: { primary: `${host}:3306`, force: "true" },
    });
  });

  test("believes the servers, not MySQL Shell's exit code", async () => {
    const here = site([], {}, false);
    const { action } = await run(here, { scope: "unit", force: true });
    expect(action.failure).toContain("is not the primary");
  });

  test("that MySQL Shell refuses fails with its words", async () => {
    const here = site(both, {
      perform: ({ command }) => {
        throw new MysqlProblem("failed", command.operation, "cannot be set as primary");
      },
    });
    const { action } = await run(here, { scope: "unit" });
    expect(action.failure).toContain("cannot be set as primary");
  });

  test.each([{ scope: "galaxy" }, {}])("refuses %j", async (params) => {
    const here = site(both);
    const failure = await run(here, params).then(
      ({ action }) => action.failure ?? "",
      (error: unknown) => String(error),
    );
    expect(failure).toContain("scope");
    expect(done(here)).toEqual([]);
  });
});

test("promote-to-primary scope=cluster is promote-standby-cluster without a name to confirm", async () => {
  const { action } = await run(site(both), { scope: "cluster" });
  expect(action.failure).toContain("no other cluster in its ClusterSet");
});
