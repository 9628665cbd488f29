// Looks at this unit's place in its cluster, and takes the cluster's steps.
import { type Domain, readBag } from "../../lib/index.ts";
import { readNames } from "../identity/domain.ts";
import { commands } from "../mysql/commands.ts";
import { type GroupFacts, hasQuorum, readGroupFacts } from "../mysql/group.ts";
import { jobOutcome } from "../mysql/job-outcome.ts";
import { hasLeftovers, leaveSet } from "../mysql/leave-set.ts";
import { makeLockTable } from "../mysql/lock-table.ts";
import { readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { unitLabel } from "../wire/names.ts";
import { PEERS, type PeerApp, peerAppSchema, readSetRelations } from "../wire/peers.ts";
import { ASYNC_REPLICA, primaryBagSchema } from "../wire/replication.ts";
import { memberHost } from "../workload/domain.ts";
import { type ClusterFacts, type ClusterStep, decideCluster, type LocalFacts, type Wake } from "./decide.ts";
import { isRestarting } from "./membership.ts";
import { takeNewPasswords } from "./new-passwords.ts";
import { askServer } from "./peers.ts";
import { findTarget } from "./target.ts";

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
  const local = view === "unknown" ? "unknown" : await localFacts(ports, view);
  const isIn = local !== "unknown" && local.cluster === "present" && local.member === "ONLINE";
  return {
    unit,
    label: unitLabel(unit),
    clusterName: names["cluster-name"],
    setName: names["cluster-set-domain-name"],
    seed: seed === unit,
    seedHeld: seed !== undefined,
    local,
    standbyOf: await readStandby(ports, wasInSet(names)),
    target: view === "unknown" || isIn ? "none" : await findTarget(ports, view),
    job: jobOutcome(await ports.jobs.state(JOIN_JOB)),
    restarting: !isIn && (await isRestarting(ports)),
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
  const view = await askServer(ports, () => ports.keyring.connectLocal(), readServer);
  return view === "silent" ? "unknown" : view;
}

async function localFacts(ports: Ports, view: ServerView): Promise<LocalFacts | "unknown"> {
  const { metadata, member, server } = view;
  const record =
    metadata === "absent" ? undefined : metadata.instances.find((each) => each.uuid === server.uuid);
  const facts = {
    member: member.state,
    cluster: metadata === "absent" ? ("absent" as const) : ("present" as const),
    inCluster: metadata === "absent" ? "" : metadata.clusterName,
    labelled: record?.label === unitLabel(ports.model.context.unit),
    inSet: metadata !== "absent" && metadata.set !== undefined,
    primary: member.role === "PRIMARY",
    quorum: hasQuorum(view),
    readOnly: false,
    starting: false,
    heldBack: false,
    leftovers: false,
  };
  if (metadata === "absent") {
    const leftovers = await askServer(ports, () => ports.keyring.connectLocal(), hasLeftovers);
    return leftovers === "silent" ? "unknown" : { ...facts, leftovers };
  }
  const reader = member.state === "ONLINE" && !(facts.primary && server.superReadOnly);
  if (reader) return facts;
  const group = await askServer(ports, () => ports.keyring.connectLocal(), readGroupFacts);
  if (group === "silent") return "unknown";
  return { ...facts, ...comeBack(view, group) };
}

/** A primary cluster's primary takes writes, unless a person fenced them off: then the group was told so. */
function comeBack(
  view: ServerView,
  group: GroupFacts,
): Pick<LocalFacts, "readOnly" | "starting" | "heldBack"> {
  const { metadata, member } = view;
  const set = metadata === "absent" ? undefined : metadata.set;
  // With other clusters around, one of them may lead by now: what this server knows of it can be old.
  const leads =
    set === undefined || (set.role === "PRIMARY" && !set.invalidated && set.clusters.length === 1);
  return {
    readOnly: member.state === "ONLINE" && leads && hasQuorum(view) && group.electionWrites,
    starting: group.isStarting,
    heldBack: group.heldBack,
  };
}

/** Whether this hook wrote who may form the cluster: only a later hook finds it in writing, and may act on it. */
export async function awaitsCommit(ports: Ports): Promise<boolean> {
  const written = (await readNames(ports))?.["seed-unit"];
  return written !== (await committedSeed(ports));
}

/** A server without a cluster whose application was in a set with others was removed from it: nothing forms by itself. */
export function wasInSet(names: PeerApp): boolean {
  const joined = Object.values(readSetRelations(names["set-relations"])).some((each) => each.cluster !== "");
  return names["removed-from-cluster-set"] === "true" || joined;
}

/** Whether this cluster is a standby to be, and how far its primary cluster got with it. */
export async function readStandby(ports: Ports, removed: boolean): Promise<ClusterFacts["standbyOf"]> {
  const relation = (await ports.model.relations(ASYNC_REPLICA)).find((each) => !each.broken);
  if (relation === undefined) return removed ? "removed" : "none";
  const bag = readBag(primaryBagSchema, (await ports.model.readApp(relation, "remote")) ?? {});
  return bag.kind === "value" && bag.value["replica-state"] === "initialized" ? "initialized" : "awaited";
}

type Perform = (ports: Ports, facts: ClusterFacts) => Promise<void>;

const steps: Readonly<Record<ClusterStep, Perform>> = {
  "set-label": async (ports, facts) => {
    const host = await memberHost(ports);
    await ports.shell.run(host, commands.setLabel(host, facts.label));
  },
  "create-cluster": async (ports, facts) => {
    await ports.shell.run(await memberHost(ports), commands.createCluster(facts.clusterName));
  },
  "create-cluster-set": async (ports, facts) => {
    await using session = await ports.keyring.connectLocal();
    await makeLockTable(session);
    await ports.shell.run(await memberHost(ports), commands.createClusterSet(facts.setName));
  },
  "make-writable": async (ports) => {
    await using session = await ports.keyring.connectLocal();
    await session.run("SET GLOBAL super_read_only = OFF");
    await session.run("SET GLOBAL read_only = OFF");
  },
  "stop-group": async (ports) => {
    await using session = await ports.keyring.connectLocal();
    await session.run("STOP GROUP_REPLICATION");
  },
  "leave-group": async (ports) => {
    await using session = await ports.keyring.connectLocal();
    await leaveSet(session);
  },
  /** AdminAPI takes no server whose own metadata says that it belongs to a cluster. Without metadata it is cloned. */
  "forget-cluster": async (ports) => {
    await using session = await ports.keyring.connectLocal();
    await session.run("STOP GROUP_REPLICATION");
    await session.run("SET SESSION sql_log_bin = 0");
    await session.run("SET GLOBAL super_read_only = OFF");
    await session.run("DROP DATABASE IF EXISTS mysql_innodb_cluster_metadata");
    await session.run("SET GLOBAL super_read_only = ON");
  },
  "start-join": async (ports, facts) => {
    await takeNewPasswords(ports);
    await startJob(ports, facts, (host, method) => commands.addInstance(host, facts.label, method));
  },
  "start-rejoin": (ports, facts) => startJob(ports, facts, commands.rejoinInstance),
  "clear-job": async ({ jobs }) => jobs.clear(JOIN_JOB),
};

async function startJob(
  ports: Ports,
  { target }: ClusterFacts,
  command: (host: string, method: "incremental" | "clone") => ReturnType<typeof commands.rejoinInstance>,
): Promise<void> {
  if (typeof target === "string" || target.recovery === "diverged") return;
  const given = command(await memberHost(ports), target.recovery);
  await ports.jobs.start(await ports.shell.job(JOIN_JOB, target.primaryHost, given, "Joining the cluster"));
}
