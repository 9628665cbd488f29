// Searches what can happen to the charm for a story that breaks an invariant: every one with few surprises, then others at random.
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Exploration, type Explored } from "./explore/exploration.ts";
import { table } from "./explore/table.ts";

const USAGE = `Usage: npm run explore [-- --seconds <n> --seed <n> --depth <n> --format table|json]

Searches every story with up to <depth> surprises on each journey, then stories at random, for <seconds> (600) in all.
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "600" },
      seed: { type: "string" },
      depth: { type: "string", default: "2" },
      format: { type: "string", default: "table" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const numbers = [values.seconds, values.depth, values.seed ?? "0"];
  const isBad = numbers.some((text) => !/^\d{1,9}$/.test(text)) || !/^(table|json)$/.test(values.format);
  if (values.help || isBad) {
    process.stderr.write(USAGE);
    return values.help ? 0 : 2;
  }
  const exploration = new Exploration({
    seed: values.seed === undefined ? randomInt(1_000_000) : Number(values.seed),
    seconds: Number(values.seconds),
    depth: Number(values.depth),
    threads: Math.min(2, availableParallelism()),
    progress: process.stderr.isTTY ? progress : () => undefined,
  });
  const explored = await exploration.run();
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  process.stdout.write(values.format === "json" ? `${JSON.stringify(explored, null, 2)}\n` : table(explored));
  return explored.violations.length === 0 ? 0 : 1;
}

function progress({ states, statesPerSecond, exhaustiveDepth, stories, violations }: Explored): void {
  const depth = exhaustiveDepth < 0 ? "" : `, all with ${exhaustiveDepth} surprises`;
  const line = `${states} states, ${statesPerSecond}/s, ${stories} stories${depth}, ${violations.length} violations`;
  process.stderr.write(`\r\x1b[K${line.slice(0, 79)}`);
}

process.exitCode = await main();
