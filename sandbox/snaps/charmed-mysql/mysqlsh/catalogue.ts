// Every object and operation: its parameters and where it is done. A name that is not here does not exist.
import { UnknownNameError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { camelCase, type OptionKind, type Signature } from "./options.ts";
import { notDone } from "./refusals.ts";
import type { Call } from "./shell.ts";

/** A `dba` operation works on the session alone; the others on a resolved object. */
export type Work =
  | { readonly on: "session"; readonly run: (call: Call) => Promise<unknown> }
  | { readonly on: "handle"; readonly run: (call: Call, handle: Handle) => Promise<unknown> };

export interface Operation extends Signature {
  readonly name: string;
  /** undefined: known to MySQL Shell, not done here */
  readonly load: (() => Promise<Work>) | undefined;
}

const session = (run: (call: Call) => Promise<unknown>): Work => ({ on: "session", run });
const handle = (run: (call: Call, handle: Handle) => Promise<unknown>): Work => ({ on: "handle", run });

const TIMEOUT: OptionKind = "integer";
const EXTENDED: OptionKind = { range: [0, 3] };
const METHOD: OptionKind = { choice: ["auto", "clone", "incremental"] };
const SSL_MODE: OptionKind = { choice: ["AUTO", "DISABLED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"] };

const JOIN_OPTIONS = {
  ipAllowlist: "text",
  localAddress: "text",
  exitStateAction: "text",
  memberWeight: "integer",
  autoRejoinTries: "integer",
} as const satisfies Signature["options"];

const GROUP_OPTIONS = {
  ...JOIN_OPTIONS,
  memberSslMode: SSL_MODE,
  manualStartOnBoot: "flag",
  consistency: "text",
  expelTimeout: "integer",
  communicationStack: { choice: ["MYSQL", "XCOM"] },
  paxosSingleLeader: "flag",
  replicationAllowedHost: "text",
  memberAuthType: "text",
  certIssuer: "text",
  certSubject: "text",
} as const satisfies Signature["options"];

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

const operation = (
  name: string,
  positional: Signature["positional"],
  options: Signature["options"],
  load: (() => Promise<Work>) | undefined,
): Operation => ({ name, positional, options, load });

const URI = { name: "instance", about: "Connection data of the target instance." };
const NAME = { name: "name", about: "An identifier for the Cluster to be created." };
const CLUSTER_NAME = { name: "clusterName", about: "Name of the Cluster." };

const DBA: readonly Operation[] = [
  operation(
    "configureInstance",
    [{ ...URI, optional: true }],
    {
      clusterAdmin: "text",
      clusterAdminPassword: "text",
      clusterAdminPasswordExpiration: "text",
      restart: "flag",
      mycnfPath: "text",
      outputMycnfPath: "text",
      applierWorkerThreads: "integer",
    },
    async () => session((await import("./dba/configure-instance.ts")).configureInstance),
  ),
  operation(
    "checkInstanceConfiguration",
    [{ ...URI, optional: true }],
    { mycnfPath: "text", verifyMyCnf: "text" },
    async () => session((await import("./dba/check-instance.ts")).checkInstanceConfiguration),
  ),
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
      transactionSizeLimit: "integer",
    },
    async () => session((await import("./dba/create-cluster.ts")).createCluster),
  ),
  operation("dropMetadataSchema", [], { force: "flag" }, async () =>
    session((await import("./dba/drop-metadata.ts")).dropMetadataSchema),
  ),
  operation(
    "rebootClusterFromCompleteOutage",
    [{ ...CLUSTER_NAME, optional: true }],
    {
      force: "flag",
      dryRun: "flag",
      primary: "text",
      switchCommunicationStack: "text",
      ipAllowlist: "text",
      localAddress: "text",
      timeout: TIMEOUT,
      paxosSingleLeader: "flag",
    },
    undefined,
  ),
  operation("upgradeMetadata", [], { dryRun: "flag" }, undefined),
  operation("createReplicaSet", [NAME], {}, undefined),
  operation("deploySandboxInstance", [{ name: "port", about: "The port." }], {}, undefined),
];

