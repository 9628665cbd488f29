import { describe, expect, test } from "vitest";
import { emptyWorld, runEvent } from "../../../lib/testing/world.ts";
import { charmMeta } from "../../../src/generated/charm-meta.ts";
import { paths } from "../../../src/machine/paths.ts";
import { SnapFailed } from "../../../src/machine/ports.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { statuses, troubleStatus } from "../../../src/statuses.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  machine,
  namedWorld,
  names,
  own,
  peers,
} from "../support/world.ts";

const start = { kind: "start" } as const;
const updateStatus = { kind: "update-status" } as const;
const operationsOf = (site: Machine): readonly string[] =>
  site.shell.runs.map(({ command }) => command.operation);
const unitBag = (world: CharmWorld): Readonly<Record<string, string>> =>
  world.relations[0]?.bags["mysql/0"] ?? {};

describe("one unit, from nothing", () => {
  test("becomes the primary of a ClusterSet of its own, and later hooks change nothing", async () => {
    const site = machine();
    const nothing = emptyWorld(charmMeta, { leader: true, relations: [peers({ [own]: {} })] });
    const { world: elected } = await runEvent(site.charm, nothing, { kind: "leader-elected" });
    const { exitCode, world } = await runEvent(site.charm, elected, start);
    expect(exitCode).toBe(0);
    expect(site.snapCalls).toEqual(["install", "stop", "start"]);
    expect(operationsOf(site)).toEqual([
      "configure-instance",
      "create-cluster",
      "set-instance-option",
      "create-cluster-set",
    ]);
    expect(world.unitStatus).toEqual(statuses.primary);
    expect(world.workloadVersion).toMatch(/^\d+\.\d+\.\d+$/);
    expect(world.appStatus).toEqual(statuses.appPrimary);
    expect(world.openedPorts).toEqual([3306, 33_060]);
    expect(unitBag(world)).toMatchObject({
      "member-state": "online",
      "member-role": "primary",
      "unit-configured": "True",
      "unit-initialized": "True",
      "instance-hostname": `${host}:3306`,
    });
    const { world: later } = await runEvent(site.charm, world, updateStatus);
    expect(later).toEqual(world);
    expect(operationsOf(site)).toHaveLength(4);
    expect(site.sql.open()).toBe(0);
  });

  test("has the lock table that units of the Python charm look for, with its locks free", async () => {
    const site = machine();
    await runEvent(site.charm, namedWorld(), start);
    const statements = site.local.statements.filter((text) => text.includes("juju_units_operations"));
    expect(statements.map((text) => text.split(" ")[0])).toEqual(["CREATE", "INSERT"]);
    expect(statements[1]).toContain("('unit-add', '', 'not-started'), ('unit-teardown', '', 'not-started')");
  });

  test("names the cluster, the set and the member as it was told", async () => {
    const site = machine();
    await runEvent(site.charm, namedWorld(), start);
    expect(site.local.metadata).toEqual({
      own: "rome",
      domain: "empire",
      clusters: [{ name: "rome", role: "PRIMARY" }],
      instances: [expect.objectContaining({ cluster: "rome", label: "mysql-0" })],
    });
  });

  test("forms no cluster in the hook that names the seed: Juju could still discard the names", async () => {
    const site = machine();
    const world = emptyWorld(charmMeta, { leader: true, relations: [peers({ [own]: {} })] });
    await runEvent(site.charm, world, { kind: "leader-elected" });
    expect(operationsOf(site)).not.toContain("create-cluster");
  });
});

describe("the accounts", () => {
  test("are read by mysqld from a file for its eyes only, which is gone afterwards", async () => {
    const site: Machine = machine({
      onSnap: (call) => {
        if (call !== "start") return;
        const file = site.files.held.get(paths.initStatements);
        expect(file).toMatchObject({ mode: 0o600, owner: "snap_daemon" });
        expect(file?.text).toContain("'own-serverconfig-pw'");
      },
    });
    await runEvent(site.charm, namedWorld(), start);
    expect(site.snapCalls).toContain("start");
    const left = [...site.files.held].filter(([, { text }]) => text.includes("-pw"));
    expect(left.map(([path]) => path)).toEqual([]);
    expect(site.files.held.has(paths.initConfig)).toBe(false);
  });
});

