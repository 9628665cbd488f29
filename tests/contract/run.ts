// Program: the contract against other executables than the sandbox's: those on the PATH, or those of a unit of a real model.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { readCommandLine } from "../../scripts/command-line.ts";
import { clientProgram, Stage } from "./juju.ts";
import { allCases, type Player, playCases, type Verdict } from "./play.ts";
import { readReport, scriptOf } from "./script.ts";

const USAGE = `Usage: npm run test:hook-commands -- --here
       npm run test:hook-commands -- --juju <client> --model <model>
         [--charm <file or folder>]

--here   the executables on the PATH, in the context of this process (in juju
         exec, a hook or an action); cases that need more than the unit has are
         skipped, and it is said what they need
--juju   deploys the charm in tests/contract/charm into a model, and plays all
         cases there; the client is a program with its first words, such as
         juju or "node sandbox/cli.ts"
`;

const execute = promisify(execFile);

async function main(): Promise<number> {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      here: { type: "boolean" },
      juju: { type: "string" },
      model: { type: "string" },
      charm: { type: "string", default: join(import.meta.dirname, "charm") },
    },
  });
  if (values.here === true) return await play(hereOnly(await isLeader()), majorHere());
  if (values.juju === undefined || values.model === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const stage = new Stage(clientProgram(values.juju.split(" ")), values.model);
  process.stderr.write("deploying\n");
  await stage.build(values.charm);
  return await play(stage, await stage.jujuMajor());
}

async function isLeader(): Promise<boolean> {
  return (await execute("is-leader", ["--format", "json"])).stdout.trim() === "true";
}

function majorHere(): number {
  return Number.parseInt(process.env["JUJU_VERSION"] ?? "3", 10);
}

/** The one place that there is: this context. */
function hereOnly(leads: boolean): Player {
  return {
    can: (run) => run.on === (leads ? "leader" : "follower") && run.exit === undefined,
    play: async (run, known) => {
      const script = scriptOf(run.steps, 0, known);
      const { stdout } = await execute("sh", ["-c", script], { maxBuffer: 64 * 1024 * 1024 });
      return { report: readReport(stdout), task: undefined };
    },
  };
}

async function play(player: Player, jujuMajor: number): Promise<number> {
  const counts = { held: 0, differs: 0, skipped: 0 };
  await playCases(allCases, jujuMajor, player, (one, verdict) => {
    counts[verdict.kind] += 1;
    process.stdout.write(
      `${marks[verdict.kind]} ${one.shows}${verdict.kind === "held" ? "" : `\n    ${verdict.why}`}\n`,
    );
  });
  process.stdout.write(`${counts.held} held, ${counts.differs} differ, ${counts.skipped} skipped\n`);
  return counts.differs === 0 && counts.held > 0 ? 0 : 1;
}

const marks: Readonly<Record<Verdict["kind"], string>> = { held: "✓", differs: "✗", skipped: "-" };

process.exitCode = await main();
