// The channel over which a standby's primary follows the primary cluster: its state, and the end of it.
import * as z from "zod";
import { count, identifier } from "./columns.ts";
import type { Session } from "./ports.ts";

/** AdminAPI's name for it. */
export const CHANNEL = "clusterset_replication";

/** State of the channel from the primary cluster, read on the standby's primary. */
export interface ChannelFacts {
  readonly receiver: "ON" | "CONNECTING" | "OFF";
  readonly applier: "ON" | "OFF";
  readonly errorNumber: number;
  /** Seconds since the oldest transaction not yet applied was committed at its source; 0 when all are applied. */
  readonly lagSeconds: number;
  /** When the newest transaction that was received was committed at its source, in UTC; "" when none was. */
  readonly lastReceived: string;
}

const CHANNEL_SQL = `SELECT s.service_state AS receiver, a.service_state AS applier,
  s.last_error_number AS errorNumber,
  IF(GTID_SUBSET(s.received_transaction_set, @@GLOBAL.gtid_executed), 0, COALESCE((
    SELECT MAX(TIMESTAMPDIFF(SECOND, w.applying_transaction_original_commit_timestamp, NOW()))
    FROM performance_schema.replication_applier_status_by_worker w
    WHERE w.channel_name = s.channel_name AND w.applying_transaction <> ''), 0)) AS lagSeconds,
  IF(s.last_queued_transaction = '', '', DATE_FORMAT(CONVERT_TZ(
    s.last_queued_transaction_original_commit_timestamp, @@session.time_zone, '+00:00'),
    '%Y-%m-%dT%H:%i:%s.%fZ')) AS lastReceived
  FROM performance_schema.replication_connection_status s
  JOIN performance_schema.replication_applier_status a ON a.channel_name = s.channel_name
  WHERE s.channel_name = '${CHANNEL}'`;

/** The channel, or undefined when this server has none. */
export async function readChannel(session: Session): Promise<ChannelFacts | undefined> {
  const schema = z.object({
    receiver: z.enum(["ON", "CONNECTING", "OFF"]),
    applier: z.enum(["ON", "OFF"]),
    errorNumber: count,
    lagSeconds: count,
    lastReceived: z.string().max(40),
  });
  return (await session.rows(schema, CHANNEL_SQL))[0];
}

/** Throws MysqlProblem. */
export async function stopChannel(session: Session): Promise<void> {
  if ((await readChannel(session)) !== undefined) await session.run(`STOP REPLICA FOR CHANNEL '${CHANNEL}'`);
}

/**
 * Takes a channel off that was stopped, with the entry by which it follows another group's members: RESET REPLICA leaves
 * that. Neither is logged, and read-only servers do both (MySQL 9.7). Throws MysqlProblem.
 */
export async function forgetChannel(session: Session): Promise<void> {
  const managed = await session.rows(
    z.object({ channel: z.string().max(64), name: identifier }),
    `SELECT channel_name AS channel, managed_name AS name
      FROM performance_schema.replication_asynchronous_connection_failover_managed`,
  );
  // The function takes constants only.
  for (const { name } of managed.filter(({ channel }) => channel === CHANNEL))
    await session.run(`DO asynchronous_connection_failover_delete_managed('${CHANNEL}', '${name}')`);
  if ((await readChannel(session)) !== undefined)
    await session.run(`RESET REPLICA ALL FOR CHANNEL '${CHANNEL}'`);
}
