// How a server gets the cluster's data: by the option, or by what its transactions allow.
import { coded } from "../errors.ts";
import type { Output } from "../output.ts";
import type { GtidState } from "../primitives/gtid.ts";

export type RecoveryMethod = "clone" | "incremental";

/** What the choice depends on. */
export interface RecoveryFacts {
  readonly address: string;
  readonly state: GtidState;
  readonly wanted: RecoveryMethod | "auto";
  /** the user said that the cluster's binary logs hold all its transactions */
  readonly complete: boolean;
  readonly scope: "cluster" | "clusterset";
}

/** Tells what was found and answers the method. Throws MYSQLSH 51152, 51153, 51166 or 51167. */
export function chooseRecovery(output: Output, facts: RecoveryFacts): RecoveryMethod {
  const { state, wanted, complete } = facts;
  const possible = state.errant === "" && state.recoverable;
  tellState(output, facts);
  if (wanted === "clone") {
    output.lines("Clone based recovery selected through the recoveryMethod option", "");
    return "clone";
  }
  if (wanted === "incremental") {
    if (!possible)
      throw coded(
        51166,
        "Cannot use recoveryMethod=incremental option because the GTID state is not compatible or cannot be recovered.",
      );
    output.lines("Incremental state recovery selected through the recoveryMethod option", "");
    return "incremental";
  }
  if (state.errant !== "") throw coded(51152, "Instance provisioning required");
  if (!state.recoverable) throw coded(51153, "Instance provisioning required");
  tellMethods(output, facts);
  if (state.empty && !complete)
    throw coded(51167, "'recoveryMethod' option must be set to 'clone' or 'incremental'");
  output.lines("Incremental state recovery was selected because it seems to be safely usable.", "");
  return "incremental";
}

function tellState(output: Output, { address, state, wanted, complete, scope }: RecoveryFacts): void {
  const check = `A GTID set check of the MySQL instance at '${address}' determined that it`;
  const empty = `The target instance '${address}' has not been pre-provisioned (GTID set is empty).`;
  if (state.errant !== "") {
    output.info();
    output.warning(
      `${check} contains transactions that do not originate from the ${scope}, which must be discarded before it can join the ${scope}.`,
    );
    output.info();
    output.info(
      `Instance '${address}' has the following errant GTIDs that do not exist in the ${scope}:\n ${state.errant}`,
    );
    output.info();
    output.warning(
      `Discarding these extra GTID events can either be done manually or by completely overwriting the state of '${address}' with a physical snapshot from an existing ${scope} member. To use this method by default, set the 'recoveryMethod' option to 'clone'.\n\nHaving extra GTID events is not expected, and it is recommended to investigate this further and ensure that the data can be removed prior to choosing the clone recovery method.`,
    );
    return;
  }
  if (!state.recoverable) {
    output.note(`${check} is missing transactions that were purged from all ${scope} members.`);
    if (!state.empty) return;
    output.note(
      `${empty} The Shell is unable to determine whether the instance has pre-existing data that would be overwritten with clone based recovery.`,
    );
    output.info();
    return;
  }
  if (!state.empty && wanted !== "auto") output.info();
  if (!state.empty || (wanted === "auto" && complete)) return;
  const means =
    scope === "cluster"
      ? "incremental state recovery can correctly provision it"
      : "replication can completely recover its state";
  output.info();
  output.note(wanted === "auto" ? `${empty} The Shell is unable to decide whether ${means}.` : empty);
  if (wanted !== "auto") output.info();
}

function tellMethods(output: Output, { address, scope }: RecoveryFacts): void {
  output.lines(
    `The safest and most convenient way to provision a new instance is through automatic clone provisioning, which will completely overwrite the state of '${address}' with a physical snapshot from an existing ${scope} member. To use this method by default, set the 'recoveryMethod' option to 'clone'.`,
    "",
  );
  if (scope === "cluster")
    output.info(
      "The incremental state recovery may be safely used if you are sure all updates ever executed in the cluster were done with GTIDs enabled, there are no purged transactions and the new instance contains the same GTID set as the cluster or a subset of it. To use this method by default, set the 'recoveryMethod' option to 'incremental'.",
    );
  else
    output.warning(
      "It should be safe to rely on replication to incrementally recover the state of the new Replica Cluster if you are sure all updates ever executed in the ClusterSet were done with GTIDs enabled, there are no purged transactions and the instance used to create the new Replica Cluster contains the same GTID set as the ClusterSet or a subset of it. To use this method by default, set the 'recoveryMethod' option to 'incremental'.",
    );
  output.info();
}
