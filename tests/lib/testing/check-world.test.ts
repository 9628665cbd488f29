import { expect, test } from "vitest";
import type { Event } from "../../../lib/index.ts";
import {
  checkWorld,
  emptyWorld,
  ImpossibleWorldError,
  type World,
  type WorldSecret,
} from "../../../lib/testing/world.ts";
import { type Meta, meta } from "../support/charm.ts";

type Case = readonly [
  told: string,
  world: object,
  event?: object,
  params?: Readonly<Record<string, unknown>>,
];

const peers = { id: 3, endpoint: "peers", remoteApp: "db", bags: { "db/0": {}, "db/1": {}, db: {} } };
const upstream = { id: 7, endpoint: "upstream", remoteApp: "web", bags: { "web/0": {} } };
const secret: WorldSecret = {
  id: "9m4e2mr0ui3e8a215n4g",
  owner: "db",
  revisions: [{ password: "x" }],
  grants: [],
};
const joined = {
  kind: "relation-joined",
  endpoint: "upstream",
  relationId: 7,
  remoteApp: "web",
  remoteUnit: "web/0",
};
const promote = { kind: "action", action: "promote", actionId: "1" };

/** Builds what the compiler would refuse, as a test in plain JavaScript could. */
function check(
  world: object,
  event: object = { kind: "start" },
  params?: Readonly<Record<string, unknown>>,
): void {
  const given: object = { ...emptyWorld(meta), unit: "db/1", ...world };
  checkWorld(meta, given as World<Meta>, event as Event<Meta>, params);
}

const possible: readonly Case[] = [
  ["an empty one", {}],
  [
    "one with everything",
    { relations: [peers, upstream], secrets: [{ ...secret, owner: "web", grants: [7] }] },
  ],
  ["a joined event", { relations: [upstream] }, joined],
  [
    "networks, resources and ports of every sort",
    {
      networks: { admin: {}, "juju-info": {} },
      resources: { image: "/r" },
      openedPorts: [80, "53/udp", "8000-8010/tcp (offer)", "icmp"],
    },
  ],
  ["an action", {}, promote, { "set-name": "rome", force: true, delay: 3 }],
];

for (const [name, world, event, params] of possible) {
  test(`${name} can be`, () => {
    expect(() => check(world, event, params)).not.toThrow();
  });
}

