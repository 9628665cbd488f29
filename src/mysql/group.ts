// What decides how a server comes back into its group: read only where it is not well there.
import * as z from "zod";
import { CHANNEL } from "./channel.ts";
import { flag, gtidSet, onlyRow } from "./columns.ts";
import type { Session } from "./ports.ts";
import type { GroupMember, Metadata, ServerView } from "./topology.ts";

const row = z.object({
  isStarting: flag,
  heldBack: flag,
  electionWrites: flag,
  transactions: gtidSet,
});

export type GroupFacts = z.output<typeof row>;

const received = (channel: string): string => `COALESCE((SELECT received_transaction_set
  FROM performance_schema.replication_connection_status WHERE channel_name = '${channel}'), '')`;

/**
 * `isStarting`: mysqld was started and is about to look for its group. `heldBack`: a person keeps the server out of it,
 * by `group_replication_start_on_boot` or `offline_mode`; AdminAPI sets the first to ON in every member, and the second is
 * also how a member leaves its group for an error (`group_replication_exit_state_action`). `electionWrites`:
 * whoever is elected is to take writes; fencing and standbys switch that off. `transactions`: all that the server has,
 * also what it received and did not apply yet. Sources: MySQL manual, "Group Replication System Variables", "Performance
 * Schema Replication Tables"; names of threads as seen on MySQL 9.7.
 */
const GROUP_FACTS_SQL = `SELECT
  EXISTS(SELECT 1 FROM performance_schema.threads
    WHERE name = 'thread/group_rpl/THD_delayed_initialization') AS isStarting,
  (EXISTS(SELECT 1 FROM performance_schema.global_variables
    WHERE variable_name = 'group_replication_start_on_boot' AND variable_value = 'OFF')
    OR (@@GLOBAL.offline_mode AND NOT EXISTS(SELECT 1 FROM performance_schema.replication_group_members
      WHERE member_id = @@GLOBAL.server_uuid AND member_state = 'ERROR'))) AS heldBack,
  COALESCE((SELECT enabled FROM performance_schema.replication_group_member_actions
    WHERE name = 'mysql_disable_super_read_only_if_primary'), 0) AS electionWrites,
  CONCAT_WS(',', @@GLOBAL.gtid_executed, ${received("group_replication_applier")},
    ${received(CHANNEL)}) AS transactions`;

/** Throws MysqlProblem when the server cannot be asked. */
export async function readGroupFacts(session: Session): Promise<GroupFacts> {
  return onlyRow(await session.rows(row, GROUP_FACTS_SQL));
}

const isActive = ({ state }: GroupMember): boolean => state === "ONLINE" || state === "RECOVERING";

/** Whether more than half of the group is there, as this server sees it: only then the group can decide anything. */
export function hasQuorum({ group }: ServerView): boolean {
  return group.filter(isActive).length * 2 > group.length;
}

/** The member that takes the group's writes; undefined when there is none, or no quorum. */
export function livePrimary(view: ServerView): GroupMember | undefined {
  if (!hasQuorum(view) || !isActive(view.member)) return undefined;
  return view.group.find(({ role, state }) => role === "PRIMARY" && state === "ONLINE");
}

/**
 * Takes the session's server out of its group, where it is in one, so that it can found another. A member of a standby, or
 * of a cluster whose writes were stopped, is told to stay read-only when it is elected, and keeps that until it is told
 * otherwise: AdminAPI forms no cluster on it. That takes a stopped group and super_read_only off (read_only stays on), and
 * is not logged. Seen on MySQL 9.7.
 */
export async function leaveGroup(session: Session): Promise<void> {
  await session.run("STOP GROUP_REPLICATION");
  await session.run("SET GLOBAL super_read_only = OFF");
  await session.run("DO group_replication_reset_member_actions()");
  await session.run("SET GLOBAL super_read_only = ON");
}

/** The members of one's own cluster as the metadata lists them. */
export function clusterMembers(metadata: Metadata): Metadata["instances"] {
  return metadata.instances.filter(({ cluster }) => cluster === metadata.clusterName);
}

/** `host:3306` → `host`. */
export function hostOf(address: string): string {
  return address.split(":")[0] ?? address;
}

/**
 * The set that holds all the others; "diverged" when none does. The server of `session` compares, since only a server
 * knows how to.
 */
export async function largestSet<T extends { readonly transactions: string }>(
  session: Session,
  candidates: readonly T[],
): Promise<T | "diverged"> {
  const answer = z.object({ holds: flag });
  for (const candidate of candidates) {
    const others = candidates.filter((other) => other !== candidate);
    const held = await Promise.all(
      others.map((other) =>
        session.rows(answer, "SELECT GTID_SUBSET(?, ?) AS holds", [
          other.transactions,
          candidate.transactions,
        ]),
      ),
    );
    if (held.every((rows) => rows.every(({ holds }) => holds))) return candidate;
  }
  return "diverged";
}
