// recreate-cluster: an application whose cluster was removed from a ClusterSet forms a cluster of its own again, with its data.
import { createHash } from "node:crypto";
import { type ActionContext, type Leader, OperatorError, readBag } from "../../lib/index.ts";
import { viewLocal } from "../cluster/domain.ts";
import { wasInSet } from "../cluster/standby.ts";
import { readNames } from "../identity/domain.ts";
import { missingHere, readServer } from "../mysql/topology.ts";
import { runPass, wakeAgain } from "../pass.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { PEERS, type PeerApp, peerUnitSchema } from "../wire/peers.ts";
import { ASYNC_REPLICA } from "../wire/replication.ts";

/** Only writes down who forms the cluster; that unit does, as at a first start. A second run finds it done. */
export async function recreateCluster(ports: Ports, action: ActionContext): Promise<void> {
  const { model } = ports;
  const leader = await model.leadership();
  if (leader === undefined) {
    throw new OperatorError(
      "Only the leader can form a cluster again: run the action on <application>/leader.",
    );
  }
  if (isUnnoted(await requireNames(ports))) await runPass(ports, "other");
  const names = await requireNames(ports);
  if (await isDone(ports, names)) return tell(action, names, "stands already");
  await requireRemoved(ports, names);
  const seed = await mostAdvanced(ports);
  const setName = newSetName(ports, names);
  await nameSeed(ports, leader, { seed, setName });
  // Not in this hook: the unit that Juju still has in writing may be another than the one that forms it now.
  await wakeAgain(ports);
  tell(action, { ...names, "cluster-set-domain-name": setName }, `is formed again on ${seed}`);
}

async function requireNames(ports: Ports): Promise<PeerApp> {
  const names = await readNames(ports);
  if (names !== undefined) return names;
  throw new OperatorError("The cluster has no name yet: it was never formed. Nothing was changed.");
}

/** A removal is noted by the leader's pass, which may not have come since. */
function isUnnoted(names: PeerApp): boolean {
  return names["removed-from-cluster-set"] === undefined && wasInSet(names);
}

/** Also where an earlier run wrote down who forms it, and that unit is at it. */
async function isDone(ports: Ports, names: PeerApp): Promise<boolean> {
  const view = await viewLocal(ports);
  if (view === "unknown") {
    throw new OperatorError(
      "MySQL of this unit could not be asked. Nothing was changed; try again when it answers.",
    );
  }
  return view.metadata !== "absent" || names["seed-unit"] !== undefined;
}

async function requireRemoved(ports: Ports, names: PeerApp): Promise<void> {
  const related = (await ports.model.relations(ASYNC_REPLICA)).some((relation) => !relation.broken);
  if (related) {
    throw new OperatorError(
      "This application is related as a standby and will be set up as one: remove the relation first. Nothing was changed.",
    );
  }
  const view = await viewLocal(ports);
  if (view !== "unknown" && view.member.state !== "OFFLINE") {
    throw new OperatorError(
      "This server is still leaving the group of its ClusterSet. Nothing was changed; try again in a moment.",
    );
  }
  if (names["removed-from-cluster-set"] === "true") return;
  throw new OperatorError(
    "This cluster was not removed from a ClusterSet: its status says what it waits for. Nothing was changed.",
  );
}

interface Candidate {
  readonly unit: string;
  readonly executed: string;
  /** It has not left the ClusterSet yet. */
  readonly stands: boolean;
}

/** The unit that has all that any other has, by what the servers say now. The leader's own where it is among them. */
async function mostAdvanced(ports: Ports): Promise<string> {
  const { model } = ports;
  const peers = await model.peer(PEERS);
  const others = peers === undefined ? [] : await model.remoteUnits(peers);
  const candidates = await Promise.all([model.context.unit, ...others].map((unit) => ask(ports, unit)));
  const silent = candidates.filter((each) => each.executed === undefined).map((each) => each.unit);
  if (silent.length > 0) {
    throw new OperatorError(
      `MySQL of ${silent.join(", ")} could not be asked, and may have the newest data. Nothing was changed; bring it back, or remove the unit, and try again.`,
    );
  }
  const standing = candidates.filter(({ stands }) => stands).map(({ unit }) => unit);
  if (standing.length > 0) {
    throw new OperatorError(
      `${standing.join(", ")} is still leaving the ClusterSet. Nothing was changed; try again when its status says that it was removed.`,
    );
  }
  const known = candidates.flatMap(({ unit, executed }) =>
    executed === undefined ? [] : [{ unit, executed }],
  );
  for (const candidate of known) if (await hasAll(ports, candidate, known)) return candidate.unit;
  throw new OperatorError(
    "Every unit lacks transactions that another has. Nothing was changed; remove the units whose data is not wanted, and try again.",
  );
}

type Answer = Pick<Candidate, "unit"> & Partial<Candidate>;

async function ask(ports: Ports, unit: string): Promise<Answer> {
  try {
    await using session = await connectTo(ports, unit);
    const { server, metadata } = await readServer(session);
    return { unit, executed: server.gtidExecuted, stands: metadata !== "absent" };
  } catch (error) {
    if (error instanceof MysqlProblem) return { unit };
    throw error;
  }
}

async function connectTo({ model, keyring }: Ports, unit: string): ReturnType<Ports["keyring"]["connect"]> {
  if (unit === model.context.unit) return await keyring.connectLocal();
  const peers = await model.peer(PEERS);
  const bag = readBag(peerUnitSchema, peers === undefined ? {} : await model.readUnit(peers, unit));
  const host = bag.kind === "value" ? bag.value["instance-hostname"]?.split(":")[0] : undefined;
  if (host === undefined)
    throw new MysqlProblem("unreachable", `Connecting to ${unit}`, "it has no address yet");
  return await keyring.connect({ host });
}

async function hasAll(
  ports: Ports,
  { unit }: Answer,
  all: readonly Pick<Candidate, "executed">[],
): Promise<boolean> {
  await using session = await connectTo(ports, unit);
  for (const each of all) if ((await missingHere(session, each.executed)) !== "") return false;
  return true;
}

/** The set that it was removed from may live on under the old name, so a generated name is another each time. */
function newSetName({ config, model }: Ports, names: PeerApp): string {
  const { modelUuid, app } = model.context;
  const seed = `${modelUuid}/${app}/${names["cluster-set-domain-name"]}`;
  return config["cluster-set-name"] ?? `cluster-set-${createHash("md5").update(seed).digest("hex")}`;
}

async function nameSeed(
  { model }: Ports,
  leader: Leader,
  { seed, setName }: { readonly seed: string; readonly setName: string },
): Promise<void> {
  const peers = await model.peer(PEERS);
  if (peers === undefined) return;
  model.writeApp(leader, peers, {
    "seed-unit": seed,
    "cluster-set-domain-name": setName,
    "removed-from-cluster-set": "",
  });
}

function tell(action: ActionContext, names: PeerApp, what: string): void {
  const name = names["cluster-name"];
  const document = { "cluster-name": name, "cluster-set-name": names["cluster-set-domain-name"] };
  action.setResults({ message: `Cluster ${name} ${what}`, ...document, json: JSON.stringify(document) });
}