describe("a server that refuses the charm", () => {
  test("after it was in service is not restarted: a person is told what to do", async () => {
    const site = machine();
    const { world } = await runEvent(site.charm, namedWorld(), start);
    site.local.password = "changed by somebody";
    const calls = [...site.snapCalls];
    const { exitCode, world: after } = await runEvent(site.charm, world, updateStatus);
    expect(exitCode).toBe(0);
    expect(after.unitStatus).toEqual(statuses.lockedOut);
    expect(site.snapCalls).toEqual(calls);
  });

  test("since the hook that made its passwords was discarded gets the new ones", async () => {
    const site = machine();
    const nothing = emptyWorld(charmMeta, { leader: true, relations: [peers({ [own]: {} })] });
    const lost = await runEvent(site.charm, nothing, { kind: "leader-elected" }, { losesLeadership: true });
    expect(lost.exitCode).toBe(1);
    const password = site.local.password;
    const again = { ...lost.world, leader: true };
    const { exitCode, world } = await runEvent(site.charm, again, { kind: "leader-elected" });
    expect(exitCode).toBe(0);
    expect(site.local.password).not.toBe(password);
    expect(site.local.password).toBe(world.secrets[0]?.revisions[0]?.["server-config-password"]);
  });
});

describe("a hook that was cut short", () => {
  test.each(["install", "stop", "start"])("at snap %s: the next one ends the work", async (at) => {
    let cut = true;
    const site = machine({
      onSnap: (call) => {
        if (cut && call === at) throw new Error("killed");
      },
    });
    const world = namedWorld();
    expect((await runEvent(site.charm, world, start)).exitCode).toBe(1);
    cut = false;
    const { world: after } = await runEvent(site.charm, world, start);
    expect(after.unitStatus).toEqual(statuses.primary);
    expect(site.files.held.has(paths.initStatements)).toBe(false);
  });

  test.each(["configure-instance", "create-cluster", "create-cluster-set", "set-instance-option"])(
    "at %s: the next one ends the work, and no cluster is created twice",
    async (at) => {
      let cut = true;
      const site = machine({
        perform: ({ command }) => {
          if (cut && command.operation === at) throw new Error("killed");
        },
      });
      const world = namedWorld();
      expect((await runEvent(site.charm, world, start)).exitCode).toBe(1);
      cut = false;
      const { world: after } = await runEvent(site.charm, world, start);
      expect(after.unitStatus).toEqual(statuses.primary);
      const created = operationsOf(site).filter((each) => each === "create-cluster");
      expect(created).toHaveLength(at === "create-cluster" ? 2 : 1);
    },
  );
});

describe("what fails for a reason", () => {
  test("an installation is shown, and tried again", async () => {
    let fails = true;
    const site = machine({
      onSnap: (call) => {
        if (fails && call === "install") throw new SnapFailed("install", "unable to contact snap store");
      },
    });
    const { exitCode, world } = await runEvent(site.charm, namedWorld(), start);
    expect(exitCode).toBe(0);
    expect(world.unitStatus?.message).toContain("unable to contact snap store");
    fails = false;
    const { world: after } = await runEvent(site.charm, world, updateStatus);
    expect(after.unitStatus).toEqual(statuses.primary);
  });

  test("an operation of AdminAPI is shown, and tried again", async () => {
    let fails = true;
    const site = machine({
      perform: ({ command }) => {
        if (fails && command.operation === "create-cluster")
          throw new MysqlProblem("failed", "create-cluster", "it broke");
      },
    });
    const { exitCode, world } = await runEvent(site.charm, namedWorld(), start);
    expect(exitCode).toBe(0);
    expect(world.unitStatus).toEqual(statuses.operationFailed("create-cluster: it broke"));
    fails = false;
    const { world: after } = await runEvent(site.charm, world, updateStatus);
    expect(after.unitStatus).toEqual(statuses.primary);
  });

  test("storage that is not mounted is waited for, and nothing is installed", async () => {
    const site = machine();
    site.files.mounts.clear();
    const { world } = await runEvent(site.charm, namedWorld(), start);
    expect(world.unitStatus).toEqual(statuses.storageMissing);
    expect(site.snapCalls).toEqual([]);
  });

  test("a snap of another is left alone", async () => {
    const site = machine({ snap: { kind: "foreign" } });
    const { world } = await runEvent(site.charm, namedWorld(), start);
    expect(world.unitStatus).toEqual(statuses.foreignSnap);
    expect(site.snapCalls).toEqual([]);
  });
});

