// rejoin-cluster: takes an invalidated cluster back as a standby, or makes the channel of one that stopped anew. Any unit of a healthy cluster will do.
import { type ActionContext, OperatorError } from "../../lib/index.ts";
import { commands } from "../mysql/commands.ts";
import { countTransactions } from "../mysql/gtid.ts";
import { missingHere } from "../mysql/topology.ts";
import { runPass } from "../pass.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { primaryHost } from "../replication/local-cluster.ts";
import { type ClusterView, conditionOf, globalPrimaryHost } from "../replication/set-copies.ts";
import { tellOthers } from "../replication/tell-others.ts";
import { rejoinClusterSchema } from "../wire/actions.ts";
import { leaderOf, type SetSight, seeOthers, seeSet } from "./set-sight.ts";

/** A second run finds the cluster taken back. A cluster with transactions of its own is refused, with the list of them. */
export async function rejoinCluster(ports: Ports, action: ActionContext): Promise<void> {
  const { "cluster-name": name } = await action.params("rejoin-cluster", rejoinClusterSchema);
  const sight = await seeOthers(ports);
  const record = requireRecord(sight, name);
  const target = requireTarget(sight, record.name);
  const source = requireSource(sight);
  if (!record.invalidated && replicates(target)) {
    // Whoever took it back may have been cut off before it could tell.
    await runPass(ports, "other");
    return tell(action, sight, record.name, "needs no rejoin");
  }
  await refuseErrant({ ports, action, name: record.name, source }, target);
  await action.log(`Taking cluster ${record.name} back into ClusterSet ${sight.set.domain}`);
  try {
    await ports.shell.run(sight.host, commands.rejoinCluster(record.name));
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    throw new OperatorError(`Cluster ${record.name} could not rejoin: ${error.message}`);
  }
  await requireRejoined(ports, record.name);
  await tellOthers(ports);
  await runPass(ports, "other");
  tell(action, sight, record.name, "is a standby of the set again");
}

function requireRecord(
  sight: SetSight,
  name: string,
): { readonly name: string; readonly invalidated: boolean } {
  const { clusters, domain, invalidated } = sight.set;
  const record = clusters.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (record === undefined) {
    const names = clusters.map((each) => each.name).join(", ");
    throw new OperatorError(`cluster-name: ClusterSet ${domain} has no cluster ${name}; it has ${names}.`);
  }
  if (invalidated) {
    throw new OperatorError(
      `This cluster is invalidated itself: run the action on a unit of the primary cluster ${leaderOf(sight)?.name ?? ""}.`,
    );
  }
  if (record.role === "PRIMARY" && !record.invalidated) {
    throw new OperatorError(`cluster-name: ${record.name} is the primary cluster of ${domain}.`);
  }
  return record;
}

type Answer = Exclude<ClusterView, string>;

function requireTarget(sight: SetSight, name: string): Answer {
  const target: ClusterView | undefined =
    name === sight.name ? { view: sight.view, channel: undefined } : sight.others.get(name);
  if (target === undefined || target === "unreachable") {
    throw new OperatorError(
      `No server of cluster ${name} answers. Nothing was changed; bring its machines back, then run rejoin-cluster again.`,
    );
  }
  if (conditionOf(target) === "online") return target;
  throw new OperatorError(
    `Servers of cluster ${name} answer, but none leads its group. Nothing was changed; wait until its units have restarted the group, then run rejoin-cluster again.`,
  );
}

function requireSource(sight: SetSight): string {
  const host = globalPrimaryHost({ view: sight.view, standing: "member", answered: 0 }, sight.others);
  if (host !== undefined) return host;
  throw new OperatorError(
    `The primary cluster ${leaderOf(sight)?.name ?? ""} does not answer: a cluster can only rejoin while it does.`,
  );
}

const replicates = ({ channel }: Answer): boolean => channel?.receiver === "ON" && channel.applier === "ON";

interface Rejoin {
  readonly ports: Ports;
  readonly action: ActionContext;
  readonly name: string;
  /** Host of the server that takes the writes of the set. */
  readonly source: string;
}

/** What the cluster committed and the set does not have was lost in the failover; here is the last place where it is. */
async function refuseErrant({ ports, action, name, source }: Rejoin, { view }: Answer): Promise<void> {
  await using session = await ports.keyring.connect({ host: source });
  const lost = await missingHere(session, view.server.gtidExecuted);
  if (lost === "") return;
  const held = primaryHost(view) ?? view.server.host;
  const count = countTransactions(lost);
  const document = {
    "cluster-name": name,
    "lost-transactions": cut(lost, 20_000),
    "lost-count": count,
    "held-by": held,
  };
  action.setResults({ ...document, json: JSON.stringify(document) });
  throw new OperatorError(
    `Cluster ${name} cannot rejoin: it holds ${count} transactions that the set lost in the failover (${cut(lost, 200)}). They are on ${held} only; read them with mysqlbinlog --include-gtids. To give them up: remove the relation with ${name} and relate it again, which copies the primary cluster's data over it.`,
  );
}

/** Results travel as arguments, whose length is limited. */
const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest)}…` : text;

async function requireRejoined(ports: Ports, name: string): Promise<void> {
  const { set } = await seeSet(ports);
  const record = set.clusters.find((each) => each.name === name);
  if (record !== undefined && !record.invalidated) return;
  throw new OperatorError(`MySQL Shell reported success, but ${name} is still invalidated; run it again.`);
}

function tell(action: ActionContext, sight: SetSight, name: string, what: string): void {
  const document = { "cluster-name": name, "cluster-set-name": sight.set.domain };
  action.setResults({ message: `Cluster ${name} ${what}`, ...document, json: JSON.stringify(document) });
}
