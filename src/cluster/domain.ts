// Looks at this unit's place in its cluster, and takes the cluster's steps.
import { type Domain, readBag } from "../../lib/index.ts";
import { readNames } from "../identity/domain.ts";
import { commands } from "../mysql/commands.ts";
import { jobOutcome } from "../mysql/job-outcome.ts";
import { forgetAccounts, leaveCluster, leaveSet } from "../mysql/leave-set.ts";
import { makeLockTable } from "../mysql/lock-table.ts";
import { readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { unitLabel } from "../wire/names.ts";
import { PEERS, peerAppSchema } from "../wire/peers.ts";
import { memberHost } from "../workload/domain.ts";
import { decideCluster } from "./decide.ts";
import type { ClusterFacts, ClusterStep, Wake } from "./facts.ts";
import { localFacts } from "./local-facts.ts";
import { isRestarting } from "./membership.ts";
import { takeNewPasswords } from "./new-passwords.ts";
import { askServer } from "./peers.ts";
import { readStandby, wasInSet } from "./standby.ts";
import { allMet } from "./survey.ts";
import { findTarget } from "./target.ts";

const JOIN_JOB = "join";

export function clusterDomain(ports: Ports, wake: Wake): Domain<ClusterFacts, ClusterStep> {
  // A standby writes it at the primary cluster, and reads it here only when its channel has brought it.
  let labelled = false;
  return {
    name: "cluster",
    observe: async () => {
      const facts = await observe(ports, wake);
      if (facts.local === "unknown" || !labelled) return facts;
      return { ...facts, local: { ...facts.local, labelled } };
    },
    decide: decideCluster,
    perform: async (step, facts) => {
      await steps[step](ports, facts);
      labelled ||= step === "set-label";
    },
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
  const target = view === "unknown" || isIn ? "none" : await findTarget(ports, view);
  // A unit that comes to a primary cluster, and has not met its members yet, was in no set.
  const isRemoved =
    names["removed-from-cluster-set"] === "true" ||
    (target === "none" && wasInSet(names) && (await allMet(ports)));
  return {
    unit,
    label: unitLabel(unit),
    clusterName: names["cluster-name"],
    setName: names["cluster-set-domain-name"],
    seed: seed === unit,
    seedHeld: seed !== undefined,
    local,
    standbyOf: await readStandby(ports, isRemoved),
    target,
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

/** Whether this hook wrote who may form the cluster: only a later hook finds it in writing, and may act on it. */
export async function awaitsCommit(ports: Ports): Promise<boolean> {
  const written = (await readNames(ports))?.["seed-unit"];
  return written !== (await committedSeed(ports));
}

type Perform = (ports: Ports, facts: ClusterFacts) => Promise<void>;

const steps: Readonly<Record<ClusterStep, Perform>> = {
  "set-label": async (ports, facts) => {
    const host = await memberHost(ports);
    await ports.shell.run(host, commands.setLabel(host, facts.label));
  },
  "create-cluster": async (ports, facts) => {
    await using session = await ports.keyring.connectLocal();
    await forgetAccounts(session);
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
  /** Without metadata it is cloned. */
  "forget-cluster": async (ports) => {
    await using session = await ports.keyring.connectLocal();
    await leaveCluster(session);
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
