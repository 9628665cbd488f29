// Writes a .charm file: a zip archive whose bytes depend on nothing but the files in it.
import { createWriteStream } from "node:fs";
import { glob, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { stringify } from "yaml";
import { ZipFile } from "yazl";
import type { Platform } from "./platforms.ts";

const EXECUTABLE = 0o100755;
const PLAIN = 0o100644;

/**
 * manifest.yaml, from which Juju learns the bases on which the charm runs. charmcraft also writes when, and by which version of
 * it, the charm was packed; nothing reads that.
 */
function manifest({ system, channel, architecture }: Platform): string {
  return stringify({
    bases: [{ name: system, channel, architectures: [architecture] }],
    analysis: {
      attributes: [
        { name: "language", result: "unknown" },
        { name: "framework", result: "unknown" },
      ],
    },
  });
}

/** Packs a charm folder for a platform into a file: the same folder gives the same bytes, whenever and wherever. */
export async function writeCharmFile(folder: string, platform: Platform, target: string): Promise<void> {
  const zip = new ZipFile();
  // The earliest time of the zip format, which has local times: this one reads the same in every zone.
  const options = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true, compressionLevel: 9 };
  for (const name of await filesOf(folder)) {
    const { mode } = await stat(join(folder, name));
    zip.addFile(join(folder, name), name, { ...options, mode: mode & 0o100 ? EXECUTABLE : PLAIN });
  }
  zip.addBuffer(Buffer.from(manifest(platform)), "manifest.yaml", { ...options, mode: PLAIN });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(`${target}.new`));
  await rename(`${target}.new`, target);
}

/** Paths of all files within the folder, in one order everywhere. */
async function filesOf(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entry of glob("**", { cwd: folder, withFileTypes: true })) {
    if (entry.isFile()) names.push(join(entry.parentPath, entry.name).slice(folder.length + 1));
  }
  return names.sort((a, b) => (a < b ? -1 : 1));
}
