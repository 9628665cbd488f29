// Makes build/charm/, the folder that Juju would unpack: the bundle, the Node binary that ships, and the files that Juju reads.
import { chmod, copyFile, link, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const copied = ["metadata.yaml", "config.yaml", "actions.yaml", "LICENSE"] as const;

/** The Node binary of an architecture, from its npm package. Throws when the package is not installed. */
function nodeBinary(architecture: string): string {
  return join(
    dirname(createRequire(import.meta.url).resolve(`node-linux-${architecture}/package.json`)),
    "bin",
    "node",
  );
}

/** Builds the charm folder and gives its path. */
export async function buildCharm(architecture: string = process.arch): Promise<string> {
  const target = join(root, "build", "charm");
  await rm(target, { recursive: true, force: true });
  await mkdir(join(target, "runtime"), { recursive: true });
  await bundle(join(target, "dist"));
  for (const name of copied) await copyFile(join(root, name), join(target, name));
  await copyFile(join(root, "dispatch"), join(target, "dispatch"));
  await chmod(join(target, "dispatch"), 0o755);
  await linkOrCopy(nodeBinary(architecture), join(target, "runtime", "node"));
  return target;
}

async function bundle(directory: string): Promise<void> {
  const build = await rolldown({
    input: { charm: join(root, "src", "main.ts"), job: join(root, "src", "job.ts") },
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

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await buildCharm(process.argv[2]));
