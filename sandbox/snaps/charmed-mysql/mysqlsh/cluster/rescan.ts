// cluster rescan: the metadata is compared with the group, and repaired where the options say so.
import { SqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { deleteInstance, insertInstance } from "../metadata/records.ts";
import { attribute, type InstanceRecord, membersOf, readSnapshot } from "../metadata/snapshot.ts";
import { dropAccount, ownAccounts, recoveryUser } from "../primitives/accounts.ts";
import { type Member, RECOVERY } from "../primitives/group.ts";
import { lock } from "../primitives/locks.ts";
import type { Call } from "../shell.ts";
import { requireRule } from "../situation.ts";
import { unusedAccounts } from "../status/cluster-status.ts";
import {
  onlineInOrder,
  onlineMembers,
  restoreRecoveryAccounts,
  updateSeeds,
  type Writable,
  writable,
} from "./members.ts";

/** Prints the report; adds unmanaged members with `--addUnmanaged`, removes missing ones with `--removeObsolete`. */
export async function rescan({ shell, args }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "cluster.rescan");
  const handle = writable(found);
  await lock(shell, "cluster", handle.primary);
  output.lines(
    "Rescanning the cluster...",
    "",
    `Result of the rescanning operation for the '${handle.cluster.name}' cluster:`,
  );
  const { discovered, missing } = differences(handle);
  output.result({
    metadataConsistent: true,
    name: handle.cluster.name,
    newTopologyMode: null,
    newlyDiscoveredInstances: discovered.map((one) => ({
      host: one.address,
      member_id: one.uuid,
      name: null,
      version: one.version,
    })),
    unavailableInstances: missing.map((one) => ({
      host: one.address,
      label: one.label,
      member_id: one.uuid,
    })),
    updatedInstances: [],
  });
  output.info();
  for (const member of discovered) {
    output.info(`A new instance '${member.address}' was discovered in the cluster.`);
    if (args.flag("addUnmanaged") === true) await adopt(handle, member);
  }
  for (const record of missing) {
    output.info(`The instance '${record.address}' is no longer part of the cluster.`);
    if (args.flag("removeObsolete") === true) await forget(handle, record);
  }
  await mendAccounts(handle);
  return undefined;
}

/** An operation that was killed leaves members with the account of another one, and accounts that nobody has. */
async function mendAccounts(found: Writable): Promise<void> {
  const { output } = found.shell;
  const handle = { ...found, snapshot: (await readSnapshot(found.globalPrimary)) ?? found.snapshot };
  for (const member of await onlineInOrder(handle, handle.primary)) {
    const used = await member.value(
      "SELECT user AS user FROM performance_schema.replication_connection_configuration WHERE channel_name = ?",
      [RECOVERY],
    );
    if (used === recoveryUser(member.serverId)) continue;
    output.info(`Fixing incorrect recovery account '${String(used)}' in instance '${member.address}'`);
    await restoreRecoveryAccounts(handle, [member]);
  }
  for (const user of await unusedAccounts(handle.globalPrimary, handle.snapshot)) {
    output.info(`Dropping unused recovery account: '${user}'@'%'`);
    await dropAccount(handle.globalPrimary, user);
  }
}

/** Members of the group that the metadata lacks, and the other way round. */
function differences({ group, snapshot, cluster }: Handle): {
  readonly discovered: readonly Member[];
  readonly missing: readonly InstanceRecord[];
} {
  const records = membersOf(snapshot, cluster);
  return {
    discovered: group.filter((member) => !records.some((one) => one.uuid === member.uuid)),
    missing: records.filter((record) => !group.some((one) => one.uuid === record.uuid)),
  };
}

async function adopt(handle: Writable, { address, uuid }: Member): Promise<void> {
  const { output, pool } = handle.shell;
  output.info("Adding instance to the cluster metadata...");
  const instance = await pool.attempt(address);
  if (instance instanceof SqlError) throw instance;
  await insertInstance(handle.globalPrimary, {
    clusterId: handle.cluster.id,
    address,
    uuid,
    label: address,
    grLocal: address,
    attributes: {
      server_id: instance.serverId,
      joinTime: String(await instance.value("SELECT UTC_TIMESTAMP(3) AS now")),
      opt_certSubject: "",
      recoveryAccountUser: recoveryUser(instance.serverId),
      recoveryAccountHost: "%",
    },
  });
  output.lines(`The instance '${address}' was successfully added to the cluster metadata.`, "");
  const members = await onlineMembers(handle, handle.primary);
  const records = [...membersOf(handle.snapshot, handle.cluster), { uuid, grLocal: address, address }];
  await updateSeeds(members, new Map(records.map((one) => [one.uuid, one.grLocal || one.address])));
}

async function forget(handle: Writable, record: InstanceRecord): Promise<void> {
  const { output } = handle.shell;
  output.info("Removing instance from the cluster metadata...");
  const user = attribute(record, "recoveryAccountUser");
  const accounts = await ownAccounts(handle.globalPrimary);
  if (user && accounts.some((one) => one.user === user)) await dropAccount(handle.globalPrimary, user);
  await deleteInstance(handle.globalPrimary, record.address);
  output.lines(`The instance '${record.address}' was successfully removed from the cluster metadata.`, "");
}
