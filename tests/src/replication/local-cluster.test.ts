import { describe, expect, test } from "vitest";
import type { ServerView } from "../../../src/mysql/topology.ts";
import { ownCluster, primaryHost, replicaCluster, siteName } from "../../../src/replication/local-cluster.ts";
import { withNewest } from "../../../src/replication/set-copies.ts";

const member = { uuid: "u0", host: "db-0", state: "ONLINE", role: "PRIMARY", version: "9.7.0" } as const;
const second = { ...member, uuid: "u1", host: "db-1", role: "SECONDARY" } as const;
const view: ServerView = {
  server: {
    version: "9.7.0",
    uuid: "u0",
    host: "db-0",
    superReadOnly: false,
    readOnly: false,
    gtidExecuted: "",
    configured: true,
    metadata: true,
    halfMetadata: false,
    oldPasswords: false,
  },
  member,
  group: [member, second],
  metadata: {
    clusterId: "id-rome",
    clusterName: "rome",
    instances: [
      { cluster: "rome", label: "db-0", address: "db-0:3306", uuid: "u0" },
      { cluster: "lisbon", label: "lisbon-0.lan:3306", address: "lisbon-0.lan:3306", uuid: "u9" },
    ],
    set: {
      id: "set-1",
      view: { generation: 0, number: 2 },
      domain: "empire",
      role: "PRIMARY",
      invalidated: false,
      clusters: [
        { id: "id-rome", name: "rome", role: "PRIMARY", invalidated: false },
        { id: "id-lisbon", name: "lisbon", role: "REPLICA", invalidated: false },
      ],
    },
  },
};
const absent: ServerView = {
  ...view,
  metadata: "absent",
  group: [],
  member: { ...member, state: "OFFLINE", role: "" },
};

describe("the own cluster of the primary's side", () => {
  test("with the label of the other cluster's one instance, whatever the case of its name", () => {
    expect(ownCluster(view, "LISBON")).toEqual({
      name: "rome",
      version: "9.7.0",
      setName: "empire",
      role: "primary",
      invalidated: false,
      clusters: ["rome", "lisbon"],
      remoteLabel: "lisbon-0.lan:3306",
      remoteHosts: ["lisbon-0.lan"],
    });
    expect(ownCluster(view, undefined)).toMatchObject({ remoteLabel: undefined });
  });

  test("that could not be asked, or is not formed", () => {
    expect(ownCluster("unknown", "lisbon")).toBe("unknown");
    expect(ownCluster(absent, "lisbon")).toBe("forming");
    expect(ownCluster({ ...view, member: { ...member, state: "RECOVERING" } }, "lisbon")).toBe("forming");
  });
});

describe("the cluster of the replica's side", () => {
  test("counts the members that are online", () => {
    const offline = { ...second, state: "UNREACHABLE" } as const;
    expect(
      replicaCluster(withNewest({ ...view, group: [member, second, offline] }, new Map())),
    ).toMatchObject({
      kind: "present",
      name: "rome",
      role: "primary",
      onlineMembers: 2,
    });
  });

  test("is absent only for a server without metadata that runs in no group", () => {
    expect(replicaCluster(withNewest(absent, new Map()))).toEqual({ kind: "absent", version: "9.7.0" });
    const remnant = { kind: "remnant", version: "9.7.0", hosts: absent.group.map(({ host }) => host) };
    expect(replicaCluster(withNewest({ ...absent, member }, new Map()))).toEqual(remnant);
    expect(replicaCluster("unknown")).toBe("unknown");
  });
});

test("the member that takes writes is one that is online", () => {
  expect(primaryHost(view)).toBe("db-0");
  expect(primaryHost({ ...view, group: [{ ...member, state: "UNREACHABLE" }, second] })).toBeUndefined();
});

test("the anonymous name of an offer's other end is not shown to people", () => {
  const relation = { id: 1, endpoint: "async-primary", broken: false };
  const remoteApp = "remote-0123456789abcdef0123456789abcdef";
  expect(siteName({ ...relation, remoteApp })).toBe("the related application");
  expect(siteName({ ...relation, remoteApp: "lisbon" })).toBe("lisbon");
});
