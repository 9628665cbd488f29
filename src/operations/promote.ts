// promote-standby-cluster: switchover, as an operator asks for it on the leader of a standby.
import { type ActionContext, type Leader, OperatorError, readBag } from "../../lib/index.ts";
import { readNames } from "../identity/domain.ts";
import { commands } from "../mysql/commands.ts";
import { runPass } from "../pass.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { primaryHost, viewPrimary } from "../replication/local-cluster.ts";
import { promoteStandbyClusterSchema } from "../wire/actions.ts";
import { nextCount, PEERS } from "../wire/peers.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA, primaryBagSchema, replicaBagSchema } from "../wire/replication.ts";

/** Makes this cluster the primary of its set. Nothing is changed unless it is positively a standby, and the name is right. */
export async function promoteStandbyCluster(ports: Ports, action: ActionContext): Promise<void> {
  const request = await action.params("promote-standby-cluster", promoteStandbyClusterSchema);
  const leader = await ports.model.leadership();
  if (leader === undefined) {
    throw new OperatorError(
      "Only the leader can promote its cluster: run the action on <application>/leader.",
    );
  }
  const standby = await readStandby(ports);
  if (request["cluster-set-name"] !== standby.setName) {
    throw new OperatorError(
      `cluster-set-name: this cluster belongs to ClusterSet ${standby.setName}, not to ${request["cluster-set-name"]}. Nothing was changed.`,
    );
  }
  if (request.force) {
    throw new OperatorError(
      "force: failover is not available in this version of the charm. Nothing was changed.",
    );
  }
  await action.log(`Switching ClusterSet ${standby.setName} over to cluster ${standby.clusterName}`);
  await switchOver(ports, standby);
  await tellOthers(ports, leader);
  await runPass(ports, "other");
  action.setResults({
    message: `Cluster ${standby.clusterName} is the primary cluster of ${standby.setName}`,
  });
}

interface Standby {
  readonly setName: string;
  readonly clusterName: string;
  readonly host: string;
}

/** The role is asked from the server; an answer that could not be had is not taken for a "no". */
async function readStandby(ports: Ports): Promise<Standby> {
  const view = await viewPrimary(ports);
  const host = view === "unknown" ? undefined : primaryHost(view);
  if (view === "unknown" || host === undefined) {
    throw new OperatorError(
      "MySQL of this cluster could not be asked for its role. Nothing was changed; try again when it answers.",
    );
  }
  const set = view.metadata === "absent" ? undefined : view.metadata.set;
  if (view.metadata === "absent" || set === undefined || set.clusters.length < 2) {
    throw new OperatorError(
      "This cluster has no other cluster in its ClusterSet. Relate it to another application first.",
    );
  }
  if (set.invalidated) {
    throw new OperatorError(
      "This cluster was invalidated by a failover: it has to rejoin the ClusterSet first.",
    );
  }
  if (set.role === "PRIMARY") {
    throw new OperatorError(
      `This cluster already is the primary cluster of ${set.domain}. Run the action on the leader of a standby.`,
    );
  }
  return { setName: set.domain, clusterName: view.metadata.clusterName, host };
}

async function switchOver(ports: Ports, standby: Standby): Promise<void> {
  try {
    await ports.shell.run(standby.host, commands.setPrimaryCluster(standby.clusterName));
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    throw new OperatorError(
      `The switchover failed; MySQL Shell takes back what it began: ${error.message}. See get-cluster-status cluster-set=true, then try again.`,
    );
  }
}

/** Roles are not on the wire: a counter in each databag wakes the peers and the other side, so that their statuses follow at once. */
async function tellOthers(ports: Ports, leader: Leader): Promise<void> {
  const { model } = ports;
  const peers = await model.peer(PEERS);
  if (peers !== undefined) {
    model.writeApp(leader, peers, { switchover: nextCount((await readNames(ports))?.switchover) });
  }
  const schemas = { [ASYNC_PRIMARY]: primaryBagSchema, [ASYNC_REPLICA]: replicaBagSchema } as const;
  for (const endpoint of [ASYNC_PRIMARY, ASYNC_REPLICA] as const) {
    for (const relation of await model.relations(endpoint)) {
      const own = readBag(schemas[endpoint], (await model.readApp(relation, "local")) ?? {});
      const current = own.kind === "value" ? own.value.switchover : undefined;
      model.writeApp(leader, relation, { switchover: nextCount(current) });
    }
  }
}
