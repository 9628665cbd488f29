// What the charm carries that others wrote: a list of the packages in the bundle, with their licences.
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import * as z from "zod";

const packageSchema = z.object({ name: z.string(), version: z.string(), license: z.string() });

interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
}

/** The folder of the package that a module belongs to, or undefined for the project's own modules. */
function packageFolder(module: string): string | undefined {
  const marker = `${sep}node_modules${sep}`;
  const at = module.lastIndexOf(marker);
  if (at < 0) return undefined;
  const [first = "", second = ""] = module.slice(at + marker.length).split(sep);
  return module.slice(0, at) + marker + (first.startsWith("@") ? join(first, second) : first);
}

async function readDependency(folder: string): Promise<Dependency> {
  const { name, version, license } = packageSchema.parse(
    JSON.parse(await readFile(join(folder, "package.json"), "utf8")),
  );
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(?:\.|$)/i.test(entry));
  const text = file === undefined ? "" : await readFile(join(folder, file), "utf8");
  return { name, version, licence: license, text: text.trim() };
}

/**
 * The text of the list. The Node binary's licence lies beside the binary.
 * @param modules paths of all modules in the bundle
 */
export async function dependencyList(modules: readonly string[]): Promise<string> {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
  const dependencies = await Promise.all([...folders].map(readDependency));
  dependencies.sort((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.max(...dependencies.map(({ name, version }) => name.length + version.length + 1));
  const lines = dependencies.map(
    ({ name, version, licence }) => `${`${name}@${version}`.padEnd(width)}  ${licence}`,
  );
  const texts = dependencies.map(
    ({ name, version, text }) => `${"-".repeat(80)}\n${name}@${version}\n\n${text}\n`,
  );
  const head = `Packages in dist/, with their licences. That of Node.js is in ${join("runtime", "LICENSE")}.`;
  return `${head}\n\n${lines.join("\n")}\n\n${texts.join("\n")}`;
}