const CLUSTER: readonly Operation[] = [
  operation("status", [], { extended: EXTENDED }, async () =>
    handle((await import("./status/cluster-status.ts")).clusterStatus),
  ),
  operation("describe", [], {}, async () =>
    handle((await import("./status/cluster-status.ts")).clusterDescribe),
  ),
  operation(
    "addInstance",
    [URI],
    {
      ...JOIN_OPTIONS,
      recoveryMethod: METHOD,
      recoveryProgress: { range: [0, 2] },
      label: "text",
      certSubject: "text",
    },
    async () => handle((await import("./cluster/add-instance.ts")).addInstance),
  ),
  operation(
    "createClusterSet",
    [{ name: "domainName", about: "The domain name of the ClusterSet to be created." }],
    { dryRun: "flag", clusterSetReplicationSslMode: SSL_MODE, replicationAllowedHost: "text" },
    async () => handle((await import("./cluster/create-cluster-set.ts")).createClusterSet),
  ),
  operation(
    "setInstanceOption",
    [
      URI,
      { name: "option", about: "The configuration option to be changed." },
      { name: "value", about: "Its new value." },
    ],
    {},
    async () => handle((await import("./cluster/set-option.ts")).setInstanceOption),
  ),
  operation("setPrimaryInstance", [URI], { runningTransactionsTimeout: "integer" }, async () =>
    handle((await import("./cluster/set-primary-instance.ts")).setPrimaryInstance),
  ),
  operation("removeInstance", [URI], { force: "flag", timeout: TIMEOUT, dryRun: "flag" }, async () =>
    handle((await import("./cluster/remove-instance.ts")).removeInstance),
  ),
  operation("dissolve", [], { force: "flag" }, async () =>
    handle((await import("./cluster/dissolve.ts")).dissolve),
  ),
];

const CLUSTERSET: readonly Operation[] = [
  operation("status", [], { extended: EXTENDED }, async () =>
    handle((await import("./status/clusterset-status.ts")).clusterSetStatus),
  ),
  operation("describe", [], {}, async () =>
    handle((await import("./status/clusterset-status.ts")).clusterSetDescribe),
  ),
  operation(
    "createReplicaCluster",
    [URI, CLUSTER_NAME],
    {
      ...GROUP_OPTIONS,
      ...CHANNEL_OPTIONS,
      dryRun: "flag",
      recoveryMethod: METHOD,
      cloneDonor: "text",
      recoveryProgress: { range: [0, 2] },
      timeout: TIMEOUT,
      transactionSizeLimit: "integer",
    },
    async () => handle((await import("./clusterset/create-replica-cluster.ts")).createReplicaCluster),
  ),
  operation(
    "setPrimaryCluster",
    [CLUSTER_NAME],
    { dryRun: "flag", timeout: TIMEOUT, invalidateReplicaClusters: "list" },
    async () => handle((await import("./clusterset/set-primary-cluster.ts")).setPrimaryCluster),
  ),
];

const OBJECTS: ReadonlyMap<string, readonly Operation[]> = new Map([
  ["dba", DBA],
  ["cluster", CLUSTER],
  ["clusterset", CLUSTERSET],
]);

const KNOWN_OBJECTS = new Set(["rs", "shell", "shell.options", "util"]);

/** The operations of an object. Throws UnknownNameError, or RuntimeError for an object that is not served here. */
export function operationsOf(object: string): readonly Operation[] {
  const operations = OBJECTS.get(object);
  if (operations) return operations;
  if (KNOWN_OBJECTS.has(object)) throw notDone(`The object '${object}'`);
  throw new UnknownNameError(`There is no object registered under name '${object}'`);
}

/** The operation of an object by its camelCase or kebab-case name. Throws UnknownNameError. */
export function operationOf(object: string, name: string): Operation {
  const found = operationsOf(object).find((one) => one.name === camelCase(name));
  if (found) return found;
  throw new UnknownNameError(`Invalid operation for ${object} object: ${name}`);
}
