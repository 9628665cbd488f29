// Looks at the machine and its MySQL server, and takes the workload's steps.
import * as z from "zod";
import { type Domain, readBag } from "../../lib/index.ts";
import { readNames } from "../identity/domain.ts";
import { paths, SNAP_USER } from "../machine/paths.ts";
import { initStatements } from "../mysql/accounts.ts";
import { commands } from "../mysql/commands.ts";
import { readServer } from "../mysql/topology.ts";
import { compareVersions, OLDEST, parseVersion, type Version } from "../mysql/versions.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { PEERS, type PeerUnit, peerUnitSchema } from "../wire/peers.ts";
import { decideWorkload, type WorkloadFacts, type WorkloadStep } from "./decide.ts";
import { totalMemory } from "./memory.ts";
import {
  initConfig,
  type ServerConfigInput,
  type ServerSettings,
  serverConfig,
  serverIdOf,
  serverSettings,
} from "./server-config.ts";
import { applySettings, pendingSettings } from "./settings.ts";
import { readTrouble, startServer } from "./start.ts";

const CONFIG_MODE = 0o640;
const SECRET_MODE = 0o600;

export function workloadDomain(ports: Ports): Domain<WorkloadFacts, WorkloadStep> {
  return {
    name: "workload",
    observe: () => observe(ports),
    decide: decideWorkload,
    perform: (step) => steps[step](ports),
  };
}

async function observe(ports: Ports): Promise<WorkloadFacts> {
  const { files } = ports;
  const base: WorkloadFacts = {
    storage: (await files.isMountPoint(paths.common)) ? "mounted" : "missing",
    snap: "installed",
    identity: "awaited",
    config: "same",
    initFile: (await files.read(paths.initConfig)) === undefined ? "absent" : "present",
    service: "unknown",
    login: "unreachable",
    accepted: await wasAccepted(ports),
    configured: "unknown",
    settings: "unknown",
    trouble: undefined,
    revision: "unknown",
  };
  if (base.storage === "missing") return base;
  const config = await compareConfig(ports);
  // The file is written after the installation: where it is, snapd need not be asked.
  const snap = config === "missing" ? (await ports.snap.state()).kind : "installed";
  const known = (await ports.keyring.own()) !== undefined && (await readNames(ports)) !== undefined;
  if (snap !== "installed" || !known) return { ...base, snap, identity: known ? "known" : "awaited" };
  const facts: WorkloadFacts = { ...base, snap, config, identity: "known" };
  return config === "missing" ? facts : { ...facts, ...(await askServer(ports)) };
}

type ServerAnswers = Pick<
  WorkloadFacts,
  "login" | "service" | "configured" | "settings" | "trouble" | "revision"
>;

async function askServer(ports: Ports): Promise<ServerAnswers> {
  const nothing: ServerAnswers = {
    login: "unreachable",
    service: "unknown",
    configured: "unknown",
    settings: "unknown",
    trouble: undefined,
    revision: "unknown",
  };
  try {
    await using session = await ports.keyring.connectLocal();
    const view = await readServer(session);
    const configured = view.server.configured || (await wasConfigured(ports, view.server.uuid));
    const pending = await pendingSettings(ports, session, await wantedSettings(ports));
    return {
      ...nothing,
      login: "ok",
      configured: configured ? "yes" : "no",
      settings: Object.keys(pending.dynamic).length > 0 ? "different" : "same",
    };
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    if (error.reason === "denied") return { ...nothing, login: "denied" };
    return {
      ...nothing,
      service: (await ports.snap.serviceActive()) ? "active" : "inactive",
      trouble: await readTrouble(ports),
      revision: (await ports.snap.revision()) === (await ports.snap.pinned()) ? "pinned" : "other",
    };
  }
}

async function wasAccepted(ports: Ports): Promise<boolean> {
  return (await readOwnUnit(ports))["unit-configured"] === "True";
}

