import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withHosts } from "../../../src/hosts/hosts-file.ts";

const mark = "# Managed by mysql charm";
const own = { names: ["mysql-0.lxd", "mysql-0"], address: "10.0.0.1" };
const peer = { names: ["mysql-1.lxd", "mysql-1"], address: "10.0.0.2" };
const distribution = "127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n";

test("each host has one line, after what was there", () => {
  expect(withHosts(distribution, [own, peer])).toBe(
    `${distribution}10.0.0.1 mysql-0.lxd mysql-0 ${mark}\n10.0.0.2 mysql-1.lxd mysql-1 ${mark}\n`,
  );
});

test("lines of hosts that are gone go, and addresses that changed change", () => {
  const before = withHosts(distribution, [own, peer]);
  expect(withHosts(before, [{ ...own, address: "10.0.0.9" }])).toBe(
    `${distribution}10.0.0.9 mysql-0.lxd mysql-0 ${mark}\n`,
  );
  expect(withHosts(before, [])).toBe(distribution);
});

test("what a person wrote stays as it is", () => {
  const text = "# mine\n127.0.0.1\tlocalhost\n\n10.9.9.9 backup # not ours\n";
  expect(withHosts(text, [own])).toBe(`${text}10.0.0.1 mysql-0.lxd mysql-0 ${mark}\n`);
});

describe("a line that sends a member's name to this very machine", () => {
  test.each([
    "127.0.1.1 mysql-0.lxd mysql-0",
    "127.0.1.1\tmysql-0",
    "  127.0.1.1 other mysql-0 # by the image",
  ])("is dropped: %s", (line) => {
    expect(withHosts(`127.0.0.1 localhost\n${line}\n`, [own])).toBe(
      `127.0.0.1 localhost\n10.0.0.1 mysql-0.lxd mysql-0 ${mark}\n`,
    );
  });

  test.each(["127.0.1.1 mysql-00", "10.0.0.1 mysql-0", "# 127.0.1.1 mysql-0", "127.0.1.1 x # mysql-0"])(
    "others stay: %s",
    (line) => {
      expect(withHosts(`${line}\n`, [own]).split("\n")[0]).toBe(line);
    },
  );
});

describe("what another site claims", () => {
  test("a name that this machine or a peer has stays theirs", () => {
    const claim = { names: ["mysql-1", "lisbon-0"], address: "10.66.0.1" };
    const text = withHosts(distribution, [own, peer, claim]);
    expect(text).toContain(`10.66.0.1 lisbon-0 ${mark}\n`);
    expect(text.match(/ mysql-1 /g)).toHaveLength(1);
  });

  test("a claim of nothing but taken names leaves no line", () => {
    expect(withHosts(distribution, [own, { names: ["mysql-0"], address: "10.66.0.1" }])).toBe(
      withHosts(distribution, [own]),
    );
  });

  test("names are the same in any case, as the resolver has it", () => {
    const text = withHosts(distribution, [own, { names: ["MySQL-0"], address: "1.1.1.1" }]);
    expect(text).toBe(withHosts(distribution, [own]));
  });

  test("localhost stays this machine", () => {
    const claim = { names: ["localhost"], address: "10.66.0.1" };
    expect(withHosts(distribution, [own, claim])).toBe(withHosts(distribution, [own]));
    expect(withHosts(distribution, [own, { ...claim, names: ["LOCALHOST"] }])).toBe(
      withHosts(distribution, [own]),
    );
  });

  test("nor is any name of the line that makes localhost", () => {
    const text = "127.0.0.1 localhost localhost.localdomain\n";
    const claim = { names: ["localhost.localdomain"], address: "10.66.0.1" };
    expect(withHosts(text, [own, claim])).toContain(text);
  });
});

const name = fc.constantFrom("a", "b", "c", "A", "localhost", "x.lan");
const host = fc.record({
  names: fc.array(name, { minLength: 1, maxLength: 3 }),
  address: fc.ipV4(),
});

test("a second run changes nothing, and no name has two addresses", () => {
  fc.assert(
    fc.property(fc.array(host, { maxLength: 5 }), (hosts) => {
      const once = withHosts("127.0.0.1 localhost\n127.0.1.1 a\n", hosts);
      expect(withHosts(once, hosts)).toBe(once);
      const claimed = once
        .split("\n")
        .filter((line) => line.endsWith(mark))
        .flatMap((line) => [
          ...new Set(line.slice(0, -mark.length).trim().toLowerCase().split(" ").slice(1)),
        ]);
      expect(new Set(claimed).size).toBe(claimed.length);
      expect(once).toContain("127.0.0.1 localhost\n");
    }),
  );
});
