// Points of the charm's life at which it asks servers and runs MySQL Shell: prepared in peace, then played once.

import type { Event } from "../../../lib/index.ts";
import { type RunEventOptions, runEvent } from "../../../lib/testing/world.ts";
import type { Meta } from "../../../src/generated/charm-meta.ts";
import { paths } from "../../../src/machine/paths.ts";
import type { Ports } from "../../../src/ports.ts";
import { type FakeMember, type FakeServer, loneServer, primaryServer } from "../../src/support/mysql.ts";
import { inGaul, inSet, type SetOptions } from "../../src/support/set.ts";
import { changed, following } from "../../src/support/standby.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  machine,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "../../src/support/world.ts";
import type { Played } from "./harmless.ts";
import { rome } from "./site.ts";

interface Stage {
  readonly site: Machine;
  readonly servers: readonly FakeServer[];
  readonly world: CharmWorld;
  readonly event: Event<Meta>;
  readonly options?: RunEventOptions;
}

/** Prepares; the ports are changed by what is given once the journey is played. */
export type Journey = (ports: (usual: Ports) => Ports) => Promise<Stage>;

export async function play({ site, servers, world, event, options }: Stage): Promise<Played> {
  return { site, servers, result: await runEvent(site.charm, world, event, options) };
}

const updateStatus = { kind: "update-status" } as const;
const password = serverPassword("own");
const installed = { snap: { kind: "installed", version: "9.7.0" } } as const;

const hosts = [host, "second"] as const;
const instances = hosts.map((each, at) => ({
  cluster: "rome",
  label: `mysql-${at}`,
  address: `${each}:3306`,
  uuid: `uuid-${at}`,
}));
const told = {
  "member-state": "online",
  "instance-hostname": "second:3306",
  "unit-configured": "True",
  "unit-initialized": "True",
  "known-hosts": host,
} as const;

/** Two members, each unit's server. */
function two(group: readonly FakeMember[], ports: (usual: Ports) => Ports): Stage {
  const metadata = {
    own: "rome",
    domain: "empire",
    clusters: [{ name: "rome", role: "PRIMARY" }],
    instances,
  } as const;
  const [local, second] = hosts.map((each, at) =>
    primaryServer("rome", "empire", {
      host: each,
      uuid: `uuid-${at}`,
      password,
      group,
      metadata,
      gtidExecuted: "a",
    }),
  ) as [FakeServer, FakeServer];
  const site = machine({ ...installed, ports, servers: { local, second } });
  const relations = [peers({ [own]: names, "mysql/1": told })];
  return {
    site,
    servers: [local, second],
    world: namedWorld({ relations, plannedUnits: 2 }),
    event: updateStatus,
  };
}

const online: readonly FakeMember[] = [
  { uuid: "uuid-0", host, state: "ONLINE", role: "PRIMARY" },
  { uuid: "uuid-1", host: "second", state: "ONLINE", role: "SECONDARY" },
];

async function set(ports: (usual: Ports) => Ports, options: SetOptions): Promise<Stage> {
  const site = await inSet({ ...options, ports });
  return { site, servers: Object.values(site.servers), world: inGaul(), event: updateStatus };
}

function action(name: keyof Meta["actions"], params: RunEventOptions["params"] = {}) {
  return { event: { kind: "action", action: name, actionId: "9" }, options: { params } } as const;
}

const setName = { "cluster-set-name": "gaul" } as const;

/** The second is a cluster of its own that does not list this one. */
function outOfTwo(ports: (usual: Ports) => Ports, given: Record<string, unknown>): Stage {
  const stage = two([{ ...online[0], uuid: "uuid-1", host: "second" } as FakeMember], ports);
  const [local, second] = stage.servers;
  Object.assign(local ?? {}, { group: [], ...given });
  const [, instance] = instances;
  if (second?.metadata !== undefined && instance !== undefined)
    second.metadata = { ...second.metadata, instances: [instance] };
  return stage;
}

/** Lisbon has offered its server. */
async function adding(
  ports: (usual: Ports) => Ports,
  prepare: (local: FakeServer, lisbon: FakeServer) => void,
): Promise<Stage> {
  const lisbon = loneServer({ host: "lisbon-0", uuid: "uuid-9", password });
  const site = await rome({ ports, servers: { "192.0.2.7": lisbon } });
  const details = JSON.stringify({ names: ["lisbon-0"], address: "192.0.2.7" });
  const relation = { id: 4, endpoint: "async-primary", remoteApp: "lisbon" } as const;
  const offered = {
    lisbon: { "cluster-name": "lisbon", endpoint: "192.0.2.7", "node-label": "lisbon-0" },
    "lisbon/0": { "hostname-details": details, "known-hosts": host },
  };
  const event = {
    kind: "relation-changed",
    endpoint: "async-primary",
    relationId: 4,
    remoteApp: "lisbon",
  } as const;
  const related = namedWorld({ relations: [peers({ [own]: names }), { ...relation, bags: {} }] });
  const { world } = await runEvent(site.charm, related, event);
  prepare(site.local, lisbon);
  const relations = world.relations.map((each) =>
    each.id === 4 ? { ...each, bags: { ...each.bags, ...offered } } : each,
  );
  return { site, servers: [site.local, lisbon], world: { ...world, relations }, event };
}

