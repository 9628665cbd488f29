// cluster create-cluster-set

import { makeWritable } from "../clusterset/replica.ts";
import { coded, errorText, isSqlError, SqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { createSet, setClusterAttribute } from "../metadata/records.ts";
import { membersOf } from "../metadata/snapshot.ts";
import { requireName } from "../names.ts";
import type { ObjectResult, Output } from "../output.ts";
import { createReplicationAccount, newCredentials, replicationUser } from "../primitives/accounts.ts";
import { deleteManagedSources, resetChannel } from "../primitives/channel.ts";
import { hasQuorum } from "../primitives/group.ts";
import { lock } from "../primitives/locks.ts";
import { setVariable } from "../primitives/variables.ts";
import type { Call } from "../shell.ts";
import { requireRule } from "../situation.ts";
import { reachableMembers, type Writable, writable } from "./members.ts";

/** Makes the session's cluster the primary cluster of a new ClusterSet. */
export async function createClusterSet(
  { shell, args }: Call,
  found: Handle,
): Promise<ObjectResult | undefined> {
  const { output } = shell;
  const domain = args.at(0);
  const { cluster } = found;
  await requireRule(found, "cluster.createClusterSet");
  if (!hasQuorum(found.group) || found.primary === undefined) {
    output.error("Target cluster status is 'NO_QUORUM' which is not valid for InnoDB ClusterSet.");
    throw coded(51600, "Invalid Cluster status: NO_QUORUM.");
  }
  const handle = writable(found);
  await lock(shell, "cluster", handle.primary);
  output.info(`A new ClusterSet will be created based on the Cluster '${cluster.name}'.\n`);
  output.info(`* Validating Cluster '${cluster.name}' for ClusterSet compliance.\n`);
  requireName("ClusterSet", domain);
  output.info(`* Creating InnoDB ClusterSet '${domain}' on '${cluster.name}'...\n`);
  if (args.flag("dryRun") === true) {
    output.lines("* Updating metadata...", "", "dryRun finished.", "");
    return undefined;
  }
  await revertible(output, () => create({ shell, args }, handle, domain));
  output.lines(
    "",
    "ClusterSet successfully created. Use ClusterSet.createReplicaCluster() to add Replica Clusters to it.",
    "",
  );
  return { class: "ClusterSet", name: domain };
}

async function create({ shell, args }: Call, handle: Writable, domain: string): Promise<void> {
  const { cluster } = handle;
  await prepareMembers(handle);
  const { user, host } = await giveAccount(handle);
  shell.output.info("* Updating metadata...");
  await handle.primary.transaction(async () => {
    await setClusterAttribute(handle.primary, cluster.id, "replicationAccountUser", user);
    await setClusterAttribute(handle.primary, cluster.id, "replicationAccountHost", host);
    await createSet(handle.primary, domain, cluster.id, {
      opt_clusterSetReplicationSslMode: args.text("clusterSetReplicationSslMode") ?? "REQUIRED",
      opt_memberAuthType: "PASSWORD",
      opt_certIssuer: "",
      opt_replicationAllowedHost: args.text("replicationAllowedHost") ?? "%",
    });
  });
}

/** What was done before the metadata does no harm to a cluster outside a ClusterSet: it stays. */
async function revertible(output: Output, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // MySQL Shell shows an error of the server here without its state.
    const failed = isSqlError(error) ? new SqlError(error.errno, undefined, error.message) : error;
    output.error(`Error creating ClusterSet: ${errorText(failed)}`);
    output.note("Reverting changes...");
    output.lines("", "Changes successfully reverted.");
    throw failed;
  }
}

async function prepareMembers(handle: Writable): Promise<void> {
  const members = await reachableMembers(handle);
  for (const member of members) await resetChannel(member);
  await makeWritable(handle.primary);
  await deleteManagedSources(handle.primary);
  for (const member of members) await setVariable(member, "PERSIST_ONLY", "skip_replica_start", "ON");
}

/** The account is named after the server that the cluster began with. */
async function giveAccount({
  snapshot,
  cluster,
  primary,
}: Writable): Promise<{ user: string; host: string }> {
  const seed = membersOf(snapshot, cluster)[0];
  const account = newCredentials(replicationUser(Number(seed?.attributes["server_id"] ?? primary.serverId)));
  await createReplicationAccount(primary, account);
  return account;
}
