import { describe, expect, test } from "vitest";
import type { NetworkInfo } from "../../../lib/index.ts";
import { runEvent } from "../../../lib/testing/world.ts";
import { paths } from "../../../src/machine/paths.ts";
import { statuses } from "../../../src/statuses.ts";
import {
  type CharmRelation,
  type CharmWorld,
  machine,
  namedWorld,
  names,
  own,
  peers,
} from "../support/world.ts";

const updateStatus = { kind: "update-status" } as const;
const details = (list: readonly string[], address: string): string =>
  JSON.stringify({ names: list, address });
const peer = { "hostname-details": details(["mysql-1.lan", "mysql-1"], "192.0.2.11") };
const lisbon = (bag: Readonly<Record<string, string>>): CharmRelation => ({
  id: 4,
  endpoint: "async-primary",
  remoteApp: "lisbon",
  bags: { "lisbon/0": bag },
});
const storageless = { storages: [] };

async function hostsWith(relations: readonly CharmRelation[]): Promise<{
  readonly text: string;
  readonly log: string;
  readonly unit: Readonly<Record<string, string>>;
  readonly world: CharmWorld;
}> {
  const site = machine();
  site.files.mounts.clear();
  const before = namedWorld({ ...storageless, relations });
  const { exitCode, log, world } = await runEvent(site.charm, before, updateStatus);
  expect(exitCode).toBe(0);
  return {
    text: site.files.held.get(paths.hosts)?.text ?? "",
    log: log.map(({ text }) => text).join("\n"),
    unit: world.relations[0]?.bags["mysql/0"] ?? {},
    world,
  };
}

test("this unit publishes its names and address, to the peers and to other sites", async () => {
  const site = machine();
  site.files.mounts.clear();
  const networks = {
    "database-peers": { bindAddress: "192.0.2.10", ingressAddress: "198.51.100.1", hostname: "" },
    "async-primary": { bindAddress: "192.0.2.10", ingressAddress: "203.0.113.9", hostname: "" },
  };
  const before = namedWorld({ ...storageless, networks, relations: [peers({ [own]: names }), lisbon({})] });
  const { world } = await runEvent(site.charm, before, updateStatus);
  expect(world.relations.map(({ bags }) => bags["mysql/0"]?.["hostname-details"])).toEqual([
    details(["mysql-0.lan", "mysql-0"], "192.0.2.10"),
    details(["mysql-0.lan", "mysql-0"], "203.0.113.9"),
  ]);
});

test("names of peers and of other sites resolve; peers whose names resolve are told", async () => {
  const there = { "hostname-details": details(["lisbon-0"], "198.51.100.7") };
  const { text, unit, world } = await hostsWith([
    peers({ [own]: names, "mysql/1": peer, "mysql/2": {} }),
    lisbon(there),
  ]);
  expect(text).toContain("127.0.0.1 localhost\n");
  expect(text).toContain("192.0.2.11 mysql-1.lan mysql-1 # Managed");
  expect(text).toContain("198.51.100.7 lisbon-0 # Managed");
  expect(text).toContain("192.0.2.1 mysql-0.lan mysql-0 # Managed");
  expect(unit["known-hosts"]).toBe("mysql-1.lan");
  expect(world.relations[1]?.bags["mysql/0"]?.["known-hosts"]).toBe("lisbon-0");
});

describe("what another site wrote is refused and told of, but does not stop the unit", () => {
  test.each([
    ["no JSON", "{"],
    ["a line of its own", details(["x\n203.0.113.66 mysql-1"], "198.51.100.7")],
    ["no address", details(["lisbon-0"], "lisbon")],
    ["another shape", '["lisbon-0"]'],
    ["very much", details(Array(8).fill("a".repeat(250)), "198.51.100.7")],
  ])("%s", async (_, text) => {
    const seen = await hostsWith([peers({ [own]: names }), lisbon({ "hostname-details": text })]);
    expect(seen.text).not.toContain("198.51.100.7");
    expect(seen.text).not.toContain("203.0.113.66");
    expect(seen.log).toContain("lisbon/0 wrote a hostname-details");
  });

  test("a name of this unit stays its own", async () => {
    const claim = { "hostname-details": details(["mysql-0", "MYSQL-1", "localhost"], "203.0.113.66") };
    const { text } = await hostsWith([peers({ [own]: names, "mysql/1": peer }), lisbon(claim)]);
    expect(text).not.toContain("203.0.113.66");
    expect(text).toContain("127.0.0.1 localhost\n");
  });
});

