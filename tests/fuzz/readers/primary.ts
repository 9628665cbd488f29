// What an application that wants to follow writes to the one with the primary cluster: its offer, and its units' bags.
import fc from "fast-check";
import { expect } from "vitest";
import { type Bag, readBag } from "../../../lib/index.ts";
import { runEvent } from "../../../lib/testing/world.ts";
import { replicaBagSchema } from "../../../src/wire/replication.ts";
import { loneServer } from "../../src/support/mysql.ts";
import { pythonWrites } from "../../src/support/python-charm.ts";
import { host, namedWorld, names, own, peers, serverPassword } from "../../src/support/world.ts";
import type { Played } from "../support/harmless.ts";
import { bagLike, jsonTextLike, stored } from "../support/hostile.ts";
import { bagInput, expectUntouched, type Reader, reader } from "../support/reader.ts";
import { rome } from "../support/site.ts";

const changed = {
  kind: "relation-changed",
  endpoint: "async-primary",
  relationId: 4,
  remoteApp: "lisbon",
} as const;
const offer = { "cluster-name": "lisbon", endpoint: "192.0.2.7", "node-label": "lisbon-0" };
const details = { names: ["lisbon-0"], address: "192.0.2.7" };
const unit = { "hostname-details": JSON.stringify(details), "known-hosts": host };

/** Two hooks of the leader of a primary cluster: it shares its passwords, then it may add what is offered. */
async function isFollowed(app: Bag, unitBag: Bag): Promise<Played> {
  const password = serverPassword("own");
  const lisbon = loneServer({ host: "lisbon-0", uuid: "uuid-9", password });
  const site = await rome({ servers: { "192.0.2.7": lisbon } });
  const relation = {
    id: 4,
    endpoint: "async-primary",
    remoteApp: "lisbon",
    bags: { lisbon: app, "lisbon/0": unitBag },
  } as const;
  const world = namedWorld({ relations: [peers({ [own]: names }), relation] });
  const first = await runEvent(site.charm, world, changed);
  const result = first.exitCode === 0 ? await runEvent(site.charm, first.world, changed) : first;
  return { site, servers: [site.local, lisbon], result };
}

function expectRefused(value: Bag, played: Played): void {
  const read = readBag(replicaBagSchema, value);
  if (read.kind !== "invalid") return;
  expect(played.result.world.appStatus?.message).toContain(`Refused what lisbon wrote: ${read.field} `);
  expectUntouched(played);
}

/** What is added is what was offered, as it was offered. */
function expectOffered(value: Bag, played: Played): void {
  for (const { command } of played.site.shell.runs.filter(
    ({ command: each }) => each.operation === "create-replica-cluster",
  ))
    expect(command.args).toEqual([`${value["endpoint"]}:3306`, value["cluster-name"]]);
}

export const primaryReaders: readonly Reader[] = [
  reader({
    name: "replica-bag",
    from: "the application of a standby cluster",
    schemas: ["replicaBagSchema", "hostSchema", "labelSchema", "clusterNameSchema"],
    input: bagInput,
    valid: { ...offer, switchover: "3", "passwords-generation": "2" },
    like: bagLike,
    play: (app) => isFollowed(app, unit),
    also: (value, played) => {
      expectRefused(value, played);
      expectOffered(value, played);
    },
  }),
  reader({
    name: "replica-bag-python",
    from: "the Python charm of a standby cluster",
    schemas: ["replicaBagSchema"],
    input: bagInput,
    valid: { ...pythonWrites.offered },
    like: bagLike,
    play: (app) => isFollowed(app, pythonWrites.unit),
    also: (value, played) => {
      expectRefused(value, played);
      expectOffered(value, played);
    },
  }),
  reader({
    name: "replica-unit",
    from: "a unit of a standby cluster",
    schemas: ["hostnameDetailsSchema"],
    input: bagInput,
    valid: unit,
    like: (valid) =>
      fc.oneof(
        bagLike(valid),
        jsonTextLike(details).map((text) => stored({ ...valid, "hostname-details": text })),
      ),
    play: (bag) => isFollowed(offer, bag),
    also: (_value, played) => expectOffered(offer, played),
  }),
];
