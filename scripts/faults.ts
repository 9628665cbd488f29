// All faults against a ClusterSet of two clusters of three, one after the other, while a client writes; prints what came of each.
import { openSandbox, removeSandbox } from "../sandbox/client.ts";
import { buildCharm } from "./build.ts";
import { readCommandLine } from "./command-line.ts";
import type { Fault, Outcome, Round } from "./faults/rounds.ts";
import { setStage } from "./faults/stage.ts";

const FAULTS: readonly Fault[] = ["power-off", "freeze", "reboot", "cut"];
const SITES = [
  { model: "rome", app: "db1", cluster: "rome", units: 3 },
  { model: "lisbon", app: "db2", cluster: "lisbon", units: 3 },
] as const;
const NAME = "faults";
const USAGE = `Usage: npm run faults [-- --format table|json] [--keep] [<fault> ...]

Faults, all unless some are named: ${FAULTS.join(", ")}.
Takes about half an hour on 2 cores.

  --format table|json   a Markdown table, a row for each fault (the default), or
                        one JSON document
  --keep                leave the sandbox at the end
`;

async function main(): Promise<number> {
  const { values, positionals } = readCommandLine({
    usage: USAGE,
    options: { format: { type: "string", default: "table" }, keep: { type: "boolean", default: false } },
    words: FAULTS,
    choices: { format: ["table", "json"] },
  });
  const faults = FAULTS.filter((fault) => positionals.length === 0 || positionals.includes(fault));
  await removeSandbox(NAME);
  const charm = await buildCharm();
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const sandbox = await openSandbox(NAME, { progress: say });
  const { rounds, members, client } = await setStage(sandbox, charm, SITES);
  say("the stage is set");
  const all: Round[] = faults.flatMap((fault) => [
    ...members.map((member) => ({ fault, hit: [member] })),
    // A whole site that reboots is one without power for a moment.
    ...(fault === "reboot"
      ? []
      : SITES.map((site) => ({ fault, hit: members.filter((one) => one.site === site) }))),
  ]);
  const outcomes: Outcome[] = [];
  if (values.format === "table") process.stdout.write(HEADING);
  for (const round of all) {
    const outcome = await rounds.play(round);
    outcomes.push(outcome);
    if (values.format === "table") process.stdout.write(rowOf(outcome));
    if (outcome.recovered === undefined) {
      say("the clusters did not come back: stopping here");
      break;
    }
  }
  if (values.format === "json") process.stdout.write(`${JSON.stringify(outcomes, null, 2)}\n`);
  client.end();
  if (!values.keep) await sandbox.destroy();
  return outcomes.every(({ lost, recovered }) => lost === 0 && recovered !== undefined) ? 0 : 1;
}

const HEADING = `| fault | target | it was | juju status of it | others no longer call it ONLINE after | longest write pause | all ONLINE again after | rows acknowledged | lost |
|---|---|---|---|---|---|---|---|---|
`;

function rowOf(outcome: Outcome): string {
  const { fault, target, role, status, excluded, writePause, recovered, acknowledged, lost } = outcome;
  const time = (seconds: number | undefined, none: string): string =>
    seconds === undefined ? none : `${seconds.toFixed(1)} s`;
  const cells = [
    ...[fault, target, role, status, time(excluded, "–"), time(writePause, "–"), time(recovered, "never")],
    ...[acknowledged, lost],
  ];
  return `| ${cells.join(" | ")} |\n`;
}

process.exitCode = await main();