describe("of a machine with addresses of IPv6", () => {
  const address = (value: string) => ({ value, cidr: "", hostname: "" });
  const device = (...values: readonly string[]) => ({
    name: "eth0",
    mac: "",
    addresses: values.map(address),
  });
  async function published(interfaces: NetworkInfo["interfaces"], ingressAddresses: readonly string[]) {
    const site = machine();
    const network = { interfaces, ingressAddresses };
    const networks = { "database-peers": network, "async-primary": network };
    const world = namedWorld({ networks, relations: [peers({ [own]: names }), lisbon({})] });
    const after = await runEvent(site.charm, world, updateStatus);
    expect(after.exitCode).toBe(0);
    const bags = after.world.relations.map(({ bags }) => bags["mysql/0"]?.["hostname-details"]);
    return { bags, status: after.world.unitStatus };
  }
  const ofIpv4 = (value: string): string => details(["mysql-0.lan", "mysql-0"], value);

  test("the first one of IPv4 is published, wherever it stands", async () => {
    const { bags } = await published([device("fd42::7", "192.0.2.7")], ["fd42::7", "203.0.113.7"]);
    expect(bags).toEqual([ofIpv4("192.0.2.7"), ofIpv4("203.0.113.7")]);
    const onAnother = await published([device("fd42::7"), device("192.0.2.8")], ["fd42::7"]);
    expect(onAnother.bags).toEqual([ofIpv4("192.0.2.8"), ofIpv4("192.0.2.8")]);
  });

  test("without one of IPv4 nothing is published, and the status says what to do", async () => {
    const { bags, status } = await published([device("fd42::7")], ["fd42::7"]);
    expect(bags).toEqual([undefined, undefined]);
    expect(status).toEqual(statuses.noAddress);
  });
});

test("an address that changes, of this unit or of another, changes wherever the old one was", async () => {
  const site = machine();
  site.files.mounts.clear();
  const relations = [peers({ [own]: names, "mysql/1": peer }), lisbon({})];
  const { world } = await runEvent(site.charm, namedWorld({ ...storageless, relations }), updateStatus);
  const moved = { bindAddress: "192.0.2.110", hostname: "" };
  const networks = { "database-peers": moved, "async-primary": moved };
  // Juju's own answer to a new address of a machine.
  const told = await runEvent(site.charm, { ...world, networks }, { kind: "config-changed" });
  expect(told.world.relations.map(({ bags }) => bags["mysql/0"]?.["hostname-details"])).toEqual(
    Array(2).fill(details(["mysql-0.lan", "mysql-0"], "192.0.2.110")),
  );
  expect(site.files.held.get(paths.hosts)?.text).toContain("192.0.2.110 mysql-0.lan mysql-0 # Managed");
  const other = { ...peer, "hostname-details": details(["mysql-1.lan", "mysql-1"], "192.0.2.111") };
  const after = { ...told.world, relations: [peers({ [own]: names, "mysql/1": other }), lisbon({})] };
  await runEvent(site.charm, after, {
    kind: "relation-changed",
    endpoint: "database-peers",
    relationId: 1,
    remoteApp: "mysql",
    remoteUnit: "mysql/1",
  });
  const text = site.files.held.get(paths.hosts)?.text ?? "";
  expect(text).toContain("192.0.2.111 mysql-1.lan mysql-1 # Managed");
  expect(text).not.toMatch(/192\.0\.2\.1?1 /);
});

test("a relation that ends is not written to, and its hosts are forgotten", async () => {
  const there = { "hostname-details": details(["lisbon-0"], "198.51.100.7") };
  const site = machine();
  site.files.mounts.clear();
  const before = namedWorld({ ...storageless, relations: [peers({ [own]: names }), lisbon(there)] });
  await runEvent(site.charm, before, updateStatus);
  expect(site.files.held.get(paths.hosts)?.text).toContain("lisbon-0");
  const broken = {
    kind: "relation-broken",
    endpoint: "async-primary",
    relationId: 4,
    remoteApp: "lisbon",
  } as const;
  const { exitCode, calls } = await runEvent(site.charm, before, broken);
  expect(exitCode).toBe(0);
  expect(site.files.held.get(paths.hosts)?.text).not.toContain("lisbon-0");
  expect(calls.filter((call) => call === "relationSet")).toHaveLength(1);
});

test("a file that is right already is not written again", async () => {
  const site = machine();
  site.files.mounts.clear();
  const before = namedWorld({ ...storageless, relations: [peers({ [own]: names, "mysql/1": peer })] });
  await runEvent(site.charm, before, updateStatus);
  const written = site.files.held.get(paths.hosts);
  await runEvent(site.charm, before, updateStatus);
  expect(site.files.held.get(paths.hosts)).toBe(written);
});
