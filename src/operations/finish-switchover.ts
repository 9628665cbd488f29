// The rest of a switchover that was cut off after its record was written: the set names this cluster as its primary, and it is none yet.
import * as z from "zod";
import { type ActionContext, OperatorError } from "../../lib/index.ts";
import { identifier } from "../mysql/columns.ts";
import { commands } from "../mysql/commands.ts";
import { stopWrites } from "../mysql/fence.ts";
import { missingHere, readChannel, readElectsWritable, readServer } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { primaryHost } from "../replication/local-cluster.ts";
import { conditionOf } from "../replication/set-copies.ts";
import { liftReadOnly } from "./fence.ts";
import type { SetSight } from "./set-sight.ts";

const CHANNEL = "clusterset_replication";

/** AdminAPI gives up the channel of the cluster that it promotes last of all. Writes that a person stopped leave none. */
export async function wasCutOff(ports: Ports, { set, host }: SetSight): Promise<boolean> {
  if (set.role !== "PRIMARY" || set.invalidated) return false;
  await using session = await ports.keyring.connect({ host });
  return (await readChannel(session)) !== undefined;
}

/**
 * Goes on where AdminAPI, which takes the record for the truth, would not: the others stop writing, this cluster gets
 * what they have, takes the writes, and they follow it. The channel goes last, so that this can be cut off, too.
 */
export async function finishSwitchover(
  ports: Ports,
  action: ActionContext,
  sight: SetSight,
): Promise<Readonly<Record<string, string>>> {
  const others = requireOthers(sight);
  await action.log(`Finishing the switchover of ${sight.set.domain} to ${sight.name}, which was cut off`);
  try {
    for (const other of others) await takeOver(ports, sight, other);
    await takeWrites(ports, sight);
    for (const { name } of others) await ports.shell.run(sight.host, commands.rejoinCluster(name));
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    throw new OperatorError(`The switchover is not finished: ${error.message}. Run the action again.`);
  }
  for (const { state, host } of sight.view.group) if (state === "ONLINE") await forgetChannel(ports, host);
  return {};
}

interface Other {
  readonly name: string;
  readonly host: string;
}

/** The clusters that are to follow this one. */
function requireOthers({ name: own, set, others }: SetSight): readonly Other[] {
  return set.clusters.flatMap(({ name, invalidated }) => {
    if (name === own || invalidated) return [];
    const other = others.get(name);
    const host = other === undefined || other === "unreachable" ? undefined : primaryHost(other.view);
    if (host !== undefined && conditionOf(other) === "online") return [{ name, host }];
    throw new OperatorError(
      `The switchover to ${own} was cut off, and cluster ${name} does not answer now. Nothing was changed; bring it back, then run the action again.`,
    );
  });
}

/** What the other one still takes until its writes stop comes over the channel, which runs for as long as that can be. */
async function takeOver(ports: Ports, { name, host }: SetSight, other: Other): Promise<void> {
  await using theirs = await ports.keyring.connect({ host: other.host });
  await stopWrites(theirs);
  const { gtidExecuted } = (await readServer(theirs)).server;
  await using own = await ports.keyring.connect({ host });
  if ((await missingHere(own, gtidExecuted)) === "") return;
  throw new OperatorError(
    `Cluster ${name} still receives what ${other.name} has committed. Writes are stopped; run the action again in a moment.`,
  );
}

async function takeWrites(ports: Ports, { host }: SetSight): Promise<void> {
  await using session = await ports.keyring.connect({ host });
  await session.run(`STOP REPLICA FOR CHANNEL '${CHANNEL}'`);
  if (!(await readElectsWritable(session))) {
    // What MySQL Shell takes for fenced.
    await session.run("SET GLOBAL super_read_only = ON");
    await ports.shell.run(host, commands.unfenceWrites());
  }
  await session.run("SET GLOBAL super_read_only = OFF");
  await liftReadOnly(ports, { host });
}

const managedSchema = z.object({ channel: z.string().max(64), name: identifier });

async function forgetChannel(ports: Ports, host: string): Promise<void> {
  await using session = await ports.keyring.connect({ host });
  await session.run(`STOP REPLICA FOR CHANNEL '${CHANNEL}'`);
  const managed = await session.rows(
    managedSchema,
    `SELECT channel_name AS channel, managed_name AS name
      FROM performance_schema.replication_asynchronous_connection_failover_managed`,
  );
  // The function takes constants only.
  for (const { name } of managed.filter(({ channel }) => channel === CHANNEL))
    await session.run(`DO asynchronous_connection_failover_delete_managed('${CHANNEL}', '${name}')`);
  await session.run(`RESET REPLICA ALL FOR CHANNEL '${CHANNEL}'`);
}
