// The actions: each checks its request, then does it or says why not.
import type { ActionContext } from "../../lib/index.ts";
import { OperatorError } from "../../lib/index.ts";
import type { Meta } from "../generated/charm-meta.ts";
import type { Ports } from "../ports.ts";
import { getPasswordSchema } from "../wire/actions.ts";
import { fenceWrites, unfenceWrites } from "./fence.ts";
import { getClusterStatus } from "./get-cluster-status.ts";
import { preUpgradeCheck } from "./pre-upgrade-check.ts";
import { promoteStandbyCluster } from "./promote.ts";
import { promoteToPrimary } from "./promote-to-primary.ts";
import { recreateCluster } from "./recreate.ts";
import { rejoinCluster } from "./rejoin.ts";
import { setPassword } from "./set-password.ts";

export type Operation = (ports: Ports, action: ActionContext) => Promise<void>;

export const operations: Readonly<Record<keyof Meta["actions"], Operation>> = {
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
