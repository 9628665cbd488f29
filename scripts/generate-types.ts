// Writes src/generated/charm-meta.ts of a charm's folder from the YAML that Juju reads, and without a folder the reference of the
// framework too; with --check it only says whether they are current.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { format } from "node:util";
import { parse } from "yaml";
import * as z from "zod";
import type { CharmMeta } from "../lib/meta.ts";
import { readCommandLine } from "./command-line.ts";
import { printReference } from "./reference.ts";

const target = "src/generated/charm-meta.ts";
const command = "node scripts/generate-types.ts";
const reference = "docs/framework/reference.md";
const statusReference = "docs/reference/statuses.md";
const root = join(import.meta.dirname, "..");

const endpoint = z.object({ interface: z.string(), limit: z.int().positive().optional() });
const endpoints = z.record(z.string(), endpoint).default({});
const metadataFile = z.object({
  name: z.string(),
  peers: endpoints,
  provides: endpoints,
  requires: endpoints,
  storage: z
    .record(
      z.string(),
      z.object({
        type: z.enum(["filesystem", "block"]),
        location: z.string().optional(),
        multiple: z.unknown().optional(),
      }),
    )
    .default({}),
  resources: z.record(z.string(), z.object({ type: z.enum(["file", "oci-image"]) })).optional(),
  "extra-bindings": z.record(z.string(), z.unknown()).optional(),
});
const actionsFile = z.record(
  z.string(),
  z.object({
    params: z
      .record(
        z.string(),
        z.object({
          type: z.enum(["string", "integer", "number", "boolean", "object", "array"]),
          default: z.unknown().optional(),
        }),
      )
      .default({}),
    required: z.array(z.string()).default([]),
  }),
);
const configFile = z.object({
  options: z
    .record(
      z.string(),
      z.object({
        type: z.enum(["string", "int", "float", "boolean", "secret"]),
        default: z.union([z.string(), z.number(), z.boolean()]).optional(),
      }),
    )
    .default({}),
});

/** Text of one file under the charm's root; undefined when there is none. */
export type ReadText = (file: string) => Promise<string | undefined>;

/** Reads the charm's YAML files; throws with the file, the place in it and what is wrong there. */
export async function readMeta(read: ReadText): Promise<CharmMeta> {
  const metadata = await load(read, "metadata.yaml", metadataFile);
  const actions = await load(read, "actions.yaml", actionsFile);
  const config = await load(read, "config.yaml", configFile);
  const meta: CharmMeta = {
    name: metadata.name,
    endpoints: {
      ...withRole("peer", metadata.peers),
      ...withRole("provides", metadata.provides),
      ...withRole("requires", metadata.requires),
    },
    storages: mapValues(metadata.storage, ({ type, location, multiple }) => ({
      type,
      ...(location === undefined ? {} : { location }),
      multiple: multiple !== undefined,
    })),
    actions: mapValues(actions, ({ params, required }) => ({
      params: mapValues(params, (param, name) => ({
        type: param.type,
        required: required.includes(name),
        ...(param.default === undefined ? {} : { default: param.default }),
      })),
    })),
    config: mapValues(config.options, (option) => ({
      type: option.type,
      ...(option.default === undefined ? {} : { default: option.default }),
    })),
    ...(metadata.resources === undefined
      ? {}
      : { resources: mapValues(metadata.resources, ({ type }) => ({ type })) }),
    ...(metadata["extra-bindings"] === undefined
      ? {}
      : { bindings: mapValues(metadata["extra-bindings"], () => ({})) }),
  };
  refuseStrayRequired(actions);
  return meta;
}

