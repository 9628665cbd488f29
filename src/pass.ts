// One pass over all domains: the unit's own first, then, on the leader, the relations to other clusters; last the statuses.
import { type Domain, type Leader, type Outcome, reconcile, type Status, worst } from "../lib/index.ts";
import { OPERATION_IN_THE_WAY, passing } from "./cluster/decide.ts";
import { MEMBERS_LEAVE } from "./cluster/decide-membership.ts";
import { awaitsCommit, clusterDomain, viewLocal } from "./cluster/domain.ts";
import type { Wake } from "./cluster/facts.ts";
import { membershipDomain, publishRestart } from "./cluster/membership.ts";
import { readStandby } from "./cluster/standby.ts";
import { publishStanding, standingStatus } from "./cluster/standing.ts";
import { acknowledgePasswords, acknowledgeShared, credentialsDomain } from "./credentials/domain.ts";
import { addressOutcome } from "./hosts/address.ts";
import { keepHosts } from "./hosts/domain.ts";
import { shareSetHosts } from "./hosts/set-hosts.ts";
import { identityDomain } from "./identity/domain.ts";
import { WAKE_JOB } from "./jobs.ts";
import { SnapFailed } from "./machine/ports.ts";
import type { ServerView } from "./mysql/topology.ts";
import { parseVersion } from "./mysql/versions.ts";
import type { Ports } from "./ports.ts";
import { CannotStart, MysqlProblem } from "./problems.ts";
import { announceView } from "./replication/announce.ts";
import { LEAVING } from "./replication/decide-parting.ts";
import { guardDomain, viewForGuard } from "./replication/guard.ts";
import { Parting } from "./replication/parting.ts";
import { AsyncReplicationPrimary } from "./replication/primary.ts";
import { AsyncReplicationReplica } from "./replication/replica.ts";
import { askOthers, type Others, withNewest } from "./replication/set-copies.ts";
import { publishConfiguration, rolloutDomain } from "./rollout/domain.ts";
import { statuses, troubleStatus } from "./statuses.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA } from "./wire/replication.ts";
import { SERVER_SILENT } from "./workload/decide.ts";
import { workloadDomain } from "./workload/domain.ts";
import { keepLogRotation } from "./workload/log-rotation.ts";
import { spaceOutcome } from "./workload/space.ts";

/** Brings the unit as far as it can get now. Safe to run at any event, any number of times. */
export async function runPass(ports: Ports, event: Wake): Promise<void> {
  ports.keyring.hold();
  try {
    await pass(ports, event);
  } finally {
    await ports.keyring.release();
  }
}

async function pass(ports: Ports, event: Wake): Promise<void> {
  const wake = await causeOf(ports, event);
  const leader = await ports.model.leadership();
  await keepHosts(ports);
  const { outcomes, others, seen } = await unitOutcomes(ports, wake);
  const unit = [...outcomes, await spaceOutcome(ports), await addressOutcome(ports)];
  if (workloadSettled(unit)) await keepLogRotation(ports);
  await announceView(ports, leader, seen);
  const whole = leader === undefined ? [] : await clusterOutcome(ports, leader, wake, unit);
  await publishRestart(ports);
  const ready = unit.every((outcome) => outcome.kind === "settled");
  const view = unit.length > 1 ? await viewLocal(ports) : "unknown";
  if (view !== "unknown") tellVersion(ports, view.server.version);
  await publishStanding(ports, view, workloadSettled(unit));
  // An application that does not know itself has nothing to say to others.
  const related = unit[0]?.kind === "settled" ? leader : undefined;
  const app =
    related === undefined
      ? whole
      : [...whole, ...(await relationOutcomes({ ports, leader: related, wake, others }))];
  // The relations' steps can change the cluster (dissolve, clone): what is shown is read after them.
  const after = app.some((outcome) => outcome.steps.length > 0) ? await viewLocal(ports) : view;
  if (after !== view) await publishStanding(ports, after, workloadSettled(unit));
  await acknowledgePasswords(ports);
  if (leader !== undefined) {
    await acknowledgeShared(ports, leader);
    await run(ports, credentialsDomain(ports), (status) => ports.model.setAppStatus(leader, status));
  }
  const receiving = (await readStandby(ports, false)) === "awaited";
  await ports.model.setUnitStatus(await unitStatus(ports, told(unit, receiving), ready ? after : "unknown"));
  if (leader !== undefined)
    await ports.model.setAppStatus(
      leader,
      appStatus(told([...app, ...unit], receiving), ready ? after : "unknown"),
    );
  if (await awaitsCommit(ports)) await wakeAgain(ports);
  else if ([...unit, ...app].some(({ row }) => unannounced.has(row))) await wakeAgain(ports, SOON_SECONDS);
}

