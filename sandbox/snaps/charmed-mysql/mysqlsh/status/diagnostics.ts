// What is wrong with a member, one sentence each, in the order in which MySQL Shell lists them.
import type { ChannelError, MemberFacts, OwnFacts } from "./facts.ts";

/** A member within its cluster. */
export interface Diagnosed {
  readonly member: MemberFacts;
  /** the cluster is in a ClusterSet, and the member is not its one writable server */
  readonly mustBeReadOnly: boolean;
  /** undefined when it is not known what all members must have */
  readonly sizeLimit: number | undefined;
  /** recovery accounts that no member in the metadata has; told at the primary only */
  readonly unusedAccounts: readonly string[];
}

type Facts = Diagnosed & { readonly own: OwnFacts | undefined };

const RUNS = ["ONLINE", "RECOVERING"];

/** Each row answers its sentence, or undefined when all is well. */
const ROWS: readonly ((facts: Facts) => string | undefined)[] = [
  ({ member: { seen, state } }) =>
    (seen === undefined || seen.state === "UNREACHABLE") && RUNS.includes(state)
      ? `ERROR: split-brain! Instance is not part of the majority group, but has state ${state}`
      : undefined,
  writableByMistake,
  ({ own }) => channelError("Recovery", own?.recoveryError),
  ({ own }) => channelError("Applier", own?.applierError),
  ({ own }) =>
    own?.otherChannels
      .map(
        (name) =>
          `ERROR: Unrecognized replication channel '${name}' found. Unmanaged replication channels are not supported.`,
      )
      .at(0),
  ({ member: { state }, own }) =>
    state === "OFFLINE" && own ? "NOTE: group_replication is stopped." : undefined,
  ({ member: { state }, own }) =>
    state === "ERROR" && own ? "ERROR: group_replication has stopped with an error." : undefined,
  identity,
  ({ member: { record } }) =>
    /:\d+$/.test(record?.grLocal ?? "")
      ? undefined
      : "ERROR: Invalid or missing information of Group Replication's network address in metadata. Use Cluster.rescan() to update the metadata.",
  ({ member: { record, address }, own }) =>
    record && own && own.address.toLowerCase() !== address.toLowerCase()
      ? `ERROR: Metadata for this instance does not match hostname reported by instance (metadata=${address}, actual=${own.address}). Use rescan() to update the metadata.`
      : undefined,
  ({ own }) =>
    own && !own.preservesOrder
      ? "NOTE: The required parallel-appliers settings are not enabled on the instance. Use dba.configureInstance() to fix it."
      : undefined,
  ({ own, sizeLimit }) =>
    own?.sizeLimit !== undefined && sizeLimit !== undefined && own.sizeLimit !== sizeLimit
      ? "WARNING: The value of 'group_replication_transaction_size_limit' does not match the Cluster's configured value. Use Cluster.rescan() to repair."
      : undefined,
  ({ own }) => (own?.offlineMode ? "WARNING: Instance has 'offline_mode' enabled." : undefined),
  recoveryAccount,
  ({ member: { seen }, unusedAccounts }) => {
    if (seen?.role !== "PRIMARY" || unusedAccounts.length === 0) return undefined;
    const what = unusedAccounts.length === 1 ? "an unused recovery account" : "unused recovery accounts";
    return `WARNING: Detected ${what}: ${unusedAccounts.join(", ")}. Use Cluster.rescan() to clean up.`;
  },
];

/** The `instanceErrors` of a member. */
export function instanceErrors(diagnosed: Diagnosed): readonly string[] {
  const facts = { ...diagnosed, own: diagnosed.member.own };
  return ROWS.flatMap((row) => row(facts) ?? []);
}

function writableByMistake({ member: { seen, state }, own, mustBeReadOnly }: Facts): string | undefined {
  if (own === undefined || own.superReadOnly || state === "RECOVERING") return undefined;
  if (mustBeReadOnly)
    return "WARNING: Instance is NOT the global PRIMARY but super_read_only option is OFF. Errant transactions and inconsistencies may be accidentally introduced.";
  return seen?.role === "SECONDARY"
    ? "WARNING: Instance is NOT a PRIMARY but super_read_only option is OFF."
    : undefined;
}

const channelError = (channel: string, error: ChannelError | undefined): string | undefined =>
  error &&
  `ERROR: ${error.thread} thread of Group Replication ${channel} channel stopped with an error: ${error.text}`;

function identity({ member: { record, state }, own }: Facts): string | undefined {
  if (record && own && own.uuid !== record.uuid)
    return "WARNING: server_uuid for instance has changed from its last known value. Use cluster.rescan() to update the metadata.";
  if (record === undefined)
    return state === "RECOVERING"
      ? undefined
      : "WARNING: Instance is not managed by InnoDB cluster. Use cluster.rescan() to repair.";
  return record.attributes["server_id"] === undefined
    ? "NOTE: instance server_id is not registered in the metadata. Use cluster.rescan() to update the metadata."
    : undefined;
}

/** The account of the recovery channel must be the one that the metadata names, and that one the member's own. */
function recoveryAccount({ member: { record, state }, own }: Facts): string | undefined {
  const stored = record?.attributes["recoveryAccountUser"];
  if (own === undefined || typeof stored !== "string") return undefined;
  if (RUNS.includes(state)) {
    if (own.recoveryUser === "")
      return `WARNING: Recovery user account not found for server address: ${own.address} with UUID ${own.uuid}`;
    if (own.recoveryUser !== stored)
      return own.recoveryUser.startsWith("mysql_innodb_cluster_")
        ? "WARNING: The replication recovery account in use by the instance is not stored in the metadata. Use Cluster.rescan() to update the metadata."
        : `WARNING: Unsupported recovery account '${own.recoveryUser}' has been found for instance '${own.address}'. Operations such as Cluster.resetRecoveryAccountsPassword() and Cluster.addInstance() may fail. Please remove and add the instance back to the Cluster to ensure a supported recovery account is used.`;
  }
  return stored === `mysql_innodb_cluster_${String(record?.attributes["server_id"])}`
    ? undefined
    : `WARNING: Incorrect recovery account (${stored}) being used. Use Cluster.rescan() to repair.`;
}
