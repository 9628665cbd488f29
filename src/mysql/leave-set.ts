// Taking a server out of a ClusterSet without AdminAPI, for what AdminAPI did not reach or did not finish.
import * as z from "zod";
import { flag, onlyRow } from "./columns.ts";
import { leaveGroup } from "./group.ts";
import type { Session } from "./ports.ts";
import { readChannel, readServer } from "./topology.ts";

/**
 * The server leaves its group and forgets the set, as if AdminAPI had removed its cluster. Its data stays, and nothing of it
 * gets into the binary log. Run again after it was cut short it does the rest. Throws MysqlProblem.
 */
export async function leaveSet(session: Session): Promise<void> {
  const { metadata } = await readServer(session);
  await leaveGroup(session);
  if ((await readChannel(session)) !== undefined) {
    await session.run("STOP REPLICA FOR CHANNEL 'clusterset_replication'");
    await session.run("RESET REPLICA ALL FOR CHANNEL 'clusterset_replication'");
  }
  await session.run("SET PERSIST group_replication_start_on_boot = OFF");
  // A copy that does not list this server is of no harm, and without it the server could only be copied as a whole.
  if (metadata !== "absent") {
    await session.run("SET SESSION sql_log_bin = 0");
    await session.run("SET GLOBAL super_read_only = OFF");
    await session.run("DROP SCHEMA IF EXISTS mysql_innodb_cluster_metadata");
  }
  // Also where an earlier try came no further than that.
  await session.run("SET PERSIST super_read_only = ON");
}

/**
 * Whether a server that has no metadata still has what leaveSet() takes off: it was removed, and that was cut short. A new
 * server has neither the plugin nor the table of the plugin's member actions: asking for that fails there (MySQL 9.7).
 */
export async function hasLeftovers(session: Session): Promise<boolean> {
  const [plugin] = await session.rows(
    z.object({ startsOnBoot: flag }),
    `SELECT variable_value = 'ON' AS startsOnBoot FROM performance_schema.global_variables
      WHERE variable_name = 'group_replication_start_on_boot'`,
  );
  if (plugin === undefined || plugin.startsOnBoot) return plugin !== undefined;
  const rows = await session.rows(
    z.object({ leftovers: flag }),
    `SELECT EXISTS(SELECT 1 FROM performance_schema.replication_group_member_actions
        WHERE name = 'mysql_disable_super_read_only_if_primary' AND NOT enabled)
      OR EXISTS(SELECT 1 FROM performance_schema.replication_connection_configuration
        WHERE channel_name = 'clusterset_replication') AS leftovers`,
  );
  return onlyRow(rows).leftovers;
}
