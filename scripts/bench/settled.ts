// What update-status costs on a settled unit: a cluster of one on a real server, counted by the sandbox and the server, not by the charm.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSandbox, type Sandbox } from "../../sandbox/client.ts";
import { buildCharm } from "../build.ts";
import { eventually, isActive } from "../demo/deployment.ts";
import { queryAs, rootPassword } from "../demo/sql.ts";
import { type Measured, median, type Progress } from "./measure.ts";

const SITE = { model: "bench", app: "db", units: 1 } as const;
const UNIT = "db/0";
const ROUNDS = 3;
const FORM_MS = 600_000;
const HOOK_MS = 120_000;

/** One update-status, by what it did outside of itself. */
interface Pass {
  readonly commands: readonly string[];
  /** Programs besides dispatch and the interpreter that takes its place. */
  readonly programs: readonly string[];
  readonly statements: number;
  readonly connections: number;
}

/** Deploys one unit, waits until it is settled, and looks at several update-status hooks. */
export async function measureSettled(progress: Progress): Promise<Measured> {
  const home = await mkdtemp(join(tmpdir(), "bench-settled-"));
  process.env["XDG_STATE_HOME"] = home;
  const sandbox = await openSandbox("bench");
  try {
    progress("forming a cluster of one unit");
    await sandbox.mustJuju(["add-model", SITE.model]);
    await sandbox.mustJuju([
      "deploy",
      "-m",
      SITE.model,
      await buildCharm(),
      SITE.app,
      "--config",
      "profile=testing",
    ]);
    await sandbox.waitFor((status) => isActive(status, SITE), { model: SITE.model, timeoutMs: FORM_MS });
    const password = await rootPassword(sandbox, SITE.model, UNIT);
    await sandbox.mustJuju(["count-effects", "-m", SITE.model, UNIT, "--run", "update-status"]);
    const passes: Pass[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      progress(round === 0 ? "one update-status to settle" : `update-status ${round} of ${ROUNDS}`);
      const pass = await updateStatus(sandbox, password);
      if (round > 0) passes.push(pass);
    }
    return told(passes);
  } finally {
    await sandbox.destroy();
    await rm(home, { recursive: true, force: true });
  }
}

async function updateStatus(sandbox: Sandbox, password: string): Promise<Pass> {
  const [log, before] = [await readLog(sandbox), await counts(sandbox, password)];
  await sandbox.mustJuju(["trigger", "-m", SITE.model, "update-status", UNIT]);
  const lines = await eventually(
    async () => (await readLog(sandbox)).slice(log.length),
    (all) => all.some((line) => line.includes('ran "update-status" hook')),
    HOOK_MS,
  );
  const after = await counts(sandbox, password);
  const effects = lines.flatMap(
    (line) => /sandbox\.fault \d+: (.*) \(update-status\)$/.exec(line)?.[1] ?? [],
  );
  const programs = effects.flatMap((effect) => /^run (.*)$/.exec(effect)?.[1] ?? []);
  return {
    commands: effects.filter((effect) => /^[a-z-]+$/.test(effect)),
    programs: programs.filter((program) => !/\/dispatch$|\/runtime\/node$/.test(program)),
    statements: after.statements - before.statements,
    connections: after.connections - before.connections,
  };
}

async function readLog(sandbox: Sandbox): Promise<readonly string[]> {
  const text = await sandbox.mustJuju([
    "debug-log",
    "-m",
    SITE.model,
    "--replay",
    "--no-tail",
    "--include",
    UNIT,
  ]);
  return text.trimEnd().split("\n");
}

/** Statements and logins since the server started, of everybody but the account that asks. */
async function counts(
  sandbox: Sandbox,
  password: string,
): Promise<{ statements: number; connections: number }> {
  const sql = `SELECT SUM(COUNT_STAR) FROM performance_schema.events_statements_summary_by_user_by_event_name
      WHERE event_name LIKE 'statement/sql/%' AND user IS NOT NULL AND user <> 'root';
    SELECT SUM(total_connections) FROM performance_schema.users WHERE user IS NOT NULL AND user <> 'root';`;
  const [statements, connections] = await queryAs({ sandbox, model: SITE.model, unit: UNIT }, password, sql);
  return { statements: Number(statements), connections: Number(connections) };
}

function told(passes: readonly Pass[]): Measured {
  const middle = (count: (pass: Pass) => number): number => median(passes.map(count));
  const mysqlsh = middle(({ programs }) => programs.filter((program) => program.includes("mysqlsh")).length);
  const figures = {
    mysqlshProcesses: mysqlsh,
    hookCommands: middle(({ commands }) => commands.length),
    sqlStatements: middle(({ statements }) => statements),
    sqlConnections: middle(({ connections }) => connections),
    otherPrograms: middle(({ programs }) => programs.length) - mysqlsh,
  };
  const last = passes.at(-1);
  return {
    figures: { settledUpdateStatus: figures },
    lines: [
      "update-status of a settled unit (cluster of one on a real server):",
      `  hook commands     ${figures.hookCommands}: ${last?.commands.join(", ")}`,
      `  mysqlsh processes ${figures.mysqlshProcesses}`,
      `  other programs    ${figures.otherPrograms}${last?.programs.length === 0 ? "" : `: ${last?.programs.join(", ")}`}`,
      `  SQL statements    ${figures.sqlStatements} over ${figures.sqlConnections} connections`,
    ],
  };
}
