// Making a cluster follow another one, or stop to: the channel, its settings and who may write.
import { attribute, type ClusterRecord, type Snapshot } from "../metadata/snapshot.ts";
import type { Output } from "../output.ts";
import { type Credentials, renewPassword } from "../primitives/accounts.ts";
import {
  addManagedSource,
  defineChannel,
  deleteManagedSources,
  resetChannel,
  startChannel,
  stopChannel,
} from "../primitives/channel.ts";
import { setWritableByElection, startChannelByElection } from "../primitives/group.ts";
import { setVariable } from "../primitives/variables.ts";
import type { ClusterProbe } from "../probe.ts";
import type { Instance } from "../session.ts";

/** What a replica cluster follows. */
export interface Following {
  readonly source: Instance;
  /** the group of the source, whose primary is followed wherever it moves */
  readonly groupName: string;
  readonly credentials: Credentials | undefined;
}

/** The ONLINE members of a cluster that answered, its primary last. */
export function membersPrimaryLast(probe: ClusterProbe): readonly Instance[] {
  const online = probe.members.flatMap(({ instance, state }) =>
    instance && state === "ONLINE" ? [instance] : [],
  );
  const others = online.filter((one) => one.uuid !== probe.primary?.uuid);
  return probe.primary ? [...others, probe.primary] : others;
}

/** Points one member at its source; only the cluster's primary runs the channel. */
export async function follow(
  instance: Instance,
  { source, credentials, groupName }: Following,
  primary: boolean,
): Promise<void> {
  // First while the server may still be writable: changing a member action needs super_read_only off.
  if (primary) {
    await setWritableByElection(instance, false);
    await startChannelByElection(instance);
  }
  await setVariable(instance, "PERSIST", "super_read_only", "ON");
  await stopChannel(instance);
  const place = { host: source.host, port: source.port, credentials, tls: true };
  await defineChannel(instance, place, primary);
  if (!primary) return;
  await startChannel(instance);
  await deleteManagedSources(instance);
  await addManagedSource(instance, groupName, place);
}

/** Points all members of a cluster at the source, the primary last, one line for each. */
export async function followAll(output: Output, probe: ClusterProbe, following: Following): Promise<void> {
  for (const member of membersPrimaryLast(probe)) {
    output.info(`** Changing replication source of ${member.address} to ${following.source.address}`);
    await follow(member, following, member.uuid === probe.primary?.uuid);
  }
}

/** Makes a cluster's primary writable, now and after each election. */
export async function makeWritable(primary: Instance): Promise<void> {
  await setVariable(primary, "GLOBAL", "super_read_only", "OFF");
  await setVariable(primary, "GLOBAL", "read_only", "OFF");
  await setWritableByElection(primary, true);
}

/** The primary stops following; the definition of the channel stays. */
export async function promote(primary: Instance): Promise<void> {
  await stopChannel(primary);
  await makeWritable(primary);
  await deleteManagedSources(primary);
}

/** No member knows the channel any more. */
export async function forgetChannels(probe: ClusterProbe): Promise<void> {
  for (const member of membersPrimaryLast(probe).toReversed()) await resetChannel(member);
}

/** Replicated transactions have no limit of size; a primary cluster has the one of its metadata. */
export async function setSizeLimit(probe: ClusterProbe, limit: number): Promise<void> {
  for (const { instance } of probe.members)
    if (instance) await setVariable(instance, "PERSIST", "group_replication_transaction_size_limit", limit);
}

export const sizeLimitOf = (cluster: ClusterRecord): number =>
  Number(cluster.attributes["opt_transactionSizeLimit"] ?? 150_000_000);

/** A new password for the account by which a cluster replicates; undefined when it has none yet. */
export async function refreshAccount(
  globalPrimary: Instance,
  cluster: ClusterRecord,
): Promise<Credentials | undefined> {
  const user = attribute(cluster, "replicationAccountUser");
  return user === undefined
    ? undefined
    : renewPassword(globalPrimary, user, attribute(cluster, "replicationAccountHost"));
}

/** The primary cluster of a ClusterSet. */
export const primaryClusterOf = (snapshot: Snapshot, setId: string): ClusterRecord | undefined =>
  snapshot.clusters.find((one) => one.setId === setId && one.role === "PRIMARY");
