import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { invariants } from "./invariants.ts";

test("the document and the code name the same six invariants", async () => {
  const file = join(import.meta.dirname, "../../docs/explanation/invariants.md");
  const named = [...(await readFile(file, "utf8")).matchAll(/^\d\. \*\*(.+)\.\*\*/gm)];
  expect(named.map(([, name]) => name)).toEqual([...invariants]);
});
