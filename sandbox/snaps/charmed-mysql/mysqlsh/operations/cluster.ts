// The operations of `cluster`.
import {
  EXTENDED,
  INSTANCE,
  JOIN_OPTIONS,
  METHOD,
  OPTION,
  type Operation,
  onHandle,
  operation,
  optionalWord,
  PROGRESS,
  returning,
  SSL_MODE,
  VALUE,
  word,
} from "./kinds.ts";

const RECOVERY = { recoveryMethod: METHOD, recoveryProgress: PROGRESS } as const;

export const CLUSTER: readonly Operation[] = [
  operation("status", [], { extended: EXTENDED }, async () =>
    onHandle((await import("../status/cluster-status.ts")).clusterStatus),
  ),
  operation("describe", [], {}, async () =>
    onHandle((await import("../status/cluster-status.ts")).clusterDescribe),
  ),
  operation(
    "addInstance",
    [INSTANCE],
    { ...JOIN_OPTIONS, ...RECOVERY, label: "text", certSubject: "text" },
    async () => onHandle((await import("../cluster/add-instance.ts")).addInstance),
  ),
  operation(
    "rejoinInstance",
    [INSTANCE],
    { ...JOIN_OPTIONS, ...RECOVERY, timeout: "integer", dryRun: "flag" },
    async () => onHandle((await import("../cluster/rejoin-instance.ts")).rejoinInstance),
  ),
  operation("removeInstance", [INSTANCE], { force: "flag", timeout: "integer", dryRun: "flag" }, async () =>
    onHandle((await import("../cluster/remove-instance.ts")).removeInstance),
  ),
  operation("setInstanceOption", [INSTANCE, OPTION, VALUE], {}, async () =>
    onHandle((await import("../cluster/set-option.ts")).setInstanceOption),
  ),
  operation("setPrimaryInstance", [INSTANCE], { runningTransactionsTimeout: "integer" }, async () =>
    onHandle((await import("../cluster/set-primary-instance.ts")).setPrimaryInstance),
  ),
  operation("forceQuorumUsingPartitionOf", [INSTANCE], {}, async () =>
    onHandle((await import("../cluster/force-quorum.ts")).forceQuorumUsingPartitionOf),
  ),
  operation(
    "rescan",
    [],
    {
      addUnmanaged: "flag",
      removeObsolete: "flag",
      upgradeCommProtocol: "flag",
      updateViewChangeUuid: "flag",
      repairMetadata: "flag",
    },
    async () => onHandle((await import("../cluster/rescan.ts")).rescan),
  ),
  operation("dissolve", [], { force: "flag" }, async () =>
    onHandle((await import("../cluster/dissolve.ts")).dissolve),
  ),
  returning(
    operation(
      "createClusterSet",
      [word("domainName", "The domain name of the ClusterSet to be created.")],
      { dryRun: "flag", clusterSetReplicationSslMode: SSL_MODE, replicationAllowedHost: "text" },
      async () => onHandle((await import("../cluster/create-cluster-set.ts")).createClusterSet),
    ),
    "The created ClusterSet object.",
  ),
  operation("fenceWrites", [], {}, async () => onHandle((await import("../cluster/fence.ts")).fenceWrites)),
  operation("unfenceWrites", [], {}, async () =>
    onHandle((await import("../cluster/fence.ts")).unfenceWrites),
  ),
  operation("fenceAllTraffic", [], {}, async () =>
    onHandle((await import("../cluster/fence.ts")).fenceAllTraffic),
  ),
  operation("options", [], { all: "flag" }, async () =>
    onHandle((await import("../cluster/options.ts")).clusterOptions),
  ),
  operation("setOption", [OPTION, VALUE]),
  operation("resetRecoveryAccountsPassword", [], { force: "flag" }),
  operation("setupAdminAccount", [word("user", "Name of the account.")]),
  operation("setupRouterAccount", [word("user", "Name of the account.")]),
  operation("listRouters", [], { onlyUpgradeRequired: "flag" }),
  operation("removeRouterMetadata", [word("routerDef", "Identifier of the Router instance.")]),
  operation("switchToSinglePrimaryMode", [optionalWord(INSTANCE.name, INSTANCE.about)]),
  operation("addReplicaInstance", [INSTANCE]),
];
