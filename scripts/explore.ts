// Searches what can happen to the charm for a story that breaks an invariant: every one with few surprises, then others at random.
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { journeyNames, journeyOf } from "../tests/explore/starts.ts";
import { readCommandLine } from "./command-line.ts";
import { Exploration, type Explored } from "./explore/exploration.ts";
import { table } from "./explore/table.ts";

const USAGE = `Usage: npm run explore [-- --seconds <n> --seed <n> --depth <n>
         --format table|json --journey "<journey>"]
       npm run explore -- --reality <n>|"<journey>" [--seed <n>]

Searches every story with up to <depth> (2) surprises on each journey, then
stories at random, for <seconds> (600) in all. With --journey it searches this
one only, and ends when it is through. With --reality it plays <n> stories at
random, or one journey, in the model and on real servers in a sandbox, and
tells where the answers differ.
`;

async function main(): Promise<number> {
  const { values } = readCommandLine({
    usage: USAGE,
    choices: { format: ["table", "json"], journey: journeyNames },
    numbers: ["seconds", "seed", "depth"],
    options: {
      seconds: { type: "string", default: "600" },
      seed: { type: "string" },
      depth: { type: "string", default: "2" },
      format: { type: "string", default: "table" },
      journey: { type: "string" },
      reality: { type: "string" },
    },
  });
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
  if (values.reality !== undefined) return await compareWithReality(values.reality, seed);
  const exploration = new Exploration({
    seed,
    seconds: Number(values.seconds),
    depth: Number(values.depth),
    journey: values.journey === undefined ? undefined : journeyOf(values.journey),
    threads: Math.min(2, availableParallelism()),
    progress: process.stderr.isTTY ? progress : () => undefined,
  });
  const explored = await exploration.run();
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  process.stdout.write(values.format === "json" ? `${JSON.stringify(explored, null, 2)}\n` : table(explored));
  return explored.violations.length === 0 ? 0 : 1;
}

async function compareWithReality(what: string, seed: number): Promise<number> {
  const { playStory } = await import("./explore/reality.ts");
  const isNumber = /^\d+$/.test(what);
  let alike = true;
  for (let story = 0; story < (isNumber ? Number(what) : 1); story += 1) {
    const journey = isNumber ? undefined : what;
    alike = (await playStory({ seed: seed + story, journey })) && alike;
  }
  return alike ? 0 : 1;
}

function progress({ states, statesPerSecond, exhaustiveDepth, stories, violations }: Explored): void {
  const depth = exhaustiveDepth < 0 ? "" : `, all with ${exhaustiveDepth} surprises`;
  const line = `${states} states, ${statesPerSecond}/s, ${stories} stories${depth}, ${violations.length} violations`;
  process.stderr.write(`\r\x1b[K${line.slice(0, 79)}`);
}

process.exitCode = await main();
