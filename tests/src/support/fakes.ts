// Doubles that are handed in: programs, files and jobs that live in memory.
import type { JobSpec, JobState, Jobs, Processes, RunOptions, RunResult } from "../../../lib/index.ts";
import type { Files } from "../../../src/machine/ports.ts";

export interface Ran {
  readonly argv: readonly string[];
  readonly options: RunOptions;
}

export interface FakeProcesses extends Processes {
  readonly ran: readonly Ran[];
}

function result(part: Partial<RunResult> = {}): RunResult {
  return { code: 0, stdout: "", stderr: "", timedOut: false, truncated: false, ...part };
}

/** Programs that answer as told; `answer` may throw, as for a program that cannot be started. */
export function fakeProcesses(answer: (argv: readonly string[]) => Partial<RunResult>): FakeProcesses {
  const ran: Ran[] = [];
  return {
    ran,
    run: async (argv, options) => {
      ran.push({ argv, options });
      return result(answer(argv));
    },
    spawnDetached: async ([program]) => {
      throw new Error(`${program} was not expected`);
    },
  };
}

export interface MemoryFile {
  readonly text: string;
  readonly mode: number;
  readonly owner: string | undefined;
}

export interface FakeFiles extends Files {
  readonly held: Map<string, MemoryFile>;
  /** Paths that something is mounted at. */
  readonly mounts: Set<string>;
  /** Symbolic links and where they point. */
  readonly links: Map<string, string>;
  readonly space: { free: number };
}

export function fakeFiles(texts: Readonly<Record<string, string>> = {}): FakeFiles {
  const held = new Map<string, MemoryFile>();
  for (const [path, text] of Object.entries(texts)) held.set(path, { text, mode: 0o644, owner: undefined });
  const mounts = new Set<string>();
  const links = new Map<string, string>();
  const space = { free: 10 ** 11 };
  return {
    links,
    space,
    held,
    mounts,
    read: async (path) => held.get(path)?.text,
    write: async (path, text, { mode = 0o644, owner } = {}) => void held.set(path, { text, mode, owner }),
    remove: async (path) => void held.delete(path),
    size: async (path) => held.get(path)?.text.length ?? 0,
    tail: async (path, bytes) => (bytes === 0 ? "" : (held.get(path)?.text.slice(-bytes) ?? "")),
    freeBytes: async () => space.free,
    readLink: async (path) => links.get(path),
    isMountPoint: async (path) => mounts.has(path),
    makeFolder: async () => undefined,
  };
}

export interface FakeJobs extends Jobs {
  readonly started: readonly JobSpec[];
  readonly states: Map<string, JobState>;
}

/** Jobs that run for ever once started, unless the test gives them another state. */
export function fakeJobs(): FakeJobs {
  const started: JobSpec[] = [];
  const states = new Map<string, JobState>();
  return {
    started,
    states,
    state: async (name) => states.get(name) ?? { kind: "none" },
    start: async (spec) => {
      started.push(spec);
      states.set(spec.name, { kind: "running", label: spec.label, startedAt: 0, lastLines: [] });
    },
    clear: async (name) => void states.delete(name),
    running: async () => [...states].filter(([, { kind }]) => kind === "running").map(([name]) => name),
  };
}
