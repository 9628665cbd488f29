// promote-standby-cluster: switchover, or with force=true failover, as an operator asks for it on the leader of a standby.
import { type ActionContext, OperatorError } from "../../lib/index.ts";
import { readChannel } from "../mysql/channel.ts";
import { commands } from "../mysql/commands.ts";
import { runPass } from "../pass.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { tellOthers } from "../replication/tell-others.ts";
import { promoteStandbyClusterSchema } from "../wire/actions.ts";
import { finishSwitchover, wasCutOff } from "./finish-switchover.ts";
import { failoverObstacles, leftBehind, switchoverObstacles, unknownLoss } from "./promotion.ts";
import { confirmSet, leaderOf, type SetSight, seeOthers, seeSet } from "./set-sight.ts";

/** Makes this cluster the primary of its set. Nothing is changed unless it is positively a standby, and the name is right. */
export async function promoteStandbyCluster(ports: Ports, action: ActionContext): Promise<void> {
  const request = await action.params("promote-standby-cluster", promoteStandbyClusterSchema);
  await promoteOwnCluster(ports, action, request.force, request["cluster-set-name"]);
}

/** The same without a name to confirm it by, for those who know it by the name promote-to-primary. */
export async function promoteOwnCluster(
  ports: Ports,
  action: ActionContext,
  force: boolean,
  setName?: string,
): Promise<void> {
  if ((await ports.model.leadership()) === undefined) {
    throw new OperatorError(
      "Only the leader can promote its cluster: run the action on <application>/leader.",
    );
  }
  const sight = await seeOthers(ports);
  if (setName !== undefined) confirmSet(sight, setName);
  const results = await perform(ports, action, sight, force);
  await requirePromoted(ports);
  await tellOthers(ports);
  await runPass(ports, "other");
  tell(action, sight, results);
}

async function perform(
  ports: Ports,
  action: ActionContext,
  sight: SetSight,
  force: boolean,
): Promise<Results> {
  if (await wasCutOff(ports, sight)) return await finishSwitchover(ports, action, sight, force);
  // An earlier run may have been killed behind MySQL Shell: then the statuses still say what was before.
  if (sight.set.role === "PRIMARY" && !sight.set.invalidated) await runPass(ports, "other");
  requireStandby(sight);
  return await (force ? failOver : switchOver)(ports, action, sight);
}

function requireStandby({ set, name }: SetSight): void {
  if (set.invalidated) {
    throw new OperatorError(
      `This cluster was invalidated by a failover and cannot be promoted: take it back first, with rejoin-cluster cluster-name=${name} on a unit of the primary cluster.`,
    );
  }
  if (set.role === "PRIMARY") {
    throw new OperatorError(
      `This cluster already is the primary cluster of ${set.domain}. Run the action on the leader of a standby.`,
    );
  }
}

type Results = Readonly<Record<string, string | number>>;

async function switchOver(ports: Ports, action: ActionContext, sight: SetSight): Promise<Results> {
  refuse("No switchover", switchoverObstacles(sight));
  const behind = await channelOf(ports, sight);
  if (behind === undefined || behind.receiver !== "ON" || behind.applier !== "ON") {
    refuse("No switchover", [
      `replication to this cluster does not run; run rejoin-cluster cluster-name=${sight.name} first`,
    ]);
  }
  const lag = behind?.lagSeconds ?? 0;
  await action.log(`Switching ${sight.set.domain} over to ${sight.name}, which is ${lag} s behind`);
  await run(ports, sight, commands.setPrimaryCluster(sight.name), "The switchover failed");
  return { "lag-seconds": lag };
}

async function failOver(ports: Ports, action: ActionContext, sight: SetSight): Promise<Results> {
  refuse("No failover", failoverObstacles(sight));
  const channel = await channelOf(ports, sight);
  const lost = leaderOf(sight)?.name ?? "";
  const others = leftBehind(sight);
  await action.log(`Failing ${sight.set.domain} over from ${lost} to ${sight.name}`);
  await run(ports, sight, commands.forcePrimaryCluster(sight.name, others), "The failover failed");
  return {
    invalidated: [lost, ...others].join(","),
    "last-received": channel?.lastReceived ?? "",
    "lost-transactions": unknownLoss(lost),
  };
}

function refuse(what: string, obstacles: readonly string[]): void {
  if (obstacles.length === 0) return;
  throw new OperatorError(`${what}: ${obstacles.join("; ")}. Nothing was changed.`);
}

async function channelOf(ports: Ports, { host }: SetSight): Promise<Awaited<ReturnType<typeof readChannel>>> {
  await using session = await ports.keyring.connect({ host });
  return await readChannel(session);
}

async function run(
  ports: Ports,
  { host }: SetSight,
  command: ReturnType<typeof commands.setPrimaryCluster>,
  failed: string,
): Promise<void> {
  try {
    await ports.shell.run(host, command);
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    if (error.reason === "busy") {
      throw new OperatorError(
        `${failed}: a cluster of the set is at another operation, such as taking in a unit (${error.message}). Nothing was changed; run the action again when the units of all applications are active.`,
      );
    }
    const other = error.reason === "behind" ? " Promote the cluster that is named there." : "";
    throw new OperatorError(
      `${failed}; MySQL Shell takes back what it began: ${error.message}.${other} See get-cluster-status cluster-set=true, then try again.`,
    );
  }
}

async function requirePromoted(ports: Ports): Promise<void> {
  const { set } = await seeSet(ports);
  if (set.role === "PRIMARY" && !set.invalidated) return;
  throw new OperatorError(
    "MySQL Shell reported success, but the cluster does not lead its set; see get-cluster-status cluster-set=true.",
  );
}

function tell(action: ActionContext, sight: SetSight, results: Results): void {
  const document = { "cluster-name": sight.name, "cluster-set-name": sight.set.domain, ...results };
  action.setResults({
    message: `Cluster ${sight.name} is the primary cluster of ${sight.set.domain}`,
    ...document,
    json: JSON.stringify(document),
  });
}
