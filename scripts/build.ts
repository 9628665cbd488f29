// Makes build/<name>/ of a charm's folder, as Juju would unpack it: the bundle, the Node binary that ships, and the files that Juju reads.
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import * as z from "zod";
import { readCommandLine } from "./command-line.ts";
import { dependencyList } from "./pack/licences.ts";
import { architectures, placeRuntime } from "./pack/runtime.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** What Juju and the charm itself read, as far as a charm has it. */
const copied = ["metadata.yaml", "config.yaml", "actions.yaml", "snap-revisions.json", "LICENSE"] as const;

export interface BuildOptions {
  /** The charm's sources: metadata.yaml, src/main.ts and the rest. This repository's own charm unless given. */
  readonly folder?: string;
  /** Of the machine that the charm is for, as Node names it. */
  readonly architecture?: string;
  /** Where it is built: `build/charm`, or `build/<folder's name>` of another charm, unless given. */
  readonly target?: string;
}

/** Builds the charm folder and gives its path. Throws for an architecture that the charm is not packed for. */
export async function buildCharm(options: BuildOptions = {}): Promise<string> {
  const { folder = root } = options;
  const architecture = z.enum(architectures).parse(options.architecture ?? process.arch);
  const target = options.target ?? join(root, "build", folder === root ? "charm" : basename(folder));
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const modules = await bundle(join(folder, "src"), join(target, "dist"));
  await writeFile(join(target, "DEPENDENCIES"), await dependencyList(modules));
  for (const name of copied) {
    if (existsSync(join(folder, name))) await copyFile(join(folder, name), join(target, name));
  }
  await copyFile(join(root, "dispatch"), join(target, "dispatch"));
  await chmod(join(target, "dispatch"), 0o755);
  await placeRuntime(architecture, join(target, "runtime"));
  return target;
}

/** Bundles the charm's programs; gives the paths of all modules that went in. */
async function bundle(sources: string, directory: string): Promise<readonly string[]> {
  const job = join(sources, "job.ts");
  const build = await rolldown({
    input: { charm: join(sources, "main.ts"), ...(existsSync(job) ? { job } : {}) },
    platform: "node",
    logLevel: "warn",
  });
  const { output } = await build.write({
    dir: directory,
    // Node starts this faster than ES modules: a built-in module is loaded without reading all of its exports.
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "chunks/[name]-[hash].cjs",
    minify: true,
  });
  await build.close();
  // charmcraft's entrypoint rule: the last word of dispatch must be an executable file.
  await chmod(join(directory, "charm.cjs"), 0o755);
  return output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
}

const USAGE = `Usage: npm run build [-- --arch ${architectures.join("|")}] [<folder>]

Makes build/charm, or build/<name> of the charm in a folder, as Juju would
unpack it, for this machine's architecture unless another is named.
`;

async function main(): Promise<void> {
  const { values, positionals } = readCommandLine({
    usage: USAGE,
    options: { arch: { type: "string" } },
    words: "any",
    choices: { arch: architectures },
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
