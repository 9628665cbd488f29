// A journey: servers that the recorded commands are run on one after the other, with what happens to them in between.
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Comparison, compare } from "./compare.ts";
import { Machine, type MachineName, openEmptyMachine, openNetwork, type Place, until } from "./machines.ts";
import { toSuite } from "./normalise.ts";
import { type Recording, readRecordings } from "./recording.ts";

/** The shell that is tried: a program and the words that come before its own. */
export type Program = readonly string[];

/** One case, compared. */
export interface Outcome extends Comparison {
  readonly journey: string;
  readonly name: string;
  readonly seconds: number;
}

/** What a journey's course is written with. */
export interface Course {
  /** Runs the recorded commands one after the other. */
  readonly run: (...names: readonly string[]) => Promise<void>;
  /** Starts a recorded command that goes on while others run; answers its end. */
  readonly begin: (name: string) => Promise<void>;
  /** Runs another command through a machine, as cadmin unless another login is given; throws unless it succeeds. */
  readonly shell: (through: MachineName, words: readonly string[], login?: Login) => Promise<void>;
  /** Runs another command until the condition holds, and then kills it. */
  readonly interrupt: (
    through: MachineName,
    words: readonly string[],
    when: () => Promise<boolean>,
  ) => Promise<void>;
  readonly on: (name: MachineName) => Machine;
}

/** An account of the machines' servers. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** The account that configure-instance makes in the recordings. */
const CLUSTER_ADMIN: Login = { user: "cadmin", password: "clusterpw" };

export interface Journey {
  readonly machines: readonly MachineName[];
  /** more lines for the option files of some servers */
  readonly options?: Partial<Record<MachineName, readonly string[]>>;
  readonly course: (course: Course) => Promise<void>;
}

/** Ends a journey early: no wanted case is left. */
class Arrived extends Error {}

/** A run may take this many seconds before it is ended. */
const LIMIT = 240;
/** A shell that asks in vain prints without end. */
const OUTPUT_LIMIT = 4_000_000;

/** Addresses of the recordings where no server was. */
const NOBODY = ["127.0.1.9", "127.0.3.9", "127.0.9.1"];

export interface Travel {
  readonly name: string;
  readonly place: Place;
  readonly program: Program;
  readonly wanted: (recording: string) => boolean;
  readonly report: (outcome: Outcome) => void;
}

/** Goes through a journey inside a hub, as far as cases are wanted. A case that is not reached has failed. */
export async function travel(journey: Journey, travel: Travel): Promise<void> {
  const recordings = readRecordings(travel.name);
  const left = new Set([...recordings.keys()].filter(travel.wanted));
  if (left.size === 0) return;
  const why = await missedBy(journey, travel, { recordings, left });
  for (const [index, name] of [...left].entries()) {
    const difference = [index === 0 ? `not reached: ${why}` : "not reached: see the first one"];
    travel.report({ journey: travel.name, name, seconds: 0, passed: false, difference });
  }
}

interface Cases {
  readonly recordings: ReadonlyMap<string, Recording>;
  /** wanted and not run yet */
  readonly left: Set<string>;
}

/** Takes the course, and answers why it did not run all wanted cases, if it did not. */
async function missedBy(
  { machines, options, course }: Journey,
  travel: Travel,
  cases: Cases,
): Promise<string> {
  try {
    await openNetwork(travel.place.folder);
    await openEmptyMachine(NOBODY);
    const opened = machines.map((name) => Machine.open(name, travel.place, options?.[name] ?? []));
    await course(courseOf(await Promise.all(opened), travel, cases));
    return "the course leaves it out";
  } catch (error) {
    if (error instanceof Arrived) return "";
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

function courseOf(machines: readonly Machine[], travel: Travel, { recordings, left }: Cases): Course {
  const on = (name: MachineName): Machine => {
    const found = machines.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the journey ${travel.name} has no machine ${name}`);
    return found;
  };
  const begin = async (name: string): Promise<void> => {
    const recording = recordings.get(name);
    if (recording === undefined) throw new Error(`the journey ${travel.name} has no recording ${name}`);
    if (left.size === 0) throw new Arrived();
    const started = performance.now();
    const actual = await runShell(recording, machineOf(recording, machines), travel);
    const seconds = (performance.now() - started) / 1000;
    if (!left.delete(name)) return;
    travel.report({ journey: travel.name, name, seconds, ...compare(recording, actual) });
  };
  return {
    on,
    begin,
    run: async (...names) => {
      for (const name of names) await begin(name);
    },
    shell: async (through, words, login = CLUSTER_ADMIN) => {
      const ran = await runShell(commandOf(on(through), words, login), on(through), travel);
      if (ran.exit === 0) return;
      const said = `${ran.stdout}${ran.stderr}`;
      throw new Error(`${words.join(" ")} through ${through} ended with ${ran.exit}: ${said}`);
    },
    interrupt: async (through, words, when) => {
      const stop = new AbortController();
      const command = commandOf(on(through), words, CLUSTER_ADMIN);
      const ended = runShell(command, on(through), travel, stop.signal);
      await until(when, `the moment to kill ${words.join(" ")}`, 120);
      stop.abort();
      await ended;
    },
  };
}

/** A shell runs on the machine that it connects to, as it did when it was recorded. */
function machineOf({ words }: Recording, machines: readonly Machine[]): Machine | undefined {
  const place = words.map(toSuite).join(" ");
  return machines.find(({ address }) => place.includes(`@${address}:`)) ?? machines[0];
}

export interface Ran {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function commandOf(machine: Machine, words: readonly string[], { user, password }: Login): Command {
  const all = ["--json=raw", "--no-wizard", "--uri", `${user}@${machine.address}:3306`, "--", ...words];
  return { words: all, environment: { MYSQL_PWD: password }, stdin: "" };
}

/** What a shell is started with. */
type Command = Pick<Recording, "words" | "environment" | "stdin">;

async function runShell(
  recording: Command,
  machine: Machine | undefined,
  { program, place }: Travel,
  stop?: AbortSignal,
): Promise<Ran> {
  const home = join(place.folder, "home");
  await mkdir(home, { recursive: true });
  const words = [...program, ...recording.words.map(toSuite)];
  const [first = "", ...rest] = machine === undefined ? words : machine.on(words);
  const environment = {
    PATH: process.env["PATH"],
    HOME: home,
    MYSQLSH_USER_CONFIG_HOME: home,
    ...recording.environment,
  };
  return new Promise((resolve, reject) => {
    const child = spawn(first, rest, { cwd: home, env: environment, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    stop?.addEventListener("abort", () => child.kill("SIGKILL"));
    const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT * 1000);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.length > OUTPUT_LIMIT) child.kill("SIGKILL");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ exit: code ?? `ended by ${signal}`, stdout, stderr });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(recording.stdin);
  });
}
