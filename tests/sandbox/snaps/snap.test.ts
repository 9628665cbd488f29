// Pure parts of the snaps: arguments, columns, versions, the cache.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channelOf, oneName, parseArguments } from "../../../sandbox/snaps/arguments.ts";
import { cacheFolder, makeOnce } from "../../../sandbox/snaps/cache.ts";
import { atLeast, parseVersion } from "../../../sandbox/snaps/charmed-mysql/server.ts";
import { table } from "../../../sandbox/snaps/report.ts";

describe("the arguments of snap", () => {
  it("are a verb, names and options", () => {
    const args = parseArguments(["install", "charmed-mysql", "--revision=103", "--no-wait"]);
    expect(args).toEqual({
      verb: "install",
      names: ["charmed-mysql"],
      options: new Map([
        ["revision", "103"],
        ["no-wait", ""],
      ]),
    });
    expect(parseArguments(["--version"]).verb).toBe("version");
    expect(parseArguments(["set", "x", "a.b=--c=d"]).names).toEqual(["x", "a.b=--c=d"]);
  });

  it("are refused when the verb does not take them", () => {
    expect(() => parseArguments(["stop", "x", "--enable"])).toThrow("unknown flag `enable'");
    expect(() => parseArguments([])).toThrow('unknown command ""');
    expect(() => parseArguments(["constructor"])).toThrow('unknown command "constructor"');
    expect(() => oneName(parseArguments(["install"]))).toThrow(
      "the required argument `<snap>` was not provided",
    );
    expect(() => oneName(parseArguments(["install", "a", "b"]))).toThrow(/one snap at a time/);
  });

  it.each([
    [["install", "x"], undefined],
    [["install", "x", "--edge"], "8.0/edge"],
    [["install", "x", "--channel=beta"], "8.0/beta"],
    [["install", "x", "--channel=8.4/stable"], "8.4/stable"],
  ])("%j ask for the channel %s", (argv, channel) => {
    expect(channelOf(parseArguments(argv), "8.0")).toBe(channel);
  });
});

describe("a table", () => {
  it("has columns as wide as their widest cell and no trailing blanks", () => {
    expect(
      table([
        ["Name", "Notes"],
        ["a-long-name", "-"],
        ["b", ""],
      ]),
    ).toBe("Name         Notes\na-long-name  -\nb\n");
  });
});

describe("a server's version", () => {
  it.each([
    ["/usr/sbin/mysqld  Ver 8.0.36-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))", [8, 0, 36]],
    ["/root/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))", [9, 7, 4]],
    ["mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)", undefined],
    ["", undefined],
  ])("is read from %j", (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  it("is compared part by part", () => {
    expect(atLeast([8, 0, 36], [8, 0, 36])).toBe(true);
    expect(atLeast([8, 4, 0], [8, 0, 36])).toBe(true);
    expect(atLeast([8, 0, 35], [8, 0, 36])).toBe(false);
    expect(atLeast([5, 7, 99], [8, 0, 36])).toBe(false);
  });
});

describe("the cache", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cache-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is where the person's caches are", () => {
    expect(cacheFolder({ HOME: "/home/a" })).toBe("/home/a/.cache/juju-sandbox");
    expect(cacheFolder({ HOME: "/home/a", XDG_CACHE_HOME: "/c" })).toBe("/c/juju-sandbox");
    expect(cacheFolder({ HOME: "/home/a", XDG_CACHE_HOME: "relative" })).toBe("/home/a/.cache/juju-sandbox");
  });

  it("makes a folder once for all who ask at the same time", async () => {
    let fills = 0;
    const target = join(folder, "server");
    const fill = async (empty: string): Promise<void> => {
      fills += 1;
      await setImmediate();
      expect(existsSync(target)).toBe(false);
      await writeFile(join(empty, "file"), "complete");
    };
    await Promise.all([makeOnce(target, fill), makeOnce(target, fill), makeOnce(target, fill)]);
    await makeOnce(target, fill);
    expect(fills).toBe(1);
    expect(readdirSync(target)).toEqual(["file"]);
  });

  it("never shows a folder that could not be filled, and fills it from nothing the next time", async () => {
    const target = join(folder, "server");
    const broken = makeOnce(target, async (empty) => {
      await writeFile(join(empty, "half"), "");
      throw new Error("no network");
    });
    await expect(broken).rejects.toThrow("no network");
    expect(readdirSync(folder)).toEqual(["server.lock"]);
    await makeOnce(target, (empty) => writeFile(join(empty, "whole"), ""));
    expect(readdirSync(target)).toEqual(["whole"]);
  });
});