describe("a unit that is gone", () => {
  const departed = {
    kind: "relation-departed",
    endpoint: "database-peers",
    relationId: 1,
    remoteApp: own,
    remoteUnit: "mysql/1",
    departingUnit: "mysql/0",
  } as const;

  test.each([{ kind: "remove" } as const, departed])("does nothing at $kind", async (event) => {
    const site = machine();
    const world = namedWorld({ relations: [peers({ [own]: names, "mysql/1": {} })] });
    const { exitCode, calls } = await runEvent(site.charm, world, event);
    expect(exitCode).toBe(0);
    expect(calls).toEqual([]);
    expect([site.snapCalls, site.shell.runs, site.sql.attempts]).toEqual([[], [], []]);
  });
});

describe("a server that does not come up", () => {
  const start = "2026 0 [System] [MY-010116] [Server] mysqld starting as process 1\n";
  const refused = "2026 0 [ERROR] [MY-000067] [Server] unknown variable 'colour=secret-red'.\n";
  const write = (site: Machine, text: string): void => {
    const before = site.files.held.get(paths.errorLog)?.text ?? "";
    site.files.held.set(paths.errorLog, { text: before + text, mode: 0o640, owner: undefined });
  };

  test("is told with the reason of its error log, at once, and started again by the next hook", async () => {
    let refuses = true;
    const site: Machine = machine({
      onSnap: (call) => {
        if (call !== "start") return;
        write(site, refuses ? start + refused : start);
      },
      staysDown: () => refuses,
    });
    const { exitCode, world, log } = await runEvent(site.charm, namedWorld(), { kind: "start" });
    expect(exitCode).toBe(0);
    expect(world.unitStatus).toEqual(troubleStatus({ kind: "configuration", option: "colour" }));
    expect(JSON.stringify([world, log])).not.toContain("secret-red");
    refuses = false;
    const { world: after } = await runEvent(site.charm, world, updateStatus);
    expect(after.unitStatus).toEqual(statuses.primary);
  });

  test("for the reason of an earlier start is not told so", async () => {
    const site = machine();
    write(site, start + refused);
    const { world } = await runEvent(site.charm, namedWorld(), { kind: "start" });
    expect(world.unitStatus).toEqual(statuses.primary);
  });

  test("at once is not told the reason of an earlier start", async () => {
    const site: Machine = machine({
      onSnap: (call) => {
        // It takes a moment, and writes nothing.
        if (call === "start" && slow) setTimeout(() => delete site.local.down, 150);
      },
      staysDown: () => slow,
    });
    let slow = false;
    const { world } = await runEvent(site.charm, namedWorld(), { kind: "start" });
    slow = true;
    write(site, start + refused);
    site.local.down = "unreachable";
    const { world: after } = await runEvent(site.charm, world, updateStatus);
    expect(after.unitStatus).toEqual(statuses.primary);
  });

  test("since its snap cannot open its data is taken to the revision of a newer charm", async () => {
    const site = machine();
    const { world } = await runEvent(site.charm, namedWorld(), { kind: "start" });
    write(site, `${start}2026 1 [ERROR] [MY-013171] [Server] … Downgrade is not supported\n`);
    site.local.down = "unreachable";
    site.pin.revision = "161";
    const { world: after } = await runEvent(site.charm, world, { kind: "upgrade-charm" });
    expect(site.snapCalls.slice(-3)).toEqual(["stop", "refresh 161", "start"]);
    expect(after.unitStatus).toEqual(statuses.primary);
  });
});

test("storage that is nearly full is told before writes stop", async () => {
  const site = machine();
  const { world } = await runEvent(site.charm, namedWorld(), { kind: "start" });
  site.files.space.free = 199 * 10 ** 6;
  const { world: full } = await runEvent(site.charm, world, updateStatus);
  expect(full.unitStatus).toEqual(statuses.diskFull(199));
  site.files.space.free = 200 * 10 ** 6;
  const { world: after } = await runEvent(site.charm, full, updateStatus);
  expect(after.unitStatus).toEqual(statuses.primary);
});
