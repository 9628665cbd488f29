// cluster fence-writes, unfence-writes and fence-all-traffic
import { coded } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { setWritableByElection, stopGroup } from "../primitives/group.ts";
import { lock } from "../primitives/locks.ts";
import { isOn, setVariable } from "../primitives/variables.ts";
import type { Call } from "../shell.ts";
import { isFenced, requireRule } from "../situation.ts";
import { onlineInOrder, onlineMembers, writable } from "./members.ts";

/** Nobody can write to the cluster until it is unfenced. A replica cluster is read only anyway: nothing more happens there. */
export async function fenceWrites({ shell }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "cluster.fenceWrites");
  const { cluster, primary } = writable(found);
  await lock(shell, "cluster", primary);
  output.lines(`The Cluster '${cluster.name}' will be fenced from write traffic`, "");
  output.info("* Disabling automatic super_read_only management on the Cluster...");
  await setWritableByElection(primary, false);
  const others = (await onlineInOrder(found, primary)).filter((one) => one.uuid !== primary.uuid);
  const members = (await isOn(primary, "super_read_only")) ? others : [primary, ...others];
  for (const member of members) {
    output.info(`* Enabling super_read_only on '${member.address}'...`);
    await setVariable(member, "GLOBAL", "super_read_only", "ON");
  }
  output.info();
  if (cluster.role === "PRIMARY")
    output.note(
      `Applications will now be blocked from performing writes on Cluster '${cluster.name}'. Use <Cluster>.unfenceWrites() to resume writes if you're certain a split-brain is not in effect.`,
    );
  output.lines("", "Cluster successfully fenced from write traffic");
  return undefined;
}

/** Takes fenceWrites back. */
export async function unfenceWrites({ shell }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "cluster.unfenceWrites");
  const { cluster, primary, set } = writable(found);
  output.lines(`The Cluster '${cluster.name}' will be unfenced from write traffic`, "");
  await lock(shell, "cluster", primary);
  if (cluster.role !== "PRIMARY") {
    output.error("Unable to unfence Cluster from write traffic: operation not permitted on REPLICA Clusters");
    throw coded(
      51616,
      `The Cluster '${cluster.name}' is a REPLICA Cluster of the ClusterSet '${set?.domain}'`,
    );
  }
  if (!(await isFenced(found))) throw coded(51617, "Cluster not fenced to write traffic");
  for (const member of await onlineMembers(found, primary))
    if (await isOn(member, "offline_mode")) await setVariable(member, "GLOBAL", "offline_mode", "OFF");
  output.info("* Enabling automatic super_read_only management on the Cluster...");
  await setWritableByElection(primary, true);
  output.info(`* Disabling super_read_only on the primary '${primary.address}'...`);
  await setVariable(primary, "GLOBAL", "super_read_only", "OFF");
  output.lines("", "Cluster successfully unfenced from write traffic");
  return undefined;
}

/** Nobody but administrators can connect, and Group Replication stops: rebootClusterFromCompleteOutage takes it back. */
export async function fenceAllTraffic({ shell }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "cluster.fenceAllTraffic");
  const { cluster, primary } = writable(found);
  await lock(shell, "cluster", primary);
  output.lines(`The Cluster '${cluster.name}' will be fenced from all traffic`, "");
  output.info(`* Enabling super_read_only on the primary '${primary.address}'...`);
  await setVariable(primary, "GLOBAL", "super_read_only", "ON");
  output.info(`* Enabling offline_mode on the primary '${primary.address}'...`);
  await setVariable(primary, "GLOBAL", "offline_mode", "ON");
  for (const member of await onlineInOrder(found, primary)) {
    if (member.uuid === primary.uuid) continue;
    output.info(`* Enabling offline_mode on '${member.address}'...`);
    await setVariable(member, "GLOBAL", "super_read_only", "ON");
    await setVariable(member, "GLOBAL", "offline_mode", "ON");
    output.info(`* Stopping Group Replication on '${member.address}'...`);
    await stopGroup(member);
  }
  output.info(`* Stopping Group Replication on the primary '${primary.address}'...`);
  await stopGroup(primary);
  output.lines("", "Cluster successfully fenced from all traffic");
  return undefined;
}
