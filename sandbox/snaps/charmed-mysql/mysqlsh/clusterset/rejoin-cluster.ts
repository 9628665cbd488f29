// clusterset rejoin-cluster: an invalidated cluster comes back, the channel of a healthy one is made anew.
import { type Writable, writable } from "../cluster/members.ts";
import { coded, errorText, type ShellError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { changeSet } from "../metadata/records.ts";
import type { ClusterRecord } from "../metadata/snapshot.ts";
import { executed, purged, subtract } from "../primitives/gtid.ts";
import { lock } from "../primitives/locks.ts";
import { type ClusterProbe, probeCluster } from "../probe.ts";
import type { Instance } from "../session.ts";
import type { Call } from "../shell.ts";
import { errantSet, requireRule } from "../situation.ts";
import { followAll, primaryClusterOf, refreshAccount, setSizeLimit } from "./replica.ts";

/** Makes a cluster follow the primary cluster again. On the primary cluster itself nothing happens. */
export async function rejoinCluster({ shell, args }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "clusterset.rejoinCluster");
  const handle = writableSet(found);
  const name = args.at(0);
  output.info(`Rejoining cluster '${name}' to the clusterset`);
  const cluster = requireCluster(handle, name);
  const probe = await requirePrimary(handle, cluster);
  await lock(shell, "cluster", probe.primary);
  if (cluster.invalidated) output.note(`Cluster '${name}' is invalidated`);
  if (args.flag("dryRun") === true) {
    output.lines("dryRun finished.", "");
    return undefined;
  }
  await bringBack(handle, probe);
  return undefined;
}

/** A ClusterSet can be written to from a cluster that has no primary of its own. */
function writableSet(found: Handle): Writable {
  return writable({ ...found, primary: found.primary ?? found.globalPrimary });
}

/** The work of a rejoin, checks of the command apart: also after a replica cluster was rebooted. */
export async function bringBack(
  handle: Writable,
  probe: ClusterProbe & { readonly primary: Instance },
): Promise<void> {
  const { output } = handle.shell;
  const { cluster } = probe;
  if (cluster.role === "PRIMARY") {
    output.lines("", `Cluster '${cluster.name}' was rejoined to the clusterset`);
    return;
  }
  const primary = primaryClusterOf(handle.snapshot, handle.set?.id ?? "");
  if (primary === undefined) throw new Error("the ClusterSet has no primary cluster");
  await requireClean(handle, probe, primary);
  await setSizeLimit(probe, 0);
  if (cluster.invalidated) {
    output.info("* Updating metadata");
    await changeSet(handle.globalPrimary, handle.set?.id ?? "", [
      { kind: "member_rejoined", cluster: cluster.id, master: primary.id },
    ]);
    output.lines("", "* Rejoining cluster");
  } else output.info("* Refreshing replication settings");
  const credentials = await refreshAccount(handle.globalPrimary, cluster);
  await followAll(output, probe, { source: handle.globalPrimary, groupName: primary.groupName, credentials });
  output.lines("", `Cluster '${cluster.name}' was rejoined to the clusterset`);
}

function requireCluster({ snapshot, set, shell }: Handle, name: string): ClusterRecord {
  const cluster = snapshot.clusters.find((one) => one.name === name && one.setId === set?.id);
  if (cluster) return cluster;
  return refuse(shell, name, coded(51101, `The cluster with the name '${name}' does not exist.`));
}

function refuse({ output }: Handle["shell"], name: string, error: ShellError): never {
  output.error(`Could not reach cluster '${name}': ${errorText(error)}`);
  throw error;
}

async function requirePrimary(
  { shell, snapshot }: Handle,
  cluster: ClusterRecord,
): Promise<ClusterProbe & { readonly primary: Instance }> {
  const probe = await probeCluster(shell.pool, snapshot, cluster);
  if (probe.primary) return { ...probe, primary: probe.primary };
  if (probe.availability === "OFFLINE") {
    shell.output.error(
      `The Cluster '${cluster.name}' is reachable but OFFLINE. Use the dba.rebootClusterFromCompleteOutage() command to restore it.`,
    );
    throw coded(51619, `The Cluster '${cluster.name}' is reachable but OFFLINE.`);
  }
  return refuse(
    shell,
    cluster.name,
    coded(51014, `Could not connect to a PRIMARY member of cluster '${cluster.name}'`),
  );
}

async function requireClean(
  { shell, globalPrimary }: Writable,
  { cluster, primary: member }: ClusterProbe & { readonly primary: Instance },
  primary: ClusterRecord,
): Promise<void> {
  const { output } = shell;
  const errant = await errantSet(member, globalPrimary);
  if (errant !== "") {
    output.info(
      `${member.address} has the following errant transactions not present at ${primary.name}: ${errant}`,
    );
    output.error(
      `Cluster '${cluster.name}' cannot be rejoined because it contains transactions that did not originate from the primary of the clusterset.`,
    );
    throw coded(51152, `Errant transactions detected at ${member.address}`);
  }
  const lost = await subtract(member, await purged(globalPrimary), await executed(member));
  if (lost === "") return;
  output.error(
    `${member.address} is missing transactions that were purged at ${globalPrimary.address}: ${lost}`,
  );
  throw coded(
    51153,
    `Cluster '${cluster.name}' is missing transactions that are no longer available at the primary cluster`,
  );
}
