// Work that outlives a hook.
import type { Processes } from "./process.ts";

export interface JobSpec {
  /** `[a-z0-9-]+`; one job at a time per name. */
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** May hold a secret: goes by the job's environment only, never to disk. */
  readonly env: Readonly<Record<string, string>>;
  readonly deadlineMs: number;
  /** For people and logs. */
  readonly label: string;
}

export type JobState =
  | { readonly kind: "none" }
  | {
      readonly kind: "running";
      readonly label: string;
      readonly startedAt: number;
      readonly lastLines: readonly string[];
    }
  | {
      readonly kind: "ended";
      readonly label: string;
      readonly startedAt: number;
      readonly endedAt: number;
      readonly code: number;
      readonly timedOut: boolean;
      readonly output: string;
    }
  | { readonly kind: "lost"; readonly label: string; readonly startedAt: number };

export interface Jobs {
  state(name: string): Promise<JobState>;
  start(spec: JobSpec): Promise<void>;
  clear(name: string): Promise<void>;
}

export interface JobsOptions {
  readonly directory: string;
  readonly unit: string;
  readonly charmDir: string;
  readonly runner: readonly string[];
  readonly processes: Processes;
}

export function realJobs(_options: JobsOptions): Jobs {
  throw new Error("not yet");
}
