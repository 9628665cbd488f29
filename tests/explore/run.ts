// One task of a run: a journey searched through, or stories at random, with what was found shrunk to the shortest story.
import type { ChanceState } from "../../lib/juju/chance.ts";
import { drawOne } from "../../lib/juju/chance.ts";
import { canonical } from "./canonical.ts";
import type { Rules } from "./dispatch.ts";
import type { Invariant } from "./invariants.ts";
import { type Counts, type Found, search } from "./search.ts";
import { shrink } from "./shrink.ts";
import { begin, type Journey, journeyNames } from "./starts.ts";
import type { ExploreState } from "./state.ts";
import { tell } from "./story.ts";
import { walk } from "./walk.ts";

export type TaskOfRun =
  | { readonly kind: "search"; readonly journey: Journey; readonly surprises: number }
  | { readonly kind: "walks"; readonly number: number };

/** An invariant that does not hold, as a story that a person reads. */
export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
  /** Where the story begins. */
  readonly journey: Journey;
  readonly story: readonly string[];
}

export interface TaskEnd {
  /** It was not told to stop before it was through. */
  readonly complete: boolean;
  readonly violations: readonly Violation[];
}

export interface RunOptions {
  readonly rules: Rules;
  readonly seed: number;
  readonly counts: Counts;
  readonly enough: () => boolean;
}

/** Of one kind of violation in a task so many are shrunk; the others are like them. */
const TOLD = 1;
/** Moves of a story at random, before it comes to rest. */
const LENGTH = 120;

/** Does a task. */
export async function runTask(task: TaskOfRun, options: RunOptions): Promise<TaskEnd> {
  const found: Found[] = [];
  const complete =
    task.kind === "search"
      ? await searchJourney(task.journey, task.surprises, options, found)
      : await walkAbout(task.number, options, found);
  const violations: Violation[] = [];
  for (const each of telling(found)) violations.push(await told(each, options));
  return { complete, violations };
}

async function searchJourney(
  journey: Journey,
  surprises: number,
  { rules, seed, counts, enough }: RunOptions,
  found: Found[],
): Promise<boolean> {
  const from = await begin(rules, seed, journey);
  const note = (one: Omit<Found, "start">): void => void found.push({ ...one, start: journey });
  return await search(from, { rules, surprises, counts, found: note, enough });
}

/** Stories from any journey, until it is enough. */
async function walkAbout(
  number: number,
  { rules, seed, counts, enough }: RunOptions,
  found: Found[],
): Promise<boolean> {
  const chance: ChanceState = { seed: seed * 1000 + number, drawn: {} };
  const seen = new Set<string>();
  const made = (state: ExploreState): void => {
    counts.moves += 1;
    const key = canonical(state);
    if (seen.has(key)) counts.merged += 1;
    else counts.states += 1;
    seen.add(key);
  };
  while (!enough()) {
    const journey = drawOne(chance, "journey", journeyNames) ?? "one cluster is deployed";
    const from = await begin(rules, seed, journey);
    const { moves, breaches } = await walk(from, { rules, chance, length: LENGTH, made });
    counts.stories += 1;
    for (const breach of breaches) found.push({ start: journey, moves, breach });
  }
  return true;
}

/** The first ones of each kind. */
function telling(found: readonly Found[]): readonly Found[] {
  const kinds = Map.groupBy(found, ({ breach, start }) =>
    [start, breach.invariant, breach.what.replaceAll(/\d+/g, "")].join(" ").slice(0, 200),
  );
  return [...kinds.values()].flatMap((alike) =>
    alike.toSorted((a, b) => a.moves.length - b.moves.length).slice(0, TOLD),
  );
}

async function told({ start, moves, breach }: Found, { rules, seed }: RunOptions): Promise<Violation> {
  const from = await begin(rules, seed, start);
  const short = await shrink(rules, from, { moves, breach });
  const { invariant, what } = short.breach;
  return { invariant, what, journey: start, story: await tell(rules, from, short.moves) };
}
