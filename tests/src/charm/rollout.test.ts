import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { statuses } from "../../../src/statuses.ts";
import { type FakeServer, primaryServer, setVariable } from "../support/mysql.ts";
import {
  type CharmWorld,
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

const changed = { kind: "config-changed" } as const;
const testing = { profile: "testing" } as const;
const password = serverPassword("own");

/** Rome has two members: this unit's server, and mysql-1 on another machine. */
interface Site extends Machine {
  readonly other: FakeServer;
}

async function site(role: "PRIMARY" | "SECONDARY", options: MachineOptions = {}): Promise<Site> {
  const group = [
    { uuid: "uuid-0", host, state: "ONLINE", role },
    {
      uuid: "uuid-1",
      host: "mysql-1.lan",
      state: "ONLINE",
      role: role === "PRIMARY" ? "SECONDARY" : "PRIMARY",
    },
  ] as const;
  const instances = group.map((member, at) => ({
    cluster: "rome",
    label: `mysql-${at}`,
    address: `${member.host}:3306`,
    uuid: member.uuid,
  }));
  const metadata = {
    own: "rome",
    domain: "empire",
    clusters: [{ name: "rome", role: "PRIMARY" }],
    instances,
  } as const;
  const local = primaryServer("rome", "empire", { host, password, group, metadata });
  const other = primaryServer("rome", "empire", {
    ...{ uuid: "uuid-1", host: "mysql-1.lan", password, group, metadata },
  });
  const made = machine({
    snap: { kind: "installed", version: "9.7.0" },
    servers: { local, "mysql-1.lan": other },
    ...options,
    perform: (run) => {
      options.perform?.(run);
      if (run.command.operation === "set-primary-instance") elect(local, other);
    },
    onSnap: (call) => {
      options.onSnap?.(call);
      // mysqld reads its file when it starts.
      if (call === "start") readFile(made, local);
    },
  });
  // Mark of an earlier start: the file is there, and the server runs with it.
  await runEvent(made.charm, world(), changed);
  readFile(made, local);
  (made.snapCalls as string[]).splice(0);
  return { ...made, other };
}

function elect(local: FakeServer, other: FakeServer): void {
  const group = local.group.map((member) => ({
    ...member,
    role: member.host === host ? ("SECONDARY" as const) : ("PRIMARY" as const),
  }));
  local.group = group;
  other.group = group;
}

function readFile(made: Machine, local: FakeServer): void {
  for (const [path, { text }] of made.files.held) {
    if (!path.endsWith("z-custom-mysqld.cnf")) continue;
    for (const line of text.split("\n")) {
      const [, name, value] = /^(?:loose-)?(\w+) = (\S+)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) setVariable(local, name, value);
    }
  }
}

const bagOf = (given: CharmWorld, unit: string): Readonly<Record<string, string>> =>
  given.relations[0]?.bags[unit] ?? {};

function world(
  config: CharmWorld["config"] = testing,
  other: Readonly<Record<string, string>> = {},
): CharmWorld {
  return namedWorld({ config, leader: false, relations: [peers({ [own]: names, "mysql/1": other })] });
}

const bigger = { profile: "production", "profile-limit-memory": 3000 } as const;

/** What a unit publishes that runs with these options. */
async function markOf(config: CharmWorld["config"]): Promise<string> {
  const here = await site("SECONDARY");
  const { world: after } = await runEvent(here.charm, world(config), changed);
  return bagOf(after, "mysql/0")["server-configuration"] ?? "";
}

describe("settings that a running server takes over", () => {
  test("are set and written at once, without a restart", async () => {
    const here = await site("PRIMARY");
    const config = { ...testing, "experimental-max-connections": 55, "binlog-retention-days": 2 };
    const { exitCode } = await runEvent(here.charm, world(config), changed);
    expect(exitCode).toBe(0);
    expect(here.local.variables.get("max_connections")).toBe("55");
    expect(here.local.variables.get("binlog_expire_logs_seconds")).toBe("172800");
    expect(here.snapCalls).toEqual([]);
    const written = [...here.files.held.values()].map(({ text }) => text).join();
    expect(written).toContain("max_connections = 55\n");
  });

  test("and that it does not take are asked for once", async () => {
    const here = await site("PRIMARY");
    here.local.stubborn.add("max_connections");
    const config = { ...testing, "experimental-max-connections": 55 };
    const { exitCode, world: after, log } = await runEvent(here.charm, world(config), changed);
    expect(exitCode).toBe(0);
    expect(log.map(({ text }) => text).join()).toContain("does not run with max_connections = 55");
    const asked = here.local.statements.length;
    await runEvent(here.charm, after, changed);
    expect(here.local.statements).toHaveLength(asked);
  });
});

