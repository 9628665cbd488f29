// The operations of `dba`.
import {
  GROUP_OPTIONS,
  INSTANCE,
  type Operation,
  onSession,
  operation,
  optionalWord,
  returning,
  word,
} from "./kinds.ts";

const NAME = word("name", "An identifier for the Cluster to be created.");
const OPTIONAL_INSTANCE = optionalWord(INSTANCE.name, INSTANCE.about);

export const DBA: readonly Operation[] = [
  operation(
    "configureInstance",
    [OPTIONAL_INSTANCE],
    {
      clusterAdmin: "text",
      clusterAdminPassword: "text",
      clusterAdminPasswordExpiration: "text",
      restart: "flag",
      applierWorkerThreads: "integer",
    },
    async () => onSession((await import("../dba/configure-instance.ts")).configureInstance),
  ),
  operation("checkInstanceConfiguration", [OPTIONAL_INSTANCE], {}, async () =>
    onSession((await import("../dba/check-instance.ts")).checkInstanceConfiguration),
  ),
  returning(
    operation(
      "createCluster",
      [NAME],
      {
        ...GROUP_OPTIONS,
        gtidSetIsComplete: "flag",
        disableClone: "flag",
        multiPrimary: "flag",
        force: "flag",
        adoptFromGR: "flag",
        groupName: "text",
      },
      async () => onSession((await import("../dba/create-cluster.ts")).createCluster),
    ),
    "The created Cluster object.",
  ),
  operation("dropMetadataSchema", [], { force: "flag" }, async () =>
    onSession((await import("../dba/drop-metadata.ts")).dropMetadataSchema),
  ),
  operation(
    "rebootClusterFromCompleteOutage",
    [optionalWord("clusterName", "The name of the Cluster to be rebooted.")],
    {
      force: "flag",
      dryRun: "flag",
      primary: "text",
      switchCommunicationStack: "text",
      ipAllowlist: "text",
      localAddress: "text",
      timeout: "integer",
      paxosSingleLeader: "flag",
    },
    async () => onSession((await import("../dba/reboot.ts")).rebootCluster),
  ),
  operation("upgradeMetadata", [], { dryRun: "flag" }),
  operation("createReplicaSet", [NAME]),
  operation("configureReplicaSetInstance", [OPTIONAL_INSTANCE]),
  operation("deploySandboxInstance", [word("port", "The port of the instance.")]),
];
