// Worlds around one unit of the charm, and the charm over machines and servers in memory.

import type { Charm } from "../../../lib/index.ts";
import { emptyWorld, type World, type WorldRelation, type WorldSecret } from "../../../lib/testing/world.ts";
import { mysqlCharm } from "../../../src/charm.ts";
import { newPassword } from "../../../src/credentials/generate.ts";
import { keyring } from "../../../src/credentials/keyring.ts";
import type { Meta } from "../../../src/generated/charm-meta.ts";
import { charmMeta } from "../../../src/generated/charm-meta.ts";
import { paths } from "../../../src/machine/paths.ts";
import type { Snap, SnapState } from "../../../src/machine/ports.ts";
import type { Ports } from "../../../src/ports.ts";
import { passwordFields } from "../../../src/wire/credentials.ts";
import { type FakeFiles, type FakeJobs, fakeFiles, fakeJobs } from "./fakes.ts";
import {
  type FakeServer,
  type FakeShell,
  type FakeSql,
  fakeShell,
  fakeSql,
  loneServer,
  primaryServer,
  type ShellRun,
} from "./mysql.ts";

export type CharmWorld = World<Meta>;
export type CharmRelation = WorldRelation<keyof Meta["endpoints"]>;

export const own = "mysql";
/** Full name of this machine. */
export const host = "mysql-0.lan";
const peerSecretId = "peersecret0000000000";
/** Fields of a secret with the passwords of one application, told apart by a word in them. */
export function passwordsOf(word: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(passwordFields).map(([user, field]) => [field, `${word}-${user}-pw`]),
  );
}

/** Password of serverconfig among them. */
export function serverPassword(word: string): string {
  return `${word}-serverconfig-pw`;
}

export function peerSecret(word = "own"): WorldSecret {
  return {
    id: peerSecretId,
    owner: own,
    label: `database-peers.${own}.app`,
    revisions: [passwordsOf(word)],
    grants: [],
  };
}

export const names = {
  "cluster-name": "rome",
  "cluster-set-domain-name": "empire",
  "seed-unit": "mysql/0",
} as const;

/** The peer relation; unit 0's bag is there, others as given. */
export function peers(bags: CharmRelation["bags"] = {}): CharmRelation {
  return { id: 1, endpoint: "database-peers", remoteApp: own, bags: { "mysql/0": {}, ...bags } };
}

/** A unit whose application has its passwords and names. */
export function namedWorld(given: Partial<CharmWorld> = {}): CharmWorld {
  return emptyWorld(charmMeta, {
    leader: true,
    relations: [peers({ [own]: names })],
    secrets: [peerSecret()],
    storages: [{ name: "database", id: "database/0", location: paths.common }],
    ...given,
  });
}

export interface Machine {
  readonly charm: Charm<Meta>;
  readonly files: FakeFiles;
  readonly jobs: FakeJobs;
  readonly sql: FakeSql;
  readonly shell: FakeShell;
  /** This machine's own server. */
  readonly local: FakeServer;
  /** What was asked of snapd, in order. */
  readonly snapCalls: readonly string[];
  /** Revision of the snap that the charm is made for. */
  readonly pin: { revision: string };
}

export interface MachineOptions {
  /** By host name; `local` is this machine's own. */
  readonly servers?: Readonly<Record<string, FakeServer>>;
  readonly snap?: SnapState;
  /** Versions of MySQL in the snap's revisions; 9.7.0 unless told. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Runs before MySQL Shell does its work; may throw in its place. */
  readonly perform?: (run: ShellRun) => void;
  readonly onSnap?: (call: string) => void;
  /** Whether mysqld gives up when it is started. */
  readonly staysDown?: () => boolean;
  readonly reachable?: boolean;
  /** Puts others in the place of some ports. */
  readonly ports?: (ports: Ports) => Ports;
}

