// The channel of a replica cluster as the status document tells it.
import { attribute } from "../metadata/snapshot.ts";
import { CLUSTERSET } from "../primitives/channel.ts";
import type { ClusterProbe } from "../probe.ts";
import type { Instance } from "../session.ts";
import { channelDocument, replicationCipher } from "./channel-document.ts";

/** The `clusterSetReplication` of a replica cluster, and what it received. */
export async function replicationOf(
  { best, cluster }: ClusterProbe,
  globalPrimary: Instance | undefined,
  extended: number,
): Promise<object> {
  if (best === undefined) return {};
  const document = await channelDocument(best, CLUSTERSET, { level: extended - 1, source: true });
  if (document === undefined) return { clusterSetReplication: {} };
  if (extended < 1) return {};
  const user = attribute(cluster, "replicationAccountUser");
  const told = {
    ...document,
    receiver: best.address,
    replicationSsl: await replicationCipher(globalPrimary, user),
  };
  if (extended < 2) return { clusterSetReplication: told };
  const received = await best.value(
    "SELECT received_transaction_set AS received FROM performance_schema.replication_connection_status WHERE channel_name = ?",
    [CLUSTERSET],
  );
  return { clusterSetReplication: told, receivedTransactionSet: String(received ?? "").replaceAll("\n", "") };
}
