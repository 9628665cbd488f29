// What a primary cluster's application writes to the one that is to follow it: the bag, the units' bags, the secret.
import fc from "fast-check";
import { expect } from "vitest";
import { type Bag, readBag, Secret } from "../../../lib/index.ts";
import { runEvent } from "../../../lib/testing/world.ts";
import { readPasswords } from "../../../src/wire/credentials.ts";
import { primaryBagSchema } from "../../../src/wire/replication.ts";
import { PYTHON_SECRET, pythonWrites } from "../../src/support/python-charm.ts";
import { inGaul, inSet } from "../../src/support/set.ts";
import { changed, following, shared } from "../../src/support/standby.ts";
import { type CharmWorld, passwordsOf } from "../../src/support/world.ts";
import type { Played } from "../support/harmless.ts";
import { bagLike, jsonTextLike, secretLike, stored } from "../support/hostile.ts";
import { bagInput, expectUntouched, type Reader, reader } from "../support/reader.ts";
import { rome } from "../support/site.ts";

/** Two hooks of the leader of a cluster of its own that is to become a standby. */
async function follows(world: CharmWorld): Promise<Played> {
  const site = await rome();
  const first = await runEvent(site.charm, world, changed);
  const result = first.exitCode === 0 ? await runEvent(site.charm, first.world, changed) : first;
  return { site, servers: [site.local], result };
}

function expectRefused(value: Bag, played: Played): void {
  const read = readBag(primaryBagSchema, value);
  if (read.kind !== "invalid") return;
  expect(played.result.world.appStatus?.kind).toBe("blocked");
  expect(played.result.world.appStatus?.message).toContain(`Refused what paris wrote: ${read.field} `);
  expectUntouched(played);
}

/** The same relation once both clusters are in one set. */
async function joined(bags: CharmWorld["relations"][number]["bags"]): Promise<Played> {
  const site = await inSet();
  const world = inGaul();
  const relations = world.relations.map((each) =>
    each.id === 5 ? { ...each, bags: { ...each.bags, ...bags } } : each,
  );
  const result = await runEvent(site.charm, { ...world, relations }, changed);
  return { site, servers: Object.values(site.servers), result };
}

const hosts = [{ names: ["paris-0", "paris-0.lan"], address: "198.51.100.7" }];
const unit = {
  "ingress-address": "198.51.100.7",
  "hostname-details": JSON.stringify(hosts[0]),
  "known-hosts": "mysql-0.lan",
};

const unitLike = (valid: Bag): fc.Arbitrary<Bag> =>
  fc.oneof(
    bagLike(valid),
    jsonTextLike(hosts[0]).map((text) => stored({ ...valid, "hostname-details": text })),
  );

export const standbyReaders: readonly Reader[] = [
  reader({
    name: "primary-bag",
    from: "the application of the primary cluster",
    schemas: ["primaryBagSchema", "secretIdSchema", "clusterNameSchema", "versionSchema"],
    input: bagInput,
    valid: { ...shared, switchover: "3", "passwords-generation": "2" },
    like: bagLike,
    play: (remote) => follows(following({ remote })),
    also: expectRefused,
  }),
  reader({
    name: "primary-bag-python",
    from: "the Python charm of a primary cluster",
    schemas: ["primaryBagSchema"],
    input: bagInput,
    valid: { ...pythonWrites.shared, ...pythonWrites.later, ...pythonWrites.initialized },
    like: bagLike,
    play: (remote) => {
      const world = following({ remote });
      const secrets = world.secrets.map((each) =>
        each.owner === "paris" ? { ...each, id: PYTHON_SECRET } : each,
      );
      return follows({ ...world, secrets });
    },
    also: expectRefused,
  }),
  reader({
    name: "primary-bag-joined",
    from: "the application of the primary cluster, in one set with this one",
    schemas: ["primaryBagSchema", "switchoverSchema", "generationSchema"],
    input: bagInput,
    valid: {
      "cluster-name": "paris",
      switchover: "4",
      "set-view": "set-gaul:0.4",
      "set-hosts": JSON.stringify(hosts),
    },
    like: (valid) =>
      fc.oneof(
        bagLike(valid),
        jsonTextLike(hosts).map((text) => stored({ ...valid, "set-hosts": text })),
      ),
    play: (paris) => joined({ paris }),
    also: (_value, played) => expectUntouched(played),
  }),
  reader({
    name: "primary-unit",
    from: "a unit of the primary cluster",
    schemas: ["hostnameDetailsSchema", "hostSchema", "addressSchema"],
    input: bagInput,
    valid: unit,
    like: unitLike,
    play: (bag) => joined({ paris: { "cluster-name": "paris" }, "paris/0": bag }),
    also: (_value, played) => expectUntouched(played),
  }),
  reader({
    name: "shared-secret",
    from: "the application of the primary cluster",
    schemas: [],
    input: bagInput,
    valid: passwordsOf("theirs"),
    like: secretLike,
    play: async (passwords) => {
      const played = await follows(following({ passwords }));
      return { ...played, secrets: Object.values(passwords).filter((each) => /^[\w-]{9,}$/.test(each)) };
    },
    also: (value, played) => {
      const content = Object.entries(value).map(([field, text]) => [field, new Secret(text)] as const);
      const read = readPasswords(Object.fromEntries(content));
      if (read.kind === "value") return;
      expect(played.result.world.appStatus?.message).toContain(`no usable ${read.field}`);
      expectUntouched(played);
    },
  }),
];
