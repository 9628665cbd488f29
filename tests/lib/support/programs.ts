// Tiny real programs in a directory of their own, to stand for the executables that the framework runs.

import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A fresh directory that goes with the test; a process that the test left to end by itself may still write there. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "lib-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }));
  return directory;
}

/** Writes a shell script that can be run; gives its path. */
export async function program(directory: string, name: string, script: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** Waits until what is looked for is there; fails after a bound, saying what was awaited. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not within 20 s: ${what}`);
}

/** Text of a file; undefined while it is absent or empty. */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}
