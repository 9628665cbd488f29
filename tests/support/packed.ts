// A packed charm: made here, or by charmcraft where that can be had, and what is in it.
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { unpack } from "../../sandbox/juju/archive.ts";
import { buildCharm } from "../../scripts/build.ts";
import { writeCharmFile } from "../../scripts/pack/charm-file.ts";
import { copyProject, getCharmcraft, runCharmcraft } from "../../scripts/pack/charmcraft.ts";
import { charmFileName, type Platform, readPlatforms } from "../../scripts/pack/platforms.ts";

const root = join(import.meta.dirname, "..", "..");

/** The platform of Ubuntu 24.04 on this machine's architecture. */
export async function ownPlatform(): Promise<Platform> {
  const found = (await readPlatforms(root)).find(
    ({ channel, nodeArchitecture }) => channel === "24.04" && nodeArchitecture === process.arch,
  );
  if (found === undefined) throw new Error(`charmcraft.yaml has no platform for ${process.arch}`);
  return found;
}

/** Packs the charm without charmcraft and gives the file's path. */
export async function packHere(folder: string): Promise<string> {
  const platform = await ownPlatform();
  const file = join(folder, charmFileName("mysql", platform));
  await writeCharmFile(await buildCharm({ target: join(folder, "charm") }), platform, file);
  return file;
}

/** What the real charmcraft made of a clean copy of the project, or why there is none. */
export type Charmcrafted =
  | { readonly kind: "packed"; readonly file: string; readonly findings: readonly LinterResult[] }
  | { readonly kind: "unavailable"; readonly reason: string };

interface LinterResult {
  readonly name: string;
  readonly result: string;
}

/** Packs a clean copy of the project with charmcraft, and lets its linters look at the file. */
export async function packWithCharmcraft(folder: string): Promise<Charmcrafted> {
  const charmcraft = await getCharmcraft();
  if (charmcraft.kind === "unavailable") return charmcraft;
  const platform = await ownPlatform();
  const copy = join(folder, "project");
  await copyProject(root, copy);
  const pack = ["pack", "--destructive-mode", `--platform=${platform.name}`];
  await runCharmcraft(charmcraft, pack, copy, platform);
  const file = join(copy, charmFileName("mysql", platform));
  const said = await runCharmcraft(charmcraft, ["analyze", "--format=json", file], copy, platform);
  const findings = JSON.parse(said.slice(said.indexOf("["), said.lastIndexOf("]") + 1)) as LinterResult[];
  return { kind: "packed", file, findings };
}

/** Path → mode and digest of every file in a .charm file. */
export async function contents(file: string, folder: string): Promise<Readonly<Record<string, string>>> {
  const target = join(folder, `unpacked-${createHash("sha256").update(file).digest("hex").slice(0, 8)}`);
  await unpack(file, target);
  const found: Record<string, string> = {};
  for (const entry of await readdir(target, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const mode = ((await stat(path)).mode & 0o777).toString(8);
    const digest = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    found[path.slice(target.length + 1)] = `${mode} ${digest}`;
  }
  await rm(target, { recursive: true });
  return found;
}
