// Group Replication on one server: who is in the group, starting, stopping, member actions, election.
import { errorText, isConnectionLoss, isSqlError, runtime } from "../errors.ts";
import type { Instance } from "../session.ts";

/** A row of performance_schema.replication_group_members. */
export interface Member {
  readonly uuid: string;
  readonly address: string;
  readonly state: "ONLINE" | "RECOVERING" | "OFFLINE" | "ERROR" | "UNREACHABLE" | string;
  readonly role: "PRIMARY" | "SECONDARY" | "";
  readonly version: string;
}

export const GROUP = "group_replication_applier";
export const RECOVERY = "group_replication_recovery";

/** The group as one server sees it; a server whose Group Replication is stopped has one row, OFFLINE. */
export async function readGroup(instance: Instance): Promise<readonly Member[]> {
  const rows = await instance.query(
    `SELECT member_id AS uuid, member_host AS host, member_port AS port, member_state AS state,
       member_role AS role, member_version AS version
     FROM performance_schema.replication_group_members WHERE channel_name = '${GROUP}'`,
  );
  return rows.map((row) => ({
    uuid: String(row["uuid"]),
    address: `${String(row["host"])}:${String(row["port"])}`,
    state: String(row["state"]),
    role: row["role"] === "PRIMARY" || row["role"] === "SECONDARY" ? row["role"] : "",
    version: String(row["version"]),
  }));
}

/** The state that a server has in the group it sees; OFFLINE when Group Replication is stopped. */
export const ownState = (group: readonly Member[], uuid: string): string =>
  group.find((member) => member.uuid === uuid)?.state ?? "OFFLINE";

/** True when the server takes part in a group. */
export const isActive = (group: readonly Member[], uuid: string): boolean =>
  ["ONLINE", "RECOVERING", "ERROR"].includes(ownState(group, uuid));

/** More than half of the members are ONLINE or RECOVERING. */
export function hasQuorum(group: readonly Member[]): boolean {
  const alive = group.filter((member) => member.state === "ONLINE" || member.state === "RECOVERING").length;
  return alive > group.length / 2;
}

export const primaryOf = (group: readonly Member[]): Member | undefined =>
  group.find((member) => member.role === "PRIMARY" && member.state === "ONLINE");

/** Starts a group of one. Waits until the member is ONLINE. Throws RuntimeError. */
export async function bootstrapGroup(instance: Instance): Promise<void> {
  await instance.query("SET GLOBAL group_replication_bootstrap_group = 'ON'");
  try {
    await startGroup(instance);
  } finally {
    await instance.query("SET GLOBAL group_replication_bootstrap_group = 'OFF'");
  }
  await waitFor(
    async () => ownState(await readGroup(instance), instance.uuid) === "ONLINE",
    60,
    () => `${instance.address} did not become ONLINE in its new group`,
  );
}

/** Joins the group that the variables name. Returns while the member may still be RECOVERING. Throws RuntimeError. */
export async function startGroup(instance: Instance): Promise<void> {
  try {
    await instance.query("START GROUP_REPLICATION");
  } catch (error) {
    if (!isSqlError(error)) throw error;
    throw runtime(`Group Replication failed to start: ${errorText(error)}`);
  }
}

export const stopGroup = async (instance: Instance): Promise<void> => {
  await instance.query("STOP GROUP_REPLICATION");
};

const SRO_ACTION = "mysql_disable_super_read_only_if_primary";
const CHANNEL_ACTION = "mysql_start_failover_channels_if_primary";

/** Whether a new primary of this group becomes writable by itself. */
export async function isWritableByElection(instance: Instance): Promise<boolean> {
  const enabled = await instance.value(
    "SELECT enabled FROM performance_schema.replication_group_member_actions WHERE name = ?",
    [SRO_ACTION],
  );
  return enabled === undefined || Number(enabled) === 1;
}

/** Runs on the group's primary. The change of an action needs super_read_only off; it is put back. */
export async function setWritableByElection(instance: Instance, enabled: boolean): Promise<void> {
  if ((await isWritableByElection(instance)) === enabled) return;
  await writable(instance, () => setAction(instance, SRO_ACTION, enabled));
}

/** The primary's election also starts the replication channel from another cluster. */
export async function startChannelByElection(instance: Instance): Promise<void> {
  const enabled = await instance.value(
    "SELECT enabled FROM performance_schema.replication_group_member_actions WHERE name = ?",
    [CHANNEL_ACTION],
  );
  if (Number(enabled) !== 1) await writable(instance, () => setAction(instance, CHANNEL_ACTION, true));
}

/** All actions to their defaults; Group Replication must be stopped. */
export const resetActions = async (instance: Instance): Promise<void> =>
  writable(instance, async () => {
    await instance.query("SELECT group_replication_reset_member_actions()");
  });

async function setAction(instance: Instance, action: string, enabled: boolean): Promise<void> {
  const verb = enabled ? "enable" : "disable";
  await instance.query(`SELECT group_replication_${verb}_member_action(?, 'AFTER_PRIMARY_ELECTION')`, [
    action,
  ]);
}

async function writable(instance: Instance, work: () => Promise<void>): Promise<void> {
  const readOnly = Number(await instance.value("SELECT @@super_read_only")) === 1;
  if (readOnly) await instance.query("SET GLOBAL super_read_only = 'OFF'");
  try {
    await work();
  } finally {
    if (readOnly) await instance.query("SET GLOBAL super_read_only = 'ON'");
  }
}

/** Polls until the condition holds; throws RuntimeError with the text after so many seconds. */
export async function waitFor(
  condition: () => Promise<boolean>,
  seconds: number,
  failure: () => string,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw runtime(failure());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A server that was cloned or restarted answers again within this many seconds, or the wait fails. */
export const RESTART_LIMIT = 300;

/** True when a statement failed because its server went away. */
export const wentAway = isConnectionLoss;
