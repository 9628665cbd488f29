// The actions: each checks its request, then does it or says why not.
import type { ActionContext } from "../../lib/index.ts";
import { OperatorError } from "../../lib/index.ts";
import type { Meta } from "../generated/charm-meta.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { getPasswordSchema } from "../wire/actions.ts";
import { fenceWrites, unfenceWrites } from "./fence.ts";
import { getClusterStatus } from "./get-cluster-status.ts";
import { preUpgradeCheck } from "./pre-upgrade-check.ts";
import { promoteStandbyCluster } from "./promote.ts";
import { promoteToPrimary } from "./promote-to-primary.ts";
import { recreateCluster } from "./recreate.ts";
import { rejoinCluster } from "./rejoin.ts";
import { setPassword } from "./set-password.ts";

type Operation = (ports: Ports, action: ActionContext) => Promise<void>;
type Action = keyof Meta["actions"];

const operations: Readonly<Record<Action, Operation>> = {
  "get-cluster-status": getClusterStatus,
  "get-password": getPassword,
  "promote-standby-cluster": promoteStandbyCluster,
  "promote-to-primary": promoteToPrimary,
  "set-password": setPassword,
  "pre-upgrade-check": preUpgradeCheck,
  "recreate-cluster": recreateCluster,
  "fence-writes": fenceWrites,
  "unfence-writes": unfenceWrites,
  "rejoin-cluster": rejoinCluster,
};

/** A server that goes away, or answers nonsense, in the midst of an action: each can be run again. */
export async function operate(name: Action, ports: Ports, action: ActionContext): Promise<void> {
  try {
    await operations[name](ports, action);
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    throw new OperatorError(
      `${error.message}. The action was cut short: see get-cluster-status, then run it again.`,
    );
  }
}

async function getPassword(ports: Ports, action: ActionContext): Promise<void> {
  const { username } = await action.params("get-password", getPasswordSchema);
  const passwords = await ports.keyring.own();
  if (passwords === undefined) {
    throw new OperatorError(
      "The system passwords do not exist yet: the leader creates them when it is elected.",
    );
  }
  action.setResults({ username, password: passwords[username].reveal() });
}
