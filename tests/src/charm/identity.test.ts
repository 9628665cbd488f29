import { describe, expect, test } from "vitest";
import { emptyWorld, runEvent } from "../../../lib/testing/world.ts";
import { charmMeta } from "../../../src/generated/charm-meta.ts";
import { statuses } from "../../../src/statuses.ts";
import { type CharmWorld, machine, own, peers } from "../support/world.ts";

const fresh = (given: Partial<CharmWorld> = {}): CharmWorld =>
  emptyWorld(charmMeta, { leader: true, relations: [peers({ [own]: {} })], ...given });
const elected = { kind: "leader-elected" } as const;
const bagOf = (world: CharmWorld): Readonly<Record<string, string>> => world.relations[0]?.bags[own] ?? {};

describe("the leader", () => {
  test("writes the secret, the names and the seed, in one hook", async () => {
    const { exitCode, world } = await runEvent(machine().charm, fresh(), elected);
    expect(exitCode).toBe(0);
    expect(world.secrets).toHaveLength(1);
    expect(world.secrets[0]).toMatchObject({ owner: "mysql", label: "database-peers.mysql.app", grants: [] });
    for (const value of Object.values(world.secrets[0]?.revisions[0] ?? {}))
      expect(value).toMatch(/^\w{24}$/);
    expect(bagOf(world)).toEqual({
      "cluster-name": expect.stringMatching(/^cluster-[0-9a-f]{32}$/),
      "cluster-set-domain-name": expect.stringMatching(/^cluster-set-[0-9a-f]{32}$/),
      "seed-unit": "mysql/0",
    });
  });

  test("wakes itself when it named the seed, and not again once that is in writing", async () => {
    const first = machine();
    const { world } = await runEvent(first.charm, fresh(), elected);
    expect(first.jobs.started.map(({ name, argv }) => [name, argv])).toEqual([["wake", ["sleep", "0"]]]);
    const later = machine();
    await runEvent(later.charm, world, { kind: "custom", name: "job-ended" });
    expect(later.jobs.started.map(({ name }) => name)).not.toContain("wake");
  });

  test("takes the names of the options", async () => {
    const config = { "cluster-name": "rome", "cluster-set-name": "empire" };
    const { world } = await runEvent(machine().charm, fresh({ config }), elected);
    expect(bagOf(world)).toMatchObject({ "cluster-name": "rome", "cluster-set-domain-name": "empire" });
  });

  test("generates other names for another application or model", async () => {
    const one = bagOf((await runEvent(machine().charm, fresh(), elected)).world);
    const again = bagOf((await runEvent(machine().charm, fresh(), elected)).world);
    const modelUuid = "99999999-2222-4333-8444-555555555555";
    const other = bagOf((await runEvent(machine().charm, fresh({ modelUuid }), elected)).world);
    expect(again["cluster-name"]).toBe(one["cluster-name"]);
    expect(other["cluster-name"]).not.toBe(one["cluster-name"]);
    expect(other["cluster-set-domain-name"]).not.toBe(one["cluster-set-domain-name"]);
  });

  test("leaves all that alone afterwards, whatever the options say by then", async () => {
    const { world: first } = await runEvent(machine().charm, fresh(), elected);
    const later = { ...first, config: { "cluster-name": "other" } };
    const { world, calls } = await runEvent(machine().charm, later, elected);
    expect(bagOf(world)).toEqual(bagOf(first));
    expect(world.secrets[0]?.revisions).toEqual(first.secrets[0]?.revisions);
    expect(calls).not.toContain("secretAdd");
  });

  test("that takes over leaves the seed where it is", async () => {
    const { world: first } = await runEvent(machine().charm, fresh(), elected);
    const successor = {
      ...first,
      unit: "mysql/1",
      relations: [peers({ [own]: bagOf(first), "mysql/1": {} })],
    };
    const { exitCode, world } = await runEvent(machine().charm, successor, elected);
    expect(exitCode).toBe(0);
    expect(bagOf(world)["seed-unit"]).toBe("mysql/0");
  });

  test("whose hook fails to commit writes nothing, and another starts anew", async () => {
    const { exitCode, world } = await runEvent(machine().charm, fresh(), elected, { losesLeadership: true });
    expect(exitCode).toBe(1);
    expect(bagOf(world)).toEqual({});
    expect(world.secrets).toEqual([]);
  });

  test("never shows a password: not in the log, a status or a databag", async () => {
    const { world, log, statuses: shown } = await runEvent(machine().charm, fresh(), elected);
    const seen = JSON.stringify([log, shown, world.relations, world.state]);
    for (const value of Object.values(world.secrets[0]?.revisions[0] ?? {}))
      expect(seen).not.toContain(value);
  });
});

describe("a unit that does not lead", () => {
  test("writes nothing of the application's, and waits for the leader once the snap is there", async () => {
    const { charm } = machine({ snap: { kind: "installed", version: "9.7.0" } });
    const { exitCode, world } = await runEvent(charm, fresh({ leader: false }), { kind: "start" });
    expect(exitCode).toBe(0);
    expect(bagOf(world)).toEqual({});
    expect(world.secrets).toEqual([]);
    expect(world.unitStatus).toEqual(statuses.passwordsAwaited);
  });
});

test("before the peer relation is there nothing is written", async () => {
  const { exitCode, world } = await runEvent(machine().charm, fresh({ relations: [] }), { kind: "install" });
  expect(exitCode).toBe(0);
  expect(world.secrets).toEqual([]);
});
