// `npm run test:mysqlsh`: every recorded command against the stand-in, or against the MySQL Shell that MYSQLSH names.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkHost, hubCommand } from "../../sandbox/machine/hub.ts";
import { mysqlServer } from "../../sandbox/snaps/charmed-mysql/server.ts";
import { templateOf } from "../../sandbox/snaps/charmed-mysql/template.ts";
import { readCommandLine } from "../../scripts/command-line.ts";
import type { Outcome } from "./journey.ts";
import { journeyNames, readRecordings } from "./recording.ts";

/** The server that the recordings were made with. */
const RECORDED_SERVER = "9.7.4";
const STAND_IN = new URL("../../sandbox/snaps/charmed-mysql/mysqlsh/main.ts", import.meta.url).pathname;

const USAGE = `Usage: npm run test:mysqlsh -- [--only PATTERN] [--format json|text]

  --only PATTERN   the cases whose names match this regular expression, with
                   what must happen before them
  --format json    one JSON document a line
  MYSQLSH=/path    try this MySQL Shell instead of the stand-in
`;

/** Words that start the stand-in. */
export const standIn = (): readonly string[] => [process.execPath, STAND_IN];

/** Words that start the program that is tried. */
function programOf(path: string | undefined): readonly string[] {
  if (path === undefined || path === "") return standIn();
  if (!existsSync(path)) throw new Error(`MYSQLSH names ${path}, which does not exist`);
  return [path];
}

/** Goes through one journey in a hub of its own, which ends with everything in it. */
export async function runJourney(
  name: string,
  { program, pattern }: { readonly program: readonly string[]; readonly pattern: string },
  report: (outcome: Outcome) => void,
): Promise<void> {
  const server = await mysqlServer();
  const template = await templateOf(server);
  const folder = await mkdtemp(join(tmpdir(), "mysqlsh-conformance-"));
  const inside = new URL("inside.ts", import.meta.url).pathname;
  const words = [process.execPath, inside, name, folder, server.root, template, pattern, ...program];
  const [first = "", ...rest] = hubCommand(words);
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(first, rest, { stdio: ["ignore", "pipe", "inherit"] });
      let waiting = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        const lines = (waiting + text).split("\n");
        waiting = lines.pop() ?? "";
        for (const line of lines) report(JSON.parse(line) as Outcome);
      });
      child.on("error", reject);
      child.on("close", (code) =>
        code === 0 ? resolve() : reject(new Error(`the journey ${name} ended with ${code}`)),
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

function tell({ journey, name, passed, seconds, difference }: Outcome): void {
  console.log(`${passed ? "✓" : "✗"} ${journey} ${name} (${seconds.toFixed(1)} s)`);
  for (const line of difference) console.log(`    ${line}`);
}

async function main(): Promise<number> {
  const { values } = readCommandLine({
    usage: USAGE,
    options: { only: { type: "string", default: "" }, format: { type: "string", default: "text" } },
    choices: { format: ["json", "text"] },
  });
  const options = { pattern: values.only, json: values.format === "json" };
  const program = programOf(process.env["MYSQLSH"]);
  await checkHost();
  const { version } = await mysqlServer((line) => console.error(line));
  const remark =
    version === RECORDED_SERVER ? "" : `; the recordings are of ${RECORDED_SERVER}, so versions will differ`;
  if (!options.json) console.log(`${program.join(" ")} on MySQL ${version}${remark}`);
  let [passed, failed] = [0, 0];
  for (const name of journeyNames()) {
    const wanted = new RegExp(options.pattern);
    if (![...readRecordings(name).keys()].some((recording) => wanted.test(recording))) continue;
    await runJourney(name, { program, pattern: options.pattern }, (outcome) => {
      if (outcome.passed) passed += 1;
      else failed += 1;
      if (options.json) console.log(JSON.stringify(outcome));
      else tell(outcome);
    });
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
