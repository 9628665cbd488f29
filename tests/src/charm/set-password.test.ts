import { describe, expect, test } from "vitest";
import type { Event } from "../../../lib/index.ts";
import { type RunEventResult, runEvent } from "../../../lib/testing/world.ts";
import type { Meta } from "../../../src/generated/charm-meta.ts";
import { passwordFields, systemUsers } from "../../../src/wire/credentials.ts";
import { primaryServer } from "../support/mysql.ts";
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

const request: Event<Meta> = { kind: "action", action: "set-password", actionId: "7" };
const updateStatus = { kind: "update-status" } as const;
const secretOf = (world: CharmWorld): Readonly<Record<string, string>> =>
  world.secrets[0]?.revisions.at(-1) ?? {};

/** A unit that is the primary of its cluster; unit 1 is a peer of it. */
function site(options: MachineOptions = {}): Machine {
  const password = serverPassword("own");
  const local = primaryServer("rome", "empire", { host, password });
  return machine({
    snap: { kind: "installed", version: "9.7.0" },
    ...options,
    servers: { local, ...options.servers },
  });
}

const world = (given: Partial<CharmWorld> = {}): CharmWorld =>
  namedWorld({ relations: [peers({ [own]: names, "mysql/1": {} })], ...given });

const change = (
  here: Machine,
  params: Readonly<Record<string, string>> = {},
  given: CharmWorld = world(),
): Promise<RunEventResult<Meta>> => runEvent(here.charm, given, request, { params });

/** Another unit says which passwords it uses. */
function acknowledged(given: CharmWorld, generation: string): CharmWorld {
  const [relation, ...rest] = given.relations;
  if (relation === undefined) throw new Error("no peers");
  const bags = { ...relation.bags, "mysql/1": { "passwords-generation": generation } };
  return { ...given, relations: [{ ...relation, bags }, ...rest] };
}

