// Python ops, to be measured beside: a package from the Python package index, kept in a cache, and a charm that does the same work.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Progress } from "./measure.ts";

const run = promisify(execFile);
const VERSION = "3.9.0";
const INSTALL_TIMEOUT_MS = 180_000;

export interface Ops {
  /** Absolute path of the interpreter itself: a version switcher in front of it would be measured too. */
  readonly python: string;
  readonly packages: string;
  readonly version: string;
}

/** Python ops with its dependencies and byte code; undefined, having said why, where it cannot be had. */
export async function findOps(progress: Progress): Promise<Ops | undefined> {
  try {
    const { stdout } = await run("python3", [
      "-c",
      "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])",
    ]);
    const [python = "", release = ""] = stdout.trim().split(" ");
    const packages = join(cacheFolder(), `ops-${VERSION}-python-${release}`);
    if (!existsSync(packages)) await install(python, packages, progress);
    return { python, packages, version: VERSION };
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error))
      .trim()
      .split("\n")
      .slice(-1);
    progress(`Python ops is left out: it cannot be installed here (${reason})`);
    return undefined;
  }
}

function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"];
  return join(base?.startsWith("/") ? base : join(homedir(), ".cache"), "mysql-charm-bench");
}

async function install(python: string, target: string, progress: Progress): Promise<void> {
  progress(`installing Python ops ${VERSION}`);
  const partial = `${target}.${process.pid}`;
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", partial];
  try {
    await run(python, [...pip, `ops==${VERSION}`], { timeout: INSTALL_TIMEOUT_MS });
    await rename(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Makes a charm of Python ops out of another charm's metadata, with the dispatch that charmcraft writes. */
export async function makeOpsCharm(ops: Ops, folder: string, metadataOf: string): Promise<void> {
  await mkdir(join(folder, "src"), { recursive: true });
  for (const name of ["metadata.yaml", "config.yaml", "actions.yaml"]) {
    await copyFile(join(metadataOf, name), join(folder, name));
  }
  await copyFile(join(import.meta.dirname, "ops-charm", "charm.py"), join(folder, "src", "charm.py"));
  const dispatch = `#!/bin/sh\ncd "$(dirname "$0")" || exit 1\nPYTHONPATH=lib:${ops.packages} exec ${ops.python} ./src/charm.py\n`;
  await writeFile(join(folder, "dispatch"), dispatch, { mode: 0o755 });
}
