// Says whether the documents are true where a program can tell: links lead to files and headings, and the scripts, tests, options,
// actions and endpoints that are named exist.

import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { charmMeta } from "../src/generated/charm-meta.ts";
import { passwordFields } from "../src/wire/credentials.ts";
import { HOSTNAME_DETAILS, KNOWN_HOSTS, peerAppSchema, peerUnitSchema } from "../src/wire/peers.ts";
import { primaryBagSchema, replicaBagSchema, SET_HOSTS, SET_VIEW } from "../src/wire/replication.ts";
import { missingHeadings } from "./docs/anchors.ts";
import { strangeCommands } from "./docs/commands.ts";

const root = join(import.meta.dirname, "..");

/** Targets of a document's links to files, without their fragments. */
function links(text: string): readonly string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return targets
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
    .map((target) => target.replace(/#.*$/, ""));
}

/** Tests in the list of Juju's rules that there are not. */
async function unknownTests(): Promise<readonly string[]> {
  const document = "docs/reference/juju-rules.md";
  const text = await readFile(join(root, document), "utf8");
  const named = [...text.matchAll(/\[([^\]]+)\]\(([^)\s]+\.test\.ts)\)/g)];
  const found = named.map(async ([, name = "", target = ""]) => {
    const path = join(root, dirname(document), target);
    const isThere = existsSync(path) && (await readFile(path, "utf8")).includes(JSON.stringify(name));
    return isThere ? [] : [`${document}: ${target} has no test ${JSON.stringify(name)}`];
  });
  return (await Promise.all(found)).flat();
}

/** Names of the npm scripts that a document tells people to run. */
function scripts(text: string): readonly string[] {
  return [...text.matchAll(/\bnpm run ([a-z][a-z:-]*)/g)].map((match) => match[1] ?? "");
}

/** Tests that a document names, as `file` "title". */
async function missingTests(text: string): Promise<readonly string[]> {
  const named = [...text.matchAll(/`(tests\/[^`]+\.ts)` "([^"]+)"/g)];
  const checked = named.map(async ([, file = "", title = ""]) => {
    const source = await readFile(join(root, file), "utf8").catch(() => "");
    return source.includes(`"${title}"`) ? [] : [`there is no test "${title}" in ${file}`];
  });
  return (await Promise.all(checked)).flat();
}

async function problemsOf(document: string, known: ReadonlySet<string>): Promise<readonly string[]> {
  const text = await readFile(join(root, document), "utf8");
  return [
    ...links(text)
      .filter((target) => !existsSync(join(root, dirname(document), target)))
      .map((target) => `${document}: the link to ${target} leads nowhere`),
    ...scripts(text)
      .filter((name) => !known.has(name))
      .map((name) => `${document}: there is no npm run ${name}`),
    ...(await missingTests(text)).map((problem) => `${document}: ${problem}`),
    ...(await missingHeadings(root, document)),
    // The framework's documents are about other charms.
    ...(document.startsWith("docs/framework/") ? [] : strangeCommands(text)).map(
      (problem) => `${document}: ${problem}`,
    ),
  ];
}

async function missingFromReadme(): Promise<readonly string[]> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const names = [...Object.keys(charmMeta.actions), ...Object.keys(charmMeta.config)];
  return names
    .filter((name) => !readme.includes(`\`${name}\``))
    .map((name) => `README.md: says nothing of ${name}`);
}

/** Keys of databags, fields of secrets and names of accounts that the reference does not name. */
async function missingFromReference(): Promise<readonly string[]> {
  const path = "docs/reference/relation-data.md";
  const text = await readFile(join(root, path), "utf8");
  const schemas = [peerAppSchema, peerUnitSchema, primaryBagSchema, replicaBagSchema];
  const names = [
    ...schemas.flatMap((schema) => Object.keys(schema.shape)),
    ...[HOSTNAME_DETAILS, KNOWN_HOSTS, SET_HOSTS, SET_VIEW],
    ...Object.entries(passwordFields).flat(),
  ];
  return [...new Set(names)]
    .filter((name) => !text.includes(`\`${name}\``))
    .map((name) => `${path}: says nothing of ${name}`);
}

/** Names in the comparison with ops that the framework does not have. */
async function strangersToFramework(): Promise<readonly string[]> {
  const path = "docs/framework/ops.md";
  const reference = await readFile(join(root, "docs/framework/reference.md"), "utf8");
  const known = new Set(reference.match(/\w+/g));
  const ours = (await readFile(join(root, path), "utf8"))
    .split("\n")
    .map((line) => line.split(" | ")[1] ?? "");
  return [...ours.join(" ").matchAll(/`([A-Za-z]+(?:\.[A-Za-z]+)*)`/g)]
    .flatMap(([, name = ""]) => name.split("."))
    .filter((word) => !known.has(word))
    .map((word) => `${path}: the framework has no ${word}`);
}

const listSchema = z.record(z.string(), z.string());
const dependenciesSchema = z
  .object({ dependencies: listSchema, devDependencies: listSchema, optionalDependencies: listSchema })
  .transform((lists) => Object.values(lists).flatMap((list) => Object.keys(list)));

/** Dependencies without a reason in the table of CONTRIBUTING.md, and reasons without a dependency. */
async function unexplainedDependencies(packageFile: unknown): Promise<readonly string[]> {
  const text = await readFile(join(root, "CONTRIBUTING.md"), "utf8");
  const rows = text.split("## Dependencies")[1]?.matchAll(/^\| (?!package )([^|]+) \| [^|]+ \|$/gm) ?? [];
  const explained = [...rows].flatMap(([, names = ""]) => names.split(", "));
  const known = dependenciesSchema.parse(packageFile);
  return [
    ...known.filter((name) => !explained.includes(name)).map((name) => `gives no reason for ${name}`),
    ...explained.filter((name) => !known.includes(name)).map((name) => `${name} is no dependency`),
  ].map((problem) => `CONTRIBUTING.md: ${problem}`);
}

async function main(): Promise<number> {
  const packageFile: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const known = new Set(
    Object.keys(z.object({ scripts: z.record(z.string(), z.string()) }).parse(packageFile).scripts),
  );
  const documents: string[] = [];
  for await (const document of glob(["*.md", "docs/**/*.md"], { cwd: root })) documents.push(document);
  const told = await Promise.all(documents.map((document) => problemsOf(document, known)));
  const problems = [
    ...told.flat(),
    ...(await missingFromReadme()),
    ...(await unexplainedDependencies(packageFile)),
    ...(await unknownTests()),
    ...(await missingFromReference()),
    ...(await strangersToFramework()),
  ];
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main();
