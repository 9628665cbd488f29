// The rest of a switchover that was cut off after its record was written: the set names this cluster as its primary, and it is none yet.
import { type ActionContext, OperatorError } from "../../lib/index.ts";
import { forgetChannel, readChannel, stopChannel } from "../mysql/channel.ts";
import { commands } from "../mysql/commands.ts";
import { liftReadOnly, stopWrites } from "../mysql/fence.ts";
import { missingHere, readElectsWritable, readServer } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { primaryHost } from "../replication/local-cluster.ts";
import { conditionOf } from "../replication/set-copies.ts";
import { unknownLoss } from "./promotion.ts";
import type { SetSight } from "./set-sight.ts";

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
  force: boolean,
): Promise<Readonly<Record<string, string>>> {
  const { others, silent } = requireOthers(sight, force);
  const lastReceived = await readLastReceived(ports, sight);
  await action.log(`Finishing the switchover of ${sight.set.domain} to ${sight.name}, which was cut off`);
  try {
    for (const other of others) await takeOver(ports, sight, other);
    await takeWrites(ports, sight);
    for (const { name } of others) await ports.shell.run(sight.host, commands.rejoinCluster(name));
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    throw new OperatorError(`The switchover is not finished: ${error.message}. Run the action again.`);
  }
  for (const { state, host } of sight.view.group) if (state === "ONLINE") await endChannel(ports, host);
  if (silent.length === 0) return {};
  return {
    "left-behind": silent.join(","),
    "last-received": lastReceived,
    "lost-transactions": silent.map(unknownLoss).join(" "),
  };
}

interface Other {
  readonly name: string;
  readonly host: string;
}

interface Others {
  /** The clusters that are to follow this one. */
  readonly others: readonly Other[];
  /** Those that are left behind, as in a failover. */
  readonly silent: readonly string[];
}

function requireOthers({ name: own, set, others: seen }: SetSight, force: boolean): Others {
  const others: Other[] = [];
  const silent: string[] = [];
  for (const { name, invalidated } of set.clusters) {
    if (name === own || invalidated) continue;
    const other = seen.get(name);
    const host = other === undefined || other === "unreachable" ? undefined : primaryHost(other.view);
    if (host !== undefined && conditionOf(other) === "online") others.push({ name, host });
    else if (force && conditionOf(other) === "silent") silent.push(name);
    else throw unavailable(own, name, conditionOf(other) === "silent");
  }
  return { others, silent };
}

function unavailable(own: string, name: string, isSilent: boolean): OperatorError {
  const [what, lost] = isSilent
    ? ["does not answer now", " or, if it is lost, run it with force=true"]
    : ["has no member that leads its group", ""];
  return new OperatorError(
    `The switchover to ${own} was cut off, and cluster ${name} ${what}. Nothing was changed; bring it back and run the action again${lost}.`,
  );
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
  await stopChannel(session);
  if (!(await readElectsWritable(session))) {
    // What MySQL Shell takes for fenced.
    await session.run("SET GLOBAL super_read_only = ON");
    await ports.shell.run(host, commands.unfenceWrites());
  }
  await session.run("SET GLOBAL super_read_only = OFF");
  await liftReadOnly(session);
}

async function readLastReceived({ keyring }: Ports, { host }: SetSight): Promise<string> {
  await using session = await keyring.connect({ host });
  return (await readChannel(session))?.lastReceived ?? "";
}

async function endChannel(ports: Ports, host: string): Promise<void> {
  await using session = await ports.keyring.connect({ host });
  await stopChannel(session);
  await forgetChannel(session);
}
