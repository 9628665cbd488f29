// MySQL servers in memory: they take a password, answer the charm's questions from plain data, and note what is run.
import type * as z from "zod";
import type { Secret } from "../../../lib/index.ts";
import type { ChannelFacts } from "../../../src/mysql/channel.ts";
import { checkRows } from "../../../src/mysql/columns.ts";
import type { Session, Shell, ShellCommand, Sql, Target } from "../../../src/mysql/ports.ts";
import { MysqlProblem, type ProblemReason } from "../../../src/problems.ts";

export interface FakeMember {
  readonly uuid: string;
  readonly host: string;
  readonly state: "ONLINE" | "RECOVERING" | "OFFLINE" | "ERROR" | "UNREACHABLE";
  readonly role: "PRIMARY" | "SECONDARY" | "";
  /** The server's own unless told. */
  readonly version?: string;
}

export interface FakeCluster {
  /** Made from its name unless given. */
  readonly id?: string;
  readonly name: string;
  readonly role?: "PRIMARY" | "REPLICA";
  readonly invalidated?: boolean;
}

export interface FakeMetadata {
  /** Of these the server is in the one named `own`; undefined: the metadata does not list it. */
  readonly own: string | undefined;
  /** Name of the ClusterSet; undefined when there is none. */
  readonly domain?: string;
  /** Made from that name unless given. */
  readonly setId?: string;
  /** The number of the newest view, as MySQL gives it; "1" unless told. */
  readonly view?: string;
  /** Made from its name unless given. */
  readonly clusterId?: string;
  readonly clusters: readonly FakeCluster[];
  readonly instances: readonly {
    readonly cluster: string;
    readonly label: string;
    readonly address: string;
    readonly uuid: string;
  }[];
}

export interface FakeServer {
  uuid: string;
  host: string;
  version: string;
  /** Password of serverconfig. */
  password: string;
  /** The one before it, while the server takes both. */
  oldPassword?: string;
  /** Accounts other than serverconfig that have an old password. */
  readonly retained: Set<string>;
  /** A reason for which connecting fails, other than a wrong password. */
  down?: ProblemReason;
  configured: boolean;
  superReadOnly: boolean;
  /** On wherever superReadOnly is. */
  readOnly: boolean;
  /** Whether an election makes the group's primary writable; true unless told, where there is a group. */
  electsWritable?: boolean;
  /** Whether it looks for its group when it starts; without the plugin that does there is no such thing. */
  startsOnBoot?: boolean;
  gtidExecuted: string;
  /** What it says that it lacks of any set of transactions; nothing unless told. */
  lacks?: string;
  group: readonly FakeMember[];
  metadata?: FakeMetadata;
  databases: readonly string[];
  /** It can catch up from binary logs. */
  catchesUp: boolean;
  /** System variables; those that are not here the server does not have. */
  readonly variables: Map<string, string>;
  readonly persisted: Set<string>;
  readonly stubborn: Set<string>;
  lockTaken?: boolean;
  /** Names of AdminAPI's accounts that it replicates with. */
  replicationAccounts?: readonly string[];
  /** The schema of the metadata is there, and not all of its views. */
  halfMetadata?: boolean;
  /** It has transactions that others lack. */
  diverged?: boolean;
  /** See readGroupFacts(). */
  starting?: boolean;
  heldBack?: boolean;
  channel?: ChannelFacts;
  /** Groups whose members the channel follows; one where there is a channel, unless told. */
  managed?: readonly string[];
  /** MySQL Shell has a session. */
  administered?: boolean;
  /** Statements that were run, in order. */
  readonly statements: string[];
  /** Runs before each statement; may throw in its place. */
  onStatement?: (text: string) => void;
  /** Runs before each question; may throw in its place. */
  onRows?: (text: string) => void;
}

/** A server as it is after its first start: configured, in no group. */
export function loneServer(given: Partial<FakeServer> = {}): FakeServer {
  return {
    uuid: "uuid-0",
    host: "mysql-0",
    version: "9.7.0",
    password: "serverpw",
    configured: true,
    superReadOnly: false,
    readOnly: false,
    gtidExecuted: "",
    group: [],
    databases: [],
    catchesUp: true,
    retained: new Set(),
    variables: new Map(),
    persisted: new Set(),
    stubborn: new Set(),
    statements: [],
    ...given,
  };
}

