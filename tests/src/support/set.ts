// The ClusterSet gaul of servers in memory: rome is this application's cluster, paris and perhaps oslo are others.
import { runEvent } from "../../../lib/testing/world.ts";
import { type FakeCluster, type FakeServer, primaryServer, type ShellRun } from "./mysql.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  type MachineOptions,
  machine,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "./world.ts";

export interface SetOptions extends Omit<MachineOptions, "servers"> {
  /** The cluster that leads; the others are standbys. */
  readonly leader?: "rome" | "paris" | "oslo";
  readonly clusters?: readonly string[];
  /** Servers of this application's other units, by host name. */
  readonly units?: Readonly<Record<string, FakeServer>>;
}

export interface FakeSet extends Machine {
  /** The one server of each cluster; that of rome is the local one. */
  readonly servers: Readonly<Record<string, FakeServer>>;
  server(cluster: string): FakeServer;
  /** Writes a new record of the set on the servers of these clusters; all that answer unless told. */
  record(clusters: readonly FakeCluster[], view: string, on?: readonly string[]): void;
  operations(): readonly string[];
}

const password = serverPassword("own");
const running = { receiver: "ON", applier: "ON", errorNumber: 0, lagSeconds: 0, lastReceived: "" } as const;
const hostOf = (cluster: string): string => (cluster === "rome" ? host : `${cluster}-0`);

/** A unit whose cluster rome is in a set with others, as the charm left it: nothing is left to do. */
export async function inSet(options: SetOptions = {}): Promise<FakeSet> {
  const { leader = "paris", clusters = ["paris", "rome"], units = {}, ...rest } = options;
  const servers: Record<string, FakeServer> = {};
  for (const name of clusters) {
    servers[name] = primaryServer(name, "gaul", { host: hostOf(name), uuid: `uuid-${name}`, password });
    if (name === leader) continue;
    Object.assign(servers[name], { superReadOnly: true, electsWritable: false, channel: running });
  }
  const server = (name: string): FakeServer => {
    const found = servers[name];
    if (found === undefined) throw new Error(`there is no cluster ${name}`);
    return found;
  };
  const instances = clusters.map((cluster) => ({
    cluster,
    label: cluster === "rome" ? "mysql-0" : `${cluster}-0`,
    address: `${hostOf(cluster)}:3306`,
    uuid: `uuid-${cluster}`,
  }));
  const record: FakeSet["record"] = (rows, view, on) => {
    for (const name of on ?? clusters) {
      const target = server(name);
      if (on === undefined && target.down !== undefined) continue;
      target.metadata = { own: name, domain: "gaul", view, clusters: rows, instances };
    }
  };
  record(
    clusters.map((name) => ({ name, role: name === leader ? "PRIMARY" : "REPLICA" })),
    "4",
  );
  const site = machine({
    snap: { kind: "installed", version: "9.7.0" },
    ...rest,
    perform: (run) => {
      options.perform?.(run);
      change({ servers, server, record }, run);
    },
    servers: {
      ...units,
      local: server("rome"),
      ...Object.fromEntries(clusters.map((name) => [hostOf(name), server(name)])),
    },
  });
  await runEvent(site.charm, namedWorld(), { kind: "update-status" });
  for (const each of Object.values(servers)) each.statements.splice(0);
  return {
    ...site,
    servers,
    server,
    record,
    operations: () => site.shell.runs.map(({ command }) => command.operation),
  };
}

/** What AdminAPI's commands on sets do, as far as the charm can see it. */
function change(set: Pick<FakeSet, "servers" | "server" | "record">, { host: at, command }: ShellRun): void {
  const [name = ""] = command.args;
  const cluster = Object.keys(set.servers).find((each) => hostOf(each) === at) ?? "rome";
  const rows = set.server(cluster).metadata?.clusters ?? [];
  const writable = (each: string, is: boolean): void => {
    if (!Object.hasOwn(set.servers, each)) return;
    const server = set.server(each);
    Object.assign(server, { superReadOnly: !is, readOnly: !is, electsWritable: is });
    if (is) delete server.channel;
  };
  switch (command.operation) {
    case "set-primary-cluster":
      for (const each of rows) writable(each.name, each.name === name);
      set.record(
        rows.map((each) => ({ ...each, role: each.name === name ? "PRIMARY" : "REPLICA" })),
        "5",
      );
      return;
    case "force-primary-cluster": {
      const invalid = rows.filter((each) => set.servers[each.name]?.down !== undefined);
      writable(name, true);
      set.record(
        rows.map((each) => ({
          name: each.name,
          role: each.name === name ? "PRIMARY" : "REPLICA",
          invalidated: invalid.includes(each),
        })),
        "4294967301",
      );
      return;
    }
    case "rejoin-cluster":
      set.server(name).channel = running;
      set.record(
        rows.map((each) => (each.name === name ? { name, role: "REPLICA" } : each)),
        "4294967302",
      );
      return;
    case "fence-writes":
      Object.assign(set.server(cluster), { superReadOnly: true, readOnly: true, electsWritable: false });
      return;
    case "unfence-writes":
      // read_only stays on, as with AdminAPI.
      Object.assign(set.server(cluster), { superReadOnly: false, electsWritable: true });
      return;
  }
}

/** This application with its cluster in gaul, related to paris as the one that asked to follow it. */
export function inGaul(given: Partial<CharmWorld> = {}): CharmWorld {
  const relation = {
    id: 5,
    endpoint: "async-replica",
    remoteApp: "paris",
    bags: { [own]: { switchover: "4" }, paris: { "cluster-name": "paris" } },
  } as const;
  return namedWorld({
    relations: [peers({ [own]: { ...names, "cluster-set-domain-name": "gaul" } }), relation],
    ...given,
  });
}
