// Taking a server into the running group: what add-instance and rejoin-instance share.

import { attribute } from "../metadata/snapshot.ts";
import type { Arguments } from "../options.ts";
import {
  accountExists,
  type Credentials,
  createRecoveryAccount,
  dropAccount,
  newCredentials,
  recoveryUser,
  renewPassword,
} from "../primitives/accounts.ts";
import {
  defineChannel,
  isRunning,
  readChannel,
  setChannelCredentials,
  setRecoveryCredentials,
  startChannel,
  stopChannel,
} from "../primitives/channel.ts";
import { startGroup } from "../primitives/group.ts";
import { clear } from "../primitives/gtid.ts";
import { watchRecovery } from "../primitives/recovery.ts";
import {
  installPlugin,
  isOn,
  memberOptions,
  readVariable,
  setGroupOptions,
  setVariable,
} from "../primitives/variables.ts";
import type { Instance } from "../session.ts";
import {
  onlineMembers,
  restoreRecoveryAccounts,
  SYNC_LIMIT,
  type Writable,
  waitForCluster,
  waitForMembers,
} from "./members.ts";
import type { RecoveryMethod } from "./recovery-method.ts";

/** A server on its way into a cluster. */
export interface Join {
  readonly handle: Writable;
  readonly target: Instance;
  readonly method: RecoveryMethod;
  readonly args: Arguments;
  /** true for a member that was in the cluster before */
  readonly rejoining: boolean;
}

/** Puts the server into the group and waits until it is ONLINE. Answers a connection to it. */
export async function join(request: Join): Promise<Instance> {
  const { handle, target, method, rejoining } = request;
  const { output } = handle.shell;
  const members = await onlineMembers(handle, handle.primary);
  await installPlugin(target, "group_replication");
  await prepareRecovery(target, members, method);
  if (handle.set) await joinSet(request, members);
  if (rejoining) output.info("Re-creating recovery account...");
  const account = await giveAccount(request);
  if (rejoining && handle.set) {
    output.info();
    await waitForCluster(handle, members);
  } else await waitForMembers(members, handle.globalPrimary, SYNC_LIMIT);
  if (handle.set) await setVariable(target, "PERSIST", "super_read_only", "ON");
  try {
    return await start(request, members, account);
  } catch (error) {
    // The members go back to their own accounts, so that the cluster stays whole.
    await restoreRecoveryAccounts(handle, members).catch(() => {});
    if (!rejoining) await dropAccount(handle.globalPrimary, account.user).catch(() => {});
    throw error;
  }
}

async function prepareRecovery(
  target: Instance,
  members: readonly Instance[],
  method: RecoveryMethod,
): Promise<void> {
  if (method === "clone") {
    await setVariable(target, "GLOBAL", "group_replication_clone_threshold", 1);
    await clear(target);
  } else await setVariable(target, "GLOBAL", "group_replication_clone_threshold", null);
  for (const one of [target, ...members]) await installPlugin(one, "clone");
}

/** In a ClusterSet every member knows the channel, and only the primary runs it. */
async function joinSet({ handle, target }: Join, members: readonly Instance[]): Promise<void> {
  await setVariable(target, "PERSIST_ONLY", "skip_replica_start", "ON");
  if (handle.cluster.role !== "REPLICA") return;
  const { output } = handle.shell;
  await waitForCluster(handle, members);
  output.info("* Configuring ClusterSet managed replication channel...");
  output.lines(`** Changing replication source of ${target.address} to ${handle.globalPrimary.address}`, "");
  const user = attribute(handle.cluster, "replicationAccountUser");
  const credentials = user === undefined ? undefined : await renewPassword(handle.globalPrimary, user);
  if (credentials) for (const member of members) await changeCredentials(member, credentials);
  await stopChannel(target);
  const { host, port } = handle.globalPrimary;
  await defineChannel(target, { host, port, credentials, tls: true }, false);
}

async function changeCredentials(member: Instance, credentials: Credentials): Promise<void> {
  const state = await readChannel(member);
  if (state === undefined) return;
  await stopChannel(member);
  await setChannelCredentials(member, credentials);
  if (isRunning(state)) await startChannel(member);
}

/** The account that the joining server and, until it is in, all members use. */
async function giveAccount({ handle, target }: Join): Promise<Credentials> {
  const account = newCredentials(recoveryUser(target.serverId));
  const { globalPrimary } = handle;
  if (await accountExists(globalPrimary, account.user)) {
    handle.shell.output.note(
      `User '${account.user}'@'${account.host}' already existed at instance '${globalPrimary.address}'. It will be deleted and created again with a new password.`,
    );
    await dropAccount(globalPrimary, account.user);
  }
  await createRecoveryAccount(globalPrimary, account);
  return account;
}

async function start(request: Join, members: readonly Instance[], account: Credentials): Promise<Instance> {
  const { handle, target, method, args } = request;
  const { output } = handle.shell;
  await createLocally(target, account);
  for (const member of members) await setRecoveryCredentials(member, account);
  if (await isOn(target, "offline_mode")) output.note(`Disabling 'offline_mode' on '${target.address}'`);
  await setGroupOptions(target, await optionsOf(request, members));
  await setRecoveryCredentials(target, account);
  await startGroup(target);
  const donor = members.find((one) => one.uuid !== handle.primary.uuid) ?? handle.primary;
  const back = await watchRecovery(target, {
    shell: handle.shell,
    progress: args.integer("recoveryProgress") ?? 1,
    donor: donor.address,
    cloning: method === "clone",
  });
  return back;
}

/** With MySQL's own communication stack members dial each other before anything was replicated to the new one. */
async function createLocally(target: Instance, account: Credentials): Promise<void> {
  if (await isOn(target, "super_read_only")) await setVariable(target, "GLOBAL", "super_read_only", "OFF");
  await target.withoutBinlog(async () => {
    await dropAccount(target, account.user);
    await createRecoveryAccount(target, account);
  });
}

async function optionsOf(
  { handle, target, args }: Join,
  members: readonly Instance[],
): Promise<Parameters<typeof setGroupOptions>[1]> {
  const { cluster, primary } = handle;
  const local = (one: Instance): string =>
    handle.snapshot.instances.find((record) => record.uuid === one.uuid)?.grLocal || one.address;
  const others = new Map(memberOptions(args));
  for (const name of INHERITED) {
    const value = await readVariable(primary, name);
    if (value !== undefined && !others.has(name))
      others.set(name, /^\d+$/.test(value) ? Number(value) : value);
  }
  return {
    groupName: cluster.groupName,
    localAddress: args.text("localAddress") ?? target.address,
    seeds: members.filter((one) => one.uuid !== target.uuid).map(local),
    sslMode: (await readVariable(primary, "group_replication_ssl_mode")) ?? "REQUIRED",
    communicationStack: "MYSQL",
    startOnBoot: cluster.attributes["opt_manualStartOnBoot"] !== true,
    transactionSizeLimit: Number(await readVariable(primary, "group_replication_transaction_size_limit")),
    others,
  };
}

/** Options that must be, or better are, the same on all members. */
const INHERITED = [
  "group_replication_consistency",
  "group_replication_member_expel_timeout",
  "group_replication_paxos_single_leader",
];
