// States that journeys begin with, made by the shell that is tried.
import type { Course, Login } from "../journey.ts";
import { type Machine, type MachineName, until } from "../machines.ts";
import { toSuite } from "../normalise.ts";

const ROOT: Login = { user: "root", password: "rootpw" };

/** Makes the account `cadmin` on each server. */
export async function configure({ shell }: Course, ...machines: readonly MachineName[]): Promise<void> {
  const words = ["dba", "configure-instance", "--clusterAdmin=cadmin", "--clusterAdminPassword=clusterpw"];
  for (const machine of machines) await shell(machine, words, ROOT);
}

/** Makes the cluster alpha of configured servers, the first of which becomes its primary. */
export async function formAlpha(course: Course, ...machines: readonly MachineName[]): Promise<void> {
  const [first, ...others] = machines;
  if (first === undefined) throw new Error("a cluster needs a server");
  await course.shell(first, [
    "dba",
    "create-cluster",
    "alpha",
    "--communication-stack=MySQL",
    "--consistency=EVENTUAL",
  ]);
  for (const other of others)
    await course.shell(first, [
      "cluster",
      "add-instance",
      `${course.on(other).address}:3306`,
      "--recovery-method=incremental",
      "--recovery-progress=0",
    ]);
}

/** Adds a replica cluster of configured servers to the ClusterSet of a1's cluster. */
export async function formReplica(
  course: Course,
  name: string,
  ...machines: readonly MachineName[]
): Promise<void> {
  const [first, ...others] = machines;
  if (first === undefined) throw new Error("a cluster needs a server");
  const clone = ["--recovery-method=clone", "--recovery-progress=0"];
  await course.shell("a1", [
    "clusterset",
    "create-replica-cluster",
    `${course.on(first).address}:3306`,
    name,
    ...clone,
  ]);
  for (const other of others)
    await course.shell(first, ["cluster", "add-instance", `${course.on(other).address}:3306`, ...clone]);
}

/** The state of a member as another one sees it; undefined when that has no row of it. */
export async function stateOf({ on }: Course, member: MachineName, seenBy: MachineName): Promise<unknown> {
  const address = on(member).address;
  const [state] = await on(seenBy).sql(
    `SELECT member_state FROM performance_schema.replication_group_members WHERE member_host = '${address}'`,
  );
  return state;
}

/** When it starts again, this server looks for its group where nobody is: it stays OFFLINE and tries for a minute. */
export const loseSeeds = async (machine: Machine): Promise<void> => {
  await machine.sql(`SET PERSIST group_replication_group_seeds = '${toSuite("127.0.9.1")}:3306'`);
};

/** When it starts again, this server stays out of its group, as if Group Replication had been stopped by hand. */
export const stayOut = async (machine: Machine): Promise<void> => {
  await machine.sql("SET PERSIST group_replication_start_on_boot = OFF");
};

/** Waits until a server receives from the primary cluster. */
export const channelIsOn = (machine: Machine): Promise<void> =>
  until(async () => {
    const [state] = await machine.sql(
      "SELECT service_state FROM performance_schema.replication_connection_status WHERE channel_name = 'clusterset_replication'",
    );
    return state === "ON";
  }, `the channel of ${machine.name}`);

/** Waits until an operation holds the AdminAPI's lock of the cluster of this primary. */
export const lockIsHeld = (primary: Machine): Promise<void> =>
  until(async () => {
    const held = await primary.sql(
      "SELECT object_schema FROM performance_schema.metadata_locks WHERE object_type = 'LOCKING SERVICE'",
    );
    return held.includes("AdminAPI_cluster");
  }, `a lock at ${primary.name}`);

/** Makes a server forget that it ever was in a cluster, as a person does by hand. Its data and transactions stay. */
export const wipe = async (machine: Machine): Promise<void> => {
  await machine.sql(
    "STOP GROUP_REPLICATION",
    "SET GLOBAL super_read_only = OFF",
    "SET sql_log_bin = 0",
    "DROP SCHEMA IF EXISTS mysql_innodb_cluster_metadata",
    "RESET REPLICA ALL",
    "RESET PERSIST",
    "SET GLOBAL group_replication_start_on_boot = OFF",
  );
};
