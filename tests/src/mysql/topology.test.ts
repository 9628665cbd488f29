import { describe, expect, test } from "vitest";
import { Secret } from "../../../lib/index.ts";
import { readChannel } from "../../../src/mysql/channel.ts";
import type { Session } from "../../../src/mysql/ports.ts";
import {
  howToCatchUp,
  missingHere,
  readElectsWritable,
  readServer,
  readUserDatabases,
} from "../../../src/mysql/topology.ts";
import { type FakeServer, fakeSql, loneServer, primaryServer } from "../support/mysql.ts";

const sessionOn = (server: FakeServer): Promise<Session> =>
  fakeSql({ db: server }).connect(
    { host: "db" },
    { user: "serverconfig", password: new Secret(server.password) },
  );

describe("what a server knows", () => {
  test("outside any group: nothing but itself", async () => {
    const view = await readServer(await sessionOn(loneServer({ superReadOnly: true })));
    expect(view).toEqual({
      server: expect.objectContaining({
        uuid: "uuid-0",
        superReadOnly: true,
        configured: true,
        metadata: false,
      }),
      member: { uuid: "uuid-0", host: "mysql-0", state: "OFFLINE", role: "", version: "9.7.0" },
      group: [],
      metadata: "absent",
    });
  });

  test("in a cluster that is in no set", async () => {
    const server = primaryServer("rome", "");
    server.metadata = { own: "rome", clusters: [{ name: "rome" }], instances: [] };
    const view = await readServer(await sessionOn(server));
    expect(view.metadata).toEqual({
      clusterId: "id-rome",
      clusterName: "rome",
      instances: [],
      set: undefined,
    });
    expect(view.member).toMatchObject({ state: "ONLINE", role: "PRIMARY" });
  });

  test("in a set of two, of which one was invalidated", async () => {
    const server = primaryServer("lisbon", "empire");
    server.metadata = {
      own: "lisbon",
      domain: "empire",
      view: "4294967300",
      clusters: [
        { name: "lisbon", role: "REPLICA" },
        { name: "rome", role: "PRIMARY", invalidated: true },
        { name: "elsewhere" },
      ],
      instances: [],
    };
    const { metadata } = await readServer(await sessionOn(server));
    expect(metadata).toMatchObject({
      clusterName: "lisbon",
      set: {
        id: "set-empire",
        domain: "empire",
        view: { generation: 1, number: 4 },
        role: "REPLICA",
        invalidated: false,
        clusters: [
          { name: "lisbon", role: "REPLICA", invalidated: false },
          { name: "rome", role: "PRIMARY", invalidated: true },
        ],
      },
    });
  });

  test("of metadata that does not list it: positively nothing", async () => {
    const server = loneServer({
      metadata: { own: undefined, clusters: [{ name: "rome" }], instances: [] },
    });
    expect((await readServer(await sessionOn(server))).metadata).toBe("absent");
  });
});

test("user databases, whether it can catch up, and the channel", async () => {
  const channel = {
    receiver: "ON",
    applier: "OFF",
    errorNumber: 1062,
    lagSeconds: 7,
    lastReceived: "",
  } as const;
  const session = await sessionOn(loneServer({ databases: ["shop"], catchesUp: false, channel }));
  expect(await readUserDatabases(session)).toEqual(["shop"]);
  expect(await howToCatchUp(session, "uuid:1-5")).toBe("logs-purged");
  expect(await readChannel(session)).toEqual(channel);
  const stranger = await sessionOn(loneServer({ diverged: true }));
  expect(await howToCatchUp(stranger, "uuid:1-5")).toBe("diverged");
  const other = await sessionOn(loneServer());
  expect(await howToCatchUp(other, "")).toBe("from-logs");
  expect(await readChannel(other)).toBeUndefined();
});

test("whether an election makes it writable; no group, no election", async () => {
  expect(await readElectsWritable(await sessionOn(primaryServer("rome", "empire")))).toBe(true);
  const fenced = primaryServer("rome", "empire", { electsWritable: false });
  expect(await readElectsWritable(await sessionOn(fenced))).toBe(false);
  expect(await readElectsWritable(await sessionOn(loneServer()))).toBe(false);
});

test("transactions that it lacks, in one line", async () => {
  const session = await sessionOn(loneServer({ lacks: "uuid:1-3,\nother:tag:7" }));
  expect(await missingHere(session, "uuid:1-9")).toBe("uuid:1-3,other:tag:7");
});
