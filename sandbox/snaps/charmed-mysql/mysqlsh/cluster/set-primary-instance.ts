// cluster set-primary-instance
import { isSqlError, runtime } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { membersOf } from "../metadata/snapshot.ts";
import { readChannel, startChannel, stopChannel } from "../primitives/channel.ts";
import { type Member, primaryOf, readGroup, waitFor } from "../primitives/group.ts";
import { lock } from "../primitives/locks.ts";
import { bareMessage, type Instance } from "../session.ts";
import { type Call, splitAddress } from "../shell.ts";
import { requireRule } from "../situation.ts";

/** Makes another member the primary of its group. */
export async function setPrimaryInstance({ shell, args }: Call, handle: Handle): Promise<undefined> {
  const { output } = shell;
  const { cluster, snapshot, primary } = handle;
  await requireRule(handle, "cluster.setPrimaryInstance");
  if (primary === undefined) throw runtime("This operation requires a PRIMARY instance available");
  const { host, port } = splitAddress(args.at(0));
  const record = membersOf(snapshot, cluster).find((one) => one.address === `${host}:${port}`);
  if (record === undefined)
    throw runtime(`The instance '${host}:${port}' does not belong to the Cluster: '${cluster.name}'.`);
  await lock(shell, "cluster", primary);
  output.lines(
    `Setting instance '${record.address}' as the primary instance of cluster '${cluster.name}'...`,
    "",
  );
  if (record.uuid === primary.uuid) {
    output.info(`The instance '${record.address}' is already the current primary of the Cluster.`);
    return undefined;
  }
  if (cluster.invalidated)
    output.warning(`Cluster '${cluster.name}' was INVALIDATED and must be removed from the ClusterSet.`);
  const before = await readGroup(primary);
  await elect({ shell, args }, primary, record.uuid, record.address);
  const after = await readGroup(primary);
  for (const line of changesOf(before, after)) output.info(line);
  output.lines("", `The instance '${record.address}' was successfully elected as primary.`);
  return undefined;
}

/** A group whose primary runs a channel refuses an election; the new primary starts the channel by itself. */
async function elect({ shell, args }: Call, primary: Instance, uuid: string, address: string): Promise<void> {
  const channel = await readChannel(primary);
  if (channel) await stopChannel(primary);
  const timeout = args.integer("runningTransactionsTimeout");
  try {
    if (timeout === undefined) await primary.query("SELECT group_replication_set_as_primary(?)", [uuid]);
    else await primary.query("SELECT group_replication_set_as_primary(?, ?)", [uuid, timeout]);
  } catch (error) {
    if (!isSqlError(error)) throw error;
    if (channel) await startChannel(primary).catch(() => {});
    shell.output.info(`Failed to set '${address}' as primary instance: ${bareMessage(error)}`);
    throw runtime("Instance cannot be set as primary");
  }
  await waitFor(
    async () => primaryOf(await readGroup(primary))?.uuid === uuid,
    60,
    () => `'${address}' was elected but did not become PRIMARY`,
  );
}

/** One line for each member. */
export function changesOf(before: readonly Member[], after: readonly Member[]): readonly string[] {
  return after.map(({ uuid, address, role }) => {
    const old = before.find((one) => one.uuid === uuid)?.role ?? "";
    return old === role
      ? `Instance '${address}' remains ${role}.`
      : `Instance '${address}' was switched from ${old} to ${role}.`;
  });
}
