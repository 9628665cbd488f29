// The programs that the sandbox needs of the host: where they are, and how to install those that are missing.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Program → package, by package manager. A name that is absent has the package's name of apt. */
const APT: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  pivot_root: "util-linux",
  setpriv: "util-linux",
  flock: "util-linux",
  findmnt: "util-linux",
  mount: "mount",
  ip: "iproute2",
  perl: "perl-base",
  hostname: "hostname",
  tar: "tar",
};
const DNF: Readonly<Record<string, string>> = {
  mount: "util-linux",
  ip: "iproute",
  perl: "perl-interpreter",
};
const PACMAN: Readonly<Record<string, string>> = { mount: "util-linux", perl: "perl", hostname: "inetutils" };

const INSTALLERS = [
  { program: "apt-get", install: "sudo apt-get install -y", packages: APT },
  { program: "dnf", install: "sudo dnf install -y", packages: { ...APT, ...DNF } },
  { program: "pacman", install: "sudo pacman -S --needed", packages: { ...APT, ...PACMAN } },
];

/** This process's environment, with the system programs on the PATH: a plain user often lacks /usr/sbin there. */
export function hostEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  env["PATH"] = [env["PATH"] ?? "/usr/bin:/bin", "/usr/sbin", "/sbin"].join(delimiter);
  return env;
}

/** Absolute path of a program of the host, or undefined. */
export function findTool(program: string, path = hostEnvironment()["PATH"] ?? ""): string | undefined {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, program);
    if (folder.startsWith("/") && executable(file)) return file;
  }
  return undefined;
}

/** Every hook starts some: each is looked for once. */
const found = new Map<string, string>();

/** Absolute path of a program of the host. Throws with the command that installs it. */
export function tool(program: string): string {
  const file = found.get(program) ?? findTool(program);
  if (file === undefined) throw new Error(missingTools([program]));
  found.set(program, file);
  return file;
}

/** What to tell a person whose machine lacks some programs; undefined when none is missing. */
export function missingTools(
  programs: readonly string[] = Object.keys(APT),
  find: (program: string) => string | undefined = findTool,
): string | undefined {
  const missing = programs.filter((program) => find(program) === undefined);
  if (missing.length === 0) return undefined;
  const installer = INSTALLERS.find(({ program }) => find(program) !== undefined);
  const what = `this machine lacks ${missing.join(", ")}`;
  if (installer === undefined) return `${what}: install them with its package manager`;
  const packages = new Set(missing.map((program) => installer.packages[program] ?? program));
  return `${what}: install with: ${installer.install} ${[...packages].join(" ")}`;
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
