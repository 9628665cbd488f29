// The real charmcraft, from Python's package index, on a machine that need not be Ubuntu: got into a cache, run on a copy of the project.
import { existsSync } from "node:fs";
import { cp, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type RunResult, realProcesses } from "../../lib/process.ts";
import type { Platform } from "./platforms.ts";

const VERSION = "4.5.0";
const MINUTE = 60_000;
/** Where Debian and Ubuntu put the Python modules of apt, which charmcraft imports and the package index does not have. */
const APT_MODULES = "/usr/lib/python3/dist-packages";
const processes = realProcesses();

/** An installed charmcraft, or the reason why there is none. */
export type Charmcraft =
  | { readonly kind: "ready"; readonly python: string; readonly folder: string }
  | { readonly kind: "unavailable"; readonly reason: string };

/** Gets charmcraft, once per version of it and of Python. */
export async function getCharmcraft(): Promise<Charmcraft> {
  const python = "/usr/bin/python3";
  if (!existsSync(python)) return { kind: "unavailable", reason: "this machine has no /usr/bin/python3" };
  const asked = await run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], MINUTE);
  const folder = join(cacheHome(), "mysql-charm", `charmcraft-${VERSION}-py${asked.stdout.trim()}`);
  if (existsSync(folder)) return { kind: "ready", python, folder };
  const fresh = `${folder}.${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(join(fresh, "apt"), { recursive: true });
  const failure = (await installPackages(python, join(fresh, "site"))) ?? (await placeApt(fresh));
  if (failure !== undefined) {
    await rm(fresh, { recursive: true, force: true });
    return { kind: "unavailable", reason: failure };
  }
  await rename(fresh, folder);
  return { kind: "ready", python, folder };
}

async function installPackages(python: string, target: string): Promise<string | undefined> {
  const pip = [python, "-m", "pip", "install", "--quiet", "--target", target] as const;
  const result = await run([...pip, `charmcraft==${VERSION}`], 10 * MINUTE);
  return result.code === 0 ? undefined : `pip cannot install charmcraft: ${lastLine(result)}`;
}

/** Only the modules of apt: others of the system may be older than what charmcraft asks for. */
async function placeApt(folder: string): Promise<string | undefined> {
  let source = APT_MODULES;
  if (!existsSync(join(source, "apt"))) {
    const got = await run(["apt-get", "download", "python3-apt"], MINUTE, folder);
    const unpacked = await run(["sh", "-c", "dpkg-deb -x python3-apt_*.deb system"], MINUTE, folder);
    if (got.code !== 0 || unpacked.code !== 0)
      return `python3-apt is not installed, and apt-get cannot get it: ${lastLine(got)}`;
    source = join(folder, "system", APT_MODULES);
  }
  const listed = await run(
    ["sh", "-c", 'ls -d "$1"/apt "$1"/apt_*.so "$1"/aptsources', "sh", source],
    MINUTE,
  );
  for (const path of listed.stdout.split("\n").filter((line) => line !== ""))
    await symlink(path, join(folder, "apt", basename(path)));
  return undefined;
}

/**
 * Runs charmcraft in a folder and gives what it printed.
 * @param base the system that charmcraft is told this machine is: it refuses to build for another one, though nothing in this
 *   charm depends on it. Read through the variables of the Python module "distro".
 * @throws Error with its last lines when it fails.
 */
export async function runCharmcraft(
  charmcraft: Extract<Charmcraft, { kind: "ready" }>,
  args: readonly string[],
  folder: string,
  base: Pick<Platform, "system" | "channel">,
): Promise<string> {
  const identity = join(folder, ".identity");
  await mkdir(identity, { recursive: true, mode: 0o700 });
  await writeFile(join(identity, "os-release"), `ID=${base.system}\nVERSION_ID="${base.channel}"\n`);
  const result = await processes.run([charmcraft.python, "-S", "-m", "charmcraft", ...args], {
    cwd: folder,
    timeoutMs: 10 * MINUTE,
    env: {
      UNIXCONFDIR: identity,
      UNIXUSRLIBDIR: identity,
      PYTHONPATH: `${join(charmcraft.folder, "site")}:${join(charmcraft.folder, "apt")}`,
      XDG_STATE_HOME: join(identity, "state"),
      XDG_CACHE_HOME: join(identity, "cache"),
      XDG_RUNTIME_DIR: identity,
    },
  });
  const said = `${result.stdout}${result.stderr}`;
  if (result.code !== 0) throw new Error(`charmcraft ${args.join(" ")} failed:\n${said.slice(-2000)}`);
  return said;
}

/** Copies what a clone of the project has: nothing that was installed or built. */
export async function copyProject(root: string, target: string): Promise<void> {
  const left = new Set(["node_modules", "build", ".git", "parts", "stage", "prime"]);
  await cp(root, target, {
    recursive: true,
    filter: (path) => !(dirname(path) === root && left.has(basename(path))) && !path.endsWith(".charm"),
  });
}

async function run(
  argv: readonly [string, ...string[]],
  timeoutMs: number,
  cwd?: string,
): Promise<RunResult> {
  return processes.run(argv, { timeoutMs, ...(cwd === undefined ? {} : { cwd }) });
}

function lastLine({ stderr, stdout }: RunResult): string {
  return (stderr.trim() || stdout.trim()).split("\n").at(-1) ?? "";
}

function cacheHome(): string {
  const configured = process.env["XDG_CACHE_HOME"];
  return configured === undefined || configured === "" ? join(homedir(), ".cache") : configured;
}
