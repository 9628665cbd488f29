// The operations of `clusterset`.
import type { Signature } from "../options.ts";
import {
  EXTENDED,
  GROUP_OPTIONS,
  INSTANCE,
  METHOD,
  OPTION,
  type Operation,
  onHandle,
  operation,
  optionalWord,
  PROGRESS,
  returning,
  VALUE,
  word,
} from "./kinds.ts";

const NAME = word("clusterName", "Name of the Cluster.");
const CHANGE = { dryRun: "flag", timeout: "integer", invalidateReplicaClusters: "list" } as const;

const CHANNEL_OPTIONS: Signature["options"] = Object.fromEntries(
  [
    "ConnectRetry",
    "RetryCount",
    "HeartbeatPeriod",
    "CompressionAlgorithms",
    "ZstdCompressionLevel",
    "Bind",
    "NetworkNamespace",
  ].map((name) => [`clusterSetReplication${name}`, "text" as const]),
);

export const CLUSTERSET: readonly Operation[] = [
  operation("status", [], { extended: EXTENDED }, async () =>
    onHandle((await import("../status/clusterset-status.ts")).clusterSetStatus),
  ),
  operation("describe", [], {}, async () =>
    onHandle((await import("../status/clusterset-status.ts")).clusterSetDescribe),
  ),
  returning(
    operation(
      "createReplicaCluster",
      [INSTANCE, NAME],
      {
        ...GROUP_OPTIONS,
        ...CHANNEL_OPTIONS,
        dryRun: "flag",
        recoveryMethod: METHOD,
        recoveryProgress: PROGRESS,
        cloneDonor: "text",
        timeout: "integer",
      },
      async () => onHandle((await import("../clusterset/create-replica-cluster.ts")).createReplicaCluster),
    ),
    "The created Replica Cluster object.",
  ),
  operation("setPrimaryCluster", [NAME], CHANGE, async () =>
    onHandle((await import("../clusterset/set-primary-cluster.ts")).setPrimaryCluster),
  ),
  operation("forcePrimaryCluster", [NAME], CHANGE, async () =>
    onHandle((await import("../clusterset/force-primary-cluster.ts")).forcePrimaryCluster),
  ),
  operation("rejoinCluster", [NAME], { dryRun: "flag" }, async () =>
    onHandle((await import("../clusterset/rejoin-cluster.ts")).rejoinCluster),
  ),
  operation(
    "removeCluster",
    [NAME],
    { force: "flag", dissolve: "flag", timeout: "integer", dryRun: "flag" },
    async () => onHandle((await import("../clusterset/remove-cluster.ts")).removeCluster),
  ),
  operation("dissolve", [], { force: "flag", timeout: "integer", dryRun: "flag" }, async () =>
    onHandle((await import("../clusterset/dissolve.ts")).dissolveSet),
  ),
  operation("options", [], {}, async () =>
    onHandle((await import("../clusterset/options.ts")).clusterSetOptions),
  ),
  operation("setOption", [OPTION, VALUE]),
  operation("listRouters", [optionalWord("router", "Identifier of the Router instance.")]),
];
