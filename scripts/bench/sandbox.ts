// What the sandbox itself costs, with a charm of a few lines of shell: a hook, a machine, a unit's memory, and a model of many units.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSandbox, type Sandbox, type StatusJson } from "../../sandbox/client.ts";
import { type Measured, median, type Progress, rounded } from "./measure.ts";

const CHARM = join(import.meta.dirname, "shell-charm");
const NAME = "bench-sandbox";
const HOOKS = 30;
const MACHINES = 5;
const UNITS = 30;
const LIMIT_MS = 300_000;

/** One sandbox with one unit first, then more machines one by one, then a model of 30 units. */
export async function measureSandbox(progress: Progress): Promise<Measured> {
  const home = await mkdtemp(join(tmpdir(), "bench-sandbox-"));
  process.env["XDG_STATE_HOME"] = home;
  const opened = performance.now();
  const sandbox = await openSandbox(NAME);
  const openMs = performance.now() - opened;
  try {
    await sandbox.mustJuju(["add-model", "few"]);
    await sandbox.mustJuju(["deploy", "-m", "few", CHARM, "one"]);
    await settled(sandbox, "few", 1);
    progress(`${HOOKS} hooks of one unit`);
    const hook = await hooks(sandbox);
    progress(`${MACHINES} machines, one after the other`);
    const empty = await memory();
    const starts: number[] = [];
    for (let n = 1; n <= MACHINES; n++) {
      const begun = performance.now();
      await sandbox.mustJuju(["add-unit", "-m", "few", "one"]);
      await sandbox.waitFor((status) => Object.values(status.machines).filter(isStarted).length === n + 1, {
        model: "few",
        timeoutMs: LIMIT_MS,
      });
      starts.push(performance.now() - begun);
      await settled(sandbox, "few", n + 1);
    }
    const perUnit = ((await memory()) - empty) / MACHINES;
    progress(`a model of ${UNITS} units`);
    await sandbox.mustJuju(["add-model", "many"]);
    const begun = performance.now();
    await sandbox.mustJuju(["deploy", "-m", "many", CHARM, "all", "-n", String(UNITS)]);
    await settled(sandbox, "many", UNITS);
    const manyMs = performance.now() - begun;
    const log = await sandbox.mustJuju(["debug-log", "-m", "many", "--replay", "--no-tail"]);
    const ran = log.split("\n").filter((line) => /ran ".*" hook/.test(line)).length;
    return told({ openMs, ...hook, startMs: median(starts), perUnit, manyMs, ran });
  } finally {
    await sandbox.destroy();
    await rm(home, { recursive: true, force: true });
  }
}

const isStarted = (machine: StatusJson["machines"][string]): boolean =>
  machine["juju-status"].current === "started";

/** Every unit is there and idle, and has seen all the others. */
async function settled(sandbox: Sandbox, model: string, units: number): Promise<void> {
  await sandbox.waitFor(
    (status) => {
      const all = Object.values(status.applications).flatMap(({ units: some = {} }) => Object.values(some));
      return (
        all.length === units &&
        all.every(
          (unit) => unit["workload-status"].current === "active" && unit["juju-status"].current === "idle",
        )
      );
    },
    { model, timeoutMs: LIMIT_MS },
  );
}

/** Runs that wait behind each other: what one takes, and what passes from its end to the beginning of the next. */
async function hooks(sandbox: Sandbox): Promise<{ dispatchMs: number; betweenMs: number }> {
  const on = (command: string): Promise<string> => sandbox.mustJuju(["ssh", "-m", "few", "one/0", command]);
  await on("rm /var/lib/runs");
  const run = "JUJU_DISPATCH_PATH=hooks/update-status ./dispatch";
  const all = Array.from({ length: HOOKS }, () =>
    sandbox.mustJuju(["exec", "-m", "few", "--unit", "one/0", "--", run]),
  );
  await Promise.all(all);
  const runs = (await on("cat /var/lib/runs"))
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map((text) => Number(text) / 1e6));
  const took = runs.map(([begun = 0, ended = 0]) => ended - begun);
  const between = runs.slice(1).map(([begun = 0], n) => begun - (runs[n]?.[1] ?? 0));
  return { dispatchMs: median(took), betweenMs: median(between) };
}

/** Megabytes of all processes of the sandbox, what they share counted once (proportional set size). */
async function memory(): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const read = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
  const parents = new Map<string, string>();
  let hub = "";
  for (const pid of pids) {
    parents.set(pid, /^PPid:\s+(\d+)/m.exec(await read(`/proc/${pid}/status`))?.[1] ?? "");
    const command = await read(`/proc/${pid}/cmdline`);
    if (command.includes("unshare") && command.includes(`controller.ts\0${NAME}\0`)) hub = pid;
  }
  const isInside = (pid: string | undefined): boolean =>
    pid !== undefined && pid !== "" && (pid === hub || isInside(parents.get(pid)));
  let kilobytes = 0;
  for (const pid of pids.filter(isInside))
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(await read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return kilobytes / 1024;
}

interface Seen {
  readonly openMs: number;
  readonly dispatchMs: number;
  readonly betweenMs: number;
  readonly startMs: number;
  readonly perUnit: number;
  readonly manyMs: number;
  readonly ran: number;
}

function told({ openMs, dispatchMs, betweenMs, startMs, perUnit, manyMs, ran }: Seen): Measured {
  const figures = {
    openMs: rounded(openMs, 0),
    dispatchMs: rounded(dispatchMs),
    overheadMs: rounded(betweenMs),
    machineStartMs: rounded(startMs, 0),
    memoryPerUnitMb: rounded(perUnit),
    units: UNITS,
    settledMs: rounded(manyMs, 0),
    hooksUntilSettled: ran,
  };
  return {
    figures: { sandbox: figures },
    lines: [
      "the sandbox, with a charm of a few lines of shell:",
      `  first command of a sandbox     ${figures.openMs} ms`,
      `  a run of the charm             ${figures.dispatchMs} ms`,
      `  from its end to the next run   ${figures.overheadMs} ms`,
      `  a machine, until it is started ${figures.machineStartMs} ms`,
      `  memory of a unit               ${figures.memoryPerUnitMb} MB`,
      `  ${UNITS} units until they settle     ${rounded(manyMs / 1000)} s, ${ran} hooks`,
    ],
  };
}