/** A machine with the storage mounted; without options nothing is installed on it. */
export function machine(options: MachineOptions = {}): Machine {
  const files = fakeFiles({
    [paths.hosts]: "127.0.0.1 localhost\n",
    [paths.meminfo]: "MemTotal:        8388608 kB\n",
  });
  files.mounts.add(paths.common);
  const jobs = fakeJobs();
  const local = options.servers?.["local"] ?? loneServer({ host, down: "unreachable", configured: false });
  const sql = fakeSql({ [host]: local, ...options.servers, local });
  const shell = fakeShell((run) => {
    options.perform?.(run);
    change(local, run);
  });
  const snapCalls: string[] = [];
  const pin = { revision: "159" };
  const snap = fakeSnap({ options, calls: snapCalls, local, files, pin });
  const charm = mysqlCharm(({ model, log }, config) => {
    const usual: Ports = {
      model,
      log,
      config,
      files,
      jobs,
      sql,
      shell,
      snap,
      keyring: keyring(model, sql),
      newPassword,
      reachable: async () => options.reachable ?? true,
      hostName: async () => host,
    };
    return options.ports?.(usual) ?? usual;
  });
  return { charm, files, jobs, sql, shell, local, snapCalls, pin };
}

interface SnapParts {
  readonly options: MachineOptions;
  readonly calls: string[];
  readonly local: FakeServer;
  readonly files: FakeFiles;
  readonly pin: Machine["pin"];
}

/** mysqld answers once it is started, and reads the accounts where its configuration names them. */
function fakeSnap({ options, calls, local, files, pin }: SnapParts): Snap {
  let state = options.snap ?? { kind: "absent" };
  let revision = options.snap?.kind === "installed" ? "159" : undefined;
  const note = (call: string): void => {
    calls.push(call);
    options.onSnap?.(call);
  };
  return {
    state: async () => state,
    revision: async () => revision,
    pinned: async () => pin.revision,
    install: async () => {
      note("install");
      revision = pin.revision;
      state = { kind: "installed", version: options.versions?.[revision] ?? "9.7.0" };
    },
    refresh: async (to) => {
      note(`refresh ${to}`);
      revision = to;
      state = { kind: "installed", version: options.versions?.[to] ?? "9.7.0" };
      local.version = state.version;
    },
    serviceActive: async () => local.down !== "unreachable",
    start: async () => {
      note("start");
      if (options.staysDown?.() === true) return;
      delete local.down;
      if (!files.held.has(paths.initConfig)) return;
      const statements = files.held.get(paths.initStatements)?.text ?? "";
      local.password = /ALTER USER 'serverconfig'@'%' IDENTIFIED BY '(.*)';/.exec(statements)?.[1] ?? "";
    },
    stop: async () => {
      note("stop");
      local.down = "unreachable";
    },
  };
}

/** What MySQL Shell's commands do to this machine's server, as far as the charm can see it. */
function change(local: FakeServer, { command }: ShellRun): void {
  const [name = "", , label] = command.args;
  const { metadata } = local;
  switch (command.operation) {
    case "configure-instance":
      local.configured = true;
      return;
    case "create-cluster": {
      const { group, metadata: made } = primaryServer(name, "", { uuid: local.uuid, host: local.host });
      local.group = group;
      if (made !== undefined) local.metadata = { own: name, clusters: [{ name }], instances: made.instances };
      return;
    }
    case "create-cluster-set":
      if (metadata?.own !== undefined)
        local.metadata = { ...metadata, domain: name, clusters: [{ name: metadata.own, role: "PRIMARY" }] };
      return;
    case "set-instance-option":
      if (metadata !== undefined && label !== undefined)
        local.metadata = {
          ...metadata,
          instances: metadata.instances.map((each) => (each.address === name ? { ...each, label } : each)),
        };
      return;
    case "set-primary-instance":
      local.group = local.group.map((each) => ({
        ...each,
        role: `${each.host}:3306` === name ? "PRIMARY" : "SECONDARY",
      }));
      return;
    case "force-quorum-using-partition-of":
      local.group = local.group.filter(({ state }) => state !== "UNREACHABLE");
      return;
    case "remove-instance":
      if (metadata !== undefined) {
        const instances = metadata.instances.filter(({ address }) => address !== name);
        const stays = instances.some(({ uuid }) => uuid === local.uuid);
        local.metadata = { ...metadata, instances, own: stays ? metadata.own : undefined };
        if (!stays) local.group = [];
      }
      return;
    case "dissolve":
      local.group = [];
      delete local.metadata;
      return;
  }
}
