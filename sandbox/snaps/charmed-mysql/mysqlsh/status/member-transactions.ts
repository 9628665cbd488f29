// What a group has certified and a member has applied: the counters and the threads that `extended` 2 and 3 add.
import { GROUP, RECOVERY } from "../primitives/group.ts";
import type { Instance, Row } from "../session.ts";

/** Counters of a channel at each member, by its uuid, as the source member of the group has them. */
export type GroupStatistics = ReadonlyMap<
  string,
  { readonly transactions?: object; readonly recovery?: object }
>;

const COUNTERS: Readonly<Record<string, string>> = {
  appliedCount: "count_transactions_remote_applied",
  checkedCount: "count_transactions_checked",
  conflictsDetectedCount: "count_conflicts_detected",
  inApplierQueueCount: "count_transactions_remote_in_applier_queue",
  inQueueCount: "count_transactions_in_queue",
  proposedCount: "count_transactions_local_proposed",
  rollbackCount: "count_transactions_local_rollback",
};

/** The counters of all members of the group. */
export async function groupStatistics(source: Instance): Promise<GroupStatistics> {
  const columns = Object.entries(COUNTERS).map(([name, column]) => `${column} AS ${name}`);
  const rows = await source.query(
    `SELECT channel_name AS channel, member_id AS id, ${columns.join(", ")},
       transactions_committed_all_members AS committedAllMembers,
       last_conflict_free_transaction AS lastConflictFree
     FROM performance_schema.replication_group_member_stats`,
  );
  const found = new Map<string, { transactions?: object; recovery?: object }>();
  for (const { channel, id, committedAllMembers, lastConflictFree, ...counters } of rows) {
    const told = {
      ...Object.fromEntries(Object.entries(counters).map(([name, value]) => [name, Number(value)])),
      committedAllMembers: oneLine(committedAllMembers),
      lastConflictFree: oneLine(lastConflictFree),
    };
    const kind = channel === RECOVERY ? "recovery" : "transactions";
    found.set(String(id), { ...found.get(String(id)), [kind]: told });
  }
  return found;
}

/** The threads of the group's applier channel on a member; undefined where they do not run. */
export async function applierThreads(instance: Instance, channel = GROUP): Promise<object | undefined> {
  const read = async (table: string, what: string, prefix: string): Promise<readonly Row[]> =>
    instance.query(statement(table, what, prefix), [channel]);
  const [connection] = await read("replication_connection_status", "QUEUE", "last_queued");
  const [coordinator] = await read("replication_applier_status_by_coordinator", "BUFFER", "last_processed");
  const workers = await read("replication_applier_status_by_worker", "APPLY", "last_applied");
  const told = {
    ...(connection
      ? {
          connection: {
            ...thread(connection),
            lastHeartbeatTimestamp: time(connection["heartbeat"]),
            lastQueued: last(connection, "queueTime"),
            receivedHeartbeats: Number(connection["heartbeats"]),
            receivedTransactionSet: oneLine(connection["received"]),
          },
        }
      : {}),
    ...(coordinator
      ? { coordinator: { ...thread(coordinator), lastProcessed: last(coordinator, "bufferTime") } }
      : {}),
    ...(workers.length > 0 ? { workers: workers.map(worker) } : {}),
  };
  return Object.keys(told).length === 0 ? undefined : told;
}

/** The last transaction of a thread: when it was committed, and how long the thread had it (in microseconds). */
function statement(table: string, what: string, prefix: string): string {
  const column = (name: string): string => `${prefix}_transaction${name}`;
  const span = (from: string): string =>
    `TIMESTAMPDIFF(MICROSECOND, ${column(from)}, ${column(`_end_${what}_timestamp`)})`;
  const own = {
    QUEUE: `last_heartbeat_timestamp AS heartbeat, count_received_heartbeats AS heartbeats,
      received_transaction_set AS received,`,
    BUFFER: "",
    APPLY: `${column("_retries_count")} AS retries,`,
  }[what];
  return `SELECT thread_id AS thread, ${own ?? ""} ${column("")} AS transaction,
      ${column("_original_commit_timestamp")} AS original, ${column("_immediate_commit_timestamp")} AS immediate,
      ${column(`_start_${what}_timestamp`)} AS start, ${column(`_end_${what}_timestamp`)} AS end,
      ${span("_original_commit_timestamp")} AS from_original, ${span("_immediate_commit_timestamp")} AS from_immediate,
      ${span(`_start_${what}_timestamp`)} AS took
    FROM performance_schema.${table} WHERE channel_name = ? AND service_state <> 'OFF'`;
}

const thread = (row: Row): object => ({ threadId: row["thread"] === null ? null : Number(row["thread"]) });

const worker = (row: Row): object => ({
  ...thread(row),
  lastApplied: { ...last(row, "applyTime"), retries: Number(row["retries"]) },
});

const last = (row: Row, took: string): object => ({
  transaction: oneLine(row["transaction"]),
  originalCommitTimestamp: time(row["original"]),
  immediateCommitTimestamp: time(row["immediate"]),
  startTimestamp: time(row["start"]),
  endTimestamp: time(row["end"]),
  originalCommitToEndTime: seconds(row["from_original"]),
  immediateCommitToEndTime: seconds(row["from_immediate"]),
  [took]: seconds(row["took"]),
});

const oneLine = (value: unknown): string => String(value ?? "").replaceAll("\n", "");
const time = (value: unknown): string => (String(value).startsWith("0000-00-00") ? "" : String(value ?? ""));
const seconds = (value: unknown): number | null => (value === null ? null : Number(value) / 1_000_000);
