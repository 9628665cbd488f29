// clusterset create-replica-cluster

import { SYNC_LIMIT, type Writable, writable } from "../cluster/members.ts";
import { chooseRecovery } from "../cluster/recovery-method.ts";
import { createSeed } from "../cluster/seed.ts";
import { announceGroupAddress, validateInstance } from "../dba/instance-check.ts";
import { coded, errorText, isSqlError } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { type InstanceType, readState } from "../instance-state.ts";
import { changeSet, deleteCluster, setClusterAttribute } from "../metadata/records.ts";
import { requireName } from "../names.ts";
import type { ObjectResult, Output } from "../output.ts";
import {
  type Credentials,
  createRecoveryAccount,
  createReplicationAccount,
  dropAccount,
  newCredentials,
  recoveryUser,
  replicationUser,
} from "../primitives/accounts.ts";
import { resetChannel, setRecoveryCredentials } from "../primitives/channel.ts";
import { stopGroup } from "../primitives/group.ts";
import { compare, synchronise } from "../primitives/gtid.ts";
import { lock } from "../primitives/locks.ts";
import { isOn, setVariable } from "../primitives/variables.ts";
import { refuseOptions } from "../refusals.ts";
import { bareConnectMessage, type Instance } from "../session.ts";
import { type Call, connectTarget, splitAddress } from "../shell.ts";
import { requireRule } from "../situation.ts";
import { Undo } from "../undo.ts";
import { cloneInstance } from "./clone.ts";
import { follow, primaryClusterOf } from "./replica.ts";

/** A replica cluster in the making. */
interface Making extends Call {
  readonly handle: Writable;
  readonly name: string;
  readonly seconds: number;
  readonly undo: Undo;
}

/** Makes a cluster on a standalone server that follows the primary cluster. */
export async function createReplicaCluster(
  { shell, args }: Call,
  found: Handle,
): Promise<ObjectResult | undefined> {
  const { output } = shell;
  await requireRule(found, "clusterset.createReplicaCluster");
  refuseOptions(args, "createReplicaCluster", ["dryRun"]);
  const undo = new Undo();
  const seconds = args.integer("timeout") ?? 0;
  const making: Making = { shell, args, handle: writable(found), name: args.at(1), seconds, undo };
  const target = await connectSameAccount(making);
  await requireTarget(making, target);
  const method = await chooseMethod(making, target);
  output.lines("* Checking connectivity and SSL configuration to PRIMARY Cluster...", "");
  if (args.flag("dryRun") === true) return tellDryRun(making, target);
  try {
    await build(making, target, method);
  } catch (error) {
    output.error(`Error creating Replica Cluster: ${errorText(error)}`);
    output.note("Reverting changes...");
    const reverted = await undo.run(output);
    output.lines("", reverted ? "Changes successfully reverted." : "Some changes could not be reverted.");
    throw error;
  }
  output.lines(
    `Replica Cluster '${making.name}' successfully created on ClusterSet '${making.handle.set?.domain}'.`,
    "",
  );
  return { class: "Cluster", name: making.name };
}

async function connectSameAccount({ shell, args }: Making): Promise<Instance> {
  const { host, port } = splitAddress(args.at(0));
  try {
    return await shell.pool.get(args.at(0));
  } catch (error) {
    if (!isSqlError(error, 1045)) return connectTarget(shell, args.at(0));
    const reason = bareConnectMessage(error);
    shell.output.error(
      `MySQL Error 1045 (28000): ${reason}: Credentials for user ${shell.session.account.user} at ${host}:${port} must be the same as in the rest of the cluster.`,
    );
    throw error;
  }
}

const PART_OF: Readonly<Partial<Record<InstanceType, string>>> = {
  InnoDBClusterSetOffline: "an InnoDB ClusterSet offline",
  GroupReplication: "a replication group",
};

async function requireTarget({ shell, args, handle, name }: Making, target: Instance): Promise<void> {
  const { output } = shell;
  const primary = primaryClusterOf(handle.snapshot, handle.set?.id ?? "");
  output.info(
    `Setting up replica '${name}' of cluster '${primary?.name}' at instance '${target.address}'.\n`,
  );
  if (handle.snapshot.clusters.some((one) => one.name.toLowerCase() === name.toLowerCase())) {
    output.error(`A Cluster named '${name}' already exists in the ClusterSet. Please use a different name.`);
    throw coded(51610, "Cluster name already in use.");
  }
  const { type } = await readState(target);
  if (type !== "Standalone" && type !== "StandaloneWithMetadata") {
    const what = PART_OF[type] ?? "an InnoDB Cluster";
    output.error(
      `The instance '${target.address}' is already part of ${what}. A new Replica Cluster must be created on a standalone instance.`,
    );
    throw coded(51305, `Target instance already part of ${what}`);
  }
  output.lines(`A new InnoDB Cluster will be created on instance '${target.address}'.`, "");
  requireName("Cluster", name);
  await lock(shell, "clusterset", handle.globalPrimary);
  await lock(shell, "instance", target);
  if (await isOn(target, "super_read_only")) {
    output.info(`Disabling super_read_only mode on instance '${target.address}'.`);
    await setVariable(target, "GLOBAL", "super_read_only", "OFF");
  }
  await validateInstance(output, target);
  announceGroupAddress(output, target, args.text("localAddress"));
}

