// What each operation demands of the server and cluster it is asked of: a table, and the errors when it is not so.
import { coded, runtime, type ShellError } from "./errors.ts";
import type { InstanceType } from "./instance-state.ts";
import type { Output } from "./output.ts";
import type { GlobalStatus } from "./status/global.ts";

/** The demands of one operation. */
export interface Rule {
  readonly types: readonly InstanceType[];
  readonly quorum: boolean;
  /** the primary of the (primary) cluster must be there: metadata is written */
  readonly primary: boolean;
  /** allowed global status of the session's cluster in its ClusterSet; undefined: any */
  readonly global: readonly GlobalStatus[] | undefined;
  readonly whileFenced: boolean;
}

const CLUSTER: readonly InstanceType[] = ["InnoDBCluster", "InnoDBClusterSet"];
const SET: readonly InstanceType[] = ["InnoDBClusterSet"];
const SET_EVEN_OFFLINE: readonly InstanceType[] = ["InnoDBClusterSet", "InnoDBClusterSetOffline"];
const STANDALONE: readonly InstanceType[] = ["Standalone", "StandaloneWithMetadata"];

const ONLY_OK: readonly GlobalStatus[] = ["OK"];
const ANY_OK: readonly GlobalStatus[] = ["OK", "OK_NOT_REPLICATING", "OK_NOT_CONSISTENT", "OK_MISCONFIGURED"];

const rule = (types: readonly InstanceType[], rest: Partial<Omit<Rule, "types">> = {}): Rule => ({
  types,
  quorum: false,
  primary: false,
  global: undefined,
  whileFenced: true,
  ...rest,
});

const CHANGES_MEMBERS = rule(CLUSTER, { quorum: true, primary: true, global: ONLY_OK, whileFenced: false });

