// What a cluster of a ClusterSet has executed, and how that stands to the primary cluster.
import { executed, subtract } from "../primitives/gtid.ts";
import type { Instance } from "../session.ts";
import { errantSet } from "../situation.ts";
import { countTransactions } from "./channel-document.ts";

/** The transactions of a cluster, compared with those of the primary cluster. */
export interface Transactions {
  readonly executed: string;
  readonly errant: string;
  readonly missing: string;
  readonly compared: boolean;
}

/** undefined when no member answers. The replica is read first, so what comes late is never counted as errant. */
export async function transactionsOf(
  best: Instance | undefined,
  role: "PRIMARY" | "REPLICA",
  globalPrimary: Instance | undefined,
): Promise<Transactions | undefined> {
  if (best === undefined) return undefined;
  const own = await executed(best);
  if (role === "PRIMARY" || globalPrimary === undefined)
    return { executed: own, errant: "", missing: "", compared: false };
  const errant = await errantSet(best, globalPrimary);
  const missing = await subtract(best, await executed(globalPrimary), await executed(best));
  return { executed: own, errant, missing, compared: true };
}

/** How the comparison is told. */
export function transactionFields(
  transactions: Transactions | undefined,
  role: string,
  extended: number,
): object {
  if (transactions === undefined) return extended >= 1 ? { transactionSet: null } : {};
  const { errant, missing, compared } = transactions;
  const consistency = errant === "" ? "OK" : "INCONSISTENT";
  const text =
    errant === ""
      ? {}
      : {
          transactionSetConsistencyStatusText: `There are ${countTransactions(errant)} transactions that were executed in this instance that did not originate from the PRIMARY.`,
        };
  if (extended < 1) return errant === "" ? {} : { transactionSetConsistencyStatus: consistency, ...text };
  return {
    transactionSet: transactions.executed,
    ...(role === "REPLICA" && compared
      ? {
          transactionSetConsistencyStatus: consistency,
          ...text,
          transactionSetErrantGtidSet: errant,
          transactionSetMissingGtidSet: missing,
        }
      : {}),
  };
}
