import { describe, expect, test } from "vitest";
import { type Model, Secret, type SecretRead } from "../../../lib/index.ts";
import { keyring } from "../../../src/credentials/keyring.ts";
import type { Meta } from "../../../src/generated/charm-meta.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { type FakeServer, type FakeSql, fakeSql, loneServer } from "../support/mysql.ts";
import { passwordsOf, serverPassword } from "../support/world.ts";

const sharedId = "sharedsecret00000000";
const granted = (content: Readonly<Record<string, string>>): SecretRead => ({
  kind: "value",
  content: Object.fromEntries(Object.entries(content).map(([key, value]) => [key, new Secret(value)])),
});

interface Situation {
  readonly own?: SecretRead;
  readonly shared?: SecretRead;
  readonly bag?: Readonly<Record<string, string>>;
  readonly broken?: boolean;
  readonly servers?: Readonly<Record<string, FakeServer>>;
}

/** A keyring over a model that has just the relation and the two secrets. */
function ringOf(situation: Situation): { readonly ring: ReturnType<typeof keyring>; readonly sql: FakeSql } {
  const { own = { kind: "absent" }, shared = { kind: "absent" } } = situation;
  const relation = { id: 5, endpoint: "async-replica", remoteApp: "rome", broken: situation.broken ?? false };
  const model = {
    context: { app: "mysql" },
    relations: async () => (situation.bag === undefined ? [] : [relation]),
    readApp: async () => situation.bag,
    secret: async (ref: { readonly id?: string; readonly label?: string }) => {
      if (ref.label === "database-peers.mysql.app") return own;
      return ref.id === sharedId ? shared : { kind: "absent" };
    },
  } as unknown as Model<Meta>;
  const sql = fakeSql(situation.servers ?? {});
  return { ring: keyring(model, sql), sql };
}

const ownPasswords = granted(passwordsOf("own"));
const theirPasswords = granted(passwordsOf("theirs"));
const bag = { "secret-id": sharedId };

describe("logging in", () => {
  test("tries the own passwords, then those that the primary cluster shared, and remembers which worked", async () => {
    const servers = { local: loneServer({ password: serverPassword("theirs") }) };
    const { ring, sql } = ringOf({ own: ownPasswords, shared: theirPasswords, bag, servers });
    await ring.connectLocal();
    expect(sql.attempts).toEqual([`local ${serverPassword("own")}`, `local ${serverPassword("theirs")}`]);
    await ring.connectLocal();
    expect(sql.attempts.slice(2)).toEqual([`local ${serverPassword("theirs")}`]);
    expect(ring.working()?.serverconfig.reveal()).toBe(serverPassword("theirs"));
    expect((await ring.adminPassword()).reveal()).toBe("theirs-clusteradmin-pw");
  });

  test("while a session is held, what opened another server is not taken for what opened this one", async () => {
    const servers = {
      local: loneServer({ password: serverPassword("own") }),
      rome: loneServer({ password: serverPassword("theirs") }),
    };
    const { ring } = ringOf({ own: ownPasswords, shared: theirPasswords, bag, servers });
    ring.hold();
    await ring.connectLocal();
    await ring.connect({ host: "rome" });
    expect(ring.working()?.serverconfig.reveal()).toBe(serverPassword("theirs"));
    await ring.connectLocal();
    expect(ring.working()?.serverconfig.reveal()).toBe(serverPassword("own"));
    await ring.release();
  });

  test("tries passwords that are the same once", async () => {
    const { ring, sql } = ringOf({
      own: ownPasswords,
      shared: granted(passwordsOf("own")),
      bag,
      servers: { local: loneServer({ password: "else" }) },
    });
    await expect(ring.connectLocal()).rejects.toMatchObject({ reason: "denied" });
    expect(sql.attempts).toHaveLength(1);
  });

  test("refused with all of them, is denied, and nothing is remembered", async () => {
    const { ring } = ringOf({
      own: ownPasswords,
      shared: theirPasswords,
      bag,
      servers: { local: loneServer({ password: "else" }) },
    });
    await expect(ring.connectLocal()).rejects.toMatchObject({ reason: "denied" });
    expect(ring.working()).toBeUndefined();
  });

  test.each(["unreachable", "timed-out", "failed"] as const)(
    "to a server that is %s is not tried with other passwords",
    async (down) => {
      const { ring, sql } = ringOf({
        own: ownPasswords,
        shared: theirPasswords,
        bag,
        servers: { db: loneServer({ down }) },
      });
      await expect(ring.connect({ host: "db" })).rejects.toMatchObject({ reason: down });
      expect(sql.attempts).toHaveLength(1);
    },
  );

  test("goes by the administrative port when clients have taken all connections", async () => {
    const servers = { local: loneServer({ password: serverPassword("own"), down: "full" }) };
    const { ring, sql } = ringOf({ own: ownPasswords, servers });
    await ring.connectLocal();
    expect(sql.attempts).toHaveLength(2);
    expect(ring.working()).toBeDefined();
  });

  test("without any password is denied, without a connection", async () => {
    const { ring, sql } = ringOf({ servers: { local: loneServer() } });
    await expect(ring.connectLocal()).rejects.toThrow(MysqlProblem);
    await expect(ring.adminPassword()).rejects.toMatchObject({ reason: "denied" });
    expect(sql.attempts).toEqual([]);
  });

  test("the administrator's password is the own one before any server took one", async () => {
    const { ring } = ringOf({ own: ownPasswords });
    expect((await ring.adminPassword()).reveal()).toBe("own-clusteradmin-pw");
  });
});

describe("the own passwords", () => {
  test("are unknown while a field is missing", async () => {
    const { "backups-password": _, ...partial } = passwordsOf("own");
    expect(await ringOf({ own: granted(partial) }).ring.own()).toBeUndefined();
    expect(await ringOf({}).ring.own()).toBeUndefined();
  });
});

describe("what the primary cluster shared", () => {
  test.each([
    ["no relation", {}, { kind: "none" }],
    ["no secret named", { bag: {} }, { kind: "none" }],
    ["an empty id", { bag: { "secret-id": "" } }, { kind: "none" }],
    ["something that is no id", { bag: { "secret-id": "file:///etc/passwd" } }, { kind: "none" }],
    ["a relation that ends", { bag, broken: true, shared: theirPasswords }, { kind: "none" }],
    ["not granted", { bag, shared: { kind: "not-granted" } }, { kind: "not-granted" }],
    ["not there yet", { bag, shared: { kind: "absent" } }, { kind: "not-granted" }],
    [
      "a field missing",
      { bag, shared: granted({ "root-password": "x" }) },
      { kind: "incomplete", field: "server-config-password" },
    ],
  ] as const)("%s", async (_, situation, expected) => {
    expect(await ringOf(situation as Situation).ring.incoming()).toEqual(expected);
  });

  test("all of it", async () => {
    expect(await ringOf({ bag, shared: theirPasswords }).ring.incoming()).toMatchObject({ kind: "value" });
  });
});
