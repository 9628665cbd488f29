// One operation at a time: the AdminAPI's locks on a server, held by the session until it ends.
import { coded, isSqlError } from "../errors.ts";
import type { Instance } from "../session.ts";
import type { Shell } from "../shell.ts";
import { isOn } from "./variables.ts";

/** What a lock guards. */
export type LockKind = "instance" | "cluster" | "clusterset";

const NAME: Readonly<Record<LockKind, string>> = {
  instance: "Instance",
  cluster: "Cluster",
  clusterset: "ClusterSet",
};

/** The functions of the locking service, where the server has its library. */
const FUNCTIONS = ["service_get_read_locks", "service_get_write_locks", "service_release_locks"];

/** Installs the locking service's functions, unlogged. Answers false where the server lacks the library. */
export async function installLocks(instance: Instance): Promise<boolean> {
  if (await hasLockFunctions(instance)) return true;
  if (await isOn(instance, "super_read_only")) return false;
  try {
    await instance.withoutBinlog(async () => {
      for (const name of FUNCTIONS)
        await instance.query(`CREATE FUNCTION IF NOT EXISTS ${name} RETURNS INT SONAME 'locking_service.so'`);
    });
    return true;
  } catch (error) {
    // 1126: no such library; 1227, 1044, 1142: not this account; 1290: read only
    if (isSqlError(error, 1126, 1227, 1044, 1142, 1290)) return false;
    throw error;
  }
}

async function hasLockFunctions(instance: Instance): Promise<boolean> {
  const found = await instance.value(
    "SELECT COUNT(*) FROM performance_schema.user_defined_functions WHERE udf_name = 'service_get_write_locks'",
  );
  return Number(found) > 0;
}

/** Takes a lock for the rest of this program's run. Throws MYSQLSH 51500 at once when another session has it. */
export async function lock(shell: Shell, kind: LockKind, instance: Instance): Promise<void> {
  if (await acquire(instance, kind)) return;
  const through = {
    instance: `on '${instance.address}'`,
    cluster: `through primary member '${instance.address}'`,
    clusterset: `through primary member '${instance.address}'`,
  }[kind];
  const subject = kind === "instance" ? "instance" : "member";
  shell.output.error(
    `The operation cannot be executed because it failed to acquire the ${NAME[kind]} lock ${through}. Another operation requiring access to the ${subject} is still in progress, please wait for it to finish and try again.`,
  );
  throw coded(51500, `Failed to acquire ${NAME[kind]} lock ${through}`);
}

async function acquire(instance: Instance, kind: LockKind): Promise<boolean> {
  if (!(await installLocks(instance)))
    return (
      Number(await instance.value("SELECT GET_LOCK(?, 0) AS locked", [`AdminAPI_${kind}.AdminAPI_lock`])) ===
      1
    );
  try {
    await instance.query("SELECT service_get_write_locks(?, 'AdminAPI_lock', 0)", [`AdminAPI_${kind}`]);
    return true;
  } catch (error) {
    // 3132, 3133: the lock is taken, or taking it would be a deadlock
    if (isSqlError(error, 3132, 3133)) return false;
    throw error;
  }
}
