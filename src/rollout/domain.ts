// Looks at what this unit's server runs, and takes it to what it should run.
import { createHash } from "node:crypto";
import pRetry from "p-retry";
import * as z from "zod";
import { type Domain, readBag } from "../../lib/index.ts";
import { viewLocal } from "../cluster/domain.ts";
import { worksOnMysql } from "../jobs.ts";
import { commands } from "../mysql/commands.ts";
import type { ServerView } from "../mysql/topology.ts";
import { canOpen, parseVersion } from "../mysql/versions.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { PEERS, peerUnitSchema, SERVER_CONFIGURATION } from "../wire/peers.ts";
import { installedVersion, memberHost, wantedSettings } from "../workload/domain.ts";
import { serverSettings } from "../workload/server-config.ts";
import { pendingSettings, rememberUnmet } from "../workload/settings.ts";
import { restartServer, startServer } from "../workload/start.ts";
import { decideRollout, type RolloutFacts, type RolloutStep } from "./decide.ts";
import { inTurn, missingMembers } from "./turn.ts";

export function rolloutDomain(ports: Ports): Domain<RolloutFacts, RolloutStep> {
  return {
    name: "rollout",
    observe: () => observe(ports),
    decide: decideRollout,
    perform: (step, facts) => perform(ports, step, facts),
  };
}

/** Tells the peers that this unit's server runs what it should: the primary waits for all others. */
export async function publishConfiguration(ports: Ports): Promise<void> {
  const peers = await ports.model.peer(PEERS);
  if (peers !== undefined) ports.model.writeUnit(peers, { [SERVER_CONFIGURATION]: await wantedMark(ports) });
}

async function observe(ports: Ports): Promise<RolloutFacts> {
  const view = await viewLocal(ports);
  const nothing = { refused: undefined, jobRuns: false, missing: [], primary: false, behind: [] } as const;
  const pending = view === "unknown" ? "unknown" : await readPending(ports);
  if (view === "unknown" || pending === "none" || pending === "unknown") {
    return { ...nothing, pending, successor: undefined };
  }
  return {
    pending,
    refused: await readRefusal(ports),
    jobRuns: await worksOnMysql(ports.jobs),
    missing: missingMembers(view),
    primary: view.member.role === "PRIMARY",
    successor: successorOf(view),
    behind: await unitsBehind(ports),
  };
}

async function readPending(ports: Ports): Promise<RolloutFacts["pending"]> {
  if ((await ports.snap.revision()) !== (await ports.snap.pinned())) return "refresh";
  try {
    await using session = await ports.keyring.connectLocal();
    const pending = await pendingSettings(ports, session, await wantedSettings(ports));
    return Object.keys(pending.static).length > 0 ? "restart" : "none";
  } catch (error) {
    if (error instanceof MysqlProblem) return "unknown";
    throw error;
  }
}

/** Group Replication appoints no primary that is newer than another member. Then it elects one when this one stops. */
function successorOf(view: ServerView): string | undefined {
  return view.group.find(
    (member) =>
      member.role === "SECONDARY" && member.state === "ONLINE" && member.version === view.member.version,
  )?.host;
}

/** The same for all units that are to run the same: from the options and the charm, not from the machine. */
async function wantedMark({ snap, config }: Ports): Promise<string> {
  const anywhere = serverSettings({ config, machineBytes: 2 ** 34, host: "", serverId: 2 });
  const digest = createHash("sha256").update(JSON.stringify(anywhere)).digest("hex").slice(0, 12);
  return `${await snap.pinned()}-${digest}`;
}

async function unitsBehind(ports: Ports): Promise<readonly string[]> {
  const peers = await ports.model.peer(PEERS);
  if (peers === undefined) return [];
  const wanted = await wantedMark(ports);
  const units = await ports.model.remoteUnits(peers);
  const bags = await Promise.all(units.map((unit) => ports.model.readUnit(peers, unit)));
  const marks = bags.map((bag) => {
    const read = readBag(peerUnitSchema.pick({ [SERVER_CONFIGURATION]: true }), bag);
    return read.kind === "value" ? read.value[SERVER_CONFIGURATION] : undefined;
  });
  return units.filter((_, at) => marks[at] !== wanted);
}

const REFUSED = "refused-revision";
const refusedSchema = z.object({ revision: z.string(), server: z.string(), data: z.string() });

async function readRefusal({ model, snap }: Ports): Promise<RolloutFacts["refused"]> {
  const refused = await model.state.get(REFUSED, refusedSchema);
  return refused?.revision === (await snap.pinned()) ? refused : undefined;
}

async function perform(ports: Ports, step: RolloutStep, facts: RolloutFacts): Promise<void> {
  const host = await memberHost(ports);
  if (step === "hand-over") {
    if (facts.successor !== undefined)
      await ports.shell.run(host, commands.setPrimaryInstance(facts.successor));
    return;
  }
  const view = await viewLocal(ports);
  const primary = view === "unknown" ? undefined : primaryOf(view);
  if (view === "unknown" || primary === undefined) {
    throw new MysqlProblem("no-quorum", "Restarting MySQL", "the cluster has no primary");
  }
  await inTurn(ports, primary, async () => {
    await (step === "refresh" ? refresh(ports, view.server.version) : restartServer(ports));
    // Alone it starts no group by itself: the cluster's own table does that.
    if (view.group.length > 1) await untilOnline(ports);
  });
  if (step === "restart") await acceptWhatIsLeft(ports);
}

function primaryOf(view: ServerView): string | undefined {
  return view.group.find((member) => member.role === "PRIMARY" && member.state === "ONLINE")?.host;
}

/** Whatever a restart did not change, another one will not change. */
async function acceptWhatIsLeft(ports: Ports): Promise<void> {
  await using session = await ports.keyring.connectLocal();
  const left = await pendingSettings(ports, session, await wantedSettings(ports));
  await rememberUnmet(ports, left.static);
}

/** A revision whose MySQL cannot open the data is taken back before that MySQL is started. */
async function refresh(ports: Ports, data: string): Promise<void> {
  const { snap, model } = ports;
  const [before, pinned] = [await snap.revision(), await snap.pinned()];
  await snap.stop();
  await snap.refresh(pinned);
  const server = await installedVersion(ports);
  const dataVersion = parseVersion(data);
  if (before !== undefined && dataVersion !== undefined && !canOpen(dataVersion, server)) {
    await snap.refresh(before);
    model.state.set(REFUSED, { revision: pinned, server: server.join("."), data: dataVersion.join(".") });
  }
  await startServer(ports);
}

const ONLINE_SECONDS = 60;

/** Holds the turn until this member is back. One that takes longer is seen as missing, and nobody else goes down. */
async function untilOnline(ports: Ports): Promise<void> {
  const look = async (): Promise<void> => {
    const view = await viewLocal(ports);
    const state = view === "unknown" ? "unknown" : view.member.state;
    if (state !== "ONLINE") throw new Error(`this member is ${state}`);
  };
  await pRetry(look, {
    retries: Number.POSITIVE_INFINITY,
    factor: 1.2,
    minTimeout: 200,
    maxTimeout: 1_000,
    maxRetryTime: ONLINE_SECONDS * 1000,
  }).catch((error: Error) => ports.log.warn(`after its restart ${error.message}`));
}
