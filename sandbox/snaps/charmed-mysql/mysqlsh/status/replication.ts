// The channel of a replica cluster as the status document tells it.
import { type ChannelState, CLUSTERSET } from "../primitives/channel.ts";
import type { ClusterProbe } from "../probe.ts";

/** The `clusterSetReplication` of a replica cluster. */
export async function replicationOf(
  probe: ClusterProbe,
  state: ChannelState | undefined,
  extended: number,
): Promise<object> {
  if (probe.best === undefined) return {};
  if (state === undefined) return { clusterSetReplication: {} };
  if (extended < 1) return {};
  const row = await probe.best.row(
    `SELECT @@replica_parallel_workers AS workers,
       (SELECT processlist_state FROM performance_schema.threads t
         JOIN performance_schema.replication_connection_status s USING (thread_id)
         WHERE s.channel_name = '${CLUSTERSET}') AS receiver,
       (SELECT MIN(processlist_state) FROM performance_schema.threads t
         JOIN performance_schema.replication_applier_status_by_worker w USING (thread_id)
         WHERE w.channel_name = '${CLUSTERSET}') AS applier,
       (SELECT COUNT(*) FROM performance_schema.replication_applier_status_by_worker
         WHERE channel_name = '${CLUSTERSET}' AND applying_transaction <> '') AS applying,
       (SELECT tls_version FROM performance_schema.replication_connection_configuration
         WHERE channel_name = '${CLUSTERSET}') AS tls`,
  );
  return { clusterSetReplication: replicationDocument(probe.best.address, state, row) };
}

function replicationDocument(
  receiver: string,
  state: ChannelState,
  row: Readonly<Record<string, unknown>>,
): object {
  const failed = state.receiverError.number > 0;
  const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
  return {
    applierStatus: applierStatusOf(state, Number(row["applying"])),
    applierThreadState: text(row["applier"]),
    applierWorkerThreads: Number(row["workers"]),
    receiver,
    receiverStatus: failed && state.receiver !== "ON" ? "ERROR" : state.receiver,
    receiverThreadState: text(row["receiver"]),
    ...(failed && state.receiver !== "ON"
      ? {
          receiverLastError: state.receiverError.text,
          receiverLastErrorNumber: state.receiverError.number,
          receiverLastErrorTimestamp: state.receiverError.time,
        }
      : {}),
    replicationSsl: state.sslAllowed && state.receiver === "ON" ? text(row["tls"]) || "TLSv1.3" : null,
    replicationSslMode: state.sslAllowed ? "REQUIRED" : "DISABLED",
    source: state.source,
  };
}

function applierStatusOf(state: ChannelState, applying: number): string {
  if (state.applier === "OFF") return state.applierError > 0 ? "ERROR" : "OFF";
  return applying > 0 ? "APPLYING" : "APPLIED_ALL";
}
