// One run of an operation of AdminAPI: checked and planned, then step by step, and taken back where it fails half-way.
import { errorText, ShellError, SqlError } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { refreshConnections } from "../channel.ts";
import { Hangs } from "../errors.ts";
import type { Plan, Step } from "../state.ts";
import {
  createClusterSet,
  dissolve,
  fenceWrites,
  forceQuorum,
  setInstanceOption,
  setPrimaryInstance,
  unfenceWrites,
} from "./cluster.ts";
import { forcePrimaryCluster, rejoinCluster, removeCluster, setPrimaryCluster } from "./clusterset.ts";
import { createReplicaCluster } from "./create-replica.ts";
import { configureInstance, createCluster } from "./dba.ts";
import { addInstance, rejoinInstance, removeInstance } from "./join.ts";
import { reboot } from "./reboot.ts";
import type { Run } from "./sight.ts";
import { steps } from "./steps.ts";

const operations: Readonly<Record<string, (run: Run) => Plan>> = {
  "dba configure-instance": configureInstance,
  "dba create-cluster": createCluster,
  "dba reboot-cluster-from-complete-outage": reboot,
  "cluster create-cluster-set": createClusterSet,
  "cluster set-instance-option": setInstanceOption,
  "cluster add-instance": addInstance,
  "cluster rejoin-instance": rejoinInstance,
  "cluster remove-instance": removeInstance,
  "cluster set-primary-instance": setPrimaryInstance,
  "cluster force-quorum-using-partition-of": forceQuorum,
  "cluster dissolve": dissolve,
  "cluster fence-writes": fenceWrites,
  "cluster unfence-writes": unfenceWrites,
  "clusterset create-replica-cluster": createReplicaCluster,
  "clusterset set-primary-cluster": setPrimaryCluster,
  "clusterset force-primary-cluster": forcePrimaryCluster,
  "clusterset rejoin-cluster": rejoinCluster,
  "clusterset remove-cluster": removeCluster,
};

/** Checks the operation and plans its steps. Throws what MySQL Shell ends with. */
export function planOperation(run: Run): Plan {
  const { object, operation } = run.call;
  const found = operations[`${object} ${operation}`];
  if (found === undefined) throw new Error(`the model cannot run mysqlsh ${object} ${operation}`);
  return found(run);
}

/** Does a step of the plan; what it calls for is done next. Throws what MySQL Shell ends with. */
export function doStep(run: Run, plan: Plan, { step, args, undo }: Step): void {
  const found = steps[step];
  if (found === undefined) throw new Error(`the model has no step ${step}`);
  const more = found(run, args) ?? [];
  plan.todo = [...more, ...plan.todo.slice(1)];
  if (undo !== undefined) plan.undo = [undo, ...plan.undo];
  refreshConnections(run.state);
}

/** Takes back, as far as it can, what was done before a step failed. */
export function takeBack(run: Run, plan: Plan): void {
  for (const { step, args } of plan.undo) {
    try {
      steps[step]?.(run, args);
    } catch (error) {
      if (!isReported(error)) throw error;
    }
  }
  refreshConnections(run.state);
}

/** An error that MySQL Shell tells of; any other is the model's own. */
export const isReported = (error: unknown): boolean =>
  error instanceof ShellError || error instanceof SqlError || error instanceof Hangs;

/** The last line that MySQL Shell prints. */
export const failureText = (error: unknown): string => errorText(error);
