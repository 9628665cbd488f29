import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { type FakeMetadata, type FakeServer, primaryServer } from "../support/mysql.ts";
import { host, type Machine, machine, namedWorld, serverPassword } from "../support/world.ts";

const status = { kind: "action", action: "get-cluster-status", actionId: "3" } as const;
const password = serverPassword("own");
const metadata: FakeMetadata = {
  own: "rome",
  domain: "empire",
  clusters: [
    { name: "rome", role: "PRIMARY" },
    { name: "lisbon", role: "REPLICA" },
  ],
  instances: [
    { cluster: "rome", label: "mysql-0", address: `${host}:3306`, uuid: "uuid-0" },
    { cluster: "rome", label: "mysql-1", address: "mysql-1:3306", uuid: "uuid-1" },
    { cluster: "lisbon", label: "lisbon-0", address: "lisbon-0:3306", uuid: "uuid-9" },
  ],
};

function lisbon(given: Partial<FakeServer> = {}): FakeServer {
  return {
    ...primaryServer("lisbon", "empire", { host: "lisbon-0", uuid: "uuid-9", password }),
    metadata: { ...metadata, own: "lisbon" },
    superReadOnly: true,
    channel: { receiver: "ON", applier: "ON", errorNumber: 0, lagSeconds: 0, lastReceived: "" },
    ...given,
  };
}

/** Rome: its primary here, its secondary away. */
function rome(given: Partial<FakeServer> = {}, other = lisbon()): Machine {
  const local = primaryServer("rome", "empire", { host, password, metadata, ...given });
  return machine({ servers: { local, "lisbon-0": other } });
}

const documentOf = (results: Readonly<Record<string, string>>): unknown =>
  JSON.parse(results["json"] ?? "null");

describe("of the cluster", () => {
  test("lists all members, those that are away too", async () => {
    const { exitCode, action } = await runEvent(rome().charm, namedWorld({ leader: false }), status);
    expect(exitCode).toBe(0);
    expect(action.results["success"]).toBe("True");
    expect(documentOf(action.results)).toMatchObject({
      clustername: "rome",
      clusterrole: "primary",
      domainname: "empire",
      defaultreplicaset: {
        primary: `${host}:3306`,
        status: "ok_no_tolerance_partial",
        topology: {
          "mysql-0": { memberrole: "primary", mode: "r/w", status: "online", address: `${host}:3306` },
          "mysql-1": { memberrole: "", mode: "n/a", status: "(missing)" },
        },
      },
    });
    expect(action.results["status.defaultreplicaset.topology.mysql-0.mode"]).toBe("r/w");
    expect(action.results["table"]?.split("\n")[1]).toMatch(/^mysql-0 +primary +r\/w +online/);
    expect(action.results["table"]).not.toContain("lisbon");
  });

  test("fails for a unit that is in none", async () => {
    const site = rome({ group: [] });
    delete site.local.metadata;
    const { action } = await runEvent(site.charm, namedWorld(), status);
    expect(action.failure).toContain("in no cluster");
  });

  test("fails with the reason when the server cannot be asked", async () => {
    const { action } = await runEvent(rome({ down: "unreachable" }).charm, namedWorld(), status);
    expect(action.failure).toContain("could not be asked");
    expect(action.failure).toContain("Try another unit");
  });
});

describe("of the ClusterSet", () => {
  const run = async (site: Machine) =>
    (await runEvent(site.charm, namedWorld(), status, { params: { "cluster-set": true } })).action;

  test("asks a member of every cluster", async () => {
    const action = await run(rome());
    expect(documentOf(action.results)).toMatchObject({
      domainname: "empire",
      primarycluster: "rome",
      globalprimaryinstance: `${host}:3306`,
      status: "healthy",
      clusters: {
        rome: { clusterrole: "primary", globalstatus: "ok", primary: `${host}:3306` },
        lisbon: { clusterrole: "replica", globalstatus: "ok", clustersetreplicationstatus: "ok" },
      },
    });
    expect(action.results["table"]).toContain("lisbon-0");
  });

  test("shows a cluster that does not answer as unknown, and the set as available", async () => {
    const document = documentOf((await run(rome({}, lisbon({ down: "unreachable" })))).results);
    expect(document).toMatchObject({
      status: "available",
      clusters: { lisbon: { globalstatus: "unknown", clustersetreplicationstatus: "unknown" } },
    });
  });

  test.each([
    ["ok", "ok", { receiver: "CONNECTING", applier: "ON", errorNumber: 2003 }, "connecting"],
    ["ok_not_replicating", "available", { receiver: "OFF", applier: "ON", errorNumber: 0 }, "stopped"],
    ["ok_not_replicating", "available", { receiver: "ON", applier: "OFF", errorNumber: 1062 }, "error"],
  ] as const)("tells %s for a channel that is not on", async (global, health, part, word) => {
    const document = documentOf(
      (await run(rome({}, lisbon({ channel: { ...part, lagSeconds: 0, lastReceived: "" } })))).results,
    );
    expect(document).toMatchObject({
      status: health === "ok" ? "healthy" : health,
      clusters: { lisbon: { globalstatus: global, clustersetreplicationstatus: word } },
    });
  });

  test("tells a channel that is missing", async () => {
    const other = lisbon();
    delete other.channel;
    const document = documentOf((await run(rome({}, other))).results);
    expect(document).toMatchObject({ clusters: { lisbon: { globalstatus: "ok_misconfigured" } } });
  });

  test("tells an invalidated cluster, and writes that are fenced", async () => {
    const clusters = [
      { name: "rome", role: "PRIMARY" },
      { name: "lisbon", role: "REPLICA", invalidated: true },
    ] as const;
    const site = rome({ metadata: { ...metadata, clusters }, superReadOnly: true });
    const document = documentOf((await run(site)).results);
    expect(document).toMatchObject({
      clusters: { rome: { globalstatus: "ok_fenced_writes" }, lisbon: { globalstatus: "invalidated" } },
    });
  });

  test("fails for a cluster that is in none", async () => {
    const { domain: _, ...outside } = metadata;
    const action = await run(rome({ metadata: { ...outside, clusters: [{ name: "rome" }] } }));
    expect(action.failure).toContain("in no ClusterSet");
  });
});
