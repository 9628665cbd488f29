// Pure parts of machines: paths on disk, files of /etc, names of ports and sites.
import { describe, expect, it } from "vitest";
import { portOf, siteOf } from "../../../sandbox/machine/network.ts";
import { diskPath, etcFiles } from "../../../sandbox/machine/root.ts";

describe("diskPath", () => {
  const storages = new Map([["database/0", "/var/snap/charmed-mysql/common"]]);

  it.each([
    ["/etc/hosts", "/m/root/etc/hosts"],
    ["/usr/local/bin/snap", "/m/local/bin/snap"],
    ["/usr/localised", "/m/root/usr/localised"],
    ["/var/snap/charmed-mysql/common", "/m/storage/database/0"],
    ["/var/snap/charmed-mysql/common/var/lib", "/m/storage/database/0/var/lib"],
    ["/var/snap/charmed-mysql/commons", "/m/root/var/snap/charmed-mysql/commons"],
    ["/../../etc/passwd", "/m/root/etc/passwd"],
    ["/", "/m/root/"],
  ])("of %s is %s", (inside, path) => {
    expect(diskPath("/m", inside, storages)).toBe(path);
  });
});

describe("etcFiles", () => {
  it("names the machine", () => {
    const files = etcFiles({ hostname: "juju-1", plainUser: false });
    expect(files["hosts"]).toBe("127.0.0.1 localhost\n127.0.1.1 juju-1\n");
    expect(files["hostname"]).toBe("juju-1\n");
    expect(files["resolv.conf"]).toBe("");
  });

  it("gives snap_daemon the id that snapd reserves, or the only id there is", () => {
    expect(etcFiles({ hostname: "x", plainUser: false })["passwd"]).toContain("snap_daemon:x:584788:584788:");
    const plain = etcFiles({ hostname: "x", plainUser: true });
    expect(plain["passwd"]).toContain("snap_daemon:x:0:0:");
    expect(`${plain["passwd"]}${plain["group"]}`).not.toMatch(/:x:[1-9]/);
  });
});

describe("the network's names", () => {
  it("fit the kernel's 15 characters and differ by address", () => {
    expect(portOf("10.1.0.10")).toBe("port0a01000a");
    expect(portOf("10.254.0.254")).toHaveLength(12);
    expect(portOf("10.1.0.10")).not.toBe(portOf("10.10.0.1"));
  });

  it("number sites 1 to 254", () => {
    expect(siteOf(7)).toEqual({ bridge: "site7", subnet: "10.7.0.0", gateway: "10.7.0.1" });
    for (const n of [0, 255, 1.5, Number.NaN]) expect(() => siteOf(n)).toThrow(/1 to 254/);
  });
});