describe("set-password", () => {
  test.each(systemUsers)("of %s: both servers and secret, and the old one still opens", async (username) => {
    const here = site();
    const { action, world: after } = await change(here, { username, password: "correct-horse" });
    expect(action.failure).toBeUndefined();
    expect(action.results).toMatchObject({ username, message: expect.stringContaining("changed") });
    const at = username === "root" ? "localhost" : "%";
    expect(here.local.statements).toEqual([
      `ALTER USER '${username}'@'${at}' IDENTIFIED BY 'own-${username}-pw'`,
      `ALTER USER '${username}'@'${at}' IDENTIFIED BY 'correct-horse' RETAIN CURRENT PASSWORD`,
    ]);
    expect(secretOf(after)).toMatchObject({
      [passwordFields[username]]: "correct-horse",
      [`previous-${passwordFields[username]}`]: `own-${username}-pw`,
    });
    expect(after.relations[0]?.bags[own]).toMatchObject({ "passwords-generation": "1" });
  });

  test("without a password makes one", async () => {
    const { world: after } = await change(site());
    expect(secretOf(after)["root-password"]).toMatch(/^\w{24}$/);
    expect(secretOf(after)["root-password"]).not.toBe("own-root-pw");
  });

  test("shows the password nowhere", async () => {
    const { action, log, world: after } = await change(site(), { password: "correct-horse" });
    expect(JSON.stringify([action, log, after.relations, after.unitStatus])).not.toContain("correct-horse");
  });

  test("wakes the unit, which may be alone", async () => {
    const here = site();
    await change(here);
    expect(here.jobs.started.map(({ name }) => name)).toEqual(["wake"]);
  });

  test.each([
    ["seven-7", "password: must be 8 to 100"],
    ["with space", "password: must be 8 to 100"],
    ["quote'quote", "password: must be 8 to 100"],
    ['quote"quote', "password: must be 8 to 100"],
    ["back\\slash", "password: must be 8 to 100"],
    ["back`tick`", "password: must be 8 to 100"],
    ["-dash-first", "password: must be 8 to 100"],
    ["#hash-first", "password: must be 8 to 100"],
    ["ünïcödé-ü", "password: must be 8 to 100"],
    ["line\nbreaks", "password: must be 8 to 100"],
    ["x".repeat(101), "password: must be 8 to 100"],
  ])("refuses %j", async (password, reason) => {
    const here = site();
    const before = world();
    const { action, world: after } = await change(here, { password }, before);
    expect(action.failure).toContain(reason);
    expect(after).toEqual(before);
    expect(here.local.statements).toEqual([]);
  });

  test("refuses the password that the user has", async () => {
    const here = site();
    const { action } = await change(here, { password: "own-root-pw" });
    expect(action.failure).toContain("has this password already");
    expect(here.local.statements).toEqual([]);
  });

  test("takes every other printable character", async () => {
    const password = "!$%&()*+,./:;<=>?@[]^_{|}~#-0aZ";
    const { action, world: after } = await change(site(), { password });
    expect(action.failure).toBeUndefined();
    expect(secretOf(after)["root-password"]).toBe(password);
  });

  test.each([
    ["who does not lead", world({ leader: false }), {}, "Only the leader"],
    ["before there are passwords", world({ secrets: [] }), {}, "do not exist yet"],
    [
      "on a standby",
      world({
        relations: [
          peers({ [own]: names }),
          { id: 5, endpoint: "async-replica", remoteApp: "athens", bags: { athens: {} } },
        ],
      }),
      {},
      "come from athens",
    ],
    ["an unknown user", world(), { username: "admin" }, "username: must be one of root"],
  ] as const)("refuses one %s", async (_, given, params, reason) => {
    const here = site();
    const { action, world: after } = await change(here, params, given);
    expect(action.failure).toContain(reason);
    expect(after).toEqual(given);
    expect(here.local.statements).toEqual([]);
  });

  test.each([
    ["no primary answers", { down: "unreachable" as const }, "No primary takes writes"],
    [
      "the group has none",
      { group: [{ uuid: "uuid-0", host, state: "ERROR" as const, role: "" as const }] },
      "No primary takes writes",
    ],
  ])("refuses while %s", async (_, given, reason) => {
    const here = site();
    Object.assign(here.local, given);
    const { action, world: after } = await change(here);
    expect(action.failure).toContain(reason);
    expect(secretOf(after)).toEqual(secretOf(world()));
  });

  test("on an application whose cluster follows now changes the primary of the set", async () => {
    const password = serverPassword("own");
    const leading = primaryServer("lisbon", "empire", { host: "lisbon-0", uuid: "uuid-l", password });
    const instance = { cluster: "lisbon", label: "lisbon-0", address: "lisbon-0:3306", uuid: "uuid-l" };
    const local = primaryServer("rome", "empire", { host, password, superReadOnly: true });
    const { metadata } = local;
    if (metadata === undefined) throw new Error("no metadata");
    local.metadata = {
      ...metadata,
      clusters: [
        { name: "lisbon", role: "PRIMARY" },
        { name: "rome", role: "REPLICA" },
      ],
      instances: [instance, ...metadata.instances],
    };
    const here = site({ servers: { local, "lisbon-0": leading } });
    const { action } = await change(here);
    expect(action.failure).toBeUndefined();
    expect(leading.statements).toHaveLength(2);
    expect(local.statements).toEqual([]);
  });
});

describe("a second change", () => {
  const first = { username: "serverconfig", password: "first-password" } as const;
  const second = { ...first, password: "second-password" } as const;

  test("of an account is refused while a unit may use the password before the first, and names it", async () => {
    const here = site();
    const changed = await change(here, first);
    const told = await runEvent(here.charm, changed.world, updateStatus);
    here.local.statements.splice(0);
    const { action, world: after } = await change(here, second, told.world);
    expect(action.failure).toMatch(
      /^The password of serverconfig was changed just now, and mysql\/1 may still/,
    );
    expect([here.local.password, here.local.oldPassword]).toEqual(["first-password", serverPassword("own")]);
    expect(here.local.statements).toEqual([]);
    expect(secretOf(after)).toEqual(secretOf(told.world));
  });

  test("of the same account is taken once all have the first", async () => {
    const here = site();
    const changed = await change(here, first);
    const told = await runEvent(here.charm, acknowledged(changed.world, "1"), updateStatus);
    const { action } = await change(here, second, told.world);
    expect(action.failure).toBeUndefined();
    expect(here.local.password).toBe("second-password");
  });

  test("of another account is taken at once: each has an old password of its own", async () => {
    const here = site();
    const changed = await change(here, first);
    const { action } = await change(here, { username: "backups" }, changed.world);
    expect(action.failure).toBeUndefined();
    expect([here.local.password, here.local.oldPassword]).toEqual(["first-password", serverPassword("own")]);
  });

  test("is refused while a standby has not said that it knows the first", async () => {
    const here = site();
    const relation = {
      id: 4,
      endpoint: "async-primary",
      remoteApp: "remote-0123456789abcdef0123456789abcdef",
      bags: { [own]: { "secret-id": "secret:sharedsecret00000000" } },
    } as const;
    const related = world({ relations: [peers({ [own]: names, "mysql/1": {} }), relation] });
    const changed = await change(here, first, related);
    const told = await runEvent(here.charm, acknowledged(changed.world, "1"), updateStatus);
    const { action } = await change(here, second, told.world);
    expect(action.failure).toContain("the related application may still use");
  });
});

