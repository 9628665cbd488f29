// Says which packages of the lockfile have a licence that this project does not take.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

/** Licences (SPDX) that ask for no more than their own text to be kept: what is bundled has one of these. */
const bundled = ["Apache-2.0", "MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0"];
/** Tools may have these too: nothing of a tool is shipped. */
const tools = [...bundled, "MPL-2.0", "Python-2.0", "CC-BY-4.0", "CC0-1.0"];

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ license: z.string().optional(), dev: z.boolean().default(false) }),
  ),
});

/** `MIT OR Apache-2.0`: one of them is enough; `(MIT AND ISC)`: each is needed. */
function isTaken(licence: string, taken: readonly string[]): boolean {
  return licence
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((each) => taken.includes(each.trim())));
}

const lock = lockSchema.parse(
  JSON.parse(await readFile(join(import.meta.dirname, "..", "package-lock.json"), "utf8")),
);
for (const [path, { license, dev }] of Object.entries(lock.packages)) {
  if (license !== undefined && isTaken(license, dev ? tools : bundled)) continue;
  const use = dev ? "a tool" : "bundled";
  console.error(
    `${path === "" ? "package.json" : path}: the licence ${license ?? "(none)"} is not taken for what is ${use}`,
  );
  process.exitCode = 1;
}
