// cluster rejoin-instance

import { validateInstance } from "../dba/instance-check.ts";
import { runtime } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { membersOf } from "../metadata/snapshot.ts";
import type { Arguments } from "../options.ts";
import { resetChannel } from "../primitives/channel.ts";
import { ownState, stopGroup } from "../primitives/group.ts";
import { lock } from "../primitives/locks.ts";
import type { Instance } from "../session.ts";
import { type Call, connectTarget } from "../shell.ts";
import { requireRule } from "../situation.ts";
import { methodOf, settleMembers } from "./add-instance.ts";
import { tellAutoRejoin } from "./auto-rejoin.ts";
import { join } from "./join.ts";
import { type Writable, writable } from "./members.ts";

/** Brings a member back into its group. */
export async function rejoinInstance({ shell, args }: Call, found: Handle): Promise<undefined> {
  await requireRule(found, "cluster.rejoinInstance");
  const handle = writable(found);
  const { cluster, snapshot } = handle;
  const target = await connectTarget(shell, args.at(0));
  if (!membersOf(snapshot, cluster).some((one) => one.uuid === target.uuid))
    throw runtime(`The instance '${target.address}' does not belong to the cluster: '${cluster.name}'.`);
  const state = ownState(handle.group, target.uuid);
  if (state === "ONLINE" || state === "RECOVERING") {
    shell.output.note(
      `${target.address} is already an active (${state}) member of cluster '${cluster.name}'.`,
    );
    return undefined;
  }
  await lock(shell, "cluster", handle.primary);
  await lock(shell, "instance", target);
  await rejoin(handle, target, args);
  return undefined;
}

/** The work of a rejoin, locks apart: also for the members of a cluster that was rebooted. */
export async function rejoin(handle: Writable, target: Instance, args: Arguments): Promise<void> {
  const { shell, cluster } = handle;
  const { output } = shell;
  const cancelled = await tellAutoRejoin(handle, target);
  const method = await methodOf({ shell, args }, handle, target);
  await validateInstance(output, target);
  output.lines(`Rejoining instance '${target.address}' to cluster '${cluster.name}'...`, "");
  if (args.flag("dryRun") === true) {
    output.lines("dryRun finished.", "");
    return;
  }
  if (cancelled) output.note(`Cancelling active GR auto-initialization at ${target.address}`);
  // Without a plugin there is nothing to stop, and a member that never joined may lack it.
  await stopGroup(target).catch(() => {});
  if (handle.set && cluster.role === "PRIMARY") await resetChannel(target);
  const joined = await join({ handle, target, method, args, rejoining: true });
  await settleMembers(handle, joined, args.text("localAddress"));
  output.lines(`The instance '${joined.address}' was successfully rejoined to the cluster.`, "");
}
