// All that MySQL and its machines are in the model: one plain value, without which nothing is remembered.
import type { Executed } from "./gtid.ts";

/** The systems of accounts, servers, groups and jobs, and what the network between sites lets through. */
export interface MysqlState {
  /** By host name. */
  readonly servers: Record<string, Server>;
  /** By the name of the replication group; members that are gone for good are not there. */
  readonly groups: Record<string, Group>;
  /** By `<unit> <name of the job>`. */
  readonly jobs: Record<string, Job>;
  /** Pairs of sites that no packet passes between, as `a|b` with a before b. */
  readonly cuts: Record<string, true>;
}

/** What a server replicates, or copies as a clone. Two servers with the same transactions have the same of it. */
export interface Data {
  executed: Executed;
  /** Rows that clients wrote, each with the transaction that brought it: `<origin>:<number>`. */
  rows: Record<string, string>;
  /** By account; absent before the first start set them. */
  passwords: Record<string, Password>;
  metadata?: Metadata;
  /** Metadata was dropped without a trace in the logs: transactions on it cannot be applied any more. */
  gaps?: true;
}

export interface Password {
  current: string;
  /** The one before it, while it is retained. */
  old?: string;
}

/** The metadata schema as one server has it. */
export interface Metadata {
  readonly clusters: Record<string, ClusterRecord>;
  /** By the server's uuid, in the order of joining. */
  readonly instances: Record<string, InstanceRecord>;
  /** By id; one at a time in practice. */
  readonly sets: Record<string, SetRecord>;
}

export interface ClusterRecord {
  name: string;
  readonly groupName: string;
  /** The ClusterSet that it belongs to; absent outside of one. */
  set?: string;
  /** Counts the passwords of the account by which its channel logs in; 0 before there is one. */
  account: number;
}

export interface InstanceRecord {
  readonly cluster: string;
  label: string;
  readonly host: string;
}

export interface SetRecord {
  readonly domain: string;
  generation: number;
  number: number;
  /** Clusters of the newest view; one that was invalidated has no row in it. */
  members: Record<string, "PRIMARY" | "REPLICA">;
}

export interface Channel {
  /** Host that it was pointed at; with `failover` it follows the primary of that host's group. */
  source: string;
  /** The group whose primary is followed. */
  sourceGroup: string;
  /** Only on its cluster's primary: the others have the definition alone. */
  failover: boolean;
  running: boolean;
  /** Which password of the account it has. */
  account: number;
  /** An open connection does not ask for the password again. */
  connected: boolean;
  error: number;
}

export interface Server {
  readonly host: string;
  readonly uuid: string;
  readonly address: string;
  readonly site: string;
  power: boolean;
  /** The charmed-mysql snap; undefined while it is not installed. */
  snap?: { revision: string; version: string };
  /** mysqld runs and answers. */
  up: boolean;
  /** snapd starts mysqld with the machine. */
  enabled: boolean;
  files: Record<string, string>;
  /** Variables that mysqld took from its configuration at its start, or by SET GLOBAL since. */
  variables: Record<string, string>;
  configured: boolean;
  superReadOnly: boolean;
  readOnly: boolean;
  offlineMode: boolean;
  /** What it has persisted; undefined before it was ever in a group. */
  startOnBoot?: boolean;
  persistedReadOnly: boolean;
  groupName?: string;
  /** mysqld was just started and looks for its group. */
  starting: boolean;
  /** State of the member where it is not in its group's view. */
  stopped: "OFFLINE" | "ERROR";
  /** The group's member actions, which every member keeps. */
  actions: { writable: boolean; channel: boolean };
  channel?: Channel;
  data: Data;
  /** Transactions that its binary logs do not hold. */
  purged: Executed;
}

export interface Group {
  /** By host. UNREACHABLE: it went without a word. */
  members: Record<string, "ONLINE" | "RECOVERING" | "UNREACHABLE">;
  /** Host of the primary; undefined while there is none. */
  primary?: string;
}

export interface Job {
  readonly unit: string;
  readonly name: string;
  /** The machine on which it runs. */
  readonly host: string;
  readonly label: string;
  readonly work: Work;
  state: "running" | "ended" | "lost";
  /** Exit code, once it ended. */
  code: number;
  output: string;
  timedOut: boolean;
  /** The charm is still to be run because it ended. */
  wakes: boolean;
}

/** A wait, or an AdminAPI operation with what is left of it. */
export type Work = { readonly kind: "sleep" } | Operation;

export interface Operation {
  readonly kind: "operation";
  /** As `mysqlsh` is called. */
  readonly call: Call;
  /** Undefined before it was checked and planned. */
  plan?: Plan;
}

export interface Call {
  /** The machine that MySQL Shell runs on. */
  readonly from: string;
  /** The server of its session. */
  readonly host: string;
  readonly object: string;
  readonly operation: string;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly password: string;
}

export interface Plan {
  /** Locks that other operations find taken, as `<kind> <host>`. */
  readonly locks: readonly string[];
  todo: readonly Step[];
  /** What takes back the steps that were done, newest first. */
  undo: readonly Step[];
}

/** One step of an operation: a name, and names of what it is done to. */
export interface Step {
  readonly step: string;
  readonly args: readonly string[];
  readonly undo?: Step;
}

export interface Machine {
  readonly host: string;
  readonly address: string;
  /** The servers of one site stay connected with each other. */
  readonly site: string;
}

/** Forgets a machine with all that was on it. A group that it was in sees it no more. */
export function removeMachine(state: MysqlState, host: string): void {
  delete state.servers[host];
  for (const [key, job] of Object.entries(state.jobs)) if (job.host === host) delete state.jobs[key];
  for (const [name, { members }] of Object.entries(state.groups)) {
    if (members[host] !== undefined) members[host] = "UNREACHABLE";
    if (Object.values(members).every((each) => each === "UNREACHABLE")) delete state.groups[name];
  }
}

/** Machines keep their server's uuid for good. */
export const uuidOf = (host: string): string => `uuid-of-${host}`;

export function emptyMysql(): MysqlState {
  return { servers: {}, groups: {}, jobs: {}, cuts: {} };
}

/** A machine with its storage, on which nothing is installed. */
export function addMachine(state: MysqlState, { host, address, site }: Machine): void {
  state.servers[host] = {
    ...{ host, address, site, uuid: uuidOf(host), power: true, up: false, enabled: false },
    files: { "/etc/hosts": "127.0.0.1 localhost\n", "/proc/meminfo": "MemTotal:        8388608 kB\n" },
    ...{ variables: {}, configured: false, superReadOnly: false, readOnly: false, offlineMode: false },
    ...{ persistedReadOnly: false, starting: false, stopped: "OFFLINE" },
    actions: { writable: true, channel: true },
    data: { executed: {}, rows: {}, passwords: {} },
    purged: {},
  };
}

/** The server of that host. Throws where there is none: the model is asked for what it does not have. */
export function serverOf(state: MysqlState, host: string): Server {
  const found = state.servers[host];
  if (found === undefined) throw new Error(`the model has no machine ${host}`);
  return found;
}