describe("settings that need a restart", () => {
  test("restart a secondary, and its peers are told", async () => {
    const here = await site("SECONDARY");
    const { exitCode, world: after, statuses: shown } = await runEvent(here.charm, world(bigger), changed);
    expect(exitCode).toBe(0);
    expect(here.snapCalls).toEqual(["stop", "start"]);
    expect(shown).toContainEqual(statuses.restarting);
    expect(bagOf(after, "mysql/0")["server-configuration"]).toMatch(/^159-[0-9a-f]{12}$/);
    const again = await runEvent(here.charm, after, changed);
    expect(again.world).toEqual(after);
    expect(here.snapCalls).toHaveLength(2);
  });

  test.each([
    ["RECOVERING", statuses.restartAwaitsMembers("mysql-1")],
    ["missing", statuses.restartAwaitsMembers("mysql-1")],
    ["UNREACHABLE", statuses.noQuorum("mysql/0")],
  ] as const)("wait for a member that is %s", async (state, status) => {
    const here = await site("SECONDARY");
    here.local.group = here.local.group.flatMap((each) => {
      if (each.uuid !== "uuid-1") return [each];
      return state === "missing" ? [] : [{ ...each, state }];
    });
    const { world: after } = await runEvent(here.charm, world(bigger), changed);
    expect(after.unitStatus).toEqual(status);
    expect(here.snapCalls).toEqual([]);
  });

  test("wait while another member restarts, as only the primary can know", async () => {
    const here = await site("SECONDARY");
    here.other.lockTaken = true;
    const { exitCode, world: after } = await runEvent(here.charm, world(bigger), changed);
    expect(exitCode).toBe(0);
    expect(after.unitStatus).toEqual(statuses.clusterBusy);
    expect(here.snapCalls).toEqual([]);
    expect(bagOf(after, "mysql/0")["server-configuration"]).toBeUndefined();
  });

  test("wait when the primary sees a member missing that this unit still saw", async () => {
    const here = await site("SECONDARY");
    here.other.group = here.other.group.filter((each) => each.uuid === "uuid-1");
    const { world: after } = await runEvent(here.charm, world(bigger), changed);
    expect(after.unitStatus).toEqual(statuses.clusterBusy);
    expect(here.snapCalls).toEqual([]);
  });

  test("restart the primary after all others, and not as the primary", async () => {
    const here = await site("PRIMARY");
    const first = await runEvent(
      here.charm,
      world(bigger, { "server-configuration": await markOf(testing) }),
      changed,
    );
    expect(first.world.unitStatus).toEqual(statuses.restartAfter("mysql/1"));
    expect(here.snapCalls).toEqual([]);
    await runEvent(here.charm, world(bigger, { "server-configuration": await markOf(bigger) }), changed);
    expect(here.shell.runs.map(({ command }) => [command.operation, command.args[0]])).toEqual([
      ["set-primary-instance", "mysql-1.lan:3306"],
    ]);
    expect(here.snapCalls).toEqual(["stop", "start"]);
  });

  test("wait for a job of the unit", async () => {
    const here = await site("SECONDARY");
    here.jobs.states.set("add", { kind: "running", label: "", startedAt: 0, lastLines: [] });
    const { world: after } = await runEvent(here.charm, world(bigger), changed);
    expect(after.unitStatus).toEqual(statuses.restartAwaitsJob);
  });

  test("restart a server once, also when it does not take them", async () => {
    const here = await site("SECONDARY");
    here.local.variables.set("admin_port", "1");
    here.local.stubborn.add("admin_port");
    const { exitCode, world: after } = await runEvent(here.charm, world(), changed);
    expect(exitCode).toBe(0);
    expect(here.snapCalls).toEqual(["stop", "start"]);
    await runEvent(here.charm, after, changed);
    expect(here.snapCalls).toHaveLength(2);
  });

  test.each(["stop", "start"])("cut at %s: the next hook ends the work", async (at) => {
    let cut = false;
    const here = await site("SECONDARY", {
      onSnap: (call) => {
        if (cut && call === at) throw new Error("killed");
      },
    });
    cut = true;
    expect((await runEvent(here.charm, world(bigger), changed)).exitCode).toBe(1);
    cut = false;
    const { exitCode, world: after } = await runEvent(here.charm, world(bigger), changed);
    expect(exitCode).toBe(0);
    expect(here.local.down).toBeUndefined();
    expect(bagOf(after, "mysql/0")["server-configuration"]).toBe(await markOf(bigger));
  });

  test("cut after the hand-over: the next hook restarts a secondary", async () => {
    let cut = false;
    const here = await site("PRIMARY", {
      onSnap: (call) => {
        if (call === "stop" && cut) throw new Error("killed");
      },
    });
    const given = world(bigger, { "server-configuration": await markOf(bigger) });
    cut = true;
    expect((await runEvent(here.charm, given, changed)).exitCode).toBe(1);
    cut = false;
    expect((await runEvent(here.charm, given, changed)).exitCode).toBe(0);
    expect(here.shell.runs).toHaveLength(1);
    expect(here.snapCalls.slice(-2)).toEqual(["stop", "start"]);
  });
});

