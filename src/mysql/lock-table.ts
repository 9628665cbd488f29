// The lock table of the Python charm: its units in another cluster of the ClusterSet lock on the global primary, and do not join without it.
import type { Session } from "./ports.ts";

/**
 * Made and kept free. Units of this charm never hold a row: a row outlives its holder and then blocks everybody, while
 * AdminAPI's own locks and GET_LOCK end with the session that holds them. Wide columns, for long names of applications.
 */
const STATEMENTS = [
  `CREATE TABLE IF NOT EXISTS mysql.juju_units_operations
    (task VARCHAR(20) PRIMARY KEY, executor VARCHAR(255), status VARCHAR(20))`,
  `INSERT IGNORE INTO mysql.juju_units_operations (task, executor, status)
    VALUES ('unit-add', '', 'not-started'), ('unit-teardown', '', 'not-started')`,
] as const;

/** On the primary of a cluster that leads its set. Running it again changes nothing. */
export async function makeLockTable(session: Session): Promise<void> {
  for (const statement of STATEMENTS) await session.run(statement);
}
