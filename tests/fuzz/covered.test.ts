// That nothing is read which nobody tries: every schema of src/wire has a reader, every reader a corpus, every corpus a test.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { charmMeta } from "../../src/generated/charm-meta.ts";
import { readers } from "./readers/index.ts";
import { readCorpus } from "./support/reader.ts";

const wire = join(import.meta.dirname, "../../src/wire");
const others = ["sql", "mysqlsh", "hook-commands"];

async function schemasIn(file: string): Promise<readonly string[]> {
  const module: Readonly<Record<string, unknown>> = await import(join(wire, file));
  return Object.entries(module).flatMap(([name, value]) => (value instanceof z.ZodType ? [name] : []));
}

test("every schema of src/wire is passed by a value of some reader", async () => {
  const names = (await Promise.all(readdirSync(wire).map(schemasIn))).flat();
  const read = new Set(readers.flatMap(({ schemas }) => schemas));
  expect(names.length).toBeGreaterThan(15);
  expect([...new Set(names)].filter((name) => !read.has(name))).toEqual([]);
  expect([...read].filter((name) => !names.includes(name))).toEqual([]);
});

test("every action has a reader", () => {
  const names = readers.map(({ name }) => name);
  expect(Object.keys(charmMeta.actions).filter((action) => !names.includes(`action-${action}`))).toEqual([]);
});

test("every corpus is read, and has something in it", () => {
  const files = readdirSync(join(import.meta.dirname, "corpus")).map((file) => file.replace(/\.json$/, ""));
  expect(files.sort()).toEqual([...readers.map(({ name }) => name), ...others].sort());
  for (const file of files) expect(readCorpus(file).length, file).toBeGreaterThan(0);
});
