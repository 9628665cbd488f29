// Unpacks a .charm file, which is a zip archive, with nothing but zlib. Format: PKWARE APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { inflateRawSync } from "node:zlib";

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
const SYMLINK = 0o120000;
const TYPE_MASK = 0o170000;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packedSize: number;
  /** Unix mode, 0 when the archive has none. */
  readonly mode: number;
  readonly offset: number;
}

/** Unpacks a zip archive into a folder. Throws when it is not one, or when a file would land outside the folder. */
export async function unpack(file: string, folder: string): Promise<void> {
  const bytes = await readFile(file);
  for (const entry of readDirectory(bytes, file)) await unpackEntry(bytes, entry, folder, file);
}

function readDirectory(bytes: Buffer, file: string): Entry[] {
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  if (end < 0) throw new Error(`${file} is not a charm: it is no zip archive`);
  const count = bytes.readUInt16LE(end + 10);
  const entries: Entry[] = [];
  for (let n = 0, at = bytes.readUInt32LE(end + 16); n < count; n++) {
    if (bytes.readUInt32LE(at) !== DIRECTORY_ENTRY)
      throw new Error(`${file} is damaged: directory entry ${n}`);
    const nameLength = bytes.readUInt16LE(at + 28);
    entries.push({
      name: bytes.toString("utf8", at + 46, at + 46 + nameLength),
      method: bytes.readUInt16LE(at + 10),
      packedSize: bytes.readUInt32LE(at + 20),
      mode: bytes.readUInt32LE(at + 38) >>> 16,
      offset: bytes.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

async function unpackEntry(bytes: Buffer, entry: Entry, folder: string, file: string): Promise<void> {
  const target = normalize(join(folder, entry.name));
  if (!target.startsWith(`${normalize(folder)}/`))
    throw new Error(`${file}: ${entry.name} leads out of the charm`);
  if (entry.name.endsWith("/")) {
    await mkdir(target, { recursive: true });
    return;
  }
  const start =
    entry.offset + 30 + bytes.readUInt16LE(entry.offset + 26) + bytes.readUInt16LE(entry.offset + 28);
  const packed = bytes.subarray(start, start + entry.packedSize);
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw new Error(`${file}: ${entry.name} is packed by method ${entry.method}, only deflate is supported`);
  }
  const content = entry.method === STORED ? packed : inflateRawSync(packed);
  await mkdir(dirname(target), { recursive: true });
  if ((entry.mode & TYPE_MASK) === SYMLINK) return await symlink(content.toString("utf8"), target);
  await writeFile(target, content);
  await chmod(target, entry.mode & 0o777 || 0o644);
}
