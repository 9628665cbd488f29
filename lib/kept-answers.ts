// Answers kept from one update-status to the next: what changes only with an event, or by this unit's own writes, is not asked again.

import { readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandRunner } from "./hook-commands/command.ts";

/** Of these Juju announces every change by an event, of which the handling forgets all answers. */
const announced: ReadonlySet<string> = new Set([
  "config-get",
  "network-get",
  "opened-ports",
  "relation-get",
  "relation-ids",
  "relation-list",
  "relation-model-get",
  "secret-info-get",
  "state-get",
  "status-get",
  "storage-get",
  "storage-list",
]);
/** These are asked every time: they change by themselves, or have no business on a disk. They change nothing. */
const fleeting: ReadonlySet<string> = new Set([
  "credential-get",
  "goal-state",
  "is-leader",
  "juju-log",
  "leader-get",
  "resource-get",
  "secret-get",
  "secret-ids",
  "unit-get",
]);
/** Even what Juju forgot to announce, such as a relation that was removed by force, is found out by then. */
const LONGEST_MS = 15 * 60_000;
const LAYOUT = 1;

interface Kept {
  readonly layout: typeof LAYOUT;
  readonly unit: string;
  readonly jujuVersion: string;
  /** What the unit may read depends on it. */
  readonly leader: unknown;
  /** When the oldest answer was given; milliseconds since the epoch. */
  readonly since: number;
  /** By command line. */
  readonly answers: Readonly<Record<string, unknown>>;
}

export interface KeptAnswers {
  /** Commands that take what was kept, and note what there is to keep. */
  around(run: CommandRunner): CommandRunner;
  /** To be called when the dispatch has succeeded: keeps what it learnt, unless it changed something. */
  keep(): Promise<void>;
}

/**
 * What the last update-status kept, for this one. Every dispatch takes it away at its begin, so that only an unbroken row
 * of update-status hooks that change nothing has it; anything else (an event, a crash, an action) begins anew.
 */
export function keptAnswers(env: NodeJS.ProcessEnv, now: () => number = Date.now): KeptAnswers {
  const file = join(env["JUJU_CHARM_DIR"] ?? "", "..", "kept-answers.json");
  const isUpdateStatus = env["JUJU_DISPATCH_PATH"] === "hooks/update-status";
  const place = { unit: env["JUJU_UNIT_NAME"] ?? "", jujuVersion: env["JUJU_VERSION"] ?? "" };
  const taken = take(file);
  const usable = isUpdateStatus && taken !== undefined && fits(taken, place, now()) ? taken : undefined;
  const learnt = new Map<string, unknown>();
  const began = now();
  let leader: Promise<unknown> | undefined;
  let isChanged = false;
  let isReused = false;

  const around = ({ tell, ask }: CommandRunner): CommandRunner => {
    const askLeader = (): Promise<unknown> => {
      leader ??= ask(["is-leader"]);
      return leader;
    };
    return {
      tell: (argv, more) => {
        if (!announced.has(argv[0]) && !fleeting.has(argv[0])) isChanged = true;
        return tell(argv, more);
      },
      ask: async (argv) => {
        if (argv[0] === "is-leader") return askLeader();
        // The application's status holds those of other units.
        if (!announced.has(argv[0]) || argv.includes("--application")) return ask(argv);
        const line = JSON.stringify(argv);
        if (
          usable !== undefined &&
          Object.hasOwn(usable.answers, line) &&
          (await askLeader()) === usable.leader
        ) {
          isReused = true;
          learnt.set(line, usable.answers[line]);
          return usable.answers[line];
        }
        const answer = await ask(argv);
        learnt.set(line, answer);
        return answer;
      },
    };
  };
  const keep = async (): Promise<void> => {
    if (!isUpdateStatus || isChanged || leader === undefined) return;
    const since = isReused && usable !== undefined ? usable.since : began;
    save(file, {
      layout: LAYOUT,
      ...place,
      leader: await leader,
      since,
      answers: Object.fromEntries(learnt),
    });
  };
  return { around, keep };
}

function fits(kept: Kept, place: Pick<Kept, "unit" | "jujuVersion">, now: number): boolean {
  const age = now - kept.since;
  return kept.unit === place.unit && kept.jujuVersion === place.jujuVersion && age >= 0 && age < LONGEST_MS;
}

/** Reads and removes the file. What cannot be removed is not used either: it could be old. */
function take(file: string): Kept | undefined {
  try {
    const text = readFileSync(file, "utf8");
    unlinkSync(file);
    const parsed: unknown = JSON.parse(text);
    return isKept(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Only this module writes the file, so its layout's number says enough. */
function isKept(value: unknown): value is Kept {
  return typeof value === "object" && value !== null && "layout" in value && value.layout === LAYOUT;
}

/** Only for this user: relation data is nobody else's business. Where nothing can be written, all is asked again. */
function save(file: string, kept: Kept): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify(kept), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    return;
  }
}
