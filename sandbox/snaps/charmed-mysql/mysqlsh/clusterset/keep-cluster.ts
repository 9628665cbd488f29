// clusterset remove-cluster --dissolve=false: the cluster goes on by itself, outside the ClusterSet.
import { leaveSet } from "../cluster/leave.ts";
import { waitForMembers } from "../cluster/members.ts";
import { changeSet, deleteCluster, keepOnlyCluster } from "../metadata/records.ts";
import { attribute, membersOf, type Snapshot } from "../metadata/snapshot.ts";
import { dropAccount, ownAccounts } from "../primitives/accounts.ts";
import { setWritableByElection } from "../primitives/group.ts";
import { setVariable } from "../primitives/variables.ts";
import type { ClusterProbe } from "../probe.ts";
import type { Instance } from "../session.ts";
import type { Removal } from "./remove-cluster.ts";
import { setSizeLimit, sizeLimitOf } from "./replica.ts";

/** Takes the cluster out and makes it writable. It keeps its data and its accounts, and diverges from here on. */
export async function keepCluster(
  { handle, probe, online, seconds }: Removal,
  primary: Instance,
): Promise<void> {
  const { globalPrimary, shell, snapshot, set } = handle;
  const { output } = shell;
  const { cluster } = probe;
  output.info("* Waiting for the Cluster to synchronize with the PRIMARY Cluster...");
  await waitForMembers(online, globalPrimary, seconds);
  output.lines("", "");
  await setSizeLimit(probe, sizeLimitOf(cluster));
  for (const instance of online) await setVariable(instance, "PERSIST_ONLY", "skip_replica_start", "OFF");
  const replication = attribute(cluster, "replicationAccountUser");
  if (replication !== undefined) await dropAccount(globalPrimary, replication);
  output.info("* Waiting for the Cluster to synchronize the Metadata updates with the PRIMARY Cluster...");
  await waitForMembers(online, globalPrimary, seconds);
  output.lines("", "");
  output.info("* Stopping and deleting ClusterSet managed replication channel...");
  for (const instance of online) await leaveSet(instance);
  await setWritableByElection(primary, true);
  for (const instance of online) await setVariable(instance, "PERSIST", "super_read_only", "ON");
  output.info("* Updating topology");
  // Only now: the cluster must not receive that it is gone.
  await changeSet(globalPrimary, set?.id ?? "", [{ kind: "member_removed", cluster: cluster.id }]);
  await globalPrimary.transaction(() => deleteCluster(globalPrimary, cluster.id));
  for (const user of recoveryUsers(snapshot, probe)) await dropAccount(globalPrimary, user);
  output.info(`* Reconfiguring '${cluster.name}' as a standalone Cluster.`);
  await standAlone(primary, probe, snapshot);
}

const recoveryUsers = (snapshot: Snapshot, { cluster }: ClusterProbe): readonly string[] =>
  membersOf(snapshot, cluster).flatMap((one) => attribute(one, "recoveryAccountUser") ?? []);

async function standAlone(primary: Instance, probe: ClusterProbe, snapshot: Snapshot): Promise<void> {
  for (const name of ["super_read_only", "read_only"]) await setVariable(primary, "PERSIST", name, "OFF");
  await primary.transaction(() => keepOnlyCluster(primary, probe.cluster.id));
  const own = recoveryUsers(snapshot, probe);
  for (const { user, host } of await ownAccounts(primary))
    if (!own.includes(user)) await dropAccount(primary, user, host);
}
