// Stopping and resuming the writes to a cluster over SQL: for where MySQL Shell wants more of the set than answers, or does less.
import type { Session } from "./ports.ts";
import { readElectsWritable, readServer } from "./topology.ts";

/**
 * On the primary of a group. super_read_only first: from then on no client's write is taken. To switch the action off it
 * has to be lifted for a moment, in which read_only stays on. AdminAPI leaves the same marks on a cluster that it makes a
 * standby, or reboots invalidated.
 */
export async function stopWrites(session: Session): Promise<void> {
  await session.run("SET GLOBAL super_read_only = ON");
  if (!(await readElectsWritable(session))) return;
  await session.run("SET GLOBAL super_read_only = OFF");
  await session.run(
    "DO group_replication_disable_member_action('mysql_disable_super_read_only_if_primary', 'AFTER_PRIMARY_ELECTION')",
  );
  await session.run("SET GLOBAL super_read_only = ON");
}

/** What AdminAPI leaves behind: it lifts super_read_only, and with read_only on clients are still refused. */
export async function liftReadOnly(session: Session): Promise<void> {
  const { server } = await readServer(session);
  if (server.readOnly && !server.superReadOnly) await session.run("SET GLOBAL read_only = OFF");
}
