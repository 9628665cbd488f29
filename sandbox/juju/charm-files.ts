// Charms on disk: a store of unpacked charms in the state folder, one per content, and their copies on the machines.
import { createHash } from "node:crypto";
import { constants, type Dirent, existsSync } from "node:fs";
import { copyFile, link, lstat, mkdir, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { CharmMeta } from "../../lib/juju/charm.ts";
import { newHex } from "../../lib/juju/identity.ts";
import { unpack } from "./archive.ts";
import { CharmError, readCharm } from "./charm.ts";

/** Larger files are shared between the store and the machines instead of being copied; nothing writes to them. */
const SHARED_SIZE = 1024 * 1024;

export interface StoredCharm {
  readonly digest: string;
  readonly meta: CharmMeta;
}

/**
 * Takes a charm folder or a .charm file into the store.
 * @throws CharmError when there is no charm there.
 */
export async function storeCharm(source: string, store: string): Promise<StoredCharm> {
  const info = await stat(source).catch(() => undefined);
  if (info === undefined)
    throw new CharmError(
      `no charm was found at ${JSON.stringify(source)}: name a charm's folder or its .charm file`,
    );
  await mkdir(store, { recursive: true });
  const meta = info.isDirectory() ? readCharm(source) : undefined;
  const digest = info.isDirectory() ? await digestOf(source) : hash([source, info.size, info.mtimeMs]);
  const folder = join(store, digest);
  if (existsSync(folder)) return { digest, meta: meta ?? readCharm(folder) };
  const incoming = join(store, `incoming-${newHex(8)}`);
  try {
    if (info.isDirectory()) await copyTree(source, incoming, false);
    else await unpack(source, incoming);
    const stored = readCharm(incoming);
    await rename(incoming, folder);
    return { digest, meta: stored };
  } catch (error) {
    await rm(incoming, { recursive: true, force: true });
    throw error;
  }
}

/** Puts a stored charm at a path of a machine's disk, in place of the one that may be there. */
export async function placeCharm(store: string, digest: string, target: string): Promise<void> {
  const incoming = `${target}.new`;
  await rm(incoming, { recursive: true, force: true });
  await copyTree(join(store, digest), incoming, true);
  await rm(target, { recursive: true, force: true });
  await rename(incoming, target);
}

async function copyTree(from: string, to: string, share: boolean): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    await copyEntry(entry, join(from, entry.name), join(to, entry.name), share);
  }
}

async function copyEntry(entry: Dirent, from: string, to: string, share: boolean): Promise<void> {
  if (entry.isDirectory()) return await copyTree(from, to, share);
  if (entry.isSymbolicLink()) return await symlink(await readlink(from), to);
  if (!entry.isFile()) return;
  if (share && (await stat(from)).size >= SHARED_SIZE && (await isLinked(from, to))) return;
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch {
    // Another file system, or links are not allowed: a copy does as well.
    return false;
  }
}

/** A digest of names, sizes, modes and times: enough to know the same build again without reading it. */
async function digestOf(folder: string): Promise<string> {
  const lines: unknown[] = [];
  const visit = async (path: string): Promise<void> => {
    const entries = await readdir(join(folder, path), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = join(path, entry.name);
      const info = await lstat(join(folder, name));
      lines.push([name, info.size, info.mode, entry.isDirectory() ? 0 : info.mtimeMs]);
      if (entry.isDirectory()) await visit(name);
    }
  };
  await visit("");
  return hash(lines);
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
