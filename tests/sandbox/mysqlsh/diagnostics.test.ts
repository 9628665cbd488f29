// What status says is wrong with a member: one fact each, and its sentence.
import { describe, expect, it } from "vitest";
import {
  type Diagnosed,
  instanceErrors,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/status/diagnostics.ts";
import type { MemberFacts, OwnFacts } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/status/facts.ts";

const ADDRESS = "127.0.1.2:3306";

const OWN: OwnFacts = {
  uuid: "u2",
  address: ADDRESS,
  version: "9.7.4",
  superReadOnly: true,
  readOnly: true,
  offlineMode: false,
  workers: 4,
  preservesOrder: true,
  sizeLimit: 150_000_000,
  lag: { original: "", immediate: "" },
  rejoining: false,
  recoveryUser: "mysql_innodb_cluster_102",
  recoveryError: undefined,
  applierError: undefined,
  applierRuns: "all",
  otherChannels: [],
};

const MEMBER: MemberFacts = {
  address: ADDRESS,
  label: ADDRESS,
  record: {
    id: 2,
    clusterId: "c",
    label: ADDRESS,
    address: ADDRESS,
    uuid: "u2",
    grLocal: ADDRESS,
    attributes: { server_id: 102, recoveryAccountUser: "mysql_innodb_cluster_102" },
  },
  seen: { uuid: "u2", address: ADDRESS, state: "ONLINE", role: "SECONDARY", version: "9.7.4" },
  state: "ONLINE",
  own: OWN,
  instance: undefined,
  error: undefined,
};

const told = (
  member: Partial<MemberFacts>,
  own: Partial<OwnFacts> = {},
  more: Partial<Diagnosed> = {},
): readonly string[] =>
  instanceErrors({
    member: { ...MEMBER, own: { ...OWN, ...own }, ...member },
    mustBeReadOnly: false,
    sizeLimit: 150_000_000,
    unusedAccounts: [],
    ...more,
  });

describe("a member", () => {
  it("that is well has nothing said of it", () => {
    expect(told({})).toEqual([]);
  });

  it.each([
    [{ seen: undefined }, {}, {}, "ERROR: split-brain!"],
    [{}, { superReadOnly: false }, { mustBeReadOnly: true }, "WARNING: Instance is NOT the global PRIMARY"],
    [
      {},
      { superReadOnly: false },
      {},
      "WARNING: Instance is NOT a PRIMARY but super_read_only option is OFF.",
    ],
    [
      {},
      { recoveryError: { thread: "receiver", text: "gone (2013) at noon" } },
      {},
      "ERROR: receiver thread of Group Replication Recovery channel stopped with an error: gone (2013) at noon",
    ],
    [{}, { otherChannels: ["stray"] }, {}, "ERROR: Unrecognized replication channel 'stray' found."],
    [{ state: "OFFLINE", seen: undefined }, {}, {}, "NOTE: group_replication is stopped."],
    [{ state: "ERROR" }, {}, {}, "ERROR: group_replication has stopped with an error."],
    [{}, { uuid: "u9" }, {}, "WARNING: server_uuid for instance has changed"],
    [{}, { address: "other:3306" }, {}, "ERROR: Metadata for this instance does not match hostname"],
    [{}, { preservesOrder: false }, {}, "NOTE: The required parallel-appliers settings are not enabled"],
    [{}, { sizeLimit: 1 }, {}, "WARNING: The value of 'group_replication_transaction_size_limit'"],
    [{}, { offlineMode: true }, {}, "WARNING: Instance has 'offline_mode' enabled."],
    [
      {},
      { recoveryUser: "mysql_innodb_cluster_103" },
      {},
      "WARNING: The replication recovery account in use",
    ],
    [{}, { recoveryUser: "someone" }, {}, "WARNING: Unsupported recovery account 'someone'"],
    [{}, { recoveryUser: "" }, {}, "WARNING: Recovery user account not found for server address"],
  ] as const)("%j %j %j is told: %s", (member, own, more, sentence) => {
    const errors = told(member, own, more);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(sentence);
  });

  it("that the metadata does not know lacks an address there too", () => {
    expect(told({ record: undefined })).toEqual([
      "WARNING: Instance is not managed by InnoDB cluster. Use cluster.rescan() to repair.",
      "ERROR: Invalid or missing information of Group Replication's network address in metadata. Use Cluster.rescan() to update the metadata.",
    ]);
  });

  it("tells of accounts that nobody has, if it is the primary", () => {
    const unusedAccounts = ["mysql_innodb_cluster_103", "mysql_innodb_cluster_104"];
    const seen = {
      uuid: "u2",
      address: ADDRESS,
      state: "ONLINE",
      role: "PRIMARY",
      version: "9.7.4",
    } as const;
    expect(told({ seen }, {}, { unusedAccounts })).toEqual([
      "WARNING: Detected unused recovery accounts: mysql_innodb_cluster_103, mysql_innodb_cluster_104. Use Cluster.rescan() to clean up.",
    ]);
    expect(told({}, {}, { unusedAccounts })).toEqual([]);
  });
});
