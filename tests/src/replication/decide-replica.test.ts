import { decideReplica, replicaRows } from "../../../src/replication/decide-replica.ts";
import { statuses } from "../../../src/statuses.ts";
import { testTable } from "../support/rows.ts";
import { alone, gone, inSet, offer, ready, shared, without } from "./replica-facts.ts";

const remnant = { kind: "remnant", version: "9.7.0", hosts: ["lisbon-0.lan"] } as const;

testTable({ rows: replicaRows, decide: decideReplica, baseline: ready }, [
  {
    row: "group of the dissolved cluster still stands",
    when: { cluster: remnant },
    then: "end-group",
    status: statuses.preparing,
  },
  {
    row: "own cluster could not be asked",
    because: "the other side may be at work on it once it was offered",
    when: { cluster: remnant, offered: offer },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "own cluster could not be asked",
    because: "a group is ended by nobody who may still form a cluster",
    when: { cluster: remnant, seed: "held" },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "own cluster could not be asked",
    when: { cluster: "unknown" },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "remote databag is refused",
    when: { remote: { kind: "invalid", field: "cluster-name", reason: "must be a name" } },
    then: "stuck",
    status: statuses.badRemote("rome", "cluster-name", "must be a name"),
  },
  { row: "set has another name than recorded", when: { cluster: inSet }, then: "record-set-name" },
  {
    row: "shared passwords changed",
    when: { cluster: inSet, recordedSetName: "empire", offered: offer, stored: false },
    then: "follow-passwords",
  },
  {
    row: "both are in one set by another relation",
    when: { cluster: inSet, recordedSetName: "empire", offered: offer, isSecond: true },
    then: "stuck",
    status: statuses.relatedTwice("rome"),
  },
  {
    row: "both are in one set",
    when: { cluster: inSet, recordedSetName: "empire", offered: offer },
    then: "settled",
  },
  {
    row: "both are in one set",
    because: "which its members joined by name: the address of the offer has served",
    when: { cluster: inSet, recordedSetName: "empire", offered: offer, hasMoved: true },
    then: "settled",
  },
  {
    row: "both are in one set",
    because: "also when this side leads after a switchover",
    when: {
      cluster: { ...alone, setName: "empire", clusters: ["Rome", "lisbon"] },
      recordedSetName: "empire",
    },
    then: "settled",
  },
  {
    row: "own cluster follows another",
    when: { cluster: { ...alone, role: "replica", setName: "gaul", clusters: ["paris", "lisbon"] } },
    then: "stuck",
    status: statuses.alreadyFollows("gaul"),
  },
  {
    row: "own cluster leads others",
    when: { cluster: { ...alone, clusters: ["lisbon", "porto"] } },
    then: "stuck",
    status: statuses.alreadyLeads("cluster-set-x"),
  },
  {
    row: "databases could not be listed",
    when: { userData: "unlisted" },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "user data is not reported",
    when: { userDatabases: ["shop"], userData: "own" },
    then: "report-user-data",
  },
  {
    row: "others follow this application",
    when: { isFollowed: true },
    then: "stuck",
    status: statuses.isFollowed("rome"),
  },
  {
    row: "whose data it is is not known",
    when: { cluster: gone, userDatabases: ["shop"], userData: "unknown" },
    then: "wait",
    status: statuses.dataCompared("rome"),
  },
  {
    row: "primary site cannot be reached",
    because: "and it alone can say whose the data is",
    when: {
      cluster: gone,
      userDatabases: ["shop"],
      userData: "unknown",
      site: { addresses: ["192.0.2.1"], reachable: false },
    },
    then: "stuck",
    status: statuses.unreachableSite("192.0.2.1"),
  },
  {
    row: "instance is not offered",
    because: "with data that the primary cluster has too",
    when: { cluster: gone, userDatabases: ["shop"], userData: "theirs" },
    then: "publish-instance",
  },
  {
    row: "user data would be lost",
    when: { userDatabases: ["shop"], userData: "own", offered: { "user-data-found": "true" } },
    then: "stuck",
    status: statuses.userData(["shop"]),
  },
  {
    row: "user data is gone",
    when: { offered: { "user-data-found": "true" } },
    then: "withdraw-user-data",
  },
  {
    row: "remote is a standby",
    when: { remote: { kind: "value", value: { "is-replica": "true" } } },
    then: "stuck",
    status: statuses.remoteIsStandby("rome"),
  },
  {
    row: "remote is this very cluster",
    when: {
      remote: {
        kind: "value",
        value: { ...shared, "cluster-name": "lisbon", "cluster-set-name": "cluster-set-x" },
      },
    },
    then: "stuck",
    status: statuses.sameCluster,
  },
  {
    row: "server is older than its source",
    when: { cluster: { ...alone, version: "8.0.36" } },
    then: "stuck",
    status: statuses.olderServer("8.0.36", "9.7.0"),
  },
  {
    row: "instance is offered at an old address",
    when: { cluster: gone, offered: offer, hasMoved: true },
    then: "publish-address",
  },
  {
    row: "instance is offered",
    when: { cluster: gone, offered: offer },
    then: "wait",
    status: statuses.additionAwaited("rome"),
  },
  {
    row: "instance is offered",
    because: "the other side is making this cluster, and it is in no set yet",
    when: { cluster: { ...alone, role: "alone", setName: undefined, clusters: [] }, offered: offer },
    then: "wait",
    status: statuses.additionAwaited("rome"),
  },
  {
    row: "remote shares nothing yet",
    when: { remote: { kind: "absent" } },
    then: "wait",
    status: statuses.primaryAwaited("rome"),
  },
  ...(["secret-id", "cluster-name", "mysql-version", "cluster-set-name"] as const).map((key) => ({
    row: "remote shares nothing yet",
    because: `${key} is missing`,
    when: { remote: without(key) },
    then: "wait" as const,
    status: statuses.primaryAwaited("rome"),
  })),
  {
    row: "members are missing",
    when: { cluster: { ...alone, onlineMembers: 2 } },
    then: "wait",
    status: statuses.membersAwaited(2, 3),
  },
  {
    row: "secret is not granted yet",
    when: { incoming: "not-granted" },
    then: "wait",
    status: statuses.grantAwaited("rome"),
  },
  {
    row: "secret lacks a field",
    when: { incoming: { missing: "backups-password" } },
    then: "stuck",
    status: statuses.secretField("rome", "backups-password"),
  },
  {
    row: "primary site cannot be reached",
    when: { site: { addresses: ["192.0.2.1", "192.0.2.2"], reachable: false } },
    then: "stuck",
    status: statuses.unreachableSite("192.0.2.1, 192.0.2.2"),
  },
  {
    row: "no unit of the primary site is known",
    when: { site: { addresses: [], reachable: false } },
    then: "wait",
    status: statuses.siteAwaited("rome"),
  },
  {
    row: "own cluster is not formed",
    when: { cluster: { kind: "absent", version: "9.7.0" }, seed: "held" },
    then: "wait",
    status: statuses.firstMemberAwaited,
  },
  {
    row: "seed is still held",
    when: { seed: "held" },
    then: "release-seed",
    status: statuses.preparing,
  },
  {
    row: "seed is not released in writing",
    when: { seed: "releasing" },
    then: "wait",
    status: statuses.preparing,
  },
  {
    row: "accounts could not be asked",
    when: { accounts: "unknown" },
    then: "wait",
    status: statuses.unknown,
  },
  {
    row: "accounts have the old passwords",
    when: { accounts: "own", stored: false },
    then: "adopt-accounts",
    status: statuses.adoptingCredentials,
  },
  { row: "passwords are not stored", when: { stored: false }, then: "store-passwords" },
  {
    row: "own cluster still stands",
    when: {},
    then: "dissolve",
    status: statuses.dissolving("lisbon"),
  },
  {
    row: "own cluster still stands",
    because: "nine members are as many as a cluster can have",
    when: { cluster: { ...alone, onlineMembers: 9 }, plannedMembers: 11 },
    then: "dissolve",
    status: statuses.dissolving("lisbon"),
  },
  { row: "instance is not offered", when: { cluster: gone }, then: "publish-instance" },
]);
