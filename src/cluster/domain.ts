// Looks at this unit's place in its cluster, and takes the cluster's steps.
import { type Bag, type Domain, readBag } from "../../lib/index.ts";
import { readNames } from "../identity/domain.ts";
import { commands } from "../mysql/commands.ts";
import { jobOutcome } from "../mysql/job-outcome.ts";
import { canCatchUp, readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { unitLabel } from "../wire/names.ts";
import { knowsHosts, PEERS, type PeerUnit, peerAppSchema, peerUnitSchema } from "../wire/peers.ts";
import { ASYNC_REPLICA, primaryBagSchema } from "../wire/replication.ts";
import { memberHost } from "../workload/domain.ts";
import {
  type ClusterFacts,
  type ClusterStep,
  decideCluster,
  type JoinTarget,
  type LocalFacts,
  type Wake,
} from "./decide.ts";

const JOIN_JOB = "join";

export function clusterDomain(ports: Ports, wake: Wake): Domain<ClusterFacts, ClusterStep> {
  return {
    name: "cluster",
    observe: () => observe(ports, wake),
    decide: decideCluster,
    perform: (step, facts) => steps[step](ports, facts),
  };
}

async function observe(ports: Ports, wake: Wake): Promise<ClusterFacts> {
  const { unit } = ports.model.context;
  const names = await readNames(ports);
  if (names === undefined) throw new Error("the cluster is looked at before the leader named it");
  const seed = await committedSeed(ports);
  const view = await viewLocal(ports);
  const local = view === "unknown" ? "unknown" : localFacts(view, unitLabel(unit));
  const alone = local !== "unknown" && local.cluster === "absent";
  return {
    label: unitLabel(unit),
    clusterName: names["cluster-name"],
    setName: names["cluster-set-domain-name"],
    seed: seed === unit,
    seedHeld: seed !== undefined,
    local,
    standbyOf: await readStandby(ports, names["removed-from-cluster-set"] === "true"),
    target: alone && view !== "unknown" ? await findTarget(ports, view) : "none",
    job: jobOutcome(await ports.jobs.state(JOIN_JOB)),
    wake,
  };
}

/** The unit that may form the cluster, as Juju has it in writing: what this very hook wrote could still be lost. */
async function committedSeed(ports: Ports): Promise<string | undefined> {
  const peers = await ports.model.peer(PEERS);
  const bag = readBag(
    peerAppSchema,
    (peers === undefined ? undefined : await ports.model.committedApp(peers)) ?? {},
  );
  return bag.kind === "value" ? bag.value["seed-unit"] : undefined;
}

/** This machine's server, or "unknown" when it could not be asked. */
export async function viewLocal(ports: Ports): Promise<ServerView | "unknown"> {
  try {
    await using session = await ports.keyring.connectLocal();
    return await readServer(session);
  } catch (error) {
    if (error instanceof MysqlProblem) return "unknown";
    throw error;
  }
}

function localFacts(view: ServerView, label: string): LocalFacts {
  const { metadata, member, server } = view;
  const record =
    metadata === "absent" ? undefined : metadata.instances.find((each) => each.uuid === server.uuid);
  return {
    member: member.state,
    cluster: metadata === "absent" ? "absent" : "present",
    labelled: record?.label === label,
    inSet: metadata !== "absent" && metadata.set !== undefined,
    primary: member.role === "PRIMARY",
  };
}

/** Whether this hook wrote who may form the cluster: only a later hook finds it in writing, and may act on it. */
export async function awaitsCommit(ports: Ports): Promise<boolean> {
  const written = (await readNames(ports))?.["seed-unit"];
  return written !== (await committedSeed(ports));
}

/** Whether this cluster is a standby to be, and how far its primary cluster got with it. */
export async function readStandby(ports: Ports, removed: boolean): Promise<ClusterFacts["standbyOf"]> {
  const relation = (await ports.model.relations(ASYNC_REPLICA)).find((each) => !each.broken);
  if (relation === undefined) return removed ? "removed" : "none";
  const bag = readBag(primaryBagSchema, (await ports.model.readApp(relation, "remote")) ?? {});
  return bag.kind === "value" && bag.value["replica-state"] === "initialized" ? "initialized" : "awaited";
}

interface Peer {
  readonly unit: string;
  readonly facts: PeerUnit;
}

async function readPeers(ports: Ports): Promise<readonly Peer[]> {
  const relation = await ports.model.peer(PEERS);
  if (relation === undefined) return [];
  const units = await ports.model.remoteUnits(relation);
  const bags = await Promise.all(units.map((unit) => ports.model.readUnit(relation, unit)));
  return units.map((unit, at) => ({ unit, facts: peerFacts(bags[at] ?? {}) }));
}

function peerFacts(bag: Bag): PeerUnit {
  const read = readBag(peerUnitSchema, bag);
  return read.kind === "value" ? read.value : {};
}

/** Asks the peers that call themselves online where the primary is, until one answers. */
async function findTarget(ports: Ports, view: ServerView): Promise<ClusterFacts["target"]> {
  const peers = await readPeers(ports);
  const online = peers.filter((peer) => peer.facts["member-state"] === "online");
  for (const peer of online) {
    const host = peer.facts["instance-hostname"]?.split(":")[0];
    const target = host === undefined ? undefined : await askMember(ports, host, view, peers);
    if (target !== undefined) return target;
  }
  // A peer that was a member is evidence of a cluster, even while the peer is down.
  return peers.some((peer) => peer.facts["unit-initialized"] === "True") ? "unknown" : "none";
}

async function askMember(
  ports: Ports,
  host: string,
  view: ServerView,
  peers: readonly Peer[],
): Promise<JoinTarget | undefined> {
  try {
    await using session = await ports.keyring.connect({ host });
    const { group } = await readServer(session);
    const primary = group.find((member) => member.role === "PRIMARY" && member.state === "ONLINE");
    if (primary === undefined) return undefined;
    return {
      primaryHost: primary.host,
      members: group.length,
      recoveryMethod: (await canCatchUp(session, view.server.gtidExecuted)) ? "incremental" : "clone",
      strangers: strangers(peers, await memberHost(ports)),
      ahead: ahead(peers, ports.model.context.unitNumber),
    };
  } catch (error) {
    if (error instanceof MysqlProblem) return undefined;
    throw error;
  }
}

function strangers(peers: readonly Peer[], host: string): readonly string[] {
  return peers
    .filter((peer) => peer.facts["member-state"] === "online")
    .filter((peer) => !knowsHosts(peer.facts["known-hosts"], [host]))
    .map((peer) => peer.unit);
}

function ahead(peers: readonly Peer[], unitNumber: number): readonly string[] {
  return peers
    .filter((peer) => Number(peer.unit.split("/")[1]) < unitNumber)
    .filter((peer) => peer.facts["unit-configured"] === "True" && peer.facts["member-state"] === "waiting")
    .map((peer) => peer.unit);
}

type Perform = (ports: Ports, facts: ClusterFacts) => Promise<void>;

const steps: Readonly<Record<ClusterStep, Perform>> = {
  "set-label": async ({ shell, ...ports }, facts) => {
    const host = await memberHost({ shell, ...ports });
    await shell.run(host, commands.setLabel(host, facts.label));
  },
  "create-cluster": async (ports, facts) => {
    await ports.shell.run(await memberHost(ports), commands.createCluster(facts.clusterName));
  },
  "create-cluster-set": async (ports, facts) => {
    await ports.shell.run(await memberHost(ports), commands.createClusterSet(facts.setName));
  },
  "start-join": async (ports, facts) => {
    if (typeof facts.target === "string") return;
    const { primaryHost, recoveryMethod } = facts.target;
    const command = commands.addInstance(await memberHost(ports), facts.label, recoveryMethod);
    await ports.jobs.start(await ports.shell.job(JOIN_JOB, primaryHost, command, "Joining the cluster"));
  },
  "clear-job": async ({ jobs }) => jobs.clear(JOIN_JOB),
};