const all = {
  "first start": async (ports) => {
    const site = machine({ ports });
    return { site, servers: [site.local], world: namedWorld(), event: { kind: "start" } };
  },
  "alone, at rest": async (ports) => {
    const site = await rome({ ports });
    return { site, servers: [site.local], world: namedWorld(), event: updateStatus };
  },
  "member of two": async (ports) => two(online, ports),
  "second unit joins": async (ports) => outOfTwo(ports, { metadata: undefined, gtidExecuted: "" }),
  "its cluster has removed it": async (ports) =>
    outOfTwo(ports, { replicationAccounts: ["mysql_innodb_cluster_1"] }),
  "whole cluster is down": async (ports) => two([], ports),
  "unit leaves": async (ports) => ({
    ...two(online, ports),
    event: {
      kind: "storage-detaching",
      storage: "database",
      storageId: "database/0",
      location: paths.common,
    },
  }),
  "removed from its set, and not wholly": async (ports) => {
    const local = loneServer({
      host,
      password,
      superReadOnly: true,
      startsOnBoot: false,
      electsWritable: false,
    });
    const site = machine({ ...installed, ports, servers: { local } });
    const { "seed-unit": _, ...rest } = names;
    const removed = { ...rest, "removed-from-cluster-set": "true" };
    return {
      site,
      servers: [local],
      world: namedWorld({ relations: [peers({ [own]: removed })] }),
      event: updateStatus,
    };
  },
  "leads a set": (ports) => set(ports, { leader: "rome" }),
  "standby of a set": (ports) => set(ports, { leader: "paris" }),
  "is to follow": async (ports) => {
    const site = await rome({ ports });
    site.local.databases = ["shop"];
    return { site, servers: [site.local], world: following(), event: changed };
  },
  "takes over accounts": async (ports) => {
    const site = await rome({ ports });
    const { world } = await runEvent(site.charm, following(), changed);
    return { site, servers: [site.local], world, event: changed };
  },
  "adds a standby": (ports) => adding(ports, () => undefined),
  "adds a standby again after a kill": (ports) =>
    adding(ports, (local, lisbon) => {
      const { metadata } = local;
      lisbon.group = [{ uuid: "uuid-9", host: "lisbon-0", state: "ONLINE", role: "PRIMARY" }];
      const left = { cluster: "lisbon", label: "lisbon-0", address: "lisbon-0:3306", uuid: "uuid-9" };
      if (metadata === undefined) return;
      const clusters = [...metadata.clusters, { name: "lisbon" }];
      local.metadata = { ...metadata, clusters, instances: [...metadata.instances, left] };
    }),
  "old passwords end": async (ports) => {
    const site = await rome({ ports });
    site.local.oldPassword = "before-serverconfig-pw";
    return { site, servers: [site.local], world: namedWorld(), event: updateStatus };
  },
  "get-cluster-status": async (ports) => ({
    ...(await set(ports, { leader: "rome" })),
    ...action("get-cluster-status", { "cluster-set": true }),
  }),
  "get-cluster-status of a standby": async (ports) => ({
    ...(await set(ports, {})),
    ...action("get-cluster-status"),
  }),
  "set-password": async (ports) => ({
    ...two(online, ports),
    ...action("set-password", { username: "backups" }),
  }),
  switchover: async (ports) => ({ ...(await set(ports, {})), ...action("promote-standby-cluster", setName) }),
  "switchover that was cut off": async (ports) => {
    const site = await inSet({ ports });
    const clusters = [
      { name: "paris", role: "REPLICA" },
      { name: "rome", role: "PRIMARY" },
    ] as const;
    site.record(clusters, "5");
    const servers = Object.values(site.servers);
    return { site, servers, world: inGaul(), ...action("promote-standby-cluster", setName) };
  },
  failover: async (ports) => {
    const stage = await set(ports, {});
    for (const server of stage.servers.slice(0, 1)) server.down = "unreachable";
    return { ...stage, ...action("promote-standby-cluster", { ...setName, force: true }) };
  },
  "promote-to-primary": async (ports) => ({
    ...two(
      online.map((each) => ({ ...each, role: each.role === "PRIMARY" ? "SECONDARY" : "PRIMARY" })),
      ports,
    ),
    ...action("promote-to-primary", { scope: "unit" }),
  }),
  "pre-upgrade-check": async (ports) => ({ ...two(online, ports), ...action("pre-upgrade-check") }),
  "fence-writes": async (ports) => ({
    ...(await set(ports, { leader: "rome" })),
    ...action("fence-writes", setName),
  }),
  "unfence-writes": async (ports) => {
    const stage = await set(ports, { leader: "rome" });
    Object.assign(stage.site.local, { superReadOnly: true, electsWritable: false });
    return { ...stage, ...action("unfence-writes", setName) };
  },
  "rejoin-cluster": async (ports) => {
    const site = await inSet({ leader: "rome", ports });
    const clusters = [
      { name: "paris", role: "REPLICA", invalidated: true },
      { name: "rome", role: "PRIMARY" },
    ] as const;
    site.record(clusters, "4294967301");
    delete site.server("paris").channel;
    const servers = Object.values(site.servers);
    return { site, servers, world: inGaul(), ...action("rejoin-cluster", { "cluster-name": "paris" }) };
  },
  "recreate-cluster": async (ports) => {
    const stage = two([], ports);
    for (const server of stage.servers) delete server.metadata;
    const noted = { ...names, "removed-from-cluster-set": "true", "seed-unit": "" };
    const { "seed-unit": _, ...record } = noted;
    const relations = [peers({ [own]: record, "mysql/1": told })];
    return { ...stage, world: namedWorld({ relations, plannedUnits: 2 }), ...action("recreate-cluster") };
  },
} as const satisfies Readonly<Record<string, Journey>>;

export type JourneyName = keyof typeof all;
export const journeys: Readonly<Record<JourneyName, Journey>> = all;
export const journeyNames = Object.keys(all) as readonly JourneyName[];
