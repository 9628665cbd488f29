// fence-writes and unfence-writes: stop and resume the writes to the primary cluster. Any of its units will do: both act on its primary.
import { type ActionContext, OperatorError } from "../../lib/index.ts";
import { commands } from "../mysql/commands.ts";
import { liftReadOnly } from "../mysql/fence.ts";
import { readElectsWritable, readServer } from "../mysql/topology.ts";
import { runPass } from "../pass.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { fenceWritesSchema, unfenceWritesSchema } from "../wire/actions.ts";
import { wasCutOff } from "./finish-switchover.ts";
import { confirmSet, leaderOf, type SetSight, seeSet } from "./set-sight.ts";

/** Stops writes. Reads and the replication to the standbys go on. A second run finds it done. */
export async function fenceWrites(ports: Ports, action: ActionContext): Promise<void> {
  const request = await action.params("fence-writes", fenceWritesSchema);
  const sight = await seeSet(ports);
  confirmSet(sight, request["cluster-set-name"]);
  requirePrimary(sight, "takes no writes anyway");
  const before = await readFence(ports, sight);
  if (!before.fenced) await change(ports, sight, "fence");
  const after = await readFence(ports, sight);
  if (!after.fenced || after.writable.length > 0) {
    const writable = after.writable.length > 0 ? after.writable.join(", ") : sight.host;
    throw new OperatorError(`Writes were to stop, but ${writable} still takes them; run fence-writes again.`);
  }
  await runPass(ports, "other");
  tell(action, sight, true, before.fenced ? "were fenced already" : "are fenced: clients can only read");
}

/** Resumes writes, on the primary alone. Never in a cluster that was replaced. A second run finds it done. */
export async function unfenceWrites(ports: Ports, action: ActionContext): Promise<void> {
  const request = await action.params("unfence-writes", unfenceWritesSchema);
  const sight = await seeSet(ports);
  confirmSet(sight, request["cluster-set-name"]);
  requirePrimary(sight, "cannot take writes");
  if (sight.others.size > 0 && sight.answered === 0 && !request.force) {
    throw new OperatorError(
      "No other cluster of the set answers, and one of them may have been made the primary meanwhile. Writes stay fenced. Run it with force=true if you know that none was.",
    );
  }
  await refuseCutOff(ports, sight);
  const before = await readFence(ports, sight);
  if (before.fenced) await change(ports, sight, "unfence");
  await lift(ports, sight);
  const after = await readFence(ports, sight);
  const secondaries = after.writable.filter((host) => host !== sight.host);
  if (secondaries.length > 0) {
    throw new OperatorError(
      `Writes were resumed, but ${secondaries.join(", ")} takes them too though it is no primary: set super_read_only = ON there.`,
    );
  }
  if (after.writable.length === 0) {
    throw new OperatorError(`Writes were to resume, but ${sight.host} is read-only; run it again.`);
  }
  await runPass(ports, "other");
  tell(action, sight, false, before.fenced ? "are resumed" : "were not fenced");
}

function requirePrimary(sight: SetSight, why: string): void {
  if (sight.set.invalidated) {
    throw new OperatorError(
      `Cluster ${sight.name} was invalidated by a failover and stays read-only: take it back with rejoin-cluster cluster-name=${sight.name} on a unit of ${leaderOf(sight)?.name ?? "the primary cluster"}.`,
    );
  }
  if (sight.set.role === "PRIMARY") return;
  throw new OperatorError(
    `Cluster ${sight.name} is a standby and ${why}: run the action on a unit of the primary cluster ${leaderOf(sight)?.name ?? ""}.`,
  );
}

/** Another cluster may hold what this one lacks. */
async function refuseCutOff(ports: Ports, sight: SetSight): Promise<void> {
  if (!(await wasCutOff(ports, sight))) return;
  throw new OperatorError(
    `The switchover to ${sight.name} was cut off: finish it with promote-standby-cluster cluster-set-name=${sight.set.domain} on the leader, which resumes the writes. Nothing was changed.`,
  );
}

interface Fence {
  readonly fenced: boolean;
  /** Members that take writes; one that cannot be asked is left out. */
  readonly writable: readonly string[];
}

async function readFence(ports: Ports, sight: SetSight): Promise<Fence> {
  await using session = await ports.keyring.connect({ host: sight.host });
  const { server, group } = await readServer(session);
  const elects = await readElectsWritable(session);
  const hosts = group.filter((each) => each.state === "ONLINE").map((each) => each.host);
  const asked = await Promise.all(hosts.map((host) => isWritable(ports, host)));
  return { fenced: server.superReadOnly && !elects, writable: hosts.filter((_, at) => asked[at] === true) };
}

async function lift({ keyring }: Ports, { host }: SetSight): Promise<void> {
  await using session = await keyring.connect({ host });
  await liftReadOnly(session);
}

async function isWritable(ports: Ports, host: string): Promise<boolean | undefined> {
  try {
    await using session = await ports.keyring.connect({ host });
    return !(await readServer(session)).server.readOnly;
  } catch (error) {
    if (error instanceof MysqlProblem) return undefined;
    throw error;
  }
}

async function change(ports: Ports, { host }: SetSight, what: "fence" | "unfence"): Promise<void> {
  try {
    await ports.shell.run(host, what === "fence" ? commands.fenceWrites() : commands.unfenceWrites());
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    throw new OperatorError(`MySQL Shell could not ${what} the cluster: ${error.message}`);
  }
}

function tell(action: ActionContext, sight: SetSight, fenced: boolean, what: string): void {
  const document = { "cluster-name": sight.name, "cluster-set-name": sight.set.domain, fenced };
  action.setResults({
    message: `Writes to cluster ${sight.name} ${what}`,
    ...document,
    json: JSON.stringify(document),
  });
}