/** By `object.operation`. */
export const RULES = {
  "dba.createCluster": rule([...STANDALONE, "GroupReplication"]),
  "dba.rebootClusterFromCompleteOutage": rule(
    ["StandaloneInMetadata", "InnoDBCluster", "InnoDBClusterSet", "InnoDBClusterSetOffline"],
    { whileFenced: false },
  ),
  "dba.dropMetadataSchema": rule([
    "StandaloneWithMetadata",
    "StandaloneInMetadata",
    "InnoDBCluster",
    "InnoDBClusterSet",
  ]),
  "cluster.addInstance": CHANGES_MEMBERS,
  "cluster.rejoinInstance": CHANGES_MEMBERS,
  "cluster.removeInstance": CHANGES_MEMBERS,
  "cluster.rescan": CHANGES_MEMBERS,
  "cluster.setInstanceOption": rule(CLUSTER, { quorum: true, primary: true }),
  "cluster.setPrimaryInstance": rule(CLUSTER, { quorum: true, whileFenced: false }),
  "cluster.forceQuorumUsingPartitionOf": rule(CLUSTER, { whileFenced: false }),
  "cluster.dissolve": rule(CLUSTER, { quorum: true, primary: true }),
  "cluster.status": rule(CLUSTER),
  "cluster.describe": rule(CLUSTER),
  "cluster.options": rule(CLUSTER),
  "cluster.createClusterSet": rule(["InnoDBCluster"]),
  "cluster.fenceWrites": rule(SET, { quorum: true, primary: true, whileFenced: false }),
  "cluster.unfenceWrites": rule(SET, { quorum: true, primary: true }),
  "cluster.fenceAllTraffic": rule(CLUSTER, { quorum: true, primary: true }),
  "clusterset.createReplicaCluster": rule(SET, {
    quorum: true,
    primary: true,
    global: ONLY_OK,
    whileFenced: false,
  }),
  "clusterset.removeCluster": rule(SET, { primary: true, global: ANY_OK, whileFenced: false }),
  "clusterset.setPrimaryCluster": rule(SET_EVEN_OFFLINE, {
    primary: true,
    global: ANY_OK,
    whileFenced: false,
  }),
  "clusterset.forcePrimaryCluster": rule(SET_EVEN_OFFLINE, {
    global: [...ANY_OK, "NOT_OK"],
    whileFenced: false,
  }),
  "clusterset.rejoinCluster": rule(SET_EVEN_OFFLINE, {
    primary: true,
    global: [...ANY_OK, "INVALIDATED"],
    whileFenced: false,
  }),
  "clusterset.status": rule(SET_EVEN_OFFLINE),
  "clusterset.describe": rule(SET_EVEN_OFFLINE),
  "clusterset.options": rule(SET_EVEN_OFFLINE),
  "clusterset.dissolve": rule(SET, { quorum: true, primary: true }),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;

const UNAVAILABLE = "This function is not available through a session";

/** The types that a `cluster` or `clusterset` object can be got from. */
export const OBJECT_TYPES = { cluster: CLUSTER, clusterset: [...SET_EVEN_OFFLINE, "InnoDBCluster"] } as const;

/** Throws unless the server's type is one of the allowed ones. */
export function requireType(output: Output, type: InstanceType, allowed: readonly InstanceType[]): void {
  if (allowed.includes(type)) return;
  if (type === "Standalone") output.error("Command not available on an unmanaged standalone instance.");
  throw typeError(type);
}

function typeError(type: InstanceType): ShellError {
  switch (type) {
    case "Standalone":
      return coded(51113, "Metadata Schema not found.");
    case "StandaloneWithMetadata":
      return runtime(
        `${UNAVAILABLE} to a standalone instance (metadata exists, instance does not belong to that metadata, and GR is not active)`,
      );
    case "StandaloneInMetadata":
      return coded(
        51314,
        `${UNAVAILABLE} to a standalone instance (metadata exists, instance belongs to that metadata, but GR is not active)`,
      );
    case "GroupReplication":
      return runtime(`${UNAVAILABLE} to an instance belonging to an unmanaged replication group`);
    case "InnoDBCluster":
      return coded(
        51316,
        `${UNAVAILABLE} to an instance that belongs to an InnoDB Cluster that is not a member of an InnoDB ClusterSet`,
      );
    case "InnoDBClusterSet":
      return coded(51601, `${UNAVAILABLE} to an InnoDB Cluster that belongs to an InnoDB ClusterSet`);
    case "InnoDBClusterSetOffline":
      return coded(
        51314,
        `${UNAVAILABLE} to an InnoDB Cluster that belongs to an InnoDB ClusterSet but is not ONLINE`,
      );
  }
}

/** What the rest of a rule is compared with. */
export interface Situation {
  readonly quorum: boolean;
  /** why the primary of the primary cluster cannot be had; undefined when it can */
  readonly primaryMissing: string | undefined;
  readonly inSet: boolean;
  readonly global: GlobalStatus | undefined;
  readonly fenced: boolean;
}

/** Throws the error of the first demand that is not met. */
export function requireSituation(demands: Rule, situation: Situation): void {
  if (demands.quorum && !situation.quorum) throw coded(51011, "There is no quorum to perform the operation");
  if (demands.primary && situation.primaryMissing !== undefined)
    throw runtime(
      situation.inSet
        ? `The InnoDB Cluster is part of an InnoDB ClusterSet and its PRIMARY instance isn't available. Operation is not possible when in that state: ${situation.primaryMissing}.`
        : "This operation requires a PRIMARY instance available",
    );
  if (situation.inSet && demands.global && situation.global && !demands.global.includes(situation.global))
    throw runtime(
      `The InnoDB Cluster is part of an InnoDB ClusterSet and has global state of ${situation.global} within the ClusterSet. Operation is not possible when in that state`,
    );
  if (!demands.whileFenced && situation.fenced)
    throw runtime("Unable to perform the operation on an InnoDB Cluster with status FENCED_WRITES");
}
