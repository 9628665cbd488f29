// The adapter over the machine's file system.
import { chmod, chown, mkdir, open, readFile, readlink, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { FileOptions, Files } from "./ports.ts";

export function realFiles(): Files {
  return {
    read,
    write,
    remove: (path) => rm(path, { force: true }),
    size: async (path) => (await stat(path).catch(() => undefined))?.size ?? 0,
    tail,
    freeBytes: async (path) => {
      // Before the storage is there, so is its folder not.
      const found = await statfs(path).catch(() => undefined);
      return found === undefined ? Number.POSITIVE_INFINITY : found.bavail * found.bsize;
    },
    readLink: (path) => readlink(path).catch(() => undefined),
    isMountPoint: async (path) => {
      const mounts = await readFile("/proc/self/mountinfo", "utf8");
      return mounts.split("\n").some((line) => line.split(" ")[4] === path);
    },
    makeFolder: async (path, options) => {
      await mkdir(path, { recursive: true });
      await chmod(path, options.mode ?? 0o755);
      if (options.owner !== undefined) await own(path, options.owner);
    },
  };
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function tail(path: string, bytes: number): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A file that another name is bound to (/etc/hosts in a container) cannot be renamed over: it is written in place. */
async function write(path: string, text: string, options: FileOptions = {}): Promise<void> {
  const mode = options.mode ?? 0o644;
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  const file = await open(fresh, "wx", mode);
  try {
    await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  if (options.owner !== undefined) await own(fresh, options.owner);
  try {
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
    const bound = await open(path, "w");
    await bound.writeFile(text).finally(() => bound.close());
  }
}

/** Node has no getpwnam: the user is looked up in /etc/passwd, where snapd puts its own. */
async function own(path: string, user: string): Promise<void> {
  const users = await readFile("/etc/passwd", "utf8");
  const entry = users.split("\n").find((line) => line.startsWith(`${user}:`));
  const uid = Number(entry?.split(":")[2] ?? Number.NaN);
  if (Number.isNaN(uid))
    throw new Error(`/etc/passwd has no user ${user}: snapd makes it when the first snap is installed`);
  await chown(path, uid, 0);
}