/** The module that declares the metadata to the compiler. `lib` leads from its folder to the framework. */
export function printModule(meta: CharmMeta, lib = "../../lib"): string {
  return [
    `// Generated from metadata.yaml, actions.yaml and config.yaml by \`${command}\`. Do not edit.`,
    "",
    `import type { CharmMeta } from "${lib}/index.ts";`,
    "",
    `export const charmMeta = ${printValue(meta, "")} as const satisfies CharmMeta;`,
    "",
    "/** The type of this charm's metadata: what names of relations, actions and options there are. */",
    "export type Meta = typeof charmMeta;",
    "",
  ].join("\n");
}

async function load<T>(read: ReadText, file: string, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(parse((await read(file)) ?? "{}") ?? {});
  if (result.success) return result.data;
  const told = result.error.issues.map(({ path, message }) => `${file}: ${path.join(".")}: ${message}`);
  throw new Error(told.join("\n"));
}

function withRole(
  role: "peer" | "provides" | "requires",
  declared: z.infer<typeof endpoints>,
): CharmMeta["endpoints"] {
  return mapValues(declared, ({ interface: name, limit }) => ({
    role,
    interface: name,
    ...(limit === undefined ? {} : { limit }),
  }));
}

function mapValues<A, B>(
  source: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, change(value, key)]));
}

function refuseStrayRequired(actions: z.infer<typeof actionsFile>): void {
  for (const [name, action] of Object.entries(actions)) {
    const stray = action.required.find((param) => !Object.hasOwn(action.params, param));
    if (stray !== undefined)
      throw new Error(`actions.yaml: ${name}: "${stray}" is required but is no parameter`);
  }
}

/** Prints the way Biome leaves it. */
function printValue(value: unknown, indent: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => printValue(item, indent)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  const inner = `${indent}  `;
  const lines = entries.map(([key, item]) => `${inner}${printKey(key)}: ${printValue(item, inner)},\n`);
  return `{\n${lines.join("")}${indent}}`;
}

function printKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}

const USAGE = `Usage: npm run generate [-- --check] [<charm's folder> ...]

Writes the types that follow from metadata.yaml, actions.yaml and config.yaml,
and the references in docs/ that are made from the sources; of this repository
unless folders of charms are named.

  --check   write nothing; exit with 1 when something is out of date
`;

async function main(): Promise<number> {
  const { values, positionals } = readCommandLine({
    usage: USAGE,
    options: { check: { type: "boolean", default: false } },
    words: "any",
  });
  const isCheck = values.check;
  const named = positionals.map((folder) => resolve(folder));
  const results: boolean[] = [];
  for (const folder of named.length === 0 ? await ownCharms() : named) {
    results.push(await generate(folder, isCheck));
  }
  if (named.length === 0) {
    results.push(await keep(join(root, reference), await printReference(), isCheck));
    // Only here: the generator also serves charms of which this repository's own is no part.
    const { printStatuses } = await import("./charm-reference.ts");
    results.push(await keep(join(root, statusReference), printStatuses(), isCheck));
  }
  return results.every(Boolean) ? 0 : 1;
}

/** The charms of this repository. */
async function ownCharms(): Promise<readonly string[]> {
  const examples = (await readdir(join(root, "examples"))).map((name) => join(root, "examples", name));
  return [root, ...examples];
}

async function generate(folder: string, isCheck: boolean): Promise<boolean> {
  const file = join(folder, target);
  const lib = relative(dirname(file), join(root, "lib"));
  return await keep(file, printModule(await readMeta((name) => readText(join(folder, name))), lib), isCheck);
}

/** Writes a file, or says whether it is current. False when it should be current and is not. */
async function keep(file: string, wanted: string, isCheck: boolean): Promise<boolean> {
  const isCurrent = (await readText(file)) === wanted;
  const shown = relative(process.cwd(), file);
  if (isCheck && !isCurrent)
    console.error(format("%s is out of date: run `npm run generate` and commit it", shown));
  else console.log(`${shown} ${isCurrent ? "is current" : "written"}`);
  if (isCheck || isCurrent) return isCurrent;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, wanted);
  return true;
}

if (import.meta.main) process.exitCode = await main();