/** Rows at which nobody will tell the charm that something has moved: it looks again soon. */
const unannounced: ReadonlySet<string> = new Set([LEAVING, MEMBERS_LEAVE, SERVER_SILENT, ...passing]);

/** Names of other sites, before these are asked. Juju does not tell a leader of its own writes: the file follows at once. */
async function learnSetHosts(ports: Ports, view: ServerView | "unknown"): Promise<void> {
  const leader = await ports.model.leadership();
  if (leader !== undefined && (await shareSetHosts(ports, leader, view))) await keepHosts(ports);
}

interface UnitOutcomes {
  readonly outcomes: readonly Outcome[];
  /** What the other clusters of the set said; asked once in a pass. */
  readonly others: Others;
  /** This cluster with the newest record of its set. */
  readonly seen: ServerView | "unknown";
}

async function unitOutcomes(ports: Ports, wake: Wake): Promise<UnitOutcomes> {
  const show = (status: Status): Promise<void> => ports.model.setUnitStatus(status);
  const identity = await run(ports, identityDomain(ports), show);
  const workload = await run(ports, workloadDomain(ports), show);
  const before = [identity, workload];
  if (before.some((outcome) => outcome.kind !== "settled"))
    return { outcomes: before, others: new Map(), seen: "unknown" };
  const seen = await viewForGuard(ports);
  await learnSetHosts(ports, seen);
  const others = await askOthers(ports, seen);
  const guard = await run(ports, guardDomain(ports, seen, others), show);
  const cluster = await run(ports, clusterDomain(ports, wake), show);
  const newest = seen === "unknown" ? seen : withNewest(seen, others).view;
  const outcomes = [...before, guard, cluster];
  if (outcomes.some((outcome) => outcome.kind !== "settled")) return { outcomes, others, seen: newest };
  const rollout = await run(ports, rolloutDomain(ports), show);
  if (rollout.kind === "settled") await publishConfiguration(ports);
  return { outcomes: [...outcomes, rollout], others, seen: newest };
}

/** The cluster is looked after also by a leader whose own server is down, once there are passwords to ask others with. */
async function clusterOutcome(
  ports: Ports,
  leader: Leader,
  wake: Wake,
  unit: readonly Outcome[],
): Promise<readonly Outcome[]> {
  if (unit[0]?.kind !== "settled") return [];
  const show = (status: Status): Promise<void> => ports.model.setAppStatus(leader, status);
  return [await run(ports, membershipDomain(ports, leader, wake), show)];
}

/** What `juju status` shows as the application's version. */
function tellVersion({ model }: Ports, text: string): void {
  const version = parseVersion(text);
  if (version !== undefined) model.setWorkloadVersion(version.join("."));
}

function workloadSettled(unit: readonly Outcome[]): boolean {
  return unit[1]?.kind === "settled";
}

interface LeaderPass {
  readonly ports: Ports;
  readonly leader: Leader;
  readonly wake: Wake;
  readonly others: Others;
}

async function relationOutcomes({ ports, leader, wake, others }: LeaderPass): Promise<readonly Outcome[]> {
  const show = (status: Status): Promise<void> => ports.model.setAppStatus(leader, status);
  const outcomes: Outcome[] = [];
  for (const relation of await ports.model.relations(ASYNC_PRIMARY)) {
    if (relation.broken) continue;
    const site = { ports, leader, relation, others };
    outcomes.push(await run(ports, new AsyncReplicationPrimary(site, wake === "job-ended"), show));
  }
  for (const relation of await ports.model.relations(ASYNC_REPLICA)) {
    if (relation.broken) continue;
    outcomes.push(await run(ports, new AsyncReplicationReplica({ ports, leader, relation, others }), show));
  }
  const parting = new Parting({ ports, leader, others, wokenByJob: wake === "job-ended" });
  outcomes.push(await run(ports, parting, show));
  return outcomes;
}