/** A server that is the primary and only member of a cluster which leads a ClusterSet of its own. */
export function primaryServer(cluster: string, domain: string, given: Partial<FakeServer> = {}): FakeServer {
  const server = loneServer(given);
  // AdminAPI's label of a member is its address, until it is given another.
  const address = `${server.host}:3306`;
  return {
    ...server,
    group: [{ uuid: server.uuid, host: server.host, state: "ONLINE", role: "PRIMARY" }],
    metadata: {
      own: cluster,
      domain,
      clusters: [{ name: cluster, role: "PRIMARY" }],
      instances: [{ cluster, label: address, address, uuid: server.uuid }],
    },
    ...given,
  };
}

export interface FakeSql extends Sql {
  /** `<where> <password>`, each attempt in order. */
  readonly attempts: readonly string[];
  /** Sessions that were not disposed of. */
  open(): number;
}

/** Servers by `local` for the socket, or by host name. A host that is not there is unreachable. */
export function fakeSql(servers: Readonly<Record<string, FakeServer>>): FakeSql {
  const attempts: string[] = [];
  let open = 0;
  return {
    attempts,
    open: () => open,
    quoting: async () => (value) => `'${value}'`,
    connect: async (target: Target, login: { readonly user: string; readonly password: Secret }) => {
      const where = "host" in target ? target.host : "local";
      const server = Object.hasOwn(servers, where) ? servers[where] : undefined;
      attempts.push(`${where} ${login.password.reveal()}`);
      if (server?.down === "full" && "adminPort" in target) return session(server, () => undefined);
      if (server === undefined || server.down !== undefined) {
        throw new MysqlProblem(server?.down ?? "unreachable", "Connecting", "");
      }
      const accepted = [server.password, server.oldPassword].includes(login.password.reveal());
      if (login.user !== "serverconfig" || !accepted) {
        throw new MysqlProblem("denied", "Connecting", "");
      }
      open += 1;
      return session(server, () => {
        open -= 1;
      });
    },
  };
}

function session(server: FakeServer, close: () => void): Session {
  return {
    rows: async <T>(
      schema: z.ZodType<T>,
      text: string,
      [part = "", whole = ""]: readonly (string | number)[] = [],
    ) => {
      server.onRows?.(text);
      const rows = text.includes("AS holds")
        ? [{ holds: flag(isSubset(String(part), String(whole))) }]
        : answer(server, text);
      return checkRows(schema, rows, `A statement on MySQL on ${server.host}`);
    },
    run: async (text, values = []) => {
      server.onStatement?.(text);
      server.statements.push(text);
      effect(server, text);
      forgetRecords(server, text, values[0]);
      alterUser(server, text);
      const superReadOnly = /^SET GLOBAL super_read_only = (ON|OFF)$/.exec(text)?.[1];
      if (superReadOnly !== undefined) server.superReadOnly = superReadOnly === "ON";
      if (superReadOnly === "ON" || text === "SET GLOBAL read_only = ON") server.readOnly = true;
      if (text === "SET GLOBAL read_only = OFF") server.readOnly = false;
      if (text === "SET PERSIST super_read_only = ON")
        Object.assign(server, { superReadOnly: true, readOnly: true });
      if (text.includes("group_replication_disable_member_action")) server.electsWritable = false;
      if (text === "STOP GROUP_REPLICATION") server.group = [];
      if (text.startsWith("RESET REPLICA ALL")) resetChannel(server);
      if (text.startsWith("DO asynchronous_connection_failover_delete_managed(")) server.managed = [];
      if (text.startsWith("DROP SCHEMA")) Object.assign(server, { metadata: undefined, halfMetadata: false });
      const dropped = /^DROP USER IF EXISTS '(\w+)'@'%'$/.exec(text)?.[1];
      server.replicationAccounts = (server.replicationAccounts ?? []).filter((user) => user !== dropped);
      const name = /^SET GLOBAL (\w+) = \?$/.exec(text)?.[1];
      if (name !== undefined) setVariable(server, name, String(values[0]));
    },
    [Symbol.asyncDispose]: async () => close(),
  };
}

/** By a statement, or by a start with a configuration file. */
export function setVariable(server: FakeServer, name: string, value: string): void {
  if (!server.stubborn.has(name)) server.variables.set(name, value);
}