const impossible: readonly Case[] = [
  ['"db" is no name of a unit', { unit: "db" }],
  ["plannedUnits is -1", { plannedUnits: -1 }],
  ["70000 is no port", { openedPorts: [70_000] }],
  ['the charm has no endpoint "other"', { relations: [{ ...upstream, endpoint: "other" }] }],
  ["two relations have the id 7", { relations: [upstream, { ...peers, id: 7 }] }],
  [
    "is a peer relation, so its application is db, not web",
    { relations: [{ ...peers, remoteApp: "web", bags: {} }] },
  ],
  ["cannot be related to itself", { relations: [{ ...upstream, remoteApp: "db", bags: {} }] }],
  ['"other/0" has a bag but is at neither end', { relations: [{ ...upstream, bags: { "other/0": {} } }] }],
  ["the bag of db/0 is out of sight", { relations: [{ ...upstream, bags: { "db/0": {} } }] }],
  ["this unit itself is listed as departed", { relations: [{ ...peers, departed: ["db/1"] }] }],
  ["upstream has 2 relations; it takes at most 1", { relations: [upstream, { ...upstream, id: 8 }] }],
  ["peers has 2 relations; it takes at most 1", { relations: [peers, { ...peers, id: 8 }] }],
  ['the charm has no option "speed"', { config: { speed: 1 } }],
  ['memory is of type int, not "4"', { config: { memory: "4" } }],
  ["memory is of type int, not 1.5", { config: { memory: 1.5 } }],
  ['the charm has no storage "logs"', { storages: [{ name: "logs", id: "logs/0", location: "/" }] }],
  ['"data-0" is no id of storage "data"', { storages: [{ name: "data", id: "data-0", location: "/" }] }],
  [
    'storage "data" is not declared as multiple',
    {
      storages: [
        { name: "data", id: "data/0", location: "/" },
        { name: "data", id: "data/1", location: "/" },
      ],
    },
  ],
  ['"short" is not 20 lowercase letters and digits', { secrets: [{ ...secret, id: "short" }] }],
  ["two secrets have the id", { secrets: [secret, secret] }],
  ["has no owner", { secrets: [{ ...secret, owner: "" }] }],
  ["its owner stranger is neither", { secrets: [{ ...secret, owner: "stranger" }] }],
  ["has no revision", { secrets: [{ ...secret, revisions: [] }] }],
  ["has an empty content", { secrets: [{ ...secret, revisions: [{}] }] }],
  ['Juju takes no key "Ab"', { secrets: [{ ...secret, revisions: [{ Ab: "x" }] }] }],
  ['the value of "password" is empty', { secrets: [{ ...secret, revisions: [{ password: "" }] }] }],
  ["tracks revision 2 of 1", { secrets: [{ ...secret, tracked: 2 }] }],
  ["granted by relation 9, which is not there", { secrets: [{ ...secret, grants: [9] }] }],
  ["leader-elected on a unit that does not lead", {}, { kind: "leader-elected" }],
  ["there is no such relation", {}, joined],
  ["that relation is of endpoint peers", { relations: [{ ...peers, id: 7 }] }, joined],
  ["that relation is with api", { relations: [{ ...upstream, remoteApp: "api", bags: {} }] }, joined],
  ["web/0 has no bag in that relation", { relations: [{ ...upstream, bags: {} }] }, joined],
  ["the remote unit is this unit itself", { relations: [upstream] }, { ...joined, remoteUnit: "db/1" }],
  [
    "storage data/0 is not there",
    {},
    { kind: "storage-attached", storage: "data", storageId: "data/0", location: "/" },
  ],
  ["is not there", {}, { kind: "secret-changed", secretId: "secret:9m4e2mr0ui3e8a215n4g" }],
  ['the charm has no action "destroy"', {}, { ...promote, action: "destroy" }],
  ['action promote has no parameter "fast"', {}, promote, { "set-name": "a", fast: true }],
  ['force is a boolean, not "yes"', {}, promote, { "set-name": "a", force: "yes" }],
  ["delay is a integer, not 1.5", {}, promote, { "set-name": "a", delay: 1.5 }],
  ['needs the parameter "set-name"', {}, promote, {}],
  ["start has parameters but is no action", {}, { kind: "start" }, {}],
  ['status "error" belongs to Juju', { unitStatus: { kind: "error", message: "" } }],
  ['"n" of web/0 is number: bags hold text', { relations: [{ ...upstream, bags: { "web/0": { n: 1 } } }] }],
  ['"a" of web is empty: leave it out', { relations: [{ ...upstream, bags: { web: { a: "" } } }] }],
  ['no endpoint or extra-binding "other"', { networks: { other: {} } }],
  ['no resource "other"', { resources: { other: "/tmp/x" } }],
  [
    'data/0 is no instance of storage "logs"',
    { storages: [{ name: "data", id: "data/0", location: "/" }] },
    { kind: "storage-attached", storage: "logs", storageId: "data/0", location: "/" },
  ],
  [
    "secret-rotate of secret:9m4e2mr0ui3e8a215n4g comes to its owner only",
    { secrets: [secret] },
    { kind: "secret-rotate", secretId: "secret:9m4e2mr0ui3e8a215n4g" },
  ],
  [
    "revision 2 of 1",
    { secrets: [secret], leader: true },
    { kind: "secret-remove", secretId: "secret:9m4e2mr0ui3e8a215n4g", revision: 2 },
  ],
  ["53/sctp is no port", { openedPorts: ["53/sctp"] }],
];

for (const [told, world, event, params] of impossible) {
  test(`refused: ${told}`, () => {
    expect(() => check(world, event, params)).toThrow(told);
  });
}

test("everything that is wrong is told at once", () => {
  try {
    check({ config: { speed: 1 }, openedPorts: [0] });
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ImpossibleWorldError);
    expect(thrown).toMatchObject({
      problems: [
        '0 is no port, such as 3306, "53/udp" or "icmp"',
        'config: the charm has no option "speed": declare it in config.yaml',
      ],
    });
    return;
  }
  throw new Error("the world was accepted");
});

test("a charm with names that Juju does not take cannot be", () => {
  const odd = {
    ...meta,
    endpoints: { "up stream": { role: "peer", interface: "x" }, admin: { role: "peer", interface: "x" } },
    storages: { "data-1": { type: "filesystem", multiple: false } },
    actions: { Promote: { params: {} } },
  } as const;
  expect(() => checkWorld(odd, emptyWorld(odd), { kind: "start" })).toThrow(
    [
      '- Juju takes no endpoint of the name "up stream"',
      '- Juju takes no storage of the name "data-1"',
      '- Juju takes no action of the name "Promote"',
      '- "admin" is an endpoint: it cannot be an extra-binding too',
    ].join("\n"),
  );
});
