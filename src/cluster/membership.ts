// Looks at the cluster as a whole, on the leader, and takes the leader's steps.
import type { Domain, Leader } from "../../lib/index.ts";
import { readNames } from "../identity/domain.ts";
import { commands } from "../mysql/commands.ts";
import { jobOutcome } from "../mysql/job-outcome.ts";
import type { Ports } from "../ports.ts";
import { PEERS } from "../wire/peers.ts";
import { decideMembership, type MembershipFacts, type MembershipStep } from "./decide-membership.ts";
import type { Wake } from "./facts.ts";
import { readPeers } from "./peers.ts";
import { readStandby } from "./standby.ts";
import { surveyCluster } from "./survey.ts";

const RESTART_JOB = "restart-cluster";

export function membershipDomain(
  ports: Ports,
  leader: Leader,
  wake: Wake,
): Domain<MembershipFacts, MembershipStep> {
  return {
    name: "membership",
    observe: async () => ({
      unit: ports.model.context.unit,
      cluster: await surveyCluster(ports),
      seed: await seedState(ports),
      awaitsPrimary: (await readStandby(ports, false)) === "awaited",
      job: jobOutcome(await ports.jobs.state(RESTART_JOB)),
      wake,
    }),
    decide: decideMembership,
    perform: (step, facts) => steps[step](ports, facts, leader),
  };
}

async function restartRuns({ jobs }: Ports): Promise<boolean> {
  return (await jobs.state(RESTART_JOB)).kind === "running";
}

/** Whether this unit or one that it met brings all members back. */
export async function isRestarting(ports: Ports): Promise<boolean> {
  if (await restartRuns(ports)) return true;
  return (await readPeers(ports)).some(({ facts }) => facts["restarting-cluster"] === "true");
}

/** Members that would come back by themselves keep still meanwhile. Told by whoever runs it, leader or not any more. */
export async function publishRestart(ports: Ports): Promise<void> {
  const peers = await ports.model.peer(PEERS);
  if (peers === undefined) return;
  ports.model.writeUnit(peers, { "restarting-cluster": (await restartRuns(ports)) ? "true" : "" });
}

/** `gone` counts only where all units that Juju knows were met. */
async function seedState(ports: Ports): Promise<MembershipFacts["seed"]> {
  const seed = (await readNames(ports))?.["seed-unit"];
  if (seed === undefined) return "released";
  if (seed === ports.model.context.unit) return "held";
  const peers = await ports.model.peer(PEERS);
  const met = peers === undefined ? [] : await ports.model.remoteUnits(peers);
  return met.includes(seed) ? "held" : "gone";
}

type Perform = (ports: Ports, facts: MembershipFacts, leader: Leader) => Promise<void>;

const steps: Readonly<Record<MembershipStep, Perform>> = {
  "take-seed": async ({ model }, _facts, leader) => {
    const peers = await model.peer(PEERS);
    if (peers !== undefined) model.writeApp(leader, peers, { "seed-unit": model.context.unit });
  },
  "remove-gone": async ({ shell }, { cluster }) => {
    if (cluster.kind !== "online") return;
    for (const host of cluster.gone)
      await shell.run(cluster.primaryHost, commands.removeInstance(host, true));
  },
  "force-quorum": async ({ jobs, shell }, { cluster }) => {
    if (cluster.kind !== "no-quorum") return;
    const { host } = cluster;
    const label = "Going on without the lost members";
    await jobs.start(await shell.job(RESTART_JOB, host, commands.forceQuorum(host), label));
  },
  reboot: async ({ jobs, shell }, { cluster }) => {
    if (cluster.kind !== "outage") return;
    const command = commands.reboot(cluster.clusterName, cluster.best, cluster.force);
    await jobs.start(await shell.job(RESTART_JOB, cluster.best, command, "Starting the cluster again"));
  },
  "clear-job": async ({ jobs }) => jobs.clear(RESTART_JOB),
};
