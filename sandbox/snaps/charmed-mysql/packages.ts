// Gets MySQL from the distribution's packages into a folder: private apt lists, nothing is installed on the host.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RunError, type RunOptions, run } from "../../machine/run.ts";
import { hostEnvironment } from "../../machine/tools.ts";
import type { Progress } from "../cache.ts";

const PACKAGES = ["mysql-server-core", "mysql-client-core"];
/** What mysqld and the clients never open: most of the bytes. */
const UNNEEDED = [
  "./usr/share/doc",
  "./usr/share/man",
  "./usr/share/locale",
  "*/gconv",
  "./usr/share/lintian",
];
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const SOURCES = "/etc/apt/sources.list";

/**
 * Downloads the server, the clients and every library they need, and extracts them into `root` (which then has usr/).
 * Debian carries MySQL in unstable only; other distributions of the family are asked with their own sources.
 * Throws when there is no apt or it finds no such package.
 */
export async function extractMysqlPackages(root: string, progress: Progress): Promise<void> {
  const work = `${root}.apt`;
  await rm(work, { recursive: true, force: true });
  try {
    const apt = await privateApt(work);
    progress("reading the distribution's package lists");
    await run(["apt-get", "update", "--quiet"], apt);
    const names = await candidates(apt);
    progress(`downloading ${names.join(" and ")} with their libraries`);
    await run(["apt-get", "install", "--yes", "--quiet", "--download-only", ...names], apt);
    const archives = join(work, "cache/archives");
    const debs = (await readdir(archives)).filter(
      (name) => name.endsWith(".deb") && !/^(lib)?perl/.test(name),
    );
    progress(`extracting ${debs.length} packages`);
    for (const deb of debs) await extract(join(archives, deb), root);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const remedy =
      "see that this machine reaches the distribution's archive, or install a MySQL server on it";
    throw new Error(`cannot get MySQL from the distribution's packages (${error.message}): ${remedy}`, {
      cause: error,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function extract(deb: string, root: string): Promise<void> {
  const excludes = UNNEEDED.map((pattern) => `--exclude=${pattern}`);
  const script = 'deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar --extract --no-same-owner "$@"';
  await run(["sh", "-c", script, "sh", deb, `--directory=${root}`, ...excludes]);
}

/** A complete apt configuration under `work`; only the host's way to the network (proxies, retries) is taken over. */
async function privateApt(work: string): Promise<RunOptions> {
  for (const folder of [
    "state/lists/partial",
    "cache/archives/partial",
    "etc/apt.conf.d",
    "etc/preferences.d",
  ]) {
    await mkdir(join(work, folder), { recursive: true });
  }
  await writeFile(join(work, "state/status"), "");
  const own = await ownSources(work);
  const settings = [
    ...(await acquireSettings()),
    `Dir::State "${work}/state";`,
    `Dir::State::status "${work}/state/status";`,
    `Dir::Cache "${work}/cache";`,
    `Dir::Etc::Parts "${work}/etc/apt.conf.d";`,
    `Dir::Etc::PreferencesParts "${work}/etc/preferences.d";`,
    ...own,
    'APT::Sandbox::User "";',
    'APT::Install-Recommends "false";',
    // Package lists of an archive that moves (or of a frozen mirror) may be past their date; signatures still hold.
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    // Without it a list that cannot be read is only a warning, and the packages in it seem not to exist.
    'APT::Update::Error-Mode "any";',
  ];
  await writeFile(join(work, "apt.conf"), `${settings.join("\n")}\n`);
  return { env: { ...hostEnvironment(), APT_CONFIG: join(work, "apt.conf"), LC_ALL: "C.UTF-8" } };
}

async function acquireSettings(): Promise<readonly string[]> {
  const { stdout } = await run(["apt-config", "dump"]);
  return stdout.split("\n").filter((line) => line.startsWith("Acquire::"));
}

/** The archive that this machine has its own packages from. */
async function archiveUri(): Promise<string> {
  const folder = `${SOURCES}.d`;
  const parts = existsSync(folder) ? (await readdir(folder)).map((name) => join(folder, name)) : [];
  for (const file of [SOURCES, ...parts.sort()].filter((path) => existsSync(path))) {
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => !line.startsWith("#"));
    const uri = /\bhttps?:\/\/\S+\/debian\/?(?=\s|$)/m.exec(lines.join("\n"))?.[0];
    if (uri !== undefined) return uri;
  }
  throw new Error(`no archive of Debian is in ${SOURCES} or ${folder}: add one, or install a MySQL server`);
}

async function ownSources(work: string): Promise<readonly string[]> {
  const release = await readFile("/etc/os-release", "utf8");
  if (!/^ID="?debian"?$/m.test(release)) return [];
  if (!existsSync(KEYRING)) {
    throw new Error(`${KEYRING} is missing: install it with: sudo apt-get install debian-archive-keyring`);
  }
  const list = join(work, "etc/sources.list");
  await writeFile(list, `deb [signed-by=${KEYRING}] ${await archiveUri()} sid main\n`);
  return [`Dir::Etc::SourceList "${list}";`, `Dir::Etc::SourceParts "${work}/etc/none";`];
}

/** Ubuntu before 25.10 names them with the series: mysql-server-core-8.0. The newest that exists wins. */
async function candidates(apt: RunOptions): Promise<readonly string[]> {
  const { stdout } = await run(["apt-cache", "pkgnames", "mysql-"], apt);
  const known = new Set(stdout.split("\n"));
  return PACKAGES.map((name) => {
    if (known.has(name)) return name;
    const series = [...known].filter((other) => new RegExp(`^${name}-\\d+\\.\\d+$`).test(other));
    const newest = series.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
    if (newest !== undefined) return newest;
    throw new Error(
      `the distribution has no package ${name}: install a MySQL server 8.0.36 or later on this machine and try again`,
    );
  });
}
