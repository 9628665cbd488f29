// An application with a cluster of its own that is related to a primary cluster, and the way it goes from there.
import { expect } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { statuses } from "../../../src/statuses.ts";
import { primaryServer } from "./mysql.ts";
import {
  type CharmWorld,
  host,
  type Machine,
  type MachineOptions,
  machine,
  namedWorld,
  names,
  own,
  passwordsOf,
  peers,
  serverPassword,
} from "./world.ts";

export const changed = {
  kind: "relation-changed",
  endpoint: "async-replica",
  relationId: 5,
  remoteApp: "paris",
} as const;
const sharedId = "sharedsecret00000000";
export const shared = {
  "secret-id": `secret:${sharedId}`,
  "cluster-name": "paris",
  "mysql-version": "9.7.0",
  "cluster-set-name": "gaul",
};
export type Bag = Readonly<Record<string, string>>;

export interface Other {
  readonly remote?: Bag;
  readonly granted?: boolean;
  readonly passwords?: Bag;
}

/** This application, with a cluster of its own, is to follow paris. */
export function following({ remote = shared, granted = true, passwords }: Other = {}): CharmWorld {
  const world = namedWorld();
  const relation = {
    id: 5,
    endpoint: "async-replica",
    remoteApp: "paris",
    bags: { paris: remote, "paris/0": { "ingress-address": "198.51.100.1" } },
  } as const;
  const secret = {
    id: sharedId,
    owner: "paris",
    revisions: [passwords ?? passwordsOf("theirs")],
    grants: granted ? [5] : [],
  };
  return {
    ...world,
    relations: [peers({ [own]: names }), relation],
    secrets: [...world.secrets, secret],
  };
}

/** A machine whose server is the primary of a cluster of its own, as the charm left it. */
export async function founded(options: MachineOptions = {}): Promise<Machine> {
  const local = primaryServer("rome", "empire", { host, password: serverPassword("own") });
  const site = machine({
    snap: { kind: "installed", version: "9.7.0" },
    ...options,
    servers: { local, ...options.servers },
  });
  await runEvent(site.charm, namedWorld(), { kind: "update-status" });
  site.local.statements.splice(0);
  return site;
}

export const operations = (site: Machine): readonly string[] =>
  site.shell.runs.map(({ command }) => command.operation).filter((each) => each !== "set-instance-option");
export const bag = (world: CharmWorld): Bag => world.relations.find(({ id }) => id === 5)?.bags[own] ?? {};
export const peerBag = (world: CharmWorld): Bag =>
  world.relations.find(({ id }) => id === 1)?.bags[own] ?? {};
export const ownSecret = (world: CharmWorld): Bag | undefined =>
  world.secrets.find(({ label }) => label === "database-peers.mysql.app")?.revisions.at(-1);

/** Runs the event until a hook changes nothing any more. Juju runs a failed one again; `killed` times that may be. */
export async function settle(site: Machine, start: CharmWorld, killed = 0): Promise<CharmWorld> {
  let failures = 0;
  let world = start;
  for (let hooks = 0; hooks < 10; hooks += 1) {
    const { exitCode, world: next } = await runEvent(site.charm, world, changed);
    failures += exitCode;
    expect(failures).toBeLessThanOrEqual(killed);
    if (exitCode === 0 && JSON.stringify(next) === JSON.stringify(world)) return world;
    world = next;
  }
  throw new Error(`no rest: ${JSON.stringify(world.appStatus)}`);
}

export function expectOffered(site: Machine, world: CharmWorld): void {
  expect(site.local.metadata).toBeUndefined();
  expect(site.local.password).toBe(serverPassword("theirs"));
  expect(ownSecret(world)).toMatchObject(passwordsOf("theirs"));
  expect(peerBag(world)).toMatchObject({ "cluster-name": "rome", "cluster-set-domain-name": "empire" });
  expect(bag(world)).toMatchObject({ "cluster-name": "rome", "node-label": "mysql-0" });
  expect(bag(world)["endpoint"]).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  expect(world.appStatus).toEqual(statuses.additionAwaited("paris"));
  // Peers take it for evidence of a cluster.
  expect(world.relations.find(({ id }) => id === 1)?.bags["mysql/0"]?.["unit-initialized"]).toBeUndefined();
}
