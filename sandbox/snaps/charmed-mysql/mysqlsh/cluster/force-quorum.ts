// cluster force-quorum-using-partition-of
import { runtime, SqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { membersOf } from "../metadata/snapshot.ts";
import { hasQuorum, type Member, ownState, readGroup, stopGroup, waitFor } from "../primitives/group.ts";
import { lock } from "../primitives/locks.ts";
import { setVariable } from "../primitives/variables.ts";
import type { Instance } from "../session.ts";
import { type Call, connectTarget } from "../shell.ts";
import { requireRule } from "../situation.ts";

/** The members that a server can see go on without the lost ones. */
export async function forceQuorumUsingPartitionOf({ shell, args }: Call, handle: Handle): Promise<undefined> {
  await requireRule(handle, "cluster.forceQuorumUsingPartitionOf");
  const { cluster, snapshot } = handle;
  const target = await connectTarget(shell, args.at(0));
  if (!membersOf(snapshot, cluster).some((one) => one.uuid === target.uuid))
    throw runtime(`The instance '${target.address}' does not belong to the cluster: '${cluster.name}'.`);
  const group = await readGroup(target);
  const state = ownState(group, target.uuid);
  if (state !== "ONLINE" && state !== "RECOVERING")
    throw runtime(
      `The instance '${target.address}' cannot be used to restore the cluster as it is on a '${state}' state`,
    );
  if (hasQuorum(group)) throw runtime(`The cluster has quorum according to instance '${target.address}'`);
  await lock(shell, "instance", target);
  const alive = group.filter((one) => one.state === "ONLINE" || one.state === "RECOVERING");
  await stopOthers(handle, alive);
  const addresses = alive.map((one) => localAddress(handle, one));
  await setVariable(target, "GLOBAL", "group_replication_force_members", addresses.join(","));
  await setVariable(target, "GLOBAL", "group_replication_force_members", "");
  await waitFor(
    async () => hasQuorum(await readGroup(target)),
    60,
    () => `'${target.address}' has no quorum after its membership was forced`,
  );
  if (cluster.role === "REPLICA") await keepReadOnly(handle, target);
  return undefined;
}

const localAddress = ({ snapshot }: Handle, member: Member): string =>
  snapshot.instances.find((one) => one.uuid === member.uuid)?.grLocal || member.address;

/** Members that are reachable but not in the partition must not form a group of their own. */
async function stopOthers({ shell, snapshot, cluster }: Handle, alive: readonly Member[]): Promise<void> {
  for (const record of membersOf(snapshot, cluster)) {
    if (alive.some((one) => one.uuid === record.uuid)) continue;
    const instance = await shell.pool.attempt(record.address);
    if (!(instance instanceof SqlError)) await stopGroup(instance);
  }
}

async function keepReadOnly({ shell }: Handle, target: Instance): Promise<void> {
  for (const member of await readGroup(target)) {
    if (member.state !== "ONLINE") continue;
    const instance = await shell.pool.attempt(member.address);
    if (!(instance instanceof SqlError)) await setVariable(instance, "GLOBAL", "super_read_only", "ON");
  }
}
