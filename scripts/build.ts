// Makes build/<name>/ of a charm's folder, as Juju would unpack it: the bundle, the Node binary that ships, and the files that Juju reads.
import { existsSync } from "node:fs";
import { chmod, copyFile, link, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** What Juju reads, as far as a charm has it. */
const copied = ["metadata.yaml", "config.yaml", "actions.yaml", "LICENSE"] as const;

export interface BuildOptions {
  /** The charm's sources: metadata.yaml, src/main.ts and the rest. This repository's own charm unless given. */
  readonly folder?: string;
  /** Of the machine that the charm is for, as Node names it. */
  readonly architecture?: string;
}

/** The Node binary of an architecture, from its npm package. Throws when the package is not installed. */
function nodeBinary(architecture: string): string {
  return join(
    dirname(createRequire(import.meta.url).resolve(`node-linux-${architecture}/package.json`)),
    "bin",
    "node",
  );
}

/** Builds the charm folder and gives its path: `build/charm`, or `build/<folder's name>` of another charm. */
export async function buildCharm(options: BuildOptions = {}): Promise<string> {
  const { folder = root, architecture = process.arch } = options;
  const target = join(root, "build", folder === root ? "charm" : basename(folder));
  await rm(target, { recursive: true, force: true });
  await mkdir(join(target, "runtime"), { recursive: true });
  await bundle(join(folder, "src"), join(target, "dist"));
  for (const name of copied) {
    if (existsSync(join(folder, name))) await copyFile(join(folder, name), join(target, name));
  }
  await copyFile(join(root, "dispatch"), join(target, "dispatch"));
  await chmod(join(target, "dispatch"), 0o755);
  await linkOrCopy(nodeBinary(architecture), join(target, "runtime", "node"));
  return target;
}

async function bundle(sources: string, directory: string): Promise<void> {
  const job = join(sources, "job.ts");
  const build = await rolldown({
    input: { charm: join(sources, "main.ts"), ...(existsSync(job) ? { job } : {}) },
    platform: "node",
    logLevel: "warn",
  });
  await build.write({
    dir: directory,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "chunks/[name]-[hash].mjs",
    minify: true,
  });
  await build.close();
  // charmcraft's entrypoint rule: the last word of dispatch must be an executable file.
  await chmod(join(directory, "charm.mjs"), 0o755);
}

/** The binary has 127 MB: a second name for it is enough where the file system allows one. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
  await chmod(to, 0o755);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { arch: { type: "string" } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  console.log(
    await buildCharm({
      ...(folder === undefined ? {} : { folder: resolve(folder) }),
      ...(values.arch === undefined ? {} : { architecture: values.arch }),
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
