// A machine's own files on disk: what is there at its first boot, and which folder of the disk a path inside stands for.
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/** A file or folder of the host that a machine sees read-only. */
export interface Bind {
  readonly from: string;
  readonly to: string;
}

export interface Identity {
  readonly hostname: string;
  /** In a hub of a plain user there is one user id only, 0, and every account of the machine has it. */
  readonly plainUser: boolean;
}

/** Where the storages of a machine appear inside; each is mounted from here to its own place. */
export const STORAGE_POOL = "/run/juju-storage";

const FOLDERS = [
  ...["dev", "etc", "home", "media", "mnt", "opt", "proc", "root", "run", "snap", "srv", "sys", "tmp", "usr"],
  ...["cache", "lib", "log", "snap", "spool/cron", "tmp"].map((name) => `var/${name}`),
  ...["etc/cron.d", "etc/logrotate.d"],
];
const LOCAL_FOLDERS = ["bin", "lib", "sbin", "share"];
/** Files of the host's /etc that programs in /usr look for; each machine has copies of its own. */
const HOST_FILES = [
  ...["bash.bashrc", "debian_version", "inputrc", "ld.so.cache", "ld.so.conf", "localtime", "login.defs"],
  ...["mke2fs.conf", "os-release", "profile", "protocols", "services", "shells", "timezone"],
];
/** Folders likewise. They have hundreds of files, so machines see the host's, read-only. */
const HOST_FOLDERS = [
  ...["alternatives", "ca-certificates", "crypto-policies", "ld.so.conf.d", "perl", "pki", "ssl", "terminfo"],
];

/** What every machine sees of the host's /etc. */
export function hostBinds(): readonly Bind[] {
  const folders = HOST_FOLDERS.map((name) => join("/etc", name)).filter((path) => existsSync(path));
  return folders.map((path) => ({ from: path, to: path }));
}

/** Makes the files of a machine that has never been started. Its root is there only when all of it is. */
export async function makeRoot(folder: string, identity: Identity): Promise<void> {
  const root = join(folder, "root.partial");
  await rm(root, { recursive: true, force: true });
  for (const name of FOLDERS) await mkdir(join(root, name), { recursive: true });
  for (const name of LOCAL_FOLDERS) await mkdir(join(folder, "local", name), { recursive: true });
  await mkdir(join(folder, "storage"), { recursive: true });
  await symlink("../run", join(root, "var/run"));
  for (const name of HOST_FILES.filter((name) => existsSync(join("/etc", name)))) {
    await cp(join("/etc", name), join(root, "etc", name), { verbatimSymlinks: true });
  }
  for (const [name, text] of Object.entries(etcFiles(identity))) {
    await writeFile(join(root, "etc", name), text);
  }
  await rename(root, join(folder, "root"));
}

/** What every boot finds anew: empty /run and /tmp, something to mount each bind on, and the sandbox's programs. */
export async function prepareBoot(
  folder: string,
  binds: readonly Bind[],
  programs: Readonly<Record<string, string>>,
): Promise<void> {
  for (const name of ["run", "tmp"]) {
    await rm(join(folder, "root", name), { recursive: true, force: true });
    await mkdir(join(folder, "root", name));
  }
  for (const name of ["tmp", "var/tmp"]) await chmod(join(folder, "root", name), 0o1777);
  await mkdir(join(folder, "root", STORAGE_POOL), { recursive: true });
  for (const { from, to } of binds) {
    const target = diskPath(folder, to);
    await mkdir(dirname(target), { recursive: true });
    if ((await stat(from)).isDirectory()) await mkdir(target, { recursive: true });
    else await writeFile(target, "", { flag: "a" });
  }
  for (const [path, text] of Object.entries(programs)) {
    const file = diskPath(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    await chmod(file, 0o755);
  }
}

/** The path on disk, below the machine's folder, of a path inside the machine; storages by their mount points. */
export function diskPath(
  folder: string,
  inside: string,
  storages: ReadonlyMap<string, string> = new Map(),
): string {
  const path = normalize(join("/", inside));
  const mounts = [
    ["/usr/local", "local"],
    ...[...storages].map(([id, at]) => [at, `storage/${id}`]),
  ] as const;
  for (const [at = "", own = ""] of mounts) {
    if (path === at || path.startsWith(`${at}/`)) return join(folder, own, path.slice(at.length));
  }
  return join(folder, "root", path);
}

export function etcFiles({ hostname, plainUser }: Identity): Readonly<Record<string, string>> {
  const accounts = ACCOUNTS.map(([name, id, home, shell]) => {
    const uid = plainUser ? 0 : id;
    return { passwd: `${name}:x:${uid}:${uid}:${name}:${home}:${shell}`, group: `${name}:x:${uid}:` };
  });
  return {
    passwd: lines(accounts.map(({ passwd }) => passwd)),
    group: lines([
      ...accounts.map(({ group }) => group),
      ...GROUPS.map(([name, id]) => `${name}:x:${plainUser ? 0 : id}:`),
    ]),
    hosts: lines(["127.0.0.1 localhost", `127.0.1.1 ${hostname}`]),
    hostname: lines([hostname]),
    "resolv.conf": "",
    "nsswitch.conf": lines([
      "passwd: files",
      "group: files",
      "hosts: files",
      "services: files",
      "protocols: files",
    ]),
    fstab: "",
    "machine-id": lines([crypto.randomUUID().replaceAll("-", "")]),
  };
}

type Account = readonly [name: string, id: number, home: string, shell: string];
/** snap_daemon has the id that snapd reserves for it (snapcraft documentation, "System usernames"). */
const ACCOUNTS: readonly Account[] = [
  ["root", 0, "/root", "/bin/bash"],
  ["daemon", 1, "/usr/sbin", "/usr/sbin/nologin"],
  ["syslog", 104, "/nonexistent", "/usr/sbin/nologin"],
  ["ubuntu", 1000, "/home/ubuntu", "/bin/bash"],
  ["nobody", 65534, "/nonexistent", "/usr/sbin/nologin"],
  ["snap_daemon", 584788, "/nonexistent", "/usr/bin/false"],
];
const GROUPS: readonly (readonly [name: string, id: number])[] = [
  ["adm", 4],
  ["tty", 5],
  ["utmp", 43],
  ["nogroup", 65534],
];

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