describe("another revision of the snap", () => {
  const upgraded = { kind: "upgrade-charm" } as const;

  test("is taken while the server is stopped", async () => {
    const here = await site("SECONDARY");
    here.pin.revision = "160";
    const { world: after, statuses: shown } = await runEvent(here.charm, world(), upgraded);
    expect(here.snapCalls).toEqual(["stop", "refresh 160", "start"]);
    expect(shown).toContainEqual(statuses.refreshing);
    expect(bagOf(after, "mysql/0")["server-configuration"]).toMatch(/^160-/);
  });

  test("with an older MySQL than the data had is taken back before it starts, and tried once", async () => {
    const here = await site("SECONDARY", { versions: { "158": "9.6.0", "159": "9.7.0" } });
    here.pin.revision = "158";
    const { exitCode, world: after } = await runEvent(here.charm, world(), upgraded);
    expect(exitCode).toBe(0);
    expect(here.snapCalls).toEqual(["stop", "refresh 158", "refresh 159", "start"]);
    expect(after.unitStatus).toEqual(statuses.olderThanData("9.6.0", "9.7.0"));
    await runEvent(here.charm, after, upgraded);
    expect(here.snapCalls).toHaveLength(4);
  });

  test("that was refused is forgotten once the charm asks for another", async () => {
    const here = await site("SECONDARY", { versions: { "158": "9.6.0" } });
    here.pin.revision = "158";
    const { world: refused } = await runEvent(here.charm, world(), upgraded);
    here.pin.revision = "159";
    const { world: after } = await runEvent(here.charm, refused, upgraded);
    expect(after.unitStatus?.kind).toBe("active");
    expect(here.snapCalls).toHaveLength(4);
  });

  test("makes a primary that nobody of its version can follow go down as it is, last", async () => {
    const here = await site("PRIMARY");
    const mark = (await markOf(testing)).replace(/^159/, "160");
    here.local.group = here.local.group.map((each) =>
      each.uuid === "uuid-1" ? { ...each, version: "9.7.1" } : each,
    );
    here.pin.revision = "160";
    const { exitCode } = await runEvent(
      here.charm,
      world(testing, { "server-configuration": mark }),
      upgraded,
    );
    expect(exitCode).toBe(0);
    expect(here.shell.runs).toEqual([]);
    expect(here.snapCalls).toEqual(["stop", "refresh 160", "start"]);
  });

  test.each(["stop", "refresh 160", "start"])("cut at %s: the next hook ends the work", async (at) => {
    let cut = false;
    const here = await site("SECONDARY", {
      onSnap: (call) => {
        if (cut && call === at) throw new Error("killed");
      },
    });
    here.pin.revision = "160";
    cut = true;
    expect((await runEvent(here.charm, world(), upgraded)).exitCode).toBe(1);
    cut = false;
    const { world: after } = await runEvent(here.charm, world(), upgraded);
    expect(here.local.down).toBeUndefined();
    expect(bagOf(after, "mysql/0")["server-configuration"]).toMatch(/^160-/);
  });
});
