// The members of a cluster as a change needs them: connected, by their state, with their recovery accounts.
import { SqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { attribute, type InstanceRecord, membersOf } from "../metadata/snapshot.ts";
import {
  createRecoveryAccount,
  newCredentials,
  recoveryUser,
  renewPassword,
} from "../primitives/accounts.ts";
import { setRecoveryCredentials } from "../primitives/channel.ts";
import { readGroup } from "../primitives/group.ts";
import { executed, waitForSet } from "../primitives/gtid.ts";
import { setVariable } from "../primitives/variables.ts";
import type { Instance } from "../session.ts";

/** What changes of a cluster need: a primary to write to, checked before. */
export interface Writable extends Handle {
  readonly primary: Instance;
  readonly globalPrimary: Instance;
}

/** The handle of a cluster whose rule demanded a primary. */
export function writable(handle: Handle): Writable {
  const { primary, globalPrimary } = handle;
  if (primary === undefined || globalPrimary === undefined)
    throw new Error("the operation's rule did not demand a primary");
  return { ...handle, primary, globalPrimary };
}

/** Connections to the ONLINE members of the group, those that answer. */
export async function onlineMembers(handle: Handle, seen: Instance): Promise<readonly Instance[]> {
  const online = (await readGroup(seen)).filter((member) => member.state === "ONLINE");
  const found = await Promise.all(online.map((member) => handle.shell.pool.attempt(member.address)));
  return found.filter((one): one is Instance => !(one instanceof SqlError));
}

/** The ONLINE members as they came into the cluster. */
export async function onlineInOrder(handle: Handle, seen: Instance): Promise<readonly Instance[]> {
  const place = (one: Instance): number =>
    handle.snapshot.instances.findIndex(({ uuid }) => uuid === one.uuid);
  return (await onlineMembers(handle, seen)).toSorted((a, b) => place(a) - place(b));
}

/** Connections to all members in the metadata that answer. */
export async function reachableMembers(handle: Handle): Promise<readonly Instance[]> {
  const { shell, snapshot, cluster } = handle;
  const found = await Promise.all(membersOf(snapshot, cluster).map((one) => shell.pool.attempt(one.address)));
  return found.filter((one): one is Instance => !(one instanceof SqlError));
}

/** The record of an address in the cluster's metadata. */
export const recordOf = (handle: Handle, address: string): InstanceRecord | undefined =>
  membersOf(handle.snapshot, handle.cluster).find(
    (one) => one.address.toLowerCase() === address.toLowerCase(),
  );

/** Waits until each member has what the source has executed by now. */
export async function waitForMembers(
  members: readonly Instance[],
  source: Instance,
  seconds: number,
): Promise<void> {
  const set = await executed(source);
  await Promise.all(
    members.filter((one) => one.uuid !== source.uuid).map((one) => waitForSet(one, set, seconds)),
  );
}

/** Seconds that a cluster may take to catch up, as MySQL Shell's dba.gtidWaitTimeout. */
export const SYNC_LIMIT = 60;

/** The line, and its two blank ones, of waiting for a replica cluster. */
export async function waitForCluster(handle: Writable, members: readonly Instance[]): Promise<void> {
  handle.shell.output.info("* Waiting for the Cluster to synchronize with the PRIMARY Cluster...");
  await waitForMembers(members, handle.globalPrimary, SYNC_LIMIT);
  handle.shell.output.lines("", "");
}

/** Every member again dials the others with an account of its own, under a new password. */
export async function restoreRecoveryAccounts(handle: Writable, members: readonly Instance[]): Promise<void> {
  for (const member of members) {
    const record = handle.snapshot.instances.find((one) => one.uuid === member.uuid);
    const user = (record && attribute(record, "recoveryAccountUser")) ?? recoveryUser(member.serverId);
    let account = await renewPassword(handle.globalPrimary, user);
    if (account === undefined) {
      account = newCredentials(user);
      await createRecoveryAccount(handle.globalPrimary, account);
    }
    await setRecoveryCredentials(member, account);
  }
}

/** Each member is told where the others are. */
export async function updateSeeds(
  members: readonly Instance[],
  localAddresses: ReadonlyMap<string, string>,
): Promise<void> {
  const local = (one: Instance): string => localAddresses.get(one.uuid) ?? one.address;
  for (const member of members)
    await setVariable(
      member,
      "PERSIST",
      "group_replication_group_seeds",
      members
        .filter((one) => one.uuid !== member.uuid)
        .map(local)
        .join(","),
    );
}
