// cluster add-instance

import { announceGroupAddress, validateInstance } from "../dba/instance-check.ts";
import { argument, coded, runtime } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { readState } from "../instance-state.ts";
import { insertInstance } from "../metadata/records.ts";
import { clusterOf, membersOf } from "../metadata/snapshot.ts";
import { requireLabel } from "../names.ts";
import { recoveryUser } from "../primitives/accounts.ts";
import { stopGroup } from "../primitives/group.ts";
import { compare } from "../primitives/gtid.ts";
import { lock } from "../primitives/locks.ts";
import { notDone, refuseOptions } from "../refusals.ts";
import type { Instance } from "../session.ts";
import { type Call, connectTarget } from "../shell.ts";
import { requireRule } from "../situation.ts";
import { tellAutoRejoin } from "./auto-rejoin.ts";
import { join } from "./join.ts";
import { onlineMembers, restoreRecoveryAccounts, updateSeeds, type Writable, writable } from "./members.ts";
import { chooseRecovery, type RecoveryMethod } from "./recovery-method.ts";

const MAX_MEMBERS = 9;

/** Takes a server into the session's cluster. */
export async function addInstance({ shell, args }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "cluster.addInstance");
  refuseOptions(args, "addInstance");
  const handle = writable(found);
  const target = await connectTarget(shell, args.at(0));
  const label = args.text("label");
  if (label !== undefined) requireFreeLabel(handle, label);
  await lock(shell, "cluster", handle.primary);
  await requireFreeTarget(handle, target);
  await lock(shell, "instance", target);
  const starting = await tellAutoRejoin(handle, target);
  const method = await methodOf({ shell, args }, handle, target);
  await validateInstance(output, target);
  announceGroupAddress(output, target, args.text("localAddress"));
  output.lines(
    "A new instance will be added to the InnoDB Cluster. Depending on the amount of\ndata on the cluster this might take from a few seconds to several hours.",
    "",
  );
  output.lines("Adding instance to the cluster...", "");
  if (starting) await stopGroup(target);
  const joined = await join({ handle, target, method, args, rejoining: false });
  await record(handle, joined, args.text("localAddress"), label);
  output.lines(`The instance '${target.address}' was successfully added to the cluster.`, "");
  return undefined;
}

function requireFreeLabel(handle: Handle, label: string): void {
  requireLabel(label);
  const owner = membersOf(handle.snapshot, handle.cluster).find((one) => one.label === label);
  if (owner) throw argument(`Instance '${owner.address}' is already using label '${label}'.`);
}

/** Decides, and tells, how the target gets the data. */
export async function methodOf(
  { shell, args }: Call,
  handle: Writable,
  target: Instance,
): Promise<RecoveryMethod> {
  const wanted = args.text("recoveryMethod") ?? "auto";
  if (wanted !== "auto" && wanted !== "clone" && wanted !== "incremental")
    throw argument("Argument #2: Invalid value for option recoveryMethod");
  if (wanted === "clone" && handle.cluster.attributes["opt_disableClone"] === true)
    throw argument(
      "Option 'recoveryMethod=clone' cannot be used when the 'disableClone' option for the cluster is set to true.",
    );
  const state = await compare(target, handle.globalPrimary, await onlineMembers(handle, handle.primary));
  return chooseRecovery(shell.output, {
    address: target.address,
    state,
    wanted,
    complete: handle.cluster.attributes["opt_gtidSetIsComplete"] === true,
    scope: "cluster",
  });
}

async function requireFreeTarget(handle: Writable, target: Instance): Promise<void> {
  const { output } = handle.shell;
  const members = membersOf(handle.snapshot, handle.cluster);
  const inGroup = handle.group.some((member) => member.uuid === target.uuid);
  const mine = members.some((one) => one.uuid === target.uuid);
  if (mine && !inGroup)
    output.error(
      `The instance '${target.address}' already belongs to the cluster but is (MISSING). Please use <Cluster>.rejoinInstance() to bring it back.`,
    );
  if (mine) throw runtime(`The instance '${target.address}' is already part of this InnoDB Cluster`);
  if (members.length >= MAX_MEMBERS)
    throw runtime(`The cluster already has the maximum number of ${MAX_MEMBERS} members`);
  const state = await readState(target);
  if (state.type === "GroupReplication")
    throw notDone("addInstance of a member of an unmanaged replication group");
  const other = state.snapshot && clusterOf(state.snapshot, target.uuid);
  const elsewhere = handle.snapshot.instances.some((one) => one.uuid === target.uuid);
  if (elsewhere || (other && other.id !== handle.cluster.id))
    throw runtime(`The instance '${target.address}' is already part of another InnoDB Cluster`);
  await requireUniqueServer(handle, target);
}

async function requireUniqueServer(handle: Writable, target: Instance): Promise<void> {
  const members = await onlineMembers(handle, handle.primary);
  if (members.some((one) => one.uuid === target.uuid)) {
    handle.shell.output.error(`'${target.address}' has the same server UUID as a member of the cluster.`);
    throw coded(51605, "Invalid server_uuid.");
  }
  if (members.every((one) => one.serverId !== target.serverId)) return;
  handle.shell.output.error(
    `Cannot join instance '${target.address}' to the cluster because it has the same server ID of a member of the cluster. Please change the server ID of the instance to add: all members must have a unique server ID.`,
  );
  throw coded(51606, "Invalid server_id.");
}

/** Writes the new member down; then all members go back to accounts of their own. */
async function record(
  handle: Writable,
  joined: Instance,
  local: string | undefined,
  label: string | undefined,
): Promise<void> {
  const { globalPrimary, cluster } = handle;
  const joinTime = String(await joined.value("SELECT UTC_TIMESTAMP(3) AS now"));
  await globalPrimary.transaction(() =>
    insertInstance(globalPrimary, {
      clusterId: cluster.id,
      address: joined.address,
      uuid: joined.uuid,
      label: label ?? joined.address,
      grLocal: local ?? joined.address,
      attributes: {
        server_id: joined.serverId,
        joinTime,
        opt_certSubject: "",
        recoveryAccountUser: recoveryUser(joined.serverId),
        recoveryAccountHost: "%",
      },
    }),
  );
  await settleMembers(handle, joined, local);
}

/** Seeds and recovery accounts of all members after one came in. */
export async function settleMembers(
  handle: Writable,
  joined: Instance,
  local: string | undefined,
): Promise<void> {
  const members = await onlineMembers(handle, handle.primary);
  const addresses = new Map(handle.snapshot.instances.map((one) => [one.uuid, one.grLocal || one.address]));
  addresses.set(joined.uuid, local ?? joined.address);
  await updateSeeds(members, addresses);
  await restoreRecoveryAccounts(handle, members);
}