/** A step that MySQL or snapd refused ends its domain's part of the pass, not the hook: later events try it again. */
async function run<Facts, Step>(
  ports: Ports,
  domain: Domain<Facts, Step>,
  showProgress: (status: Status) => Promise<void>,
): Promise<Outcome> {
  try {
    return await reconcile(unheld(ports, domain), { log: ports.log, showProgress });
  } catch (error) {
    const status = failureStatus(error);
    ports.log.warn(`${domain.name}: ${(error as Error).message}`);
    const isBusy = error instanceof MysqlProblem && error.reason === "busy";
    const row = isBusy ? OPERATION_IN_THE_WAY : "a step failed";
    return { kind: "wait", row, status, steps: ["a step failed"] };
  }
}

/** What was seen before a step is old after it, and what a step waits for must be seen as it happens. */
function unheld<Facts, Step>({ keyring }: Ports, domain: Domain<Facts, Step>): Domain<Facts, Step> {
  return {
    name: domain.name,
    observe: () => domain.observe(),
    decide: (facts) => domain.decide(facts),
    perform: async (step, facts) => {
      await keyring.release();
      await domain.perform(step, facts).finally(() => keyring.hold());
    },
  };
}

function failureStatus(error: unknown): Status {
  if (error instanceof SnapFailed) return statuses.installFailed(error.message);
  if (error instanceof CannotStart) return troubleStatus(error.trouble);
  if (error instanceof MysqlProblem) {
    return error.reason === "busy" ? statuses.clusterBusy : statuses.operationFailed(error.message);
  }
  throw error;
}

/** A time that is short for a person, and long for a server that applies what it missed. */
const SOON_SECONDS = 15;

/** Juju tells nobody of his own writes, and MySQL tells Juju nothing: a job that only waits runs the charm again. */
export async function wakeAgain({ jobs }: Ports, seconds = 0): Promise<void> {
  const state = await jobs.state(WAKE_JOB);
  if (state.kind === "running") return;
  await jobs.clear(WAKE_JOB);
  await jobs.start({
    name: WAKE_JOB,
    argv: ["sleep", String(seconds)],
    env: {},
    deadlineMs: (seconds + 10) * 1000,
    label: "Waking the charm",
  });
}

/** The end of that job is no end of work: what failed before may be tried again. */
async function causeOf({ jobs }: Ports, event: Wake): Promise<Wake> {
  if (event !== "job-ended" || (await jobs.state(WAKE_JOB)).kind !== "ended") return event;
  await jobs.clear(WAKE_JOB);
  return "other";
}

/** The worst that the domains told. A server that is silent while it gets the primary cluster's data is not ill. */
function told(outcomes: readonly Outcome[], receiving: boolean): Status | undefined {
  const silent: readonly (Status | undefined)[] = [statuses.serverDown, statuses.unknown];
  const all = outcomes.map(({ status }) =>
    receiving && silent.includes(status) ? statuses.receivingData : status,
  );
  return worst(all.filter((status) => status !== undefined));
}

async function unitStatus(
  ports: Ports,
  worstTold: Status | undefined,
  view: ServerView | "unknown",
): Promise<Status> {
  if (worstTold !== undefined) return worstTold;
  if (view === "unknown") return statuses.startAwaited;
  if (view.metadata === "absent") return statuses.setAwaited;
  return standingStatus(ports, view);
}

function appStatus(worstTold: Status | undefined, view: ServerView | "unknown"): Status {
  if (worstTold !== undefined) return worstTold;
  if (view === "unknown") return statuses.startAwaited;
  const set = view.metadata === "absent" ? undefined : view.metadata.set;
  return set?.role === "REPLICA" ? statuses.appStandby(set.domain) : statuses.appPrimary;
}
