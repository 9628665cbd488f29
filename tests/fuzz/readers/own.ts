// What this application keeps in Juju, and its other units write: an earlier revision, another charm or a person may have had a hand in it.
import fc from "fast-check";
import { expect } from "vitest";
import { type Bag, readBag, Secret } from "../../../lib/index.ts";
import { runEvent } from "../../../lib/testing/world.ts";
import { readPasswords } from "../../../src/wire/credentials.ts";
import { peerAppSchema } from "../../../src/wire/peers.ts";
import { primaryServer } from "../../src/support/mysql.ts";
import { inGaul, inSet } from "../../src/support/set.ts";
import {
  type CharmWorld,
  namedWorld,
  names,
  own,
  passwordsOf,
  peerSecret,
  peers,
  serverPassword,
} from "../../src/support/world.ts";
import type { Played } from "../support/harmless.ts";
import { bagLike, jsonTextLike, secretLike, stored, textLike } from "../support/hostile.ts";
import { bagInput, expectUntouched, type Reader, reader } from "../support/reader.ts";
import { realQuotes, rome } from "../support/site.ts";

const updateStatus = { kind: "update-status" } as const;

async function inWorld(given: Partial<CharmWorld>): Promise<Played> {
  const second = primaryServer("rome", "empire", {
    host: "mysql-1.lan",
    uuid: "uuid-1",
    password: serverPassword("own"),
  });
  const site = await rome({ servers: { "mysql-1.lan": second } });
  const result = await runEvent(site.charm, namedWorld(given), updateStatus);
  return { site, servers: [site.local, second], result };
}

/** With a relation to another cluster of the set. */
async function inRelations(bag: Bag): Promise<Played> {
  const site = await inSet({ ports: realQuotes });
  const world = inGaul();
  const relations = world.relations.map((each) =>
    each.endpoint === "database-peers" ? peers({ [own]: bag }) : each,
  );
  const result = await runEvent(site.charm, { ...world, relations }, updateStatus);
  return { site, servers: Object.values(site.servers), result };
}

const peer = {
  "member-state": "online",
  "member-role": "secondary",
  "instance-hostname": "mysql-1.lan:3306",
  "unit-configured": "True",
  "unit-initialized": "True",
  "known-hosts": "mysql-0.lan",
  "server-configuration": "159-0123456789ab",
  "passwords-generation": "2",
  "set-view": "set-empire:0.1",
  "hostname-details": JSON.stringify({ names: ["mysql-1.lan", "mysql-1"], address: "192.0.2.11" }),
};

const setRelations = {
  7: { side: "async-primary", cluster: "paris", secret: "secret:abcdefghijklmnopqrst" },
};

export const ownReaders: readonly Reader[] = [
  reader({
    name: "peer-app",
    from: "the leader of this application",
    schemas: ["peerAppSchema", "unitNameSchema", "clusterNameSchema", "switchoverSchema", "generationSchema"],
    input: bagInput,
    valid: {
      ...names,
      switchover: "3",
      "passwords-generation": "2",
      "set-relations": JSON.stringify(setRelations),
    },
    like: (valid) =>
      fc.oneof(
        bagLike(valid),
        jsonTextLike(setRelations).map((text) => stored({ ...valid, "set-relations": text })),
      ),
    play: async (bag) => {
      const alone = await inWorld({ relations: [peers({ [own]: bag })] });
      return alone.result.exitCode === 0 ? await inRelations(bag) : alone;
    },
    also: (value, played) => {
      const read = readBag(peerAppSchema, value);
      if (read.kind !== "invalid") return;
      expect(played.result.world.unitStatus?.message).toContain(`own record is damaged: ${read.field} `);
      // What else it says is still true.
      expect(played.result.world.relations[0]?.bags[own]).toMatchObject(value);
      expectUntouched(played);
    },
  }),
  reader({
    name: "peer-unit",
    from: "another unit of this application",
    schemas: ["peerUnitSchema", "hostnameDetailsSchema", "generationSchema"],
    input: bagInput,
    valid: peer,
    like: bagLike,
    play: (bag) => inWorld({ relations: [peers({ [own]: names, "mysql/1": bag })], plannedUnits: 2 }),
    also: (_value, played) => expectUntouched(played),
  }),
  reader({
    name: "own-unit",
    from: "this unit, at an earlier hook",
    schemas: ["peerUnitSchema"],
    input: bagInput,
    valid: { ...peer, "instance-hostname": "mysql-0.lan:3306", "member-role": "primary" },
    like: bagLike,
    play: (bag) => inWorld({ relations: [peers({ [own]: names, "mysql/0": bag })] }),
  }),
  reader({
    name: "peer-secret",
    from: "the leader of this application",
    schemas: [],
    input: bagInput,
    valid: { ...passwordsOf("own"), "previous-root-password": "before-root-pw" },
    like: secretLike,
    play: (content) => inWorld({ secrets: [{ ...peerSecret(), revisions: [content] }] }),
    also: (value, played) => {
      const content = Object.entries(value).map(([field, text]) => [field, new Secret(text)] as const);
      if (readPasswords(Object.fromEntries(content)).kind === "value") return;
      // Juju keeps UTF-8, which has no half characters. What cannot be read is not written over: it may be all that opens the servers.
      const kept = Object.entries(value).map(([field, text]) => [field, text.toWellFormed()] as const);
      expect(played.result.world.secrets[0]?.revisions).toEqual([Object.fromEntries(kept)]);
      expectUntouched(played);
    },
  }),
  reader({
    name: "stored-state",
    from: "an earlier hook of this unit",
    schemas: [],
    input: bagInput,
    valid: { leaving: "false", "configured-server": '"uuid-0"', "framework.workload-version": "9.7.0" },
    like: (valid): fc.Arbitrary<Bag> =>
      fc.record({ leaving: textLike("true"), "configured-server": textLike('"uuid-0"') }).map((changes) => {
        const short = Object.entries(changes).filter(([, text]) => Buffer.byteLength(text) < 60_000);
        return stored({ ...valid, ...Object.fromEntries(short) });
      }),
    play: (state) => inWorld({ state }),
    also: (_value, played) => expectUntouched(played),
  }),
];
