// Taking a server out of its group for good: what remove-instance, dissolve and remove-cluster share.
import type { Output } from "../output.ts";
import {
  CLUSTERSET,
  deleteManagedSources,
  forgetChannel,
  readChannel,
  resetChannel,
} from "../primitives/channel.ts";
import { GROUP, ownState, RECOVERY, readGroup, resetActions, stopGroup } from "../primitives/group.ts";
import { setVariable } from "../primitives/variables.ts";
import type { Instance } from "../session.ts";

/** How much of a group a server forgets that leaves it. */
export type Leaving = "options" | "channels too" | "channels and actions too";

/**
 * Stops Group Replication and forgets how it was set up. The server stays read only. A server that keeps its channels can
 * start the group again: they hold the credentials by which it connects to itself. Without an output nothing is told.
 */
export async function leaveGroup(
  output: Output | undefined,
  instance: Instance,
  leaving: Leaving,
): Promise<void> {
  const state = ownState(await readGroup(instance), instance.uuid);
  if (state === "OFFLINE")
    output?.note(`The instance '${instance.address}' is OFFLINE, Group Replication stop skipped.`);
  else {
    output?.info(`* Instance '${instance.address}' is attempting to leave the cluster...`);
    await stopGroup(instance);
  }
  if (leaving !== "options") for (const channel of [GROUP, RECOVERY]) await forgetChannel(instance, channel);
  await setVariable(instance, "PERSIST", "group_replication_start_on_boot", "OFF");
  await setVariable(instance, "PERSIST", "group_replication_enforce_update_everywhere_checks", "OFF");
  for (const name of ["bootstrap_group", "group_seeds", "local_address"])
    await setVariable(instance, "PERSIST", `group_replication_${name}`, null);
  if (leaving === "channels and actions too") await resetActions(instance);
}

/** Also forgets the channel of a ClusterSet, with the sources it would follow by itself. */
export async function leaveSet(instance: Instance): Promise<void> {
  if (!(await readChannel(instance, CLUSTERSET))) return;
  await resetChannel(instance);
  await deleteManagedSources(instance).catch(() => {});
}
