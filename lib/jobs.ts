// Work that outlives a hook, seen from the hook: start it, ask how it is, forget it.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "./errors.ts";
import { type JobFiles, jobFiles, readIfThere, type StoredSpec } from "./job-files.ts";
import { isAlive, startMark } from "./liveness.ts";
import type { Argv, Processes } from "./process.ts";

export interface JobSpec {
  /** `[a-z0-9-]+`; at most one job runs under a name. */
  readonly name: string;
  readonly argv: Argv;
  /** May hold secrets: goes by the environment of the job only, never to disk. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds; then the job's process group is ended. */
  readonly deadlineMs: number;
  /** For people and logs. */
  readonly label: string;
}

/** Times are milliseconds since 1970. */
export type JobState =
  | { readonly kind: "none" }
  | {
      readonly kind: "running";
      readonly label: string;
      readonly startedAt: number;
      /** The latest output, for a status. */
      readonly lastLines: readonly string[];
    }
  | {
      readonly kind: "ended";
      readonly label: string;
      readonly startedAt: number;
      readonly endedAt: number;
      readonly code: number;
      readonly timedOut: boolean;
      /** stdout and stderr as they came; the earlier part is left out of a very long one. */
      readonly output: string;
    }
  /** It died without a result: killed, or the machine was restarted. */
  | { readonly kind: "lost"; readonly label: string; readonly startedAt: number };

export interface Jobs {
  state(name: string): Promise<JobState>;
  /** Throws when one of that name runs; forgets an ended or lost one. Resolves once the job is under way. */
  start(spec: JobSpec): Promise<void>;
  /** Forgets an ended or lost job; throws when it runs. */
  clear(name: string): Promise<void>;
  /** Names of the jobs that run. */
  running(): Promise<readonly string[]>;
}

export interface JobsOptions {
  /** Where jobs keep their files; made with mode 0700. */
  readonly directory: string;
  readonly unit: string;
  readonly charmDir: string;
  /** Command that calls runJob(); the job's directory is added as its last argument. */
  readonly runner: readonly string[];
  readonly processes: Processes;
  /** Command in front of the runner that takes it out of the agent's service; the right one for the machine unless given. */
  readonly outsideAgent?: readonly string[];
}

/** There on a machine that systemd runs: sd_booted(3). */
const systemdMark = "/run/systemd/system";
/**
 * The agent's service ends all processes of its control group when it restarts: Juju leaves systemd's KillMode as it
 * is (juju: service/systemd/conf.go). In a scope of its own a job stays; systemd-run becomes the job, environment and all.
 */
const ownScope: readonly string[] = ["systemd-run", "--scope", "--quiet", "--collect", "--"];

const claimPollMs = 10;
/** A bundle starts in well under a second; a machine under load may need more. */
const claimDeadlineMs = 30_000;
const tailBytes = 4096;
const tailLines = 3;

/** Jobs as detached processes, with their files in a directory. */
export function realJobs(options: JobsOptions): Jobs {
  const filesOf = (name: string): JobFiles => {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
      throw new Error(`"${name}" is no name of a job (a-z, 0-9 and hyphens)`);
    return jobFiles(join(options.directory, name));
  };
  const clear = async (name: string): Promise<void> => {
    const files = filesOf(name);
    if ((await readState(files)).kind === "running")
      throw new Error(`job ${name} runs: it cannot be cleared`);
    await files.remove();
  };
  return {
    state: (name) => readState(filesOf(name)),
    clear,
    start: async (spec) => {
      const files = filesOf(spec.name);
      await clear(spec.name);
      const stored = storedSpec(spec, options);
      await files.writeSpec(stored);
      await launch(files, stored, spec, options);
    },
    running: async () => {
      const names = await foldersIn(options.directory);
      const states = await Promise.all(names.map((name) => readState(filesOf(name))));
      return names.filter((_, at) => states[at]?.kind === "running");
    },
  };
}

async function foldersIn(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function storedSpec(spec: JobSpec, { unit, charmDir }: JobsOptions): StoredSpec {
  return {
    run: crypto.randomUUID(),
    label: spec.label,
    argv: [...spec.argv],
    deadlineMs: spec.deadlineMs,
    startedAt: Date.now(),
    secretNames: Object.keys(spec.env),
    wake: [
      "juju-exec",
      unit,
      `JUJU_DISPATCH_PATH=hooks/job-ended '${charmDir.replaceAll("'", "'\\''")}/dispatch'`,
    ],
  };
}

async function launch(
  files: JobFiles,
  stored: StoredSpec,
  spec: JobSpec,
  options: JobsOptions,
): Promise<void> {
  const { outsideAgent = existsSync(systemdMark) ? ownScope : [] } = options;
  const [program, ...args] = [...outsideAgent, ...options.runner];
  if (program === undefined) throw new Error("no command that runs jobs was given");
  const { pid } = await options.processes.spawnDetached([program, ...args, files.directory], {
    env: spec.env,
    stdoutFile: files.runnerOutput,
    cwd: "/",
  });
  const deadline = Date.now() + claimDeadlineMs;
  while ((await files.claim())?.run !== stored.run) {
    if (Date.now() > deadline || (await startMark(pid)) === undefined) {
      // It may have claimed and ended between the two looks.
      if ((await files.claim())?.run === stored.run) return;
      const said = (await readIfThere(files.runnerOutput))?.trim() ?? "";
      await files.remove();
      throw new OperatorError(
        `job ${spec.name} (${spec.label}) did not start${said === "" ? "" : `: ${said}`}`,
      );
    }
    await sleep(claimPollMs);
  }
}

async function readState(files: JobFiles): Promise<JobState> {
  const spec = await files.spec();
  if (spec === undefined) return { kind: "none" };
  const { run, label, startedAt } = spec;
  const claim = await files.claim();
  const alive = claim?.run === run && (await isAlive(claim.pid, claim.started));
  // The result is looked for last: a job that ended a moment ago has written it before it died.
  const result = await files.result();
  if (result?.run === run) {
    const { endedAt, code, timedOut } = result;
    return { kind: "ended", label, startedAt, endedAt, code, timedOut, output: await files.tail(Infinity) };
  }
  if (!alive) return { kind: "lost", label, startedAt };
  const lines = (await files.tail(tailBytes)).split("\n").filter((line) => line.trim() !== "");
  return { kind: "running", label, startedAt, lastLines: lines.slice(-tailLines) };
}
