// Makes .charm files without charmcraft: `npm run pack` for this machine's architecture, `npm run pack -- all` or platforms by name.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { buildCharm } from "./build.ts";
import { readCommandLine } from "./command-line.ts";
import { writeCharmFile } from "./pack/charm-file.ts";
import { charmFileName, type Platform, readPlatforms } from "./pack/platforms.ts";

const root = join(import.meta.dirname, "..");
const metadataSchema = z.object({ name: z.string() });

function choose(platforms: readonly Platform[], words: readonly string[]): readonly Platform[] {
  if (words.length === 0)
    return platforms.filter(({ nodeArchitecture }) => nodeArchitecture === process.arch);
  if (words.includes("all")) return platforms;
  return platforms.filter(({ name }) => words.includes(name));
}

async function main(): Promise<void> {
  const { name } = metadataSchema.parse(parse(await readFile(join(root, "metadata.yaml"), "utf8")));
  const platforms = await readPlatforms(root);
  const names = platforms.map((platform) => platform.name);
  const { positionals } = readCommandLine({ usage: usage(names), options: {}, words: ["all", ...names] });
  const chosen = choose(platforms, positionals);
  for (const architecture of new Set(chosen.map(({ nodeArchitecture }) => nodeArchitecture))) {
    const folder = await buildCharm({ architecture, target: join(root, "build", `charm-${architecture}`) });
    for (const platform of chosen.filter(({ nodeArchitecture }) => nodeArchitecture === architecture)) {
      const target = join(root, charmFileName(name, platform));
      await writeCharmFile(folder, platform, target);
      const bytes = await readFile(target);
      const digest = createHash("sha256").update(bytes).digest("hex");
      console.log(`${(bytes.length / 1e6).toFixed(1).padStart(5)} MB  ${digest.slice(0, 16)}…  ${target}`);
    }
  }
}

function usage(names: readonly string[]): string {
  return `Usage: npm run pack [-- all | <platform> ...]

Makes a .charm file for each platform: of this machine's architecture unless
some are named. Prints size, SHA-256 and path of each.

Platforms:
${names.map((name) => `  ${name}\n`).join("")}`;
}

try {
  await main();
} catch (error) {
  console.error(`npm run pack: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
