// The Node binary that ships in the charm: from its npm package, which npm checks by the lockfile's hash, without its symbol table.
import { existsSync } from "node:fs";
import { chmod, copyFile, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { exec } from "tinyexec";
import { withoutSymbols } from "./elf.ts";

/** Architectures that the charm is packed for, as Node calls them. */
export const architectures = ["x64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

const root = join(import.meta.dirname, "..", "..");

/** The folder of the npm package with the binary; a package for another architecture than this machine's is fetched first. */
async function nodePackage(architecture: Architecture): Promise<string> {
  const name = `node-linux-${architecture}`;
  const own = createRequire(import.meta.url);
  try {
    return dirname(own.resolve(`${name}/package.json`));
  } catch {
    const folder = await fetchPackages(architecture);
    return join(folder, "node_modules", name);
  }
}

/** npm leaves out what is for another machine, unless it is told to install for that machine. */
async function fetchPackages(architecture: Architecture): Promise<string> {
  const folder = join(root, "build", `packages-${architecture}`);
  if (existsSync(join(folder, "node_modules", `node-linux-${architecture}`, "bin", "node"))) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json", ".npmrc"])
    await copyFile(join(root, file), join(folder, file));
  const flags = ["--omit=dev", "--ignore-scripts", "--os=linux", `--cpu=${architecture}`];
  const result = await exec("npm", ["ci", ...flags], { nodeOptions: { cwd: folder } });
  if (result.exitCode !== 0) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`npm ci for ${architecture} failed: ${result.stderr.trim().slice(-500)}`);
  }
  return folder;
}

/**
 * Puts the binary and its licence into a folder. It is made once; the charm folder gets a second name for it.
 * Throws when the package of the architecture cannot be had.
 */
export async function placeRuntime(architecture: Architecture, folder: string): Promise<void> {
  const source = await nodePackage(architecture);
  const { version } = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as { version: string };
  const made = join(root, "build", "runtime", `node-${version}-${architecture}`);
  if (!existsSync(made)) {
    await mkdir(dirname(made), { recursive: true });
    const fresh = `${made}.${process.pid}`;
    await writeFile(fresh, withoutSymbols(await readFile(join(source, "bin", "node"))));
    await chmod(fresh, 0o755);
    await rename(fresh, made);
  }
  await mkdir(folder, { recursive: true });
  const target = join(folder, "node");
  await link(made, target).catch(() => copyFile(made, target));
  await chmod(target, 0o755);
  await copyFile(join(source, "LICENSE"), join(folder, "LICENSE"));
}
