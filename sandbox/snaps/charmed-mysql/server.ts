// Which MySQL server the sandbox runs: the host's when a suitable one is installed, else one from packages in the cache.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../machine/run.ts";
import { cacheFolder, makeOnce, type Progress } from "../cache.ts";
import { extractMysqlPackages } from "./packages.ts";

/** A MySQL server on disk. All of it is below `root`/usr. */
export interface MysqlServer {
  readonly root: string;
  /** As the server says it, e.g. "9.7.4". */
  readonly version: string;
}

export type Version = readonly [major: number, minor: number, patch: number];
/** Clone, Group Replication's MYSQL communication stack and ClusterSet as the charm uses them need this at least. */
const OLDEST: Version = [8, 0, 36];
const PLUGINS = ["group_replication.so", "mysql_clone.so"];

/** The server to use, fetched into the cache when the host has none. Reaches for the network only then. */
export async function mysqlServer(progress: Progress = () => {}): Promise<MysqlServer> {
  const present = await presentServer();
  if (present !== undefined) return present;
  const root = cachedRoot();
  await makeOnce(root, (empty) => extractMysqlPackages(empty, progress));
  const server = await inspect(root);
  if (typeof server === "string")
    throw new Error(`the MySQL server that was fetched cannot be used: ${server}`);
  progress(`MySQL ${server.version} is in ${root}`);
  return server;
}

/** The server to use if there is one already (on the host or in the cache); never fetches. */
export async function presentServer(): Promise<MysqlServer | undefined> {
  for (const root of ["/", cachedRoot()]) {
    const server = await inspect(root);
    if (typeof server !== "string") return server;
  }
  return undefined;
}

function cachedRoot(): string {
  return join(cacheFolder(), `mysql-server-${process.arch}`);
}

/**
 * Argument list that runs one of the server's programs ("mysqld", "mysql", …) from `root`. Libraries of another release
 * than the host's need their own loader, so programs below any other folder than / run through it.
 */
export function serverCommand(root: string, program: string): readonly string[] {
  const file = [join(root, "usr/sbin", program), join(root, "usr/bin", program)].find((path) =>
    existsSync(path),
  );
  if (file === undefined) throw new Error(`${program} is neither in ${root}/usr/sbin nor in ${root}/usr/bin`);
  const loader = root === "/" ? undefined : loaderOf(root);
  if (loader === undefined) return [file];
  return [loader.loader, "--library-path", loader.libraries, "--argv0", file, file];
}

/** The options that tell a server below `root` where the rest of its files are. */
export function serverOptions(root: string): readonly string[] {
  const share = join(root, "usr/share/mysql");
  return [
    `--basedir=${join(root, "usr")}`,
    `--plugin-dir=${pluginFolder(root) ?? ""}`,
    ...(existsSync(share) ? [`--lc-messages-dir=${share}`, `--character-sets-dir=${share}/charsets`] : []),
  ];
}

/** The dynamic loader below `root` and its libraries; undefined where these are not in Debian's folders. */
export function loaderOf(root: string): { readonly loader: string; readonly libraries: string } | undefined {
  const lib = join(root, "usr/lib");
  for (const triplet of readdirSync(lib).filter((name) => name.includes("-linux-"))) {
    const libraries = join(lib, triplet);
    const loader = readdirSync(libraries).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    if (loader !== undefined) return { loader: join(libraries, loader), libraries };
  }
  return undefined;
}

function pluginFolder(root: string): string | undefined {
  const below = ["usr/lib/mysql/plugin", "usr/lib64/mysql/plugin"];
  return below.map((path) => join(root, path)).find((path) => existsSync(path));
}

/** The server below `root`, or why it cannot be used. */
async function inspect(root: string): Promise<MysqlServer | string> {
  if (!existsSync(join(root, "usr/sbin/mysqld"))) return `there is no ${join(root, "usr/sbin/mysqld")}`;
  const { stdout } = await run([...serverCommand(root, "mysqld"), "--no-defaults", "--version"]);
  const version = parseVersion(stdout);
  if (version === undefined) return `mysqld is not MySQL: ${stdout.trim()}`;
  if (!atLeast(version, OLDEST)) return `MySQL ${version.join(".")} is older than ${OLDEST.join(".")}`;
  const plugins = pluginFolder(root);
  const missing = PLUGINS.filter((name) => plugins === undefined || !existsSync(join(plugins, name)));
  if (missing.length > 0) return `MySQL ${version.join(".")} lacks ${missing.join(" and ")}`;
  return { root, version: version.join(".") };
}

/** Reads what `mysqld --version` prints; undefined for what is not MySQL (MariaDB answers to the same name). */
export function parseVersion(text: string): Version | undefined {
  if (/mariadb/i.test(text)) return undefined;
  const match = /\bVer (\d+)\.(\d+)\.(\d+)/.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

export function atLeast(version: Version, least: Version): boolean {
  for (const [index, part] of version.entries()) {
    const other = least[index] ?? 0;
    if (part !== other) return part > other;
  }
  return true;
}
