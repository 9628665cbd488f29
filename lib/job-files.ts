// What a job leaves on disk: its spec, its claim (the process that runs it), its output and its result.

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

const specSchema = z.object({
  /** Tells this start of the job from earlier and later ones. */
  run: z.string(),
  label: z.string(),
  argv: z.tuple([z.string()], z.string()),
  deadlineMs: z.number(),
  startedAt: z.number(),
  /** Names only: the values are nowhere but in the environment of the job. */
  secretNames: z.array(z.string()),
  /** Command that wakes the charm once the job has ended. */
  wake: z.tuple([z.string()], z.string()),
});
const claimSchema = z.object({ run: z.string(), pid: z.int(), started: z.string() });
const resultSchema = z.object({
  run: z.string(),
  endedAt: z.number(),
  code: z.int(),
  timedOut: z.boolean(),
});

export type StoredSpec = z.infer<typeof specSchema>;
export type Claim = z.infer<typeof claimSchema>;
export type StoredResult = z.infer<typeof resultSchema>;

/** The files of one job. Reads give undefined for a file that is absent or was left half-written. */
export interface JobFiles {
  readonly directory: string;
  readonly output: string;
  readonly runnerOutput: string;
  spec(): Promise<StoredSpec | undefined>;
  claim(): Promise<Claim | undefined>;
  result(): Promise<StoredResult | undefined>;
  writeSpec(spec: StoredSpec): Promise<void>;
  /** False when somebody has claimed this run already, or the job was cleared. */
  writeClaim(claim: Claim): Promise<boolean>;
  writeResult(result: StoredResult): Promise<void>;
  /** The end of the output, at most so many bytes; empty when there is none. */
  tail(bytes: number): Promise<string>;
  remove(): Promise<void>;
}

export function jobFiles(directory: string): JobFiles {
  const at = (name: string): string => join(directory, name);
  return {
    directory,
    output: at("output"),
    runnerOutput: at("runner.log"),
    spec: () => readJson(at("spec.json"), specSchema),
    claim: () => readJson(at("claim.json"), claimSchema),
    result: () => readJson(at("result.json"), resultSchema),
    writeSpec: async (spec) => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeWhole(at("spec.json"), spec);
    },
    writeClaim: (claim) => createOnce(at("claim.json"), claim),
    writeResult: (result) => writeWhole(at("result.json"), result),
    tail: async (bytes) => {
      const text = (await readIfThere(at("output"))) ?? "";
      return text.length > bytes ? text.slice(-bytes) : text;
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Text of a file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (isCode(thrown, "ENOENT")) return undefined;
    throw thrown;
  }
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Readers see the old file or the whole new one, whenever this process is killed. */
async function writeWhole(path: string, value: unknown): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}`;
  await writeFile(draft, JSON.stringify(value), { mode: 0o600 });
  await rename(draft, path);
}

async function createOnce(path: string, value: unknown): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(value), { mode: 0o600, flag: "wx" });
    return true;
  } catch (thrown) {
    if (isCode(thrown, "EEXIST") || isCode(thrown, "ENOENT")) return false;
    throw thrown;
  }
}

function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}
