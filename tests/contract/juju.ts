// The stage on which cases are played: a model with the fixture's charm, reached by juju's verbs, of the sandbox or the real ones.
import { execFile } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import type { Place, Run } from "./case.ts";
import { type Report, readReport, scriptOf } from "./script.ts";

/** A juju client: the words behind `juju`; what it printed. Does not reject on an exit code. */
export type Juju = (
  words: readonly string[],
) => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;

export interface Played {
  readonly report: Report;
  /** Of an action. */
  readonly task: TaskEnd | undefined;
}

export interface TaskEnd {
  readonly status: string;
  readonly message: string;
  /** Without what Juju itself adds. */
  readonly results: Readonly<Record<string, unknown>>;
}

const APP = "contract";
const FAR = "far-end";
const SETTLE_MS = 900_000;
const HOOK_MS = 120_000;
const ownResults = ["return-code", "stdout", "stderr", "stdout-encoding", "stderr-encoding"];

export class Stage {
  readonly #juju: Juju;
  readonly #model: string;
  #leader = "";
  #follower = "";
  #nudges = 0;

  constructor(juju: Juju, model: string) {
    this.#juju = juju;
    this.#model = model;
  }

  /** Deploys two units and one at the other end of a relation, and waits until they are settled. */
  async build(charm: string): Promise<void> {
    await this.#must(["deploy", "-m", this.#model, charm, APP, "-n", "2"]);
    await this.#must(["deploy", "-m", this.#model, charm, FAR]);
    await this.#must(["integrate", "-m", this.#model, `${APP}:source`, `${FAR}:sink`]);
    await until(
      async () => (await this.#idle()) && (await this.#isRelated()),
      SETTLE_MS,
      "the units to settle",
    );
    const units = Object.entries((await this.#status()).applications[APP]?.units ?? {});
    this.#leader = units.find(([, unit]) => unit.leader === true)?.[0] ?? "";
    this.#follower = units.find(([name]) => name !== this.#leader)?.[0] ?? "";
  }

  /** The first number of the version of the units' agents. */
  async jujuMajor(): Promise<number> {
    return Number.parseInt(await this.#exec("leader", "echo $JUJU_VERSION"), 10);
  }

  can(): boolean {
    return true;
  }

  /** Plays one run of a case. */
  async play(run: Run, known: ReadonlyMap<string, string>): Promise<Played> {
    const script = Buffer.from(scriptOf(run.steps, run.exit, known)).toString("base64");
    switch (run.on) {
      case "leader":
      case "follower":
        return {
          report: readReport(await this.#exec(run.on, `echo ${script} | base64 -d | sh`)),
          task: undefined,
        };
      case "action":
        return await this.#action(script);
      case "relation-changed":
        return { report: readReport(await this.#hook(script)), task: undefined };
    }
  }

  #unitAt(place: Place): string {
    return place === "follower" ? this.#follower : this.#leader;
  }

  async #exec(place: Place, command: string): Promise<string> {
    return await this.#execOn(this.#unitAt(place), command);
  }

  async #execOn(unit: string, command: string): Promise<string> {
    const { stdout, stderr } = await this.#juju([
      "exec",
      "-m",
      this.#model,
      "--unit",
      unit,
      "--format",
      "json",
      "--",
      command,
    ]);
    const results = taskIn(stdout, unit)?.["results"];
    if (!isMap(results)) throw new Error(`juju exec on ${unit} gave no results: ${stderr}`);
    return String(results["stdout"] ?? "");
  }

  async #action(script: string): Promise<Played> {
    const words = ["run", "-m", this.#model, this.#leader, "cases", `script=${script}`, "--format", "json"];
    const { stdout, stderr } = await this.#juju(words);
    const task = taskIn(stdout, this.#leader);
    if (task === undefined) throw new Error(`the action gave no results: ${stderr}`);
    const results = isMap(task["results"]) ? task["results"] : {};
    const own = Object.entries(results).filter(([key]) => !ownResults.includes(key));
    return {
      report: readReport(String(results["stdout"] ?? "")),
      task: {
        status: String(task["status"] ?? ""),
        message: String(task["message"] ?? ""),
        results: Object.fromEntries(own),
      },
    };
  }

  /** Leaves the script for the hook, makes the far end change its data, and fetches what the script printed. */
  async #hook(script: string): Promise<string> {
    const file = "$JUJU_CHARM_DIR/../case-source-relation-changed";
    await this.#exec("leader", `rm -f ${file}.out; echo ${script} | base64 -d > ${file}.sh`);
    this.#nudges += 1;
    await this.#execOn(`${FAR}/0`, `relation-set -r "$(relation-ids sink)" nudge=${this.#nudges}`);
    let report = "";
    await until(
      async () => {
        report = await this.#exec("leader", `cat ${file}.out 2>/dev/null || true`);
        return report !== "" && (await this.#idle());
      },
      HOOK_MS,
      "the relation-changed hook",
    );
    return report;
  }

  async #idle(): Promise<boolean> {
    const { applications } = await this.#status();
    const units = [APP, FAR].flatMap((app) => Object.values(applications[app]?.units ?? {}));
    return units.length === 3 && units.every((unit) => unit["juju-status"]?.current === "idle");
  }

  async #isRelated(): Promise<boolean> {
    return (
      (await this.#execOn(`${APP}/0`, 'relation-list -r "$(relation-ids source)"')).trim() === `${FAR}/0`
    );
  }

  async #status(): Promise<Status> {
    return JSON.parse(await this.#must(["status", "-m", this.#model, "--format", "json"])) as Status;
  }

  async #must(words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#juju(words);
    if (code !== 0) throw new Error(`juju ${words.join(" ")} exited ${code}: ${stderr.trim()}`);
    return stdout;
  }
}

interface Status {
  readonly applications: Readonly<Record<string, { readonly units?: Readonly<Record<string, UnitStatus>> }>>;
}

interface UnitStatus {
  readonly leader?: boolean;
  readonly "juju-status"?: { readonly current?: string };
}

function taskIn(text: string, unit: string): Readonly<Record<string, unknown>> | undefined {
  const parsed: unknown = text.trim() === "" ? undefined : JSON.parse(text);
  const task = isMap(parsed) ? parsed[unit] : undefined;
  return isMap(task) ? task : undefined;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function until(holds: () => Promise<boolean>, limitMs: number, what: string): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${limitMs / 1000} s for ${what}`);
    await setTimeout(200);
  }
}

/** A client program, such as `juju`, or `node sandbox/cli.ts`. */
export function clientProgram(command: readonly string[]): Juju {
  const [program = "juju", ...first] = command;
  return (words) =>
    new Promise((resolve) => {
      execFile(program, [...first, ...words], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ code, stdout, stderr: error !== null && stderr === "" ? error.message : stderr });
      });
    });
}
