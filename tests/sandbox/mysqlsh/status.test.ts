// Status documents from facts: availability, global status, sentences, topology.
import { describe, expect, it } from "vitest";
import type {
  ClusterRecord,
  InstanceRecord,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/metadata/snapshot.ts";
import { sortKeys } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/output.ts";
import type { ChannelState } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/primitives/channel.ts";
import { countTransactions } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/status/channel-document.ts";
import { clusterErrors } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/status/clusterset-status.ts";
import {
  clusterStatusOf,
  type LagStyle,
  topologyOf,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/status/document.ts";
import type {
  ClusterFacts,
  MemberFacts,
  OwnFacts,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/status/facts.ts";
import {
  availabilityOf,
  channelStatusOf,
  type GlobalFacts,
  globalStatusOf,
  setStatusOf,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/status/global.ts";

const seen = (state: string, more: object = {}) => ({
  reachable: true,
  state,
  quorum: true,
  primary: false,
  ...more,
});
const GONE = { reachable: false, state: "(MISSING)", quorum: false, primary: false };

describe("availability", () => {
  it.each([
    [[seen("ONLINE", { primary: true }), GONE], "ONLINE"],
    [[seen("ONLINE"), GONE], "ONLINE_NO_PRIMARY"],
    [[seen("ONLINE", { quorum: false, primary: true }), GONE], "NO_QUORUM"],
    [[seen("OFFLINE"), seen("ERROR")], "OFFLINE"],
    [[seen("OFFLINE"), GONE], "SOME_UNREACHABLE"],
    [[GONE, GONE], "UNREACHABLE"],
  ])("%j is %s", (members, availability) => {
    expect(availabilityOf(members)).toBe(availability);
  });
});

const CHANNEL: ChannelState = {
  sourceUuid: "a",
  source: "h:3306",
  receiver: "ON",
  receiverError: { number: 0, text: "", time: "" },
  applier: "ON",
  applierError: 0,
  sslAllowed: true,
};
const FAILED = { number: 2013, text: "lost", time: "" };

describe("the status of a channel", () => {
  it.each([
    [undefined, "MISSING"],
    [CHANNEL, "OK"],
    [{ ...CHANNEL, sourceUuid: "b" }, "MISCONFIGURED"],
    [{ ...CHANNEL, receiver: "CONNECTING", receiverError: FAILED }, "CONNECTING"],
    [{ ...CHANNEL, receiver: "OFF" }, "STOPPED"],
    [{ ...CHANNEL, receiver: "OFF", receiverError: FAILED }, "ERROR"],
    [{ ...CHANNEL, applier: "OFF", applierError: 1062 }, "ERROR"],
    [{ ...CHANNEL, applier: "OFF" }, "STOPPED"],
  ] as const)("%j is %s", (channel, status) => {
    expect(channelStatusOf(channel, "a")).toBe(status);
  });

  it("is not compared with a source that is not known", () => {
    expect(channelStatusOf(CHANNEL, undefined)).toBe("OK");
  });
});

const REPLICA: GlobalFacts = {
  role: "REPLICA",
  invalidated: false,
  availability: "ONLINE",
  channel: "OK",
  fenced: false,
  errant: false,
};
const PRIMARY: GlobalFacts = { ...REPLICA, role: "PRIMARY", channel: "MISSING" };

describe("the global status", () => {
  it.each([
    [REPLICA, "OK"],
    [{ ...REPLICA, channel: "CONNECTING" }, "OK"],
    [{ ...REPLICA, channel: "STOPPED" }, "OK_NOT_REPLICATING"],
    [{ ...REPLICA, channel: "MISSING" }, "OK_MISCONFIGURED"],
    [{ ...REPLICA, errant: true }, "OK_NOT_CONSISTENT"],
    [{ ...REPLICA, availability: "OFFLINE" }, "NOT_OK"],
    [{ ...REPLICA, availability: "SOME_UNREACHABLE" }, "UNKNOWN"],
    [{ ...REPLICA, invalidated: true, availability: "UNREACHABLE" }, "INVALIDATED"],
    [PRIMARY, "OK"],
    [{ ...PRIMARY, fenced: true }, "OK_FENCED_WRITES"],
    [{ ...PRIMARY, channel: "OK" }, "OK_MISCONFIGURED"],
    [{ ...PRIMARY, availability: "NO_QUORUM" }, "NOT_OK"],
  ] as const)("%j is %s", (facts, status) => {
    expect(globalStatusOf(facts)).toBe(status);
  });

  it.each([
    ["OK", [], "HEALTHY", "All Clusters available."],
    ["OK", ["OK"], "HEALTHY", "All Clusters available."],
    [
      "OK",
      ["NOT_OK", "OK"],
      "AVAILABLE",
      "Primary Cluster available, there are issues with a Replica cluster.",
    ],
    [
      "OK",
      ["NOT_OK", "UNKNOWN"],
      "AVAILABLE",
      "Primary Cluster available, there are issues with 2 Replica Clusters.",
    ],
    ["OK_FENCED_WRITES", ["OK"], "UNAVAILABLE", "Primary Cluster is fenced from write traffic."],
    [
      "UNKNOWN",
      ["OK"],
      "UNAVAILABLE",
      "Primary Cluster is not reachable from the Shell, assuming it to be unavailable.",
    ],
  ] as const)("primary %s, replicas %j: %s", (primary, replicas, status, statusText) => {
    expect(setStatusOf(primary, replicas)).toEqual({ status, statusText });
  });

  it("comes with sentences, in the recorded order", () => {
    expect(
      clusterErrors({ ...REPLICA, availability: "OFFLINE", channel: "MISSING", invalidated: true }),
    ).toEqual([
      "ERROR: Cluster members are reachable but they're all OFFLINE.",
      "WARNING: Replication channel from the Primary Cluster is missing",
      "WARNING: Cluster was invalidated and must be either removed from the ClusterSet or rejoined",
    ]);
    expect(clusterErrors({ ...REPLICA, availability: "OFFLINE", channel: "STOPPED" })[1]).toBe(
      "WARNING: Replication from the Primary Cluster not in expected state",
    );
    expect(clusterErrors({ ...PRIMARY, availability: "SOME_UNREACHABLE" })).toEqual([
      "ERROR: Cluster members are reachable but they're all OFFLINE.",
    ]);
    expect(clusterErrors(PRIMARY)).toEqual([]);
  });
});

const CLUSTER: ClusterRecord = {
  id: "c",
  name: "alpha",
  groupName: "g",
  setId: undefined,
  role: undefined,
  invalidated: false,
  attributes: {},
};

const OWN: OwnFacts = {
  uuid: "u2",
  address: "127.0.1.2:3306",
  preservesOrder: true,
  sizeLimit: undefined,
  recoveryUser: "",
  recoveryError: undefined,
  applierError: undefined,
  applierRuns: "all",
  otherChannels: [],
  version: "9.7.4",
  superReadOnly: true,
  readOnly: true,
  offlineMode: false,
  workers: 4,
  lag: { original: "", immediate: "" },
  rejoining: false,
};

function member(n: number, more: Partial<MemberFacts> = {}): MemberFacts {
  const address = `127.0.1.${n}:3306`;
  const record: InstanceRecord = {
    id: n,
    clusterId: "c",
    label: address,
    address,
    uuid: `u${n}`,
    grLocal: address,
    attributes: { server_id: n },
  };
  const role = n === 1 ? "PRIMARY" : "SECONDARY";
  return {
    address,
    label: address,
    record,
    seen: { uuid: `u${n}`, address, state: "ONLINE", role, version: "9.7.4" },
    state: "ONLINE",
    own: { ...OWN, uuid: `u${n}`, address, ...(n === 1 ? { superReadOnly: false, readOnly: false } : {}) },
    instance: undefined,
    error: undefined,
    ...more,
  };
}

const dead = (n: number, state: string | undefined): MemberFacts => {
  const { seen: row } = member(n);
  return member(n, {
    seen: state === undefined || row === undefined ? undefined : { ...row, state },
    state: "(MISSING)",
    own: undefined,
    error: "MySQL Error 2003: refused",
  });
};

const cluster = (members: readonly MemberFacts[], more: Partial<ClusterFacts> = {}): ClusterFacts => ({
  cluster: CLUSTER,
  availability: "ONLINE",
  source: undefined,
  quorum: true,
  members,
  ...more,
});

describe("the status of a cluster", () => {
  const three = [member(1), member(2), member(3)];
  it.each([
    [cluster(three), "OK", "Cluster is ONLINE and can tolerate up to ONE failure."],
    [cluster([...three, member(4), member(5)]), "OK", "Cluster is ONLINE and can tolerate up to 2 failures."],
    [cluster([member(1), member(2)]), "OK_NO_TOLERANCE", "Cluster is NOT tolerant to any failures."],
    [
      cluster([member(1), member(2), dead(3, "UNREACHABLE")]),
      "OK_NO_TOLERANCE_PARTIAL",
      "Cluster is NOT tolerant to any failures. 1 member is not active.",
    ],
    [
      cluster([member(1), dead(2, undefined), dead(3, undefined)]),
      "OK_NO_TOLERANCE_PARTIAL",
      "Cluster is NOT tolerant to any failures. 2 members are not active.",
    ],
    [
      cluster([...three, dead(4, undefined)]),
      "OK_PARTIAL",
      "Cluster is ONLINE and can tolerate up to ONE failure. 1 member is not active.",
    ],
    [cluster(three, { availability: "OFFLINE" }), "OFFLINE", "All members of the group are OFFLINE"],
    [
      cluster(three, { availability: "UNREACHABLE" }),
      "UNREACHABLE",
      "Could not connect to any ONLINE members",
    ],
    [
      cluster([member(1), dead(2, undefined)], { cluster: { ...CLUSTER, invalidated: true } }),
      "INVALIDATED",
      "Cluster was invalidated by the ClusterSet it belongs to. 1 member is not active.",
    ],
  ])("is told by its members (%#)", (facts, status, statusText) => {
    expect(clusterStatusOf(facts, false)).toEqual({ status, statusText });
  });

  it("names the member that sees no quorum", () => {
    const facts = cluster([member(1), dead(2, "UNREACHABLE"), dead(3, "UNREACHABLE")], {
      quorum: false,
      availability: "NO_QUORUM",
    });
    expect(clusterStatusOf(facts, false)).toMatchObject({
      status: "NO_QUORUM",
      statusText: expect.stringMatching(
        /^Cluster has no quorum as visible from .* 2 members are not active\.$/,
      ),
    });
  });

  it("is FENCED_WRITES before anything about tolerance", () => {
    expect(clusterStatusOf(cluster(three), true)).toEqual({
      status: "FENCED_WRITES",
      statusText: "Cluster is fenced from Write Traffic.",
    });
  });
});

const told = (style: LagStyle, extended: number, unusedAccounts: readonly string[] = []) => ({
  style,
  extended,
  unusedAccounts,
  more: new Map<string, object>(),
});

describe("the topology", () => {
  it("is the recorded one for a healthy primary and a member just killed", () => {
    const facts = cluster([member(1), dead(3, "ONLINE")]);
    expect(JSON.stringify(sortKeys(topologyOf(facts, told("group", 1))))).toBe(
      '{"127.0.1.1:3306":{"address":"127.0.1.1:3306","applierWorkerThreads":4,"fenceSysVars":[],"memberId":"u1","memberRole":"PRIMARY","memberState":"ONLINE","mode":"R/W","readReplicas":{},"replicationLag":"applier_queue_applied","role":"HA","status":"ONLINE","version":"9.7.4"},' +
        '"127.0.1.3:3306":{"address":"127.0.1.3:3306","fenceSysVars":[],"memberId":"u3","memberRole":"SECONDARY","memberState":"(MISSING)","mode":"n/a","readReplicas":{},"role":"HA","shellConnectError":"MySQL Error 2003: refused","status":"ONLINE","version":"9.7.4"}}',
    );
  });

  it("is the recorded one for a member that is offline, without extension", () => {
    const offline = member(2, { seen: undefined, state: "OFFLINE", own: { ...OWN, offlineMode: true } });
    expect(JSON.stringify(sortKeys(topologyOf(cluster([offline]), told("replica cluster", 0))))).toBe(
      '{"127.0.1.2:3306":{"address":"127.0.1.2:3306","instanceErrors":["NOTE: group_replication is stopped.","WARNING: Instance has \'offline_mode\' enabled."],"memberRole":"SECONDARY","memberState":"OFFLINE","mode":"n/a","readReplicas":{},"role":"HA","status":"(MISSING)","version":"9.7.4"}}',
    );
  });

  it("tells delay by the cluster's place in a ClusterSet", () => {
    const [first, second] = [member(1), member(2)].map(({ label }) => label);
    const primary = topologyOf(cluster([member(1), member(2)]), told("primary cluster", 0)) as Record<
      string,
      object
    >;
    expect(primary[first ?? ""]).not.toHaveProperty("replicationLagFromOriginalSource");
    expect(primary[second ?? ""]).toMatchObject({ replicationLagFromOriginalSource: "" });
    const none = topologyOf(cluster([member(1)]), told("no channel", 0)) as Record<string, object>;
    expect(none[first ?? ""]).toMatchObject({
      replicationLagFromOriginalSource: null,
      replicationLagFromImmediateSource: null,
    });
  });

  it("shows a primary that cannot write as read only", () => {
    const fenced = member(1, { own: OWN });
    expect(topologyOf(cluster([fenced]), told("group", 0))).toMatchObject({
      [fenced.label]: { mode: "R/O" },
    });
    const minority = cluster([member(1)], { quorum: false });
    expect(topologyOf(minority, told("group", 0))).toMatchObject({ [fenced.label]: { mode: "R/O" } });
  });

  it("shows no mode of a member in offline mode", () => {
    const hidden = member(2, { own: { ...OWN, offlineMode: true } });
    expect(topologyOf(cluster([hidden]), told("group", 0))).toMatchObject({
      [hidden.label]: { mode: "n/a" },
    });
  });

  it("warns of a replica cluster's primary that is writable, not of the primary cluster's", () => {
    const own = { ...OWN, uuid: "u1", address: member(1).address, superReadOnly: false };
    const role = (name: "PRIMARY" | "REPLICA"): object =>
      topologyOf(
        cluster([member(1, { own })], { cluster: { ...CLUSTER, setId: "s", role: name } }),
        told("replica cluster", 0),
      );
    expect(JSON.stringify(role("REPLICA"))).toContain("Instance is NOT the global PRIMARY");
    expect(JSON.stringify(role("PRIMARY"))).not.toContain("instanceErrors");
  });

  it("goes by label and shows tags", () => {
    const { record } = member(2);
    const labelled = member(2, {
      label: "rome-1",
      record: record && { ...record, attributes: { server_id: 2, tags: { _hidden: true } } },
    });
    expect(topologyOf(cluster([labelled]), told("group", 0))).toMatchObject({
      "rome-1": { tags: { _hidden: true } },
    });
  });
});

describe("counting transactions", () => {
  it.each([
    ["", 0],
    ["6644d383-e6c5-11f1-8ae6-02fc00000001:2", 1],
    ["6644d383-e6c5-11f1-8ae6-02fc00000001:1-3:mysqlsh:1-9", 12],
    ["6644d383-e6c5-11f1-8ae6-02fc00000001:1-3:5,f1cd9679-e6c3-11f1-91bb-02fc00000001:mysqlsh:7-8", 6],
  ])("%s has %i", (set, count) => {
    expect(countTransactions(set)).toBe(count);
  });
});
