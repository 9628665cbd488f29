// Every program that package.json names: its help fits 80 columns and has no colours in a pipe, and what is mistyped is refused.
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { problemIn } from "../../scripts/command-line.ts";

const root = join(import.meta.dirname, "..", "..");
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
/** The others are programs of the dependencies. */
const programs = Object.entries(scripts).flatMap(([name, line]) => {
  const path = /^node (\S+\.ts)$/.exec(line)?.[1];
  return path === undefined ? [] : [{ name, path }];
});

function run(path: string, word: string): { code: number | null; out: string; err: string } {
  const { FORCE_COLOR: _force, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, path), word], {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...env, JUJU_SANDBOX: "none-of-this-name" },
  });
  return { code: status, out: stdout, err: stderr };
}

describe.each(programs)("npm run $name", ({ path }) => {
  it("explains itself in 80 columns, without colours in a pipe", () => {
    const { code, out, err } = run(path, "--help");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^Usage: /);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(out).not.toContain("\u001b");
  });

  it("refuses a mistyped option with exit code 2, and does nothing", () => {
    const { code, err } = run(path, "--hlep");
    expect([code, err]).toEqual([2, expect.stringMatching(/did you mean (--)?help\?/)]);
  });
});

describe("what is wrong with a command line", () => {
  const program = {
    usage: "",
    options: { format: { type: "string" }, keep: { type: "boolean" }, seed: { type: "string" } },
    words: ["cut", "freeze"],
    choices: { format: ["table", "json"] },
    numbers: ["seed"],
  } as const;

  it.each([
    [[], undefined],
    [["--format", "json", "--keep", "cut", "freeze"], undefined],
    [["--format=json"], undefined],
    [["--seed", "7"], undefined],
    [["--seed", "x"], "--seed is a whole number, not x"],
    [["--fromat", "json"], "unknown option: --fromat; did you mean --format?"],
    [["-z"], "unknown option: -z; there are: --format, --keep, --seed, --help"],
    [["--format", "xml"], "--format is one of table, json, not xml"],
    [["--format"], "--format needs a value"],
    [["--keep=yes"], "--keep takes no value"],
    [["freze"], "unknown word: freze; did you mean freeze?"],
    [["nothing"], "unknown word: nothing; there are: cut, freeze"],
  ])("%j", (args, problem) => {
    expect(problemIn(program, args)).toBe(problem);
  });
});
