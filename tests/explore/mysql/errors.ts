// What MySQL answers instead of doing what it was asked: its own errors, and silence.
import { SqlError } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";

/** A statement that waits for something that does not come: it ends with the patience of whoever asked. */
export class Hangs extends Error {
  constructor() {
    super("no end");
    this.name = "Hangs";
  }
}

export const readOnly = (): SqlError =>
  new SqlError(1290, "HY000", "The MySQL server is running with the --super-read-only option");
export const unreachable = (host: string): SqlError =>
  new SqlError(2003, "HY000", `Can't connect to MySQL server on '${host}:3306' (111)`);
export const denied = (user: string): SqlError =>
  new SqlError(1045, "28000", `Access denied for user '${user}'`);
/** An applier that finds no table for a transaction. */
export const missingTable = (): SqlError => new SqlError(1146, "42S02", "Table doesn't exist");
/** The locking service's answer while another session has the lock. */
export const lockTaken = (): SqlError => new SqlError(3133, "HY000", "Service lock wait timeout exceeded.");
