// The benchmark: runs each measure, shows progress on standard error, prints a table or one JSON document.
import { measureClusterSet } from "./bench/clusterset.ts";
import { measureDispatch } from "./bench/dispatch.ts";
import type { Measure } from "./bench/measure.ts";
import { measureSandbox } from "./bench/sandbox.ts";
import { measureSettled } from "./bench/settled.ts";
import { readCommandLine } from "./command-line.ts";

const measures: Readonly<Record<string, Measure>> = {
  dispatch: measureDispatch,
  settled: measureSettled,
  sandbox: measureSandbox,
  clusterset: measureClusterSet,
};

const USAGE = `Usage: npm run bench -- [--format table|json] [measure ...]

Measures, all unless some are named: ${Object.keys(measures).join(", ")}
`;

async function main(): Promise<number> {
  const { values, positionals } = readCommandLine({
    usage: USAGE,
    options: { format: { type: "string", default: "table" } },
    words: Object.keys(measures),
    choices: { format: ["table", "json"] },
  });
  const figures: Record<string, unknown> = {};
  const lines: string[] = [];
  for (const [name, measure] of Object.entries(measures)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const measured = await measure((text) => process.stderr.write(`${name}: ${text}\n`));
    Object.assign(figures, measured.figures);
    lines.push(...measured.lines, "");
  }
  process.stdout.write(values.format === "json" ? `${JSON.stringify(figures, null, 2)}\n` : lines.join("\n"));
  return 0;
}

process.exitCode = await main();