function alterUser(server: FakeServer, text: string): void {
  const user = /^ALTER USER '(\w+)'@/.exec(text)?.[1];
  if (user === undefined) return;
  const own = text.includes("'serverconfig'@");
  const password = /'serverconfig'@'%' IDENTIFIED BY '([^']*)'/.exec(text)?.[1];
  if (text.endsWith(" RETAIN CURRENT PASSWORD")) {
    if (own) server.oldPassword = server.password;
    else server.retained.add(user);
  }
  if (text.endsWith(" DISCARD OLD PASSWORD")) {
    if (own) delete server.oldPassword;
    else server.retained.delete(user);
  }
  if (own && password !== undefined) server.password = password;
}

/** What the statements that change a server's place in its group do to it. */
function effect(server: FakeServer, text: string): void {
  if (text === "STOP GROUP_REPLICATION") server.group = [];
  if (text === "DO group_replication_reset_member_actions()") resetActions(server);
  if (text === "SET PERSIST group_replication_start_on_boot = OFF") server.startsOnBoot = false;
}

function resetActions(server: FakeServer): void {
  if (server.group.length > 0 || server.superReadOnly)
    throw new MysqlProblem("failed", "A statement", "MySQL error 1123");
  delete server.electsWritable;
}

/** Deleting the rows of a cluster that is in no set. */
function forgetRecords(server: FakeServer, text: string, id: string | number | undefined): void {
  const { metadata } = server;
  const name = metadata?.clusters.find((each) => (each.id ?? `id-${each.name}`) === id)?.name;
  if (metadata === undefined || name === undefined || !text.startsWith("DELETE FROM ")) return;
  server.metadata = text.includes(".instances ")
    ? { ...metadata, instances: metadata.instances.filter((each) => each.cluster !== name) }
    : { ...metadata, clusters: metadata.clusters.filter((each) => each.name !== name) };
}

const managedGroups = ({ channel, managed }: FakeServer): readonly string[] =>
  managed ?? (channel === undefined ? [] : ["group-1"]);

