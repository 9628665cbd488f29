// Everything that a change must pass, part by part: what each one says when it fails, and how long it takes.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as z from "zod";
import { readCommandLine } from "./command-line.ts";

const MINUTE = 60_000;
const root = join(import.meta.dirname, "..");
// Biome does not heed NO_COLOR.
const colours = process.stdout.isTTY ? [] : ["--colors=off"];

interface Part {
  readonly name: string;
  readonly command: readonly string[];
  /** What a person types to see this part only. */
  readonly alone: string;
  readonly limitMs: number;
  /** Whether its output is shown as it comes, or only when it fails. */
  readonly output: "shown" | "kept";
}

interface Outcome {
  readonly part: Part;
  readonly seconds: number;
  readonly failure: string | undefined;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const checks: readonly Part[] = [
  check("format and lint", ["biome", "ci", "--error-on-warnings", ...colours, "."], "npm run lint"),
  check("types", ["tsc", "-p", "tsconfig.json"], "npm run types"),
  check("unused code", ["knip"], "npm run unused"),
  check("generated types", ["node", "scripts/generate-types.ts", "--check"], "npm run generate"),
  check("licences", ["node", "scripts/check-licences.ts"], "node scripts/check-licences.ts"),
  check("documents", ["node", "scripts/check-docs.ts"], "node scripts/check-docs.ts"),
  check("build", ["node", "scripts/build.ts"], "npm run build"),
];

function check(name: string, command: readonly string[], alone: string): Part {
  return { name, command, alone, limitMs: 5 * MINUTE, output: "kept" };
}

function tests(report: string): Part {
  return {
    name: "tests",
    command: ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    alone:
      "npx vitest run (one file: npx vitest run tests/…; one size: --project lib, src, sandbox or stories)",
    limitMs: 27 * MINUTE,
    output: "shown",
  };
}

/** The tools of node_modules come first; without a terminal there are no colours in what they say. */
function environment(): NodeJS.ProcessEnv {
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  return { ...process.env, PATH: path, ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }) };
}

/** Runs one part to its end, or to its limit. */
async function runPart(part: Part): Promise<Outcome> {
  const started = performance.now();
  const [program = "", ...args] = part.command;
  const child = spawn(program, args, {
    cwd: root,
    env: environment(),
    stdio: [
      "ignore",
      part.output === "shown" ? "inherit" : "pipe",
      part.output === "shown" ? "inherit" : "pipe",
    ],
  });
  const kept: Buffer[] = [];
  child.stdout?.on("data", (data: Buffer) => kept.push(data));
  child.stderr?.on("data", (data: Buffer) => kept.push(data));
  let overdue = false;
  const limit = setTimeout(() => {
    overdue = true;
    child.kill();
  }, part.limitMs);
  const end = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(`cannot be started: ${error.message}`));
    child.on("close", (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`));
  });
  clearTimeout(limit);
  const seconds = (performance.now() - started) / 1000;
  if (end === undefined) return { part, seconds, failure: undefined };
  process.stdout.write(Buffer.concat(kept));
  return {
    part,
    seconds,
    failure: overdue ? `was ended after ${part.limitMs / MINUTE} minutes, its limit` : end,
  };
}

const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/** Reads vitest's own numbers; a file that could not even be loaded counts as one failed test. */
async function readCounts(report: string): Promise<Counts | undefined> {
  const text = await readFile(report, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const told = reportSchema.parse(JSON.parse(text));
  const unloaded = told.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  );
  return {
    passed: told.numPassedTests,
    failed: told.numFailedTests + unloaded.length,
    skipped: told.numPendingTests + told.numTodoTests,
  };
}

/** Failed parts that no failed test explains. */
function uncounted(outcomes: readonly Outcome[], counts: Counts | undefined): number {
  const failed = outcomes.filter(({ failure }) => failure !== undefined);
  return failed.filter(({ part }) => part.name !== "tests" || (counts?.failed ?? 0) === 0).length;
}

function tell({ part, seconds, failure }: Outcome): void {
  const time = `${seconds.toFixed(1)} s`.padStart(8);
  console.log(`${failure === undefined ? "✓" : "✗"} ${part.name.padEnd(16)}${time}`);
  if (failure !== undefined) console.log(`  ${failure}; alone: ${part.alone}`);
}

const USAGE = `Usage: npm test

Runs everything that a change must pass, and says how long each part took:
${checks.map((part) => `  ${part.name.padEnd(16)}${part.alone}`).join("\n")}
  ${"tests".padEnd(16)}npx vitest run
`;

async function main(): Promise<number> {
  readCommandLine({ usage: USAGE, options: {} });
  const folder = await mkdtemp(join(tmpdir(), "mysql-charm-tests-"));
  try {
    const report = join(folder, "report.json");
    const outcomes: Outcome[] = [];
    for (const part of [...checks, tests(report)]) {
      const outcome = await runPart(part);
      outcomes.push(outcome);
      tell(outcome);
    }
    const counts = await readCounts(report);
    const failures = outcomes.filter(({ failure }) => failure !== undefined);
    if (failures.length > 0) {
      console.log("\nFailed:");
      failures.forEach(tell);
    }
    if (counts !== undefined && counts.skipped > 0) console.log(`${counts.skipped} skipped`);
    const failed = (counts?.failed ?? 0) + uncounted(outcomes, counts);
    console.log(`${counts?.passed ?? 0} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

process.exitCode = await main();
