// Sets of transactions: comparing them on a server, waiting for them, clearing them.
import { coded } from "../errors.ts";
import type { Instance } from "../session.ts";

/** How the transactions of a server stand to those of the cluster it is to join. */
export interface GtidState {
  /** it has executed nothing */
  readonly empty: boolean;
  /** what it has that the cluster lacks */
  readonly errant: string;
  /** what it lacks is still in the binary log of a possible donor */
  readonly recoverable: boolean;
}

/** @@gtid_executed on one line. */
export const executed = async (instance: Instance): Promise<string> =>
  oneLine(await instance.value("SELECT @@GLOBAL.gtid_executed AS executed"));

/** @@gtid_purged on one line. */
export const purged = async (instance: Instance): Promise<string> =>
  oneLine(await instance.value("SELECT @@GLOBAL.gtid_purged AS purged"));

const oneLine = (value: unknown): string => String(value ?? "").replaceAll(/\s+/g, "");

/** Transactions of the first set that are not in the second, computed by a server. */
export const subtract = async (instance: Instance, set: string, minus: string): Promise<string> =>
  oneLine(await instance.value("SELECT GTID_SUBTRACT(?, ?) AS difference", [set, minus]));

/** What the server executed and received through these channels. */
export async function known(instance: Instance, channels: readonly string[]): Promise<string> {
  const rows = await instance.query(
    "SELECT received_transaction_set AS received FROM performance_schema.replication_connection_status WHERE channel_name IN (?)",
    [channels],
  );
  const sets = [await executed(instance), ...rows.map((row) => oneLine(row["received"]))].filter(
    (set) => set !== "",
  );
  // A union without overlaps, as the server writes it.
  return oneLine(await instance.value("SELECT GTID_SUBTRACT(?, '') AS united", [sets.join(",")]));
}

/** Compares a server with the source of truth and with the servers that it could recover from. */
export async function compare(
  target: Instance,
  source: Instance,
  donors: readonly Instance[],
): Promise<GtidState> {
  const own = await executed(target);
  const errant = await subtract(target, own, await executed(source));
  for (const donor of donors)
    if ((await subtract(target, await purged(donor), own)) === "")
      return { empty: own === "", errant, recoverable: true };
  return { empty: own === "", errant, recoverable: false };
}

/** Waits until the server has executed the set. Throws MYSQLSH 51157 after so many seconds (0: no limit). */
export async function waitForSet(instance: Instance, set: string, seconds: number): Promise<void> {
  if (set === "") return;
  const late =
    seconds === 0
      ? await instance.value("SELECT WAIT_FOR_EXECUTED_GTID_SET(?) AS late", [set])
      : await instance.value("SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS late", [set, seconds]);
  if (Number(late) !== 0)
    throw coded(
      51157,
      `Timeout reached waiting for transactions from the source to be applied on instance '${instance.address}'`,
    );
}

/** Waits until the target has everything that the source has executed by now. */
export const synchronise = async (target: Instance, source: Instance, seconds: number): Promise<void> =>
  waitForSet(target, await executed(source), seconds);

/** Empties the binary log and the set of executed transactions. */
export const clear = async (instance: Instance): Promise<void> => {
  await instance.query(instance.atLeast(8, 2) ? "RESET BINARY LOGS AND GTIDS" : "RESET MASTER");
};
