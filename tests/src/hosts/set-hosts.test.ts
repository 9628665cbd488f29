import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KnownHosts, mergeHosts, readSetHosts } from "../../../src/hosts/set-hosts.ts";

const lisbon = { names: ["lisbon-0", "l0"], address: "192.0.2.1" };
const oslo = { names: ["oslo-0"], address: "192.0.2.2" };
const nothing: KnownHosts = { direct: [], told: [], kept: [], listed: new Set() };

describe("hosts of the set", () => {
  test("a unit is believed about itself before anybody else", () => {
    const old = { ...lisbon, address: "192.0.2.99" };
    const hosts = mergeHosts({
      direct: [lisbon],
      told: [old],
      kept: [old],
      listed: new Set(["lisbon-0"]),
    });
    expect(hosts).toEqual([lisbon]);
  });

  test("others are believed about members of the set only", () => {
    expect(mergeHosts({ ...nothing, told: [lisbon, oslo], listed: new Set(["oslo-0"]) })).toEqual([oslo]);
  });

  test("a host of an ended relation is kept while the set has it", () => {
    expect(mergeHosts({ ...nothing, kept: [lisbon], listed: new Set(["lisbon-0"]) })).toEqual([lisbon]);
    expect(mergeHosts({ ...nothing, kept: [lisbon] })).toEqual([]);
  });

  test("while no server can be asked, nothing is dropped and nobody else believed", () => {
    const hosts = mergeHosts({ ...nothing, told: [oslo], kept: [lisbon], listed: undefined });
    expect(hosts).toEqual([lisbon]);
  });

  test("the order of what is heard does not matter", () => {
    const host = fc.constantFrom(lisbon, oslo, { names: ["porto-0"], address: "192.0.2.3" });
    fc.assert(
      fc.property(fc.uniqueArray(host, { selector: (each) => each.address }), (hosts) => {
        const all = mergeHosts({ ...nothing, direct: hosts });
        expect(mergeHosts({ ...nothing, direct: [...hosts].reverse() })).toEqual(all);
      }),
    );
  });
});

describe("a list from another application", () => {
  test("is read", () => {
    expect(readSetHosts({ "set-hosts": JSON.stringify([lisbon, oslo]) })).toEqual([lisbon, oslo]);
  });

  test.each([
    ["nothing", {}],
    ["no JSON", { "set-hosts": "[" }],
    ["no list", { "set-hosts": '{"names":["a"]}' }],
    [
      "a name that would be a second line",
      { "set-hosts": '[{"names":["a\\n127.0.0.1 b"],"address":"192.0.2.1"}]' },
    ],
    ["an address that is none", { "set-hosts": '[{"names":["a"],"address":"192.0.2.1 b"}]' }],
    [
      "far too many",
      {
        "set-hosts": JSON.stringify(
          Array.from({ length: 201 }, () => ({ names: ["a"], address: "192.0.2.1" })),
        ),
      },
    ],
  ])("that is %s counts for nothing", (_, bag) => {
    expect(readSetHosts(bag)).toEqual([]);
  });
});
