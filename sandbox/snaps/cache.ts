// The cache on disk that all sandboxes of a user share: where it is, and making one of its folders exactly once.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export type Progress = (line: string) => void;

/** `${XDG_CACHE_HOME:-$HOME/.cache}/juju-sandbox`. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const base = env["XDG_CACHE_HOME"];
  const caches = base?.startsWith("/") ? base : join(env["HOME"] ?? homedir(), ".cache");
  return join(caches, "juju-sandbox");
}

/**
 * Makes `folder` unless it exists: `fill` gets an empty folder next to it, which takes the name `folder` only when
 * `fill` has succeeded. Processes that ask for the same folder at the same time wait for one of them to make it; the
 * lock dies with its owner.
 */
export async function makeOnce(folder: string, fill: (empty: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const unlock = await lock(`${folder}.lock`);
  try {
    if (existsSync(folder)) return;
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    await fill(partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(`${folder}.partial`, { recursive: true, force: true });
    throw error;
  } finally {
    await unlock();
  }
}

/** Holds an advisory lock through flock(1): the kernel drops it when this process ends in whatever way. */
function lock(file: string): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    const holder = spawn("flock", [file, "sh", "-c", "echo locked; cat"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const ended = new Promise<void>((done) => {
      holder.on("close", () => done());
    });
    holder.on("error", (error) => reject(new Error(`cannot lock ${file}: flock: ${error.message}`)));
    holder.on("exit", (code) => reject(new Error(`cannot lock ${file}: flock exited ${code}`)));
    holder.stdout.once("data", () =>
      resolve(async () => {
        holder.stdin.end();
        await ended;
      }),
    );
  });
}
