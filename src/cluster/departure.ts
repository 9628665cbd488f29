// A unit that Juju removes: takes its server out of the cluster, and stops it so that its storage can be had.
import * as z from "zod";
import { type Domain, reconcile } from "../../lib/index.ts";
import { flag } from "../mysql/columns.ts";
import { commands } from "../mysql/commands.ts";
import { clusterMembers, hasQuorum, hostOf, livePrimary } from "../mysql/group.ts";
import type { ShellCommand } from "../mysql/ports.ts";
import { type Metadata, readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { unitLabel } from "../wire/names.ts";
import { memberHost } from "../workload/domain.ts";
import {
  type DepartureFacts,
  type DepartureStep,
  decideDeparture,
  type OtherMember,
  successor,
} from "./decide-departure.ts";
import { askServer } from "./peers.ts";

const TURN = "mysql-charm/departure";
/** How long to wait for other units that leave at the same moment: so often, so many seconds. */
const TURN_TRIES = 12;
const TURN_SECONDS = 10;

const lockRow = z.object({ taken: flag.nullable() });

/** Safe to run again: a server that is out, or stopped, is left alone. */
export async function depart(ports: Ports): Promise<void> {
  const domain = departureDomain(ports);
  await reconcile(domain, { log: ports.log, showProgress: (status) => ports.model.setUnitStatus(status) });
  await ports.snap.stop().catch((error: unknown) => {
    ports.log.warn(`MySQL was not stopped: ${String(error)}`);
  });
}

function departureDomain(ports: Ports): Domain<DepartureFacts, DepartureStep> {
  const tried: DepartureStep[] = [];
  return {
    name: "departure",
    observe: () => observe(ports, tried),
    decide: decideDeparture,
    perform: async (step, facts) => {
      try {
        await inTurn(ports, () => steps[step](ports, facts));
      } catch (error) {
        if (!(error instanceof MysqlProblem)) throw error;
        ports.log.warn(`departure: ${error.message}`);
      }
      tried.push(step);
    },
  };
}

async function observe(ports: Ports, done: readonly DepartureStep[]): Promise<DepartureFacts> {
  const view = await askServer(ports, () => ports.keyring.connectLocal(), readServer);
  const units = await ports.model.knownUnits();
  const staying = [...units].filter(([unit, life]) => life === "alive" && unit !== ports.model.context.unit);
  const none = { primary: false, quorum: false, others: [], standby: false, whole: staying.length === 0 };
  const tried = [...done];
  if (view === "silent") return { ...none, member: "unknown", tried };
  if (view.metadata === "absent") return { ...none, member: "none", tried };
  const labels = new Set(staying.map(([unit]) => unitLabel(unit)));
  return {
    member: view.member.state === "ONLINE" ? "online" : "offline",
    primary: view.member.role === "PRIMARY",
    quorum: hasQuorum(view),
    others: others(view, view.metadata, labels),
    standby: view.metadata.set?.role === "REPLICA",
    whole: none.whole,
    tried,
  };
}

function others(view: ServerView, metadata: Metadata, staying: ReadonlySet<string>): readonly OtherMember[] {
  return clusterMembers(metadata)
    .filter(({ uuid }) => uuid !== view.server.uuid)
    .map(({ uuid, address, label }) => ({
      host: hostOf(address),
      online: view.group.some((member) => member.uuid === uuid && member.state === "ONLINE"),
      stays: staying.has(label),
    }));
}

type Perform = (ports: Ports, facts: DepartureFacts) => Promise<void>;

const steps: Readonly<Record<DepartureStep, Perform>> = {
  "hand-over": async (ports, facts) => {
    const next = successor(facts);
    if (next !== undefined) await run(ports, commands.setPrimaryInstance(next.host));
  },
  "remove-member": async (ports) => run(ports, commands.removeInstance(await memberHost(ports), false)),
  /** Through this server's session AdminAPI finds the primary cluster; without it, it refuses soon. */
  "remove-cluster": async (ports) => {
    const view = await askServer(ports, () => ports.keyring.connectLocal(), readServer);
    if (view === "silent" || view.metadata === "absent") return;
    await run(ports, commands.removeCluster(view.metadata.clusterName, false));
  },
};

async function run(ports: Ports, command: ShellCommand): Promise<void> {
  await ports.shell.run(await memberHost(ports), command);
}

/**
 * One departure at a time: AdminAPI refuses a second operation at once. The lock is the primary's, which another departure
 * can have changed meanwhile, and ends with its holder's connection, so nobody has to be found dead. Whoever waited too
 * long tries all the same.
 */
async function inTurn(ports: Ports, work: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < TURN_TRIES; tries++) {
    const host = await primaryHost(ports);
    if (host === undefined) break;
    await using session = await ports.keyring.connect({ host });
    const [answer] = await session.rows(lockRow, "SELECT GET_LOCK(?, ?) AS taken", [TURN, TURN_SECONDS]);
    if (answer?.taken === true && (await primaryHost(ports)) === host) return await work();
  }
  await work();
}

async function primaryHost(ports: Ports): Promise<string | undefined> {
  const view = await askServer(ports, () => ports.keyring.connectLocal(), readServer);
  return view === "silent" ? undefined : livePrimary(view)?.host;
}