async function chooseMethod(
  { shell, args, handle }: Making,
  target: Instance,
): Promise<"clone" | "incremental"> {
  const wantedDonor = args.text("cloneDonor");
  const donor = wantedDonor === undefined ? handle.globalPrimary : await connectTarget(shell, wantedDonor);
  shell.output.lines("", "* Checking transaction state of the instance...");
  const wanted = args.text("recoveryMethod");
  return chooseRecovery(shell.output, {
    address: target.address,
    state: await compare(target, handle.globalPrimary, [donor]),
    wanted: wanted === "clone" || wanted === "incremental" ? wanted : "auto",
    complete: false,
    scope: "clusterset",
  });
}

const AUTH_LINE = `Cluster "memberAuthType" is set to 'PASSWORD' (inherited from the ClusterSet).`;

function tellChannel(output: Output, target: Instance, source: Instance): void {
  output.lines(AUTH_LINE, "* Configuring ClusterSet managed replication channel...");
  output.lines(`** Changing replication source of ${target.address} to ${source.address}`, "");
}

function tellDryRun({ shell, handle, name }: Making, target: Instance): undefined {
  const { output } = shell;
  tellChannel(output, target, handle.globalPrimary);
  output.lines(
    `* Waiting for instance '${target.address}' to synchronize with PRIMARY Cluster...`,
    "* Updating topology",
    "",
  );
  output.lines("* Waiting for the Cluster to synchronize with the PRIMARY Cluster...", "");
  output.lines(
    `Replica Cluster '${name}' successfully created on ClusterSet '${handle.set?.domain}'.`,
    "",
    "",
  );
  output.lines("dryRun finished.", "");
  return undefined;
}

async function build(making: Making, found: Instance, method: "clone" | "incremental"): Promise<void> {
  const { shell, handle, args, name, undo, seconds } = making;
  const { globalPrimary: source } = handle;
  const { output } = shell;
  const account = newCredentials(replicationUser(found.serverId));
  undo.push("replication account", () => dropAccount(source, account.user));
  await dropAccount(source, account.user);
  await createReplicationAccount(source, account);
  const target = method === "clone" ? await cloneInstance(making, found, account) : found;
  undo.push("group of the new cluster", () => abandon(target));
  const id = await createSeed(output, { target, name, args, globalPrimary: source });
  undo.push("metadata of the new cluster", () => deleteCluster(source, id));
  await setClusterAttribute(source, id, "replicationAccountUser", account.user);
  await setClusterAttribute(source, id, "replicationAccountHost", account.host);
  await connectToPrimary(making, target, account);
  output.info("* Updating topology");
  await setVariable(target, "PERSIST_ONLY", "skip_replica_start", "ON");
  const master = primaryClusterOf(handle.snapshot, handle.set?.id ?? "")?.id ?? "";
  await changeSet(source, handle.set?.id ?? "", [{ kind: "member_added", cluster: id, master }]);
  output.lines("", "* Waiting for the Cluster to synchronize with the PRIMARY Cluster...");
  await synchronise(target, source, seconds || SYNC_LIMIT);
  output.lines("", "", "");
}

async function connectToPrimary(
  { shell, handle, seconds }: Making,
  target: Instance,
  account: Credentials,
): Promise<void> {
  const { output } = shell;
  const { globalPrimary: source, snapshot, set } = handle;
  tellChannel(output, target, source);
  const groupName = primaryClusterOf(snapshot, set?.id ?? "")?.groupName ?? "";
  await follow(target, { source, groupName, credentials: account }, true);
  await recreateRecoveryAccount(source, target);
  output.info(`* Waiting for instance '${target.address}' to synchronize with PRIMARY Cluster...`);
  await synchronise(target, source, seconds);
  output.lines("", "");
}

/**
 * The server's recovery account was made on itself, unlogged. Made at the primary, dropped and made again,
 * it is the same account on all servers.
 */
async function recreateRecoveryAccount(source: Instance, target: Instance): Promise<void> {
  const account = newCredentials(recoveryUser(target.serverId));
  await createRecoveryAccount(source, account);
  await dropAccount(source, account.user);
  await createRecoveryAccount(source, account);
  await setRecoveryCredentials(target, account);
}

/** Leaves the server standalone again. */
async function abandon(target: Instance): Promise<void> {
  await stopGroup(target);
  await resetChannel(target);
  await setVariable(target, "PERSIST", "group_replication_start_on_boot", "OFF");
}
