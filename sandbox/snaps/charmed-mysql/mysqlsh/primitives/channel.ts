// Replication channels: the one between clusters of a set, with managed failover, and the group's recovery channel.
import { isSqlError } from "../errors.ts";
import type { Instance } from "../session.ts";
import type { Credentials } from "./accounts.ts";
import { RECOVERY } from "./group.ts";

/** The channel by which a replica cluster follows the primary cluster. */
export const CLUSTERSET = "clusterset_replication";

/** What performance_schema says of the channel between clusters. */
export interface ChannelState {
  readonly sourceUuid: string;
  readonly source: string;
  readonly receiver: "ON" | "OFF" | "CONNECTING";
  readonly receiverError: { readonly number: number; readonly text: string; readonly time: string };
  readonly applier: "ON" | "OFF";
  readonly applierError: number;
  readonly sslAllowed: boolean;
}

/** undefined when the server has no such channel. */
export async function readChannel(
  instance: Instance,
  channel: string = CLUSTERSET,
): Promise<ChannelState | undefined> {
  const [row] = await instance.query(
    `SELECT s.source_uuid AS uuid, s.service_state AS receiver, s.last_error_number AS error_number,
       s.last_error_message AS error_text, s.last_error_timestamp AS error_time, a.service_state AS applier,
       c.host AS host, c.port AS port, c.ssl_allowed AS ssl_allowed,
       (SELECT COALESCE(MAX(last_error_number), 0) FROM performance_schema.replication_applier_status_by_worker w
         WHERE w.channel_name = s.channel_name) AS worker_error,
       (SELECT COALESCE(MAX(last_error_number), 0) FROM performance_schema.replication_applier_status_by_coordinator o
         WHERE o.channel_name = s.channel_name) AS coordinator_error
     FROM performance_schema.replication_connection_status s
     JOIN performance_schema.replication_connection_configuration c USING (channel_name)
     JOIN performance_schema.replication_applier_status a USING (channel_name) WHERE s.channel_name = ?`,
    [channel],
  );
  if (row === undefined) return undefined;
  const receiver = row["receiver"];
  return {
    sourceUuid: String(row["uuid"]),
    source: `${String(row["host"])}:${String(row["port"])}`,
    receiver: receiver === "ON" || receiver === "CONNECTING" ? receiver : "OFF",
    receiverError: {
      number: Number(row["error_number"]),
      text: String(row["error_text"]),
      time: String(row["error_time"]),
    },
    applier: row["applier"] === "ON" ? "ON" : "OFF",
    applierError: Number(row["worker_error"]) || Number(row["coordinator_error"]),
    sslAllowed: row["ssl_allowed"] === "YES",
  };
}

/** True while a thread of the channel runs or tries to. */
export const isRunning = (state: ChannelState | undefined): boolean =>
  state !== undefined && (state.receiver !== "OFF" || state.applier !== "OFF");

/** Where a channel comes from, and as whom. */
export interface Source {
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials | undefined;
  readonly tls: boolean;
}

/**
 * Defines the channel of a replica cluster on one of its servers. The channel must be stopped.
 * Only the cluster's primary may name, and has, `failover`: it follows its source wherever that moves.
 */
export async function defineChannel(instance: Instance, source: Source, failover: boolean): Promise<void> {
  const { credentials } = source;
  const account = credentials === undefined ? "" : "SOURCE_USER = ?, SOURCE_PASSWORD = ?, ";
  const tls = source.tls ? "SOURCE_SSL = 1" : "SOURCE_SSL = 0, GET_SOURCE_PUBLIC_KEY = 1";
  await instance.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = ?, ${account}SOURCE_PORT = ?, SOURCE_CONNECT_RETRY = 3,
       SOURCE_RETRY_COUNT = 10, SOURCE_AUTO_POSITION = 1, ${tls}${failover ? ", SOURCE_CONNECTION_AUTO_FAILOVER = 1" : ""}
     FOR CHANNEL '${CLUSTERSET}'`,
    [
      source.host,
      ...(credentials === undefined ? [] : [credentials.user, credentials.password]),
      source.port,
    ],
  );
}

/** Gives an existing channel other credentials. The channel must be stopped. */
export async function setChannelCredentials(instance: Instance, credentials: Credentials): Promise<void> {
  await instance.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_USER = ?, SOURCE_PASSWORD = ? FOR CHANNEL '${CLUSTERSET}'`,
    [credentials.user, credentials.password],
  );
}

/** The credentials by which this server recovers from, and dials, other members of its group. */
export async function setRecoveryCredentials(instance: Instance, credentials: Credentials): Promise<void> {
  await instance.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_USER = ?, SOURCE_PASSWORD = ? FOR CHANNEL '${RECOVERY}'`,
    [credentials.user, credentials.password],
  );
}

export const startChannel = async (instance: Instance): Promise<void> => {
  await instance.query(`START REPLICA FOR CHANNEL '${CLUSTERSET}'`);
};

/** Stops the channel if there is one. */
export async function stopChannel(instance: Instance): Promise<void> {
  if (await readChannel(instance)) await instance.query(`STOP REPLICA FOR CHANNEL '${CLUSTERSET}'`);
}

/** Stops and forgets the channel; without one only the right to do so is needed. */
export async function resetChannel(instance: Instance): Promise<void> {
  if (isRunning(await readChannel(instance)))
    await instance.query(`STOP REPLICA FOR CHANNEL '${CLUSTERSET}'`);
  await forgetChannel(instance, CLUSTERSET);
}

/** Forgets a channel of Group Replication, if the server has it. */
export async function forgetChannel(instance: Instance, channel: string): Promise<void> {
  try {
    await instance.query(`RESET REPLICA ALL FOR CHANNEL '${channel}'`);
  } catch (error) {
    // 3074: the channel does not exist
    if (!isSqlError(error, 3074)) throw error;
  }
}

/** The channel of this replica cluster's primary follows the primary of the source group wherever it moves. */
export async function addManagedSource(instance: Instance, groupName: string, source: Source): Promise<void> {
  await instance.query(
    `SELECT asynchronous_connection_failover_add_managed('${CLUSTERSET}', 'GroupReplication', ?, ?, ?, '', 80, 60)`,
    [groupName, source.host, source.port],
  );
}

export async function deleteManagedSources(instance: Instance): Promise<void> {
  const rows = await instance.query(
    `SELECT managed_name AS name FROM performance_schema.replication_asynchronous_connection_failover_managed
     WHERE channel_name = '${CLUSTERSET}'`,
  );
  for (const row of rows)
    await instance.query(`SELECT asynchronous_connection_failover_delete_managed('${CLUSTERSET}', ?)`, [
      row["name"],
    ]);
}
