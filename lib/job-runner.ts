// Runs one job outside the hook: claims it, ends it at its deadline, keeps output and result, wakes the charm.

import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { toError } from "./errors.ts";
import { type JobFiles, jobFiles, type StoredSpec } from "./job-files.ts";
import { startMark } from "./liveness.ts";
import { ProcessError, type Processes, type RunResult, realProcesses } from "./process.ts";

/** Output beyond this loses its older half. */
const outputCap = 1024 * 1024;
const wakeTimeoutMs = 10 * 60_000;
/** An agent that restarts is back within minutes; after that update-status finds the result anyway. */
const wakeDelaysMs: readonly number[] = [1000, 2000, 5000, 10_000, 20_000, 40_000, 60_000, 60_000];

export interface RunnerOptions {
  readonly processes?: Processes;
  /** Pauses between attempts to wake the charm, in milliseconds. */
  readonly wakeDelaysMs?: readonly number[];
}

/** The whole program that runs jobs. */
export function jobMain(): void {
  void runJob().then((code) => {
    process.exitCode = code;
  });
}

/**
 * Runs the job whose directory is given, as a rule by the last argument of the program; gives the runner's own exit
 * code, which says nothing of the job's.
 */
export async function runJob(
  directory: string = process.argv.at(-1) ?? "",
  options: RunnerOptions = {},
): Promise<number> {
  const processes = options.processes ?? realProcesses();
  const files = jobFiles(directory);
  const spec = await files.spec();
  const started = await startMark(process.pid);
  if (spec === undefined || started === undefined) return 1;
  // Whoever comes second, or after the job was cleared, does nothing.
  if (!(await files.writeClaim({ run: spec.run, pid: process.pid, started }))) return 1;
  const { code, timedOut } = await perform(spec, files, processes);
  await files.writeResult({ run: spec.run, endedAt: Date.now(), code, timedOut });
  const woken = await wake(spec, processes, options.wakeDelaysMs ?? wakeDelaysMs);
  return woken ? 0 : 1;
}

async function perform(
  spec: StoredSpec,
  files: JobFiles,
  processes: Processes,
): Promise<Pick<RunResult, "code" | "timedOut">> {
  const output = cappedFile(files.output);
  try {
    return await processes.run(spec.argv, {
      timeoutMs: spec.deadlineMs,
      maxOutputBytes: 0,
      onOutput: output.append,
    });
  } catch (thrown) {
    output.append(`${toError(thrown).message}\n`);
    const missing = thrown instanceof ProcessError && thrown.reason === "not-installed";
    return { code: missing ? 127 : 126, timedOut: false };
  }
}

/** A file that keeps the latest part of what is appended, and that a reader finds whole at any time. */
function cappedFile(path: string): { append(chunk: Buffer | string): void } {
  writeFileSync(path, "", { mode: 0o600 });
  let size = 0;
  return {
    append: (chunk) => {
      appendFileSync(path, chunk);
      size += Buffer.byteLength(chunk);
      if (size <= outputCap) return;
      const kept = readFileSync(path).subarray(-outputCap / 2);
      const shortened = Buffer.concat([Buffer.from("[earlier output left out]\n"), kept]);
      writeFileSync(`${path}.new`, shortened, { mode: 0o600 });
      renameSync(`${path}.new`, path);
      size = shortened.length;
    },
  };
}

/** Runs the charm by juju-exec, again while the agent is away. What the job was trusted with stays out of it. */
async function wake(spec: StoredSpec, processes: Processes, delaysMs: readonly number[]): Promise<boolean> {
  const env = Object.fromEntries(spec.secretNames.map((name) => [name, ""]));
  for (const delayMs of [0, ...delaysMs]) {
    await sleep(delayMs);
    try {
      const { code, stderr } = await processes.run(spec.wake, { env, timeoutMs: wakeTimeoutMs });
      if (code === 0) return true;
      console.error(`waking the charm failed with exit code ${code}: ${stderr.trim()}`);
    } catch (thrown) {
      console.error(toError(thrown).message);
      if (thrown instanceof ProcessError && thrown.reason === "not-installed") return false;
    }
  }
  return false;
}
