// The packed charm: the same bytes each time, and what Juju and charmcraft ask for. A story compares it with charmcraft's own.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { unpack } from "../../sandbox/juju/archive.ts";
import { buildCharm } from "../../scripts/build.ts";
import { writeCharmFile } from "../../scripts/pack/charm-file.ts";
import { withoutSymbols } from "../../scripts/pack/elf.ts";
import { charmFileName, type Platform } from "../../scripts/pack/platforms.ts";
import { ownPlatform } from "../support/packed.ts";

const run = promisify(execFile);

let folder: string;
let platform: Platform;
let charm: string;
let packed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mysql-charm-pack-"));
  platform = await ownPlatform();
  charm = await buildCharm({ target: join(folder, "charm") });
  packed = join(folder, charmFileName("mysql", platform));
  await writeCharmFile(charm, platform, packed);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the packed charm", () => {
  it("has the same bytes when it is built and packed again, in another time zone", {
    timeout: 300_000,
  }, async () => {
    const again = join(folder, "again.charm");
    const zone = process.env["TZ"];
    process.env["TZ"] = "Pacific/Kiritimati";
    try {
      await writeCharmFile(await buildCharm({ target: join(folder, "again") }), platform, again);
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
    expect((await readFile(again)).equals(await readFile(packed))).toBe(true);
  });

  it("is under 45 MB", async () => {
    expect((await stat(packed)).size).toBeLessThan(45e6);
  });

  it("has the files that its reference lists, and no others", async () => {
    const target = join(folder, "files");
    await unpack(packed, target);
    const found = (await readdir(target, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => relative(target, join(entry.parentPath, entry.name)))
      .map((path) => path.replace(/^dist\/chunks\/.*\.cjs$/, "dist/chunks/*.cjs"));
    const page = await readFile(join(import.meta.dirname, "../../docs/reference/packs.md"), "utf8");
    const rows = page.split("## Files")[1]?.split("\n## ")[0]?.split("\n") ?? [];
    const listed = rows.flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
    );
    expect([...new Set(found)].sort()).toEqual(listed.sort());
  });

  it("names the base and the architecture for Juju", async () => {
    const target = join(folder, "manifest");
    await unpack(packed, target);
    expect(parse(await readFile(join(target, "manifest.yaml"), "utf8")).bases).toEqual([
      { name: "ubuntu", channel: "24.04", architectures: [platform.architecture] },
    ]);
  });

  it("starts its program by an entry point that charmcraft's rule accepts", async () => {
    const lines = (await readFile(join(charm, "dispatch"), "utf8")).trim().split("\n");
    const program = join(charm, lines.at(-1)?.split(" ").at(-1) ?? "");
    expect((await stat(program)).mode & 0o111).toBe(0o111);
  });

  it("lists every bundled package with its licence", async () => {
    const list = await readFile(join(charm, "DEPENDENCIES"), "utf8");
    for (const name of ["mysql2", "zod", "p-retry"])
      expect(list).toMatch(new RegExp(`^${name}@\\S+ +MIT$`, "m"));
    expect(list).not.toMatch(/vitest|@biomejs/);
  });

  it("has a Node binary that runs, without the symbols of the original", async () => {
    const node = join(charm, "runtime", "node");
    const { stdout } = await run(node, ["-p", "process.versions.node"]);
    expect(stdout.trim()).toBe(process.versions.node);
    const original = await readFile(process.execPath);
    expect((await readFile(node)).equals(withoutSymbols(original))).toBe(true);
    expect((await stat(node)).size).toBeLessThan(original.length * 0.9);
  });
});

describe("a program without its symbols", () => {
  it("is refused when it is no program", () => {
    expect(() => withoutSymbols(Buffer.from("#!/bin/sh\n"))).toThrow("no 64-bit little-endian ELF file");
  });
});