/** MySQL leaves the groups that it followed. */
function resetChannel(server: FakeServer): void {
  server.managed = managedGroups(server);
  delete server.channel;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Flags are 0 and 1, as mysql2 gives them. */
const flag = (value: boolean | undefined): number => (value === true ? 1 : 0);

/** Which question it is, by the one view or function that only this question names. */
const questions: readonly (readonly [string, (server: FakeServer) => Rows])[] = [
  ["@@server_uuid", serverRow],
  ["AS retaining", retainedRows],
  ["AS electionWrites", groupFactsRow],
  [
    "AS startsOnBoot",
    ({ startsOnBoot }) => (startsOnBoot === undefined ? [] : [{ startsOnBoot: flag(startsOnBoot) }]),
  ],
  ["AS leftovers", leftoversRow],
  ["AS administered", ({ administered }) => [{ administered: flag(administered) }]],
  [
    "connection_failover_managed",
    (server) => managedGroups(server).map((name) => ({ channel: "clusterset_replication", name })),
  ],
  ["clusterset_replication", ({ channel }) => (channel === undefined ? [] : [{ ...channel }])],
  ["replication_group_members", groupRows],
  [
    "v2_cs_clustersets",
    ({ metadata }) => [
      {
        id: metadata?.setId ?? `set-${metadata?.domain}`,
        domain: metadata?.domain,
        view: metadata?.view ?? "1",
      },
    ],
  ],
  [
    "replication_group_member_actions",
    ({ group, electsWritable }) => (group.length === 0 ? [] : [{ enabled: flag(electsWritable ?? true) }]),
  ],
  ["clusterset_id IS NULL", unfinishedRows],
  ["AS locked", () => [{ locked: 1 }]],
  ["v2_cs_members", clusterRows],
  ["v2_instances", ({ metadata }) => metadata?.instances ?? []],
  [
    "mysql_innodb_(cluster|cs)",
    ({ replicationAccounts = [] }) => replicationAccounts.map((user) => ({ user, host: "%" })),
  ],
  ["GET_LOCK", ({ lockTaken }) => [{ taken: flag(lockTaken !== true) }]],
  ["persisted_variables", variableRows],
  ["schemata", ({ databases }) => databases.map((name) => ({ name }))],
  ["WAIT_FOR_EXECUTED_GTID_SET", () => [{}]],
  ["AS executed", ({ gtidExecuted }) => [{ executed: gtidExecuted }]],
  ["GTID_SUBTRACT", ({ lacks }) => [{ missing: lacks ?? "" }]],
  ["AS purged", ({ catchesUp, diverged }) => [{ subset: flag(diverged !== true), purged: flag(catchesUp) }]],
];

/** What tells the charm's questions apart. */
export const questionMarks = questions.map(([mark]) => mark);

/** What a server answers to a question of the charm. Throws where it is none that it knows. */
export function answer(server: FakeServer, text: string): Rows {
  const found = questions.find(([mark]) => text.includes(mark));
  if (found === undefined) throw new Error(`no server in memory can answer: ${text}`);
  return found[1](server);
}

function serverRow(server: FakeServer): Rows {
  const { version, uuid, host, gtidExecuted } = server;
  return [
    {
      version,
      uuid,
      host,
      gtidExecuted,
      superReadOnly: flag(server.superReadOnly),
      readOnly: flag(server.superReadOnly || server.readOnly),
      configured: flag(server.configured),
      metadata: flag(server.metadata !== undefined),
      halfMetadata: flag(server.halfMetadata === true),
      oldPasswords: flag(server.oldPassword !== undefined || server.retained.size > 0),
    },
  ];
}

function retainedRows({ oldPassword, retained }: FakeServer): Rows {
  const own = oldPassword === undefined ? [] : ["serverconfig"];
  return [...own, ...retained].map((retaining) => ({ retaining }));
}

function variableRows({ variables, persisted }: FakeServer): Rows {
  return [...variables].map(([name, value]) => ({ name, value, persisted: flag(persisted.has(name)) }));
}

/** GTID sets in memory are lists of words. */
function isSubset(part: string, whole: string): boolean {
  const words = whole.split(",");
  return part.split(",").every((word) => word === "" || words.includes(word));
}

function groupFactsRow({ starting, heldBack, electsWritable, gtidExecuted }: FakeServer): Rows {
  return [
    {
      isStarting: flag(starting),
      heldBack: flag(heldBack),
      electionWrites: flag(electsWritable ?? true),
      transactions: gtidExecuted,
    },
  ];
}

function leftoversRow(server: FakeServer): Rows {
  const { channel, electsWritable, startsOnBoot } = server;
  if (startsOnBoot === undefined) throw new MysqlProblem("failed", "A question", "MySQL error 1146");
  const follows = channel !== undefined || managedGroups(server).length > 0;
  return [{ leftovers: flag(follows || electsWritable === false) }];
}

/** A server outside any group has one row without an id. */
function groupRows({ group, version }: FakeServer): Rows {
  if (group.length === 0) return [{ uuid: "", host: "", state: "OFFLINE", role: "", version: "" }];
  return group.map((member) => ({ version, ...member }));
}

function clusterRows({ metadata }: FakeServer): Rows {
  return (metadata?.clusters ?? []).map(({ id, name, role, invalidated }) => ({
    id: (name === metadata?.own ? metadata.clusterId : undefined) ?? id ?? `id-${name}`,
    name,
    own: flag(name === metadata?.own),
    inSet: flag(role !== undefined),
    role: role ?? null,
    invalidated: role === undefined ? null : flag(invalidated),
  }));
}

/** Clusters that are in no set, once for each of their instances. */
function unfinishedRows({ metadata }: FakeServer): Rows {
  return (metadata?.clusters ?? [])
    .filter(({ role }) => role === undefined)
    .flatMap(({ id, name }) => {
      const uuids = (metadata?.instances ?? []).flatMap((each) => (each.cluster === name ? each.uuid : []));
      return (uuids.length === 0 ? [null] : uuids).map((uuid) => ({ id: id ?? `id-${name}`, name, uuid }));
    });
}

export interface ShellRun {
  readonly host: string;
  readonly command: ShellCommand;
}

export interface FakeShell extends Shell {
  readonly runs: readonly ShellRun[];
}

/** MySQL Shell that does what `perform` does: change servers in memory, or throw. */
export function fakeShell(perform: (run: ShellRun) => void = () => undefined): FakeShell {
  const runs: ShellRun[] = [];
  return {
    runs,
    run: async (host, command) => {
      runs.push({ host, command });
      perform({ host, command });
    },
    job: async (name, host, command, label) => {
      runs.push({ host, command });
      return { name, argv: ["mysqlsh", host, command.operation], env: {}, deadlineMs: 1, label };
    },
  };
}