describe("a change that was cut short", () => {
  test.each([0, 1])("at statement %i leaves a server that takes the password in writing", async (at) => {
    const here = site();
    here.local.onStatement = () => {
      if (here.local.statements.length === at) throw new Error("killed");
    };
    const { world: after } = await change(here, { username: "serverconfig" });
    expect(secretOf(after)).toEqual(secretOf(world()));
    delete here.local.onStatement;
    const { exitCode } = await runEvent(here.charm, after, updateStatus);
    expect(exitCode).toBe(0);
    const again = await change(here, { username: "serverconfig", password: "second-try" }, after);
    expect(again.action.failure).toBeUndefined();
    expect(here.local.oldPassword).toBe(serverPassword("own"));
  });

  test("before the commit: the lost password ends, the one in writing stays", async () => {
    const here = site();
    const before = world();
    await runEvent(here.charm, before, request, {
      params: { username: "serverconfig", password: "lost-password" },
      losesLeadership: true,
    });
    expect([here.local.password, here.local.oldPassword]).toEqual(["lost-password", serverPassword("own")]);
    await runEvent(here.charm, before, updateStatus);
    expect([here.local.password, here.local.oldPassword]).toEqual([serverPassword("own"), undefined]);
  });

  test("twice before the commit never pushes out the password in writing", async () => {
    const here = site();
    for (const password of ["lost-password-1", "lost-password-2"]) {
      const params = { username: "serverconfig", password };
      await runEvent(here.charm, world(), request, { params, losesLeadership: true });
      expect([here.local.password, here.local.oldPassword]).toContain(serverPassword("own"));
    }
  });
});

describe("the old password", () => {
  test("opens until every unit has the new one, then no more", async () => {
    const here = site();
    const changed = await change(here, { username: "serverconfig", password: "new-password" });
    const first = await runEvent(here.charm, changed.world, updateStatus);
    expect(here.local.oldPassword).toBe(serverPassword("own"));
    here.jobs.states.clear();
    const second = await runEvent(here.charm, acknowledged(first.world, "0"), updateStatus);
    expect(here.local.oldPassword).toBe(serverPassword("own"));
    await runEvent(here.charm, acknowledged(second.world, "1"), updateStatus);
    expect([here.local.password, here.local.oldPassword]).toEqual(["new-password", undefined]);
  });

  test("opens while a job runs that was given it", async () => {
    const here = site();
    const changed = await change(here, { username: "serverconfig", password: "new-password" });
    here.jobs.states.set("join", { kind: "running", label: "", startedAt: 0, lastLines: [] });
    const all = acknowledged(changed.world, "1");
    const { world: after } = await runEvent(here.charm, all, updateStatus);
    expect(after.relations[0]?.bags["mysql/0"]).not.toHaveProperty("passwords-generation");
    expect(here.local.oldPassword).toBe(serverPassword("own"));
    here.jobs.states.clear();
    await runEvent(here.charm, after, updateStatus);
    expect(here.local.oldPassword).toBeUndefined();
  });

  test("is tried on a server that was away while it changed", async () => {
    const here = site();
    const changed = await change(here, { username: "serverconfig", password: "new-password" });
    here.local.password = serverPassword("own");
    delete here.local.oldPassword;
    const { world: after } = await runEvent(here.charm, changed.world, updateStatus);
    expect(after.unitStatus?.kind).toBe("active");
  });

  test("of an account that did not change is not kept", async () => {
    const { world: after } = await change(site(), { username: "backups" });
    expect(Object.keys(secretOf(after)).filter((field) => field.startsWith("previous-"))).toEqual([
      "previous-backups-password",
    ]);
  });
});