async function readOwnUnit(ports: Ports): Promise<PeerUnit> {
  const peers = await ports.model.peer(PEERS);
  const bag = peers === undefined ? undefined : await ports.model.readUnit(peers, ports.model.context.unit);
  const read = readBag(peerUnitSchema, bag ?? {});
  return read.kind === "value" ? read.value : {};
}

const CONFIGURED_SERVER = "configured-server";

/** For a server on which MySQL Shell left no trace: it has nothing to leave where the locking service is not shipped. */
async function wasConfigured(ports: Ports, uuid: string): Promise<boolean> {
  return (await ports.model.state.get(CONFIGURED_SERVER, z.string())) === uuid;
}

async function compareConfig(ports: Ports): Promise<WorkloadFacts["config"]> {
  const present = await ports.files.read(paths.config);
  if (present === undefined) return "missing";
  return present === serverConfig(await configInput(ports)) ? "same" : "different";
}

async function configInput(ports: Ports): Promise<ServerConfigInput> {
  const { context } = ports.model;
  return {
    config: ports.config,
    machineBytes: totalMemory((await ports.files.read(paths.meminfo)) ?? ""),
    host: await memberHost(ports),
    serverId: serverIdOf(context.modelUuid, context.unit),
  };
}

/** What this unit's server is to run with. */
export async function wantedSettings(ports: Ports): Promise<ServerSettings> {
  return serverSettings(await configInput(ports));
}

/** The name that this server was set up with, so that a resolver which changes its mind renames no member. */
export async function memberHost(ports: Ports): Promise<string> {
  const recorded = (await readOwnUnit(ports))["instance-hostname"]?.split(":")[0];
  return recorded ?? (await ports.hostName());
}

type Perform = (ports: Ports) => Promise<void>;

const steps: Readonly<Record<WorkloadStep, Perform>> = {
  "install-snap": ({ snap }) => snap.install(),

  "write-config": writeConfig,

  /** The accounts are set by mysqld itself as it starts: the one way in that no lost password can close. */
  "make-accounts": async (ports) => {
    const passwords = await ports.keyring.own();
    if (passwords === undefined) return;
    const version = await installedVersion(ports);
    const statements = initStatements(passwords, version, await ports.sql.quoting());
    await ports.snap.stop();
    await ports.files.write(paths.initStatements, statements, { owner: SNAP_USER, mode: SECRET_MODE });
    await ports.files.write(paths.initConfig, initConfig(), { owner: SNAP_USER, mode: CONFIG_MODE });
    await writeConfig(ports);
    await startServer(ports);
    await removeInitFile(ports);
  },

  "remove-init-file": removeInitFile,

  "start-server": startServer,

  "change-revision": async (ports) => {
    await ports.snap.stop();
    await ports.snap.refresh(await ports.snap.pinned());
    await startServer(ports);
  },

  "configure-instance": async (ports) => {
    await ports.shell.run(await memberHost(ports), commands.configureInstance());
    await using session = await ports.keyring.connectLocal();
    ports.model.state.set(CONFIGURED_SERVER, (await readServer(session)).server.uuid);
  },

  "apply-settings": async (ports) => {
    await using session = await ports.keyring.connectLocal();
    await applySettings(ports, session, await wantedSettings(ports));
  },
};

async function writeConfig(ports: Ports): Promise<void> {
  const text = serverConfig(await configInput(ports));
  await ports.files.write(paths.config, text, { owner: SNAP_USER, mode: CONFIG_MODE });
}

async function removeInitFile(ports: Ports): Promise<void> {
  await ports.files.remove(paths.initConfig);
  await ports.files.remove(paths.initStatements);
}

/** Of the MySQL in the installed snap. */
export async function installedVersion(ports: Ports): Promise<Version> {
  const state = await ports.snap.state();
  const version = state.kind === "installed" ? parseVersion(state.version) : undefined;
  if (version === undefined) throw new Error("snapd does not tell the version of charmed-mysql");
  if (compareVersions(version, OLDEST) < 0)
    throw new Error(`MySQL ${version.join(".")} is older than ${OLDEST.join(".")}`);
  return version;
}
