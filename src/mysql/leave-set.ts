// Taking a server out of a ClusterSet without AdminAPI, for what AdminAPI did not reach or did not finish.
import * as z from "zod";
import { CHANNEL, forgetChannel, stopChannel } from "./channel.ts";
import { flag, onlyRow } from "./columns.ts";
import { REMOVAL_SECONDS } from "./commands.ts";
import { leaveGroup } from "./group.ts";
import type { Session } from "./ports.ts";
import { readServer } from "./topology.ts";

/**
 * The server leaves its group and forgets the set, as if AdminAPI had removed its cluster. Its data stays, and nothing of it
 * gets into the binary log. Run again after it was cut short it does the rest: the channel, by which that is seen, goes last.
 * Throws MysqlProblem.
 */
export async function leaveSet(session: Session): Promise<void> {
  const { metadata, server } = await readServer(session);
  await leaveGroup(session);
  await stopChannel(session);
  await session.run("SET PERSIST group_replication_start_on_boot = OFF");
  // A copy that does not list this server is of no harm, and without it the server could only be copied as a whole.
  if (metadata !== "absent" || server.halfMetadata) await dropRecord(session);
  await forgetChannel(session);
  // Also where an earlier try came no further than that.
  await session.run("SET PERSIST super_read_only = ON");
}

/** AdminAPI takes no server whose own metadata says that it belongs to a cluster. Throws MysqlProblem. */
export async function leaveCluster(session: Session): Promise<void> {
  await leaveGroup(session);
  await dropRecord(session);
}

/** As AdminAPI names the accounts that members and clusters replicate with. It leaves them on a server that it removes. */
const replicationAccount = z.object({
  user: z.string().regex(/^mysql_innodb_(?:cluster|cs)_[0-9a-f]{1,16}$/),
  host: z.string().regex(/^[A-Za-z0-9.%_:/-]{1,255}$/),
});

/** The metadata, and with it the accounts that it is about. Leaves the server read-only. */
async function dropRecord(session: Session): Promise<void> {
  await session.run("SET SESSION sql_log_bin = 0");
  await session.run("SET GLOBAL super_read_only = OFF");
  await dropAccounts(session, await readAccounts(session));
  await session.run("DROP SCHEMA IF EXISTS mysql_innodb_cluster_metadata");
  await session.run("SET GLOBAL super_read_only = ON");
}

type Account = z.infer<typeof replicationAccount>;

async function readAccounts(session: Session): Promise<readonly Account[]> {
  return await session.rows(
    replicationAccount,
    `SELECT user, host FROM mysql.user WHERE user REGEXP '^mysql_innodb_(cluster|cs)_[0-9a-f]{1,16}$'`,
  );
}

async function dropAccounts(session: Session, accounts: readonly Account[]): Promise<void> {
  for (const { user, host } of accounts) await session.run(`DROP USER IF EXISTS '${user}'@'${host}'`);
}

/** Before a cluster is formed on a server that has none: what another cluster's members log in with. Throws MysqlProblem. */
export async function forgetAccounts(session: Session): Promise<void> {
  const accounts = await readAccounts(session);
  if (accounts.length === 0) return;
  // It gets into the binary log: those that join have them, too.
  await session.run("SET GLOBAL super_read_only = OFF");
  await dropAccounts(session, accounts);
  await session.run("SET GLOBAL super_read_only = ON");
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
        WHERE channel_name = '${CHANNEL}')
      OR EXISTS(SELECT 1 FROM performance_schema.replication_asynchronous_connection_failover_managed
        WHERE channel_name = '${CHANNEL}') AS leftovers`,
  );
  return onlyRow(rows).leftovers;
}

/**
 * Whether AdminAPI works on this server: it logs in as the charm's administrator. Threads of group replication bear that
 * name, too, and are no clients (MySQL 9.7). A session that is silent for longer than an operation takes is nobody's.
 */
export async function isAdministered(session: Session): Promise<boolean> {
  const rows = await session.rows(
    z.object({ administered: flag }),
    `SELECT EXISTS(SELECT 1 FROM performance_schema.processlist WHERE user = 'clusteradmin'
      AND (command = 'Query' OR command = 'Sleep' AND time < ${REMOVAL_SECONDS})) AS administered`,
  );
  return onlyRow(rows).administered;
}
