// Gathers what an operation's rule is compared with, and no more than it needs.

import type { Handle } from "./handle.ts";
import { readState } from "./instance-state.ts";
import type { ClusterRecord } from "./metadata/snapshot.ts";
import type { Output } from "./output.ts";
import { RULES, type Rule, type RuleName, requireSituation, requireType } from "./preconditions.ts";
import { CLUSTERSET, readChannel } from "./primitives/channel.ts";
import { GROUP, hasQuorum, isWritableByElection } from "./primitives/group.ts";
import { executed, known, subtract } from "./primitives/gtid.ts";
import { isOn } from "./primitives/variables.ts";
import { probeCluster } from "./probe.ts";
import type { Instance } from "./session.ts";
import { type ChannelStatus, channelStatusOf, type GlobalStatus, globalStatusOf } from "./status/global.ts";

/** Checks an operation's rule. Throws the error of the first demand that is not met. */
export async function requireRule(handle: Handle, name: RuleName): Promise<void> {
  const rule: Rule = RULES[name];
  const type =
    handle.set === undefined && handle.removedFrom !== undefined
      ? "InnoDBCluster"
      : (await readState(handle.shell.session)).type;
  requireType(handle.shell.output, type, rule.types);
  tellOffline(handle, rule, name);
  requireSituation(rule, {
    quorum: hasQuorum(handle.group),
    primaryMissing: handle.globalPrimaryMissing,
    inSet: handle.set !== undefined,
    global: rule.global && handle.set ? await ownGlobalStatus(handle, name) : undefined,
    fenced: !rule.whileFenced && (await isFenced(handle)),
  });
}

/** MySQL Shell looks for the primary cluster's primary once more, and says so once more, to learn the global status. */
function tellOffline({ shell, primaryProbe }: Handle, { global }: Rule, name: RuleName): void {
  if (global && name.startsWith("clusterset.") && primaryProbe?.availability === "OFFLINE")
    shell.output.info(`No PRIMARY member found for cluster '${primaryProbe.cluster.name}'`);
}

/** True when the session's cluster is fenced from writes: a writable role, but nothing makes its primary writable. */
export async function isFenced({ cluster, set, primary }: Handle): Promise<boolean> {
  if (set === undefined || cluster.role !== "PRIMARY" || primary === undefined) return false;
  return isFencedPrimary(primary);
}

/** Asks the primary of a primary cluster whether it is fenced. */
export const isFencedPrimary = async (primary: Instance): Promise<boolean> =>
  !(await isWritableByElection(primary)) && (await isOn(primary, "super_read_only"));

/**
 * The global status of the session's cluster in its ClusterSet. A `clusterset` object sees the channel at the session's
 * server, a `cluster` object at the cluster's primary: a secondary's channel never runs.
 */
async function ownGlobalStatus(handle: Handle, name: RuleName): Promise<GlobalStatus> {
  const { shell, snapshot, cluster, globalPrimary } = handle;
  const probe = await probeCluster(shell.pool, snapshot, cluster);
  const role = cluster.role ?? "REPLICA";
  const best = probe.primary ?? probe.best;
  const online = probe.members.some(
    (one) => one.instance?.uuid === shell.session.uuid && one.state === "ONLINE",
  );
  const seen = name.startsWith("clusterset.") && online ? shell.session : best;
  const status = globalStatusOf({
    role,
    invalidated: cluster.invalidated,
    availability: probe.availability,
    channel: await channelStatus(seen, role, globalPrimary),
    fenced: role === "PRIMARY" && probe.primary !== undefined && (await isFencedPrimary(probe.primary)),
    errant: role === "REPLICA" && best !== undefined && (await errantSet(best, globalPrimary)) !== "",
  });
  warnOfChannel(shell.output, cluster, status);
  return status;
}

/** Whoever asks for the status of a replica cluster hears of a channel that needs a hand. */
export function warnOfChannel(output: Output, { name, role }: ClusterRecord, status: GlobalStatus): void {
  if (role !== "REPLICA" || (status !== "OK_MISCONFIGURED" && status !== "OK_NOT_REPLICATING")) return;
  output.warning(
    `The Cluster's Replication Channel is misconfigured or stopped, topology changes will not be allowed on the InnoDB Cluster '${name}'`,
  );
  output.note(
    "To restore the Cluster and ClusterSet operations, the Replication Channel must be fixed using rejoinCluster(). If there are invalid options, those must be corrected using setOption() before.",
  );
}

/** The status of a cluster's channel at one of its servers. */
export async function channelStatus(
  seen: Instance | undefined,
  role: "PRIMARY" | "REPLICA",
  globalPrimary: Instance | undefined,
): Promise<ChannelStatus> {
  if (seen === undefined) return "UNKNOWN";
  return channelStatusOf(await readChannel(seen), role === "REPLICA" ? globalPrimary?.uuid : undefined);
}

/** Transactions of a replica cluster that the primary cluster does not have. Read in this order: a late one is no errant one. */
export async function errantSet(replica: Instance, globalPrimary: Instance | undefined): Promise<string> {
  if (globalPrimary === undefined) return "";
  const own = await executed(replica);
  return subtract(replica, own, await known(globalPrimary, [GROUP, CLUSTERSET]));
}
