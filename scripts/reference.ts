// The reference of the framework's public API, drawn from its sources: each export's declaration with its docstring.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
/** What a charm imports, and what its tests import. */
const entries = ["lib/index.ts", "lib/testing/world.ts"] as const;

interface Declaration {
  readonly name: string;
  readonly doc: string;
  readonly code: string;
}

interface Module {
  readonly path: string;
  /** Its first comment: what belongs in it. */
  readonly about: string;
  readonly declarations: readonly Declaration[];
}

/** The text of docs/framework/reference.md. Throws with the name of an export that is not found. */
export async function printReference(): Promise<string> {
  const parts: string[] = [];
  for (const entry of entries) {
    const [file, ...modules] = await modulesOf(entry);
    if (file === undefined) continue;
    parts.push(`## ${entry}\n\n${file.about}\n`);
    for (const module of [file, ...modules]) parts.push(...sectionOf(module, entry));
  }
  return `${head}\n${parts.join("\n")}`;
}

const head = `# Reference of the framework

A charm imports \`lib/index.ts\`, its tests import \`lib/testing/world.ts\`. This page is generated from them by \`npm run generate\`;
the heading of each part links to the source.
`;

function sectionOf({ path, about, declarations }: Module, entry: string): readonly string[] {
  if (declarations.length === 0) return [];
  const title = path === entry ? [] : [`### [${path}](../../${path})\n\n${about}\n`];
  return [...title, ...declarations.map(entryOf)];
}

function entryOf({ name, doc, code }: Declaration): string {
  return `#### ${name}\n\n${doc === "" ? "" : `${doc}\n\n`}\`\`\`ts\n${code}\n\`\`\`\n`;
}

/** The entry itself, then each module whose exports it hands on, in its order. */
async function modulesOf(entry: string): Promise<readonly Module[]> {
  const source = await readFile(join(root, entry), "utf8");
  const handedOn = new Map<string, string[]>();
  for (const [, names = "", from = ""] of source.matchAll(
    /^export (?:type )?\{([^}]*)\} from "([^"]+)";$/gms,
  )) {
    const path = join(entry, "..", from);
    const exported = names.split(",").map((name) => name.replace(/\btype\b/, "").trim());
    handedOn.set(path, [...(handedOn.get(path) ?? []), ...exported.filter((name) => name !== "")]);
  }
  const own = [...source.matchAll(declarationStart)].map((match) => match[1] ?? "");
  const modules = [moduleOf(entry, source, own)];
  for (const [path, names] of handedOn) {
    modules.push(moduleOf(path, await readFile(join(root, path), "utf8"), names.sort()));
  }
  return modules;
}

const declarationStart = /^export (?:async )?(?:function|class|interface|type|const) (\w+)/gm;

function moduleOf(path: string, source: string, names: readonly string[]): Module {
  const about = /^\/\/ (.*)$/m.exec(source)?.[1] ?? "";
  return { path, about, declarations: names.map((name) => declarationOf(path, source, name)) };
}

function declarationOf(path: string, source: string, name: string): Declaration {
  const found = new RegExp(`^export (?:async )?(?:function|class|interface|type|const) ${name}\\b`, "m").exec(
    source,
  );
  if (found === null) throw new Error(`${path} is said to export ${name}, but declares no such thing`);
  const code = codeFrom(source.slice(found.index));
  const doc = docBefore(source.slice(0, found.index));
  return { name, doc, code: [code, ...partsOf(code, source)].join("\n\n") };
}

/** Interfaces of the same module that an interface is made of. */
function partsOf(code: string, source: string): readonly string[] {
  const [first = ""] = code.split("\n");
  const names = [...(/ extends (.*)\{$/.exec(first)?.[1] ?? "").matchAll(/\b[A-Z]\w+(?=<|,|\s)/g)].map(
    ([name]) => name,
  );
  return names.flatMap((name) => {
    const at = source.search(new RegExp(`^interface ${name}\\b`, "m"));
    return at < 0 ? [] : [wholeDeclaration(source.slice(at))];
  });
}

/** The docstring that ends right before a declaration, without its marks. */
function docBefore(text: string): string {
  const found = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text);
  if (found === null) return "";
  const lines = (found[1] ?? "").split("\n").map((line) => line.replace(/^\s*\* ?/, "").trim());
  return lines
    .join("\n")
    .trim()
    .replaceAll(/\{@link ([^}]+)\}/g, "`$1`")
    .replaceAll(/^@(\w+) ?/gm, "\n*$1* ");
}

/** A declaration up to where a body begins that is of no interest to who calls it. */
function codeFrom(text: string): string {
  const [first = ""] = text.split("\n");
  if (first.startsWith("export interface") || first.startsWith("export type")) return wholeDeclaration(text);
  if (first.startsWith("export class")) return classOutline(text);
  if (first.startsWith("export const")) return constOutline(text);
  const end = /\{$|^\}/m.exec(text);
  return text.slice(0, end?.index).trim();
}

/** Up to the line that ends it: a closing brace, or a semicolon, without indent or at the end of an unindented start. */
function wholeDeclaration(text: string): string {
  const lines = text.split("\n");
  const [first = ""] = lines;
  if (first.endsWith(";")) return first;
  const end = lines.findIndex(
    (line, at) => at > 0 && (/^\}/.test(line) || (/^ .*;$/.test(line) && isUnbraced(first))),
  );
  return lines.slice(0, end + 1).join("\n");
}

function isUnbraced(first: string): boolean {
  return !first.endsWith("{");
}

/** A class without the bodies of its methods, its private fields and its comments. */
function classOutline(text: string): string {
  const lines = text.split("\n");
  const end = lines.indexOf("}");
  const kept = lines.slice(0, end + 1).flatMap((line, at) => {
    if (at === 0 || line === "}") return [line];
    if (!/^ {2}[\w[]/.test(line) || line.includes("#")) return [];
    return [line.replace(/ \{(?:[^{}]*\})?$/, ";")];
  });
  return kept.join("\n");
}

function constOutline(text: string): string {
  const [first = ""] = text.split("\n");
  return first.replace(/ = .*$/, ";");
}
