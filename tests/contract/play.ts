// Plays cases and says of each whether it held: those of one command line together in one context, the others by themselves.
import { isDeepStrictEqual } from "node:util";
import { type Case, type Place, type Run, wordsOf } from "./case.ts";
import { actionCases } from "./cases/actions.ts";
import { commandLineCases } from "./cases/command-lines.ts";
import { machineCases } from "./cases/machine.ts";
import { relationCases } from "./cases/relations.ts";
import { secretCases } from "./cases/secrets.ts";
import { stateCases } from "./cases/state.ts";
import { unitCases } from "./cases/unit.ts";
import { difference } from "./compare.ts";
import type { Played } from "./juju.ts";
import { placeholdersIn } from "./script.ts";

export const allCases: readonly Case[] = [
  ...commandLineCases,
  ...relationCases,
  ...unitCases,
  ...stateCases,
  ...secretCases,
  ...machineCases,
  ...actionCases,
];

export type Verdict =
  | { readonly kind: "held" }
  | { readonly kind: "differs"; readonly why: string }
  | { readonly kind: "skipped"; readonly why: string };

export interface Player {
  /** Whether there is the place that a run needs. */
  readonly can: (run: Run) => boolean;
  readonly play: (run: Run, known: ReadonlyMap<string, string>) => Promise<Played>;
}

/** As many command lines as one argument of a program can hold with ease. */
const LINES_AT_ONCE = 40;

/** Plays cases on Juju of a major version; tells each verdict as soon as it is known. */
export async function playCases(
  cases: readonly Case[],
  jujuMajor: number,
  player: Player,
  tell: (one: Case, verdict: Verdict) => void,
): Promise<void> {
  const playable: Case[] = [];
  for (const one of cases) {
    const missing = one.runs.find((run) => !player.can(run));
    if (one.until !== undefined && jujuMajor >= one.until)
      tell(one, { kind: "skipped", why: `Juju ${jujuMajor} has no such command` });
    else if (missing !== undefined) tell(one, { kind: "skipped", why: `needs a run on: ${missing.on}` });
    else playable.push(one);
  }
  for (const group of groupsOf(playable.filter(isSingle))) await playTogether(group, player, tell);
  for (const one of playable.filter((candidate) => !isSingle(candidate)))
    tell(one, await playAlone(one, player));
}

function isSingle({ runs }: Case): boolean {
  const [only] = runs;
  return (
    runs.length === 1 && only?.steps.length === 1 && only.on !== "action" && only.on !== "relation-changed"
  );
}

function groupsOf(cases: readonly Case[]): readonly (readonly Case[])[] {
  const groups: Case[][] = [];
  for (const place of ["leader", "follower"] satisfies Place[]) {
    const here = cases.filter(({ runs }) => runs[0]?.on === place);
    for (let at = 0; at < here.length; at += LINES_AT_ONCE) groups.push(here.slice(at, at + LINES_AT_ONCE));
  }
  return groups;
}

async function playTogether(
  group: readonly Case[],
  player: Player,
  tell: (one: Case, verdict: Verdict) => void,
): Promise<void> {
  const runs = group.flatMap((one) => one.runs);
  const steps = runs.flatMap((run) => run.steps);
  const played = await player.play({ on: runs[0]?.on ?? "leader", steps }, new Map());
  for (const [at, one] of group.entries()) {
    const [step] = one.runs[0]?.steps ?? [];
    if (step === undefined) continue;
    const missing = lacking(one, played);
    if (missing !== undefined) tell(one, { kind: "skipped", why: missing });
    else tell(one, verdict(difference(step.answer, played.report.steps.get(at), played.report.names)));
  }
}

async function playAlone(one: Case, player: Player): Promise<Verdict> {
  let known: ReadonlyMap<string, string> = new Map();
  for (const [number, run] of one.runs.entries()) {
    const played = await player.play(run, known);
    const missing = lacking(one, played);
    if (missing !== undefined) return { kind: "skipped", why: missing };
    const where = one.runs.length === 1 ? "" : `run ${number + 1} (${run.on}): `;
    for (const [at, step] of run.steps.entries()) {
      const why = difference(step.answer, played.report.steps.get(at), played.report.names);
      if (why !== undefined) return { kind: "differs", why: `${where}${wordsOf(step).join(" ")}: ${why}` };
    }
    const why = taskDifference(run, played);
    if (why !== undefined) return { kind: "differs", why: `${where}${why}` };
    const captured = run.steps.flatMap(({ as }) => (as === undefined ? [] : [as]));
    known = new Map([
      ...known,
      ...captured.map((name) => [name, played.report.names.get(name) ?? ""] as const),
    ]);
  }
  return { kind: "held" };
}

function verdict(why: string | undefined): Verdict {
  return why === undefined ? { kind: "held" } : { kind: "differs", why };
}

/** What the place has not got that the case needs; undefined when nothing. */
function lacking(one: Case, { report: { names } }: Played): string | undefined {
  if (one.needsCharm === true && names.get("charm") === "") return "needs the charm of tests/contract/charm";
  const words = one.runs.flatMap((run) => run.steps.flatMap((step) => wordsOf(step)));
  const empty = [...placeholdersIn(words)].find((name) => names.get(name) === "");
  return empty === undefined ? undefined : `needs a unit with: ${empty}`;
}

function taskDifference({ task: wanted }: Run, { task }: Played): string | undefined {
  if (wanted === undefined) return undefined;
  const shown = `the task ended as ${JSON.stringify(task)}`;
  if (task?.status !== wanted.status) return `expected status ${wanted.status}, but ${shown}`;
  if (wanted.message !== undefined && task.message !== wanted.message)
    return `expected message "${wanted.message}", but ${shown}`;
  if (wanted.results !== undefined && !isDeepStrictEqual(task.results, wanted.results))
    return `expected results ${JSON.stringify(wanted.results)}, but ${shown}`;
  return undefined;
}
