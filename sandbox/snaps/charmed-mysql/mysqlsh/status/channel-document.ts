// A replication channel as the status documents tell it, with more or less detail.
import { subtract } from "../primitives/gtid.ts";
import type { Instance, Row } from "../session.ts";

/** What is told besides the states of the threads. */
export interface Detail {
  /** 0 the least; 1 adds queues and the coordinator, 2 the channel's options */
  readonly level: number;
  /** a channel from another server has a source and may use TLS; those of Group Replication have neither */
  readonly source: boolean;
}

/** undefined when the server has no such channel. */
export async function channelDocument(
  instance: Instance,
  channel: string,
  { level, source }: Detail,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const [row] = await instance.query(CHANNEL, [channel]);
  if (row === undefined) return undefined;
  return {
    ...applier(row),
    ...receiver(row),
    replicationSsl: null,
    source: source ? `${text(row["host"])}:${text(row["port"])}` : null,
    ...(source ? { replicationSslMode: row["ssl_allowed"] === "YES" ? "REQUIRED" : "DISABLED" } : {}),
    ...(level >= 1 ? { ...coordinator(row), ...(await queue(instance, row)) } : {}),
    ...(level >= 2 ? { options: optionsOf(row) } : {}),
  };
}

const CHANNEL = `SELECT s.service_state AS receiver, s.last_error_number AS receiver_error,
    s.last_error_message AS receiver_text, s.last_error_timestamp AS receiver_time,
    s.received_transaction_set AS received,
    (SELECT processlist_state FROM performance_schema.threads t WHERE t.thread_id = s.thread_id) AS receiver_thread,
    IF(GREATEST(s.last_heartbeat_timestamp, s.last_queued_transaction_end_queue_timestamp) = 0, '', TIMEDIFF(NOW(6),
      GREATEST(s.last_heartbeat_timestamp, s.last_queued_transaction_end_queue_timestamp))) AS silence,
    a.service_state AS applier, o.service_state AS coordinator,
    (SELECT processlist_state FROM performance_schema.threads t WHERE t.thread_id = o.thread_id) AS coordinator_thread,
    (SELECT MIN(processlist_state) FROM performance_schema.threads t
      JOIN performance_schema.replication_applier_status_by_worker w USING (thread_id)
      WHERE w.channel_name = s.channel_name) AS worker_thread,
    (SELECT COUNT(*) FROM performance_schema.replication_applier_status_by_worker w
      WHERE w.channel_name = s.channel_name AND w.applying_transaction <> '') AS applying,
    (SELECT COALESCE(MAX(w.last_error_number), 0) FROM performance_schema.replication_applier_status_by_worker w
      WHERE w.channel_name = s.channel_name) AS worker_error,
    @@replica_parallel_workers AS workers, @@GLOBAL.gtid_executed AS executed,
    c.host AS host, c.port AS port, c.ssl_allowed AS ssl_allowed, c.connection_retry_interval AS retry_interval,
    c.connection_retry_count AS retry_count, c.heartbeat_interval AS heartbeat, d.desired_delay AS delay
  FROM performance_schema.replication_connection_status s
  JOIN performance_schema.replication_connection_configuration c USING (channel_name)
  JOIN performance_schema.replication_applier_status a USING (channel_name)
  JOIN performance_schema.replication_applier_configuration d USING (channel_name)
  LEFT JOIN performance_schema.replication_applier_status_by_coordinator o USING (channel_name)
  WHERE s.channel_name = ?`;

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

function applier(row: Row): object {
  const failed = Number(row["worker_error"]) > 0;
  const running = Number(row["applying"]) > 0 ? "APPLYING" : "APPLIED_ALL";
  return {
    applierStatus: row["applier"] === "ON" ? running : failed ? "ERROR" : "OFF",
    applierThreadState: text(row["worker_thread"]),
    applierWorkerThreads: Number(row["workers"]),
  };
}

/** A receiver that tries again after an error is told as one that failed. */
function receiver(row: Row): object {
  const failed = Number(row["receiver_error"]) > 0 && row["receiver"] !== "ON";
  const told = { receiverThreadState: text(row["receiver_thread"]) };
  if (!failed) return { receiverStatus: row["receiver"], ...told };
  return {
    receiverStatus: "ERROR",
    ...told,
    receiverLastError: text(row["receiver_text"]),
    receiverLastErrorNumber: Number(row["receiver_error"]),
    receiverLastErrorTimestamp: text(row["receiver_time"]),
  };
}

const coordinator = (row: Row): object => ({
  applierState: row["applier"],
  coordinatorState: row["coordinator"],
  coordinatorThreadState: text(row["coordinator_thread"]),
});

async function queue(instance: Instance, row: Row): Promise<object> {
  const queued = await subtract(instance, text(row["received"]), text(row["executed"]));
  return {
    applierQueuedTransactionSet: queued,
    applierQueuedTransactionSetSize: countTransactions(queued),
    receiverTimeSinceLastMessage: text(row["silence"]),
  };
}

const optionsOf = (row: Row): object => ({
  connectRetry: Number(row["retry_interval"]),
  delay: Number(row["delay"]),
  heartbeatPeriod: Number(row["heartbeat"]),
  retryCount: Number(row["retry_count"]),
});

/** How many transactions a set has, tags included. */
export function countTransactions(set: string): number {
  let count = 0;
  for (const [, from, to] of set.replaceAll(/[0-9a-f-]{36}/gi, "").matchAll(/:(\d+)(?:-(\d+))?/g))
    count += Number(to ?? from) - Number(from) + 1;
  return count;
}

/**
 * The cipher of the connection by which an account replicates from a server, as that server sees it; null without such
 * a connection, or when the server does not answer.
 */
export async function replicationCipher(
  source: Instance | undefined,
  user: string | undefined,
): Promise<string | null> {
  if (source === undefined || user === undefined) return null;
  const rows = await source.query(
    `SELECT s.variable_value AS value FROM performance_schema.threads t
       JOIN performance_schema.status_by_thread s USING (thread_id)
     WHERE t.processlist_user = ? AND t.processlist_command = 'Binlog Dump GTID'
       AND s.variable_name IN ('Ssl_cipher', 'Ssl_version') ORDER BY t.thread_id DESC, s.variable_name LIMIT 2`,
    [user],
  );
  const found = rows.map((row) => text(row["value"])).filter((value) => value !== "");
  return found.length === 0 ? null : found.join(" ");
}
