// Who may do what: the types of servers, the table of demands, and the errors in their order.
import { describe, expect, it } from "vitest";
import { errorText } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { typeOf } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/instance-state.ts";
import {
  OBJECT_TYPES,
  RULES,
  type RuleName,
  requireSituation,
  requireType,
  type Situation,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/preconditions.ts";
import { capture } from "./support/captured.ts";

const facts = (hasMetadata: boolean, inMetadata: boolean, inSet: boolean, active: boolean) => ({
  hasMetadata,
  inMetadata,
  inSet,
  active,
});

describe("the type of a server", () => {
  it.each([
    [facts(false, false, false, false), "Standalone"],
    [facts(false, false, false, true), "GroupReplication"],
    [facts(true, false, false, false), "StandaloneWithMetadata"],
    [facts(true, false, false, true), "GroupReplication"],
    [facts(true, true, false, false), "StandaloneInMetadata"],
    [facts(true, true, false, true), "InnoDBCluster"],
    [facts(true, true, true, false), "InnoDBClusterSetOffline"],
    [facts(true, true, true, true), "InnoDBClusterSet"],
  ] as const)("%j is %s", (given, type) => {
    expect(typeOf(given)).toBe(type);
  });
});

function typeRefusal(
  type: Parameters<typeof requireType>[1],
  allowed: Parameters<typeof requireType>[2],
): string {
  const { output, lines } = capture();
  try {
    requireType(output, type, allowed);
  } catch (error) {
    return [...lines(), errorText(error)].join("\n");
  }
  return "allowed";
}

const THROUGH = "This function is not available through a session";

describe("an object got from a server of the wrong type", () => {
  it.each([
    [
      "Standalone",
      '{"error":"Command not available on an unmanaged standalone instance.\\n"}\nMYSQLSH 51113: Metadata Schema not found.',
    ],
    [
      "StandaloneWithMetadata",
      `RuntimeError: ${THROUGH} to a standalone instance (metadata exists, instance does not belong to that metadata, and GR is not active)`,
    ],
    [
      "StandaloneInMetadata",
      `MYSQLSH 51314: ${THROUGH} to a standalone instance (metadata exists, instance belongs to that metadata, but GR is not active)`,
    ],
    [
      "InnoDBClusterSetOffline",
      `MYSQLSH 51314: ${THROUGH} to an InnoDB Cluster that belongs to an InnoDB ClusterSet but is not ONLINE`,
    ],
    [
      "GroupReplication",
      `RuntimeError: ${THROUGH} to an instance belonging to an unmanaged replication group`,
    ],
    ["InnoDBCluster", "allowed"],
    ["InnoDBClusterSet", "allowed"],
  ] as const)("cluster on %s", (type, text) => {
    expect(typeRefusal(type, OBJECT_TYPES.cluster)).toBe(text);
  });

  it("gives a clusterset also where its cluster is offline", () => {
    expect(typeRefusal("InnoDBClusterSetOffline", OBJECT_TYPES.clusterset)).toBe("allowed");
  });

  it("refuses a new cluster or ClusterSet where there is one", () => {
    const text = `MYSQLSH 51601: ${THROUGH} to an InnoDB Cluster that belongs to an InnoDB ClusterSet`;
    expect(typeRefusal("InnoDBClusterSet", RULES["dba.createCluster"].types)).toBe(text);
    expect(typeRefusal("InnoDBClusterSet", RULES["cluster.createClusterSet"].types)).toBe(text);
  });
});

const HEALTHY: Situation = {
  quorum: true,
  primaryMissing: undefined,
  inSet: true,
  global: "OK",
  fenced: false,
};

function refusal(name: RuleName, situation: Partial<Situation>): string {
  try {
    requireSituation(RULES[name], { ...HEALTHY, ...situation });
  } catch (error) {
    return errorText(error);
  }
  return "allowed";
}

/** The operations that are refused in a situation. */
const refusedIn = (situation: Partial<Situation>): readonly string[] =>
  (Object.keys(RULES) as RuleName[]).filter((name) => refusal(name, situation) !== "allowed").sort();

const MEMBER_CHANGES = [
  "cluster.addInstance",
  "cluster.rejoinInstance",
  "cluster.removeInstance",
  "cluster.rescan",
];

describe("the table of demands", () => {
  it("lets everything through when all is well", () => {
    expect(refusedIn({})).toEqual([]);
  });

  it("names what needs a quorum", () => {
    expect(refusedIn({ quorum: false })).toEqual(
      [
        ...MEMBER_CHANGES,
        "cluster.dissolve",
        "cluster.fenceAllTraffic",
        "cluster.fenceWrites",
        "cluster.setInstanceOption",
        "cluster.setPrimaryInstance",
        "cluster.unfenceWrites",
        "clusterset.createReplicaCluster",
        "clusterset.dissolve",
      ].sort(),
    );
    expect(refusal("cluster.addInstance", { quorum: false })).toBe(
      "MYSQLSH 51011: There is no quorum to perform the operation",
    );
  });

  it("names what needs the primary cluster's primary", () => {
    const primaryMissing = "Could not connect to any ONLINE member of Primary Cluster";
    expect(refusedIn({ primaryMissing })).toEqual(
      [
        ...MEMBER_CHANGES,
        "cluster.dissolve",
        "cluster.fenceAllTraffic",
        "cluster.fenceWrites",
        "cluster.setInstanceOption",
        "cluster.unfenceWrites",
        "clusterset.createReplicaCluster",
        "clusterset.dissolve",
        "clusterset.rejoinCluster",
        "clusterset.removeCluster",
        "clusterset.setPrimaryCluster",
      ].sort(),
    );
    expect(refusal("clusterset.setPrimaryCluster", { primaryMissing })).toBe(
      "RuntimeError: The InnoDB Cluster is part of an InnoDB ClusterSet and its PRIMARY instance isn't available. Operation is not possible when in that state: Could not connect to any ONLINE member of Primary Cluster.",
    );
    expect(refusal("cluster.addInstance", { primaryMissing, inSet: false })).toBe(
      "RuntimeError: This operation requires a PRIMARY instance available",
    );
  });

  it("names what is impossible while fenced", () => {
    expect(refusedIn({ fenced: true, global: "OK_FENCED_WRITES" })).toEqual(
      [
        ...MEMBER_CHANGES,
        "cluster.fenceWrites",
        "cluster.forceQuorumUsingPartitionOf",
        "cluster.setPrimaryInstance",
        "clusterset.createReplicaCluster",
        "clusterset.forcePrimaryCluster",
        "clusterset.rejoinCluster",
        "clusterset.removeCluster",
        "clusterset.setPrimaryCluster",
        "dba.rebootClusterFromCompleteOutage",
      ].sort(),
    );
    expect(refusal("cluster.fenceWrites", { fenced: true, global: "OK_FENCED_WRITES" })).toBe(
      "RuntimeError: Unable to perform the operation on an InnoDB Cluster with status FENCED_WRITES",
    );
    expect(refusal("clusterset.setPrimaryCluster", { fenced: true, global: "OK_FENCED_WRITES" })).toBe(
      "RuntimeError: The InnoDB Cluster is part of an InnoDB ClusterSet and has global state of OK_FENCED_WRITES within the ClusterSet. Operation is not possible when in that state",
    );
  });

  it.each([
    [
      "INVALIDATED",
      [
        ...MEMBER_CHANGES,
        "clusterset.createReplicaCluster",
        "clusterset.forcePrimaryCluster",
        "clusterset.removeCluster",
        "clusterset.setPrimaryCluster",
      ],
    ],
    ["OK_NOT_REPLICATING", [...MEMBER_CHANGES, "clusterset.createReplicaCluster"]],
    [
      "NOT_OK",
      [
        ...MEMBER_CHANGES,
        "clusterset.createReplicaCluster",
        "clusterset.rejoinCluster",
        "clusterset.removeCluster",
        "clusterset.setPrimaryCluster",
      ],
    ],
  ] as const)("refuses by the global status %s", (global, names) => {
    expect(refusedIn({ global })).toEqual([...names].sort());
  });

  it("ignores the global status outside a ClusterSet", () => {
    expect(refusedIn({ inSet: false, global: "UNKNOWN" })).toEqual([]);
  });
});
