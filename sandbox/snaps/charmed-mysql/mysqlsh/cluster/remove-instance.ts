// cluster remove-instance
import { coded, errorText, runtime, SqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { deleteInstance } from "../metadata/records.ts";
import { attribute, type InstanceRecord, membersOf } from "../metadata/snapshot.ts";
import { dropAccount } from "../primitives/accounts.ts";
import { resetChannel } from "../primitives/channel.ts";
import { ownState, primaryOf, readGroup, waitFor } from "../primitives/group.ts";
import { synchronise } from "../primitives/gtid.ts";
import { lock } from "../primitives/locks.ts";
import { setVariable } from "../primitives/variables.ts";
import { bareConnectMessage, type Instance } from "../session.ts";
import { type Call, splitAddress } from "../shell.ts";
import { requireRule } from "../situation.ts";
import { leaveGroup } from "./leave.ts";
import {
  onlineMembers,
  recordOf,
  SYNC_LIMIT,
  updateSeeds,
  type Writable,
  waitForCluster,
  writable,
} from "./members.ts";

/** Takes a member out of the cluster; with `--force` also one that does not answer, from the metadata alone. */
export async function removeInstance({ shell, args }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "cluster.removeInstance");
  const handle = writable(found);
  const { host, port } = splitAddress(args.at(0));
  const address = `${host}:${port}`;
  const force = args.flag("force") === true;
  const target = await shell.pool.attempt(args.at(0));
  const record = recordOf(handle, target instanceof SqlError ? address : target.address);
  if (target instanceof SqlError) tellUnreachable(handle, address, target, record, force);
  if (record === undefined) {
    output.error(
      target instanceof SqlError
        ? `The instance ${address} is not reachable and does not belong to the cluster either. Please ensure the member is either connectable or remove it through the exact address as shown in the cluster status output.`
        : `The instance '${target.address}' does not belong to the Cluster.`,
    );
    throw coded(
      51104,
      `Metadata for instance '${target instanceof SqlError ? address : target.address}' not found`,
    );
  }
  requireNotLast(handle, record);
  await lock(shell, "cluster", handle.primary);
  const instance = target instanceof SqlError ? undefined : target;
  if (instance) await requireOnline(handle, instance, force);
  output.info("The instance will be removed from the InnoDB Cluster.\n");
  if (args.flag("dryRun") !== true)
    await remove(handle, record, instance, args.integer("timeout") ?? SYNC_LIMIT);
  output.lines("", `The instance '${record.address}' was successfully removed from the cluster.`, "");
  return undefined;
}

function tellUnreachable(
  { shell }: Handle,
  address: string,
  error: SqlError,
  record: InstanceRecord | undefined,
  force: boolean,
): void {
  const { output } = shell;
  const bare = errorText(new SqlError(error.errno, error.sqlState ?? "HY000", bareConnectMessage(error)));
  output.error(
    `Unable to connect to the target instance '${address}'. Please verify the connection settings, make sure the instance is available and try again.`,
  );
  output.warning(`Failed to connect to '${address}': ${error.message}`);
  if (record && force) {
    output.note(bare);
    output.note(
      `The instance '${address}' is not reachable and it will only be removed from the metadata. Please take any necessary actions to ensure the instance will not rejoin the cluster if brought back online.`,
    );
    output.info();
    return;
  }
  output.warning(bare);
  if (record === undefined) return;
  output.error(`The instance '${address}' is not reachable and cannot be safely removed from the cluster.`);
  output.info(
    "To safely remove the instance from the Cluster, make sure the instance is back ONLINE and try again. If you are sure the instance is permanently unable to rejoin the Cluster and no longer connectable, use the 'force' option to remove it from the metadata.",
  );
  throw new SqlError(error.errno, error.sqlState ?? "HY000", bareConnectMessage(error));
}

function requireNotLast({ snapshot, cluster, shell }: Handle, record: InstanceRecord): void {
  if (membersOf(snapshot, cluster).length > 1) return;
  shell.output.error(
    `The instance '${record.address}' cannot be removed because it is the only member of the Cluster. Please use <Cluster>.dissolve() instead to remove the last instance and dissolve the Cluster.`,
  );
  throw runtime(`The instance '${record.address}' is the last member of the cluster`);
}

async function requireOnline({ shell }: Handle, instance: Instance, force: boolean): Promise<void> {
  const { output } = shell;
  const state = ownState(await readGroup(instance), instance.uuid);
  await lock(shell, "instance", instance);
  if (state === "ONLINE" || state === "RECOVERING") return;
  if (force) {
    output.note(`'${instance.address}' is not ONLINE but will be removed because of the 'force' option.`);
    return;
  }
  output.error(
    `'${instance.address}' is reachable but has state ${state}. To safely remove the instance from the Cluster, make sure the instance is back ONLINE and try again. If you are sure the instance is permanently unable to rejoin the Cluster, use the 'force' option to remove it from the metadata.`,
  );
  throw coded(51004, "Instance is not ONLINE and cannot be safely removed");
}

async function remove(
  handle: Writable,
  record: InstanceRecord,
  instance: Instance | undefined,
  seconds: number,
): Promise<void> {
  const { output } = handle.shell;
  const { globalPrimary, snapshot } = handle;
  const user = attribute(record, "recoveryAccountUser");
  const shared = snapshot.instances.some(
    (one) => one.uuid !== record.uuid && attribute(one, "recoveryAccountUser") === user,
  );
  if (user !== undefined && !shared)
    await dropAccount(globalPrimary, user, attribute(record, "recoveryAccountHost"));
  await deleteInstance(globalPrimary, record.address);
  if (instance && ownState(await readGroup(instance), instance.uuid) === "ONLINE") {
    output.info(`* Waiting for instance '${record.address}' to synchronize with the primary...`);
    await synchronise(instance, globalPrimary, seconds);
    output.lines("", "");
  }
  if (handle.set && instance) await waitForCluster(handle, await onlineMembers(handle, handle.primary));
  if (instance) {
    if (handle.set) await setVariable(instance, "PERSIST_ONLY", "skip_replica_start", "OFF");
    const others = snapshot.instances.filter(
      (one) => one.clusterId === record.clusterId && one.uuid !== record.uuid,
    );
    await leaveGroup(output, instance, handle.set ? "channels and actions too" : "channels too");
    await resetChannel(instance);
    await settle(handle, others);
  } else
    await settle(
      handle,
      snapshot.instances.filter((one) => one.clusterId === record.clusterId && one.uuid !== record.uuid),
    );
}

/** The remaining members forget the address; they may be electing a new primary. */
async function settle(handle: Writable, others: readonly InstanceRecord[]): Promise<void> {
  const { pool } = handle.shell;
  const found = (await Promise.all(others.map((one) => pool.attempt(one.address)))).filter(
    (one): one is Instance => !(one instanceof SqlError),
  );
  const witness = found[0];
  if (witness === undefined) return;
  await waitFor(
    async () => primaryOf(await readGroup(witness)) !== undefined,
    60,
    () => "No new primary was elected",
  );
  await updateSeeds(found, new Map(others.map((one) => [one.uuid, one.grLocal || one.address])));
}
