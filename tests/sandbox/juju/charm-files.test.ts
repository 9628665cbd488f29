import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unpack } from "../../../sandbox/juju/archive.ts";
import { readCharm } from "../../../sandbox/juju/charm.ts";
import { placeCharm, storeCharm } from "../../../sandbox/juju/charm-files.ts";

let folder: string;
const at = (...path: readonly string[]): string => join(folder, ...path);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "charm-"));
  mkdirSync(at("charm", "hooks"), { recursive: true });
  writeFileSync(at("charm", "metadata.yaml"), "name: tiny\n");
  writeFileSync(at("charm", "dispatch"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(at("charm", "big"), Buffer.alloc(2 * 1024 * 1024, 7));
  symlinkSync("../dispatch", at("charm", "hooks", "install"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("metadata", () => {
  test("of all three files, made uniform", () => {
    writeFileSync(
      at("charm", "metadata.yaml"),
      "name: db\nprovides: {out: spoken}\nrequires: {in: {interface: spoken, limit: 1}}\npeers: {all: {interface: p}}\nstorage: {data: {type: filesystem}}\n",
    );
    writeFileSync(
      at("charm", "config.yaml"),
      "options: {port: {type: int, default: 80}, name: {type: string, default: null}}\n",
    );
    writeFileSync(
      at("charm", "actions.yaml"),
      "go:\n  description: Goes.\n  params: {to: {type: string}}\n  required: [to]\nstop: {}\n",
    );
    expect(readCharm(at("charm"))).toEqual({
      name: "db",
      endpoints: {
        out: { name: "out", role: "provider", interface: "spoken", limit: 0, scope: "global" },
        in: { name: "in", role: "requirer", interface: "spoken", limit: 1, scope: "global" },
        all: { name: "all", role: "peer", interface: "p", limit: 0, scope: "global" },
      },
      bindings: [],
      storage: {
        data: {
          type: "filesystem",
          location: "/var/lib/juju/storage",
          mountedAt: "location/id",
          minimum: 1,
          maximum: 1,
        },
      },
      resources: {},
      options: {
        port: { type: "int", description: "", default: 80 },
        name: { type: "string", description: "" },
      },
      actions: {
        go: {
          description: "Goes.",
          schema: { type: "object", properties: { to: { type: "string" } }, required: ["to"] },
        },
        stop: { description: "", schema: { type: "object", properties: {} } },
      },
    });
  });

  test.each([
    ["name: [", "is not YAML"],
    ["name: Bad_Name", "metadata.yaml"],
    ["name: a\nstorage: {d: {type: block}}", "metadata.yaml"],
  ])("%j is refused with the file's name", (text, message) => {
    writeFileSync(at("charm", "metadata.yaml"), text);
    expect(() => readCharm(at("charm"))).toThrow(message);
  });

  test("no charm at all", async () => {
    rmSync(at("charm", "metadata.yaml"));
    await expect(storeCharm(at("charm"), at("store"))).rejects.toThrow("charm has no metadata.yaml");
    await expect(storeCharm(at("nowhere"), at("store"))).rejects.toThrow("no charm was found at");
  });
});

describe("the store", () => {
  test("keeps a charm as it was, once per content", async () => {
    const first = await storeCharm(at("charm"), at("store"));
    expect(await storeCharm(at("charm"), at("store"))).toEqual(first);
    writeFileSync(at("charm", "dispatch"), "#!/bin/sh\nexit 1\n");
    const second = await storeCharm(at("charm"), at("store"));
    expect(second.digest).not.toBe(first.digest);
    expect(readFileSync(at("store", first.digest, "dispatch"), "utf8")).toBe("#!/bin/sh\n");
  });

  test("gives machines copies: executable, links as links, big files shared", async () => {
    const { digest } = await storeCharm(at("charm"), at("store"));
    mkdirSync(at("machine"));
    await placeCharm(at("store"), digest, at("machine", "charm"));
    expect(statSync(at("machine", "charm", "dispatch")).mode & 0o777).toBe(0o755);
    expect(statSync(at("machine", "charm", "hooks", "install")).size).toBe(10);
    const inode = (path: string): number => statSync(path).ino;
    expect(inode(at("machine", "charm", "big"))).toBe(inode(at("store", digest, "big")));
    expect(inode(at("store", digest, "big"))).not.toBe(inode(at("charm", "big")));
    expect(inode(at("machine", "charm", "dispatch"))).not.toBe(inode(at("store", digest, "dispatch")));
  });

  test("a new revision takes the place of the old one whole", async () => {
    const first = await storeCharm(at("charm"), at("store"));
    mkdirSync(at("machine"));
    await placeCharm(at("store"), first.digest, at("machine", "charm"));
    rmSync(at("charm", "big"));
    const second = await storeCharm(at("charm"), at("store"));
    await placeCharm(at("store"), second.digest, at("machine", "charm"));
    expect(() => statSync(at("machine", "charm", "big"))).toThrow("ENOENT");
  });
});

/** A zip archive of stored and deflated files, with Unix modes. */
function zip(
  files: readonly (readonly [name: string, content: string, mode: number, deflate: boolean])[],
): Buffer {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, content, mode, deflate] of files) {
    const data = deflate ? deflateRawSync(content) : Buffer.from(content);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(deflate ? 8 : 0, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(offset, 42);
    bodies.push(local, Buffer.from(name), data);
    entries.push(entry, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, directory, end]);
}

describe(".charm files", () => {
  test("are unpacked with modes and links", async () => {
    const files = [
      ["metadata.yaml", "name: zipped\n", 0o100644, true],
      ["hooks/", "", 0o040755, false],
      ["dispatch", "#!/bin/sh\necho hi\n", 0o100755, true],
      ["hooks/start", "../dispatch", 0o120777, false],
    ] as const;
    writeFileSync(at("x.charm"), zip(files));
    const { digest, meta } = await storeCharm(at("x.charm"), at("store"));
    expect(meta.name).toBe("zipped");
    expect(execFileSync(at("store", digest, "hooks", "start"), { encoding: "utf8" })).toBe("hi\n");
  });

  test("may not write outside of their folder, and have to be archives", async () => {
    writeFileSync(at("evil.charm"), zip([["../evil", "x", 0o100644, false]]));
    await expect(unpack(at("evil.charm"), at("out"))).rejects.toThrow("../evil leads out of the charm");
    writeFileSync(at("text.charm"), "hello");
    await expect(unpack(at("text.charm"), at("out"))).rejects.toThrow("it is no zip archive");
  });
});
