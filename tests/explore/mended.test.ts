// Stories that the search has found, by which an invariant was broken once: none of them may do so again.
import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import { type Move, make, realRules } from "./moves.ts";
import { begin, type Journey } from "./starts.ts";
import type { ExploreState } from "./state.ts";
import { usual } from "./usual.ts";

interface Mended {
  readonly journey: Journey;
  /** What comes to happen besides the usual. */
  readonly when: string;
  readonly moves: readonly Move[];
  /** The usual course is followed to the end of this first. */
  readonly after?: string;
}

const natural = (name: string): Move => ({ do: "natural", name });
const step = (unit: string): Move => ({ do: "step", unit });
const setPassword = (unit: string): Move => ({
  ...({ do: "run", unit, action: "set-password" } as const),
  params: { username: "serverconfig" },
});
/** Rome takes lisbon out of the set: up to the moment at which the record says so. */
const removal: readonly Move[] = [
  step("rome/0"),
  step("rome/0"),
  natural("job remove-cluster of rome/0 begins remove-cluster"),
  natural("job remove-cluster of rome/0 goes on: synchronise lisbon-0 rome-0"),
  natural("job remove-cluster of rome/0 goes on: synchronise lisbon-1 rome-0"),
  natural("job remove-cluster of rome/0 goes on: forget-cluster rome-0 cluster-of-group-2-of-lisbon-0"),
];

const mended: readonly Mended[] = [
  {
    journey: "the clusters part",
    when: "a member of the standby loses power, so that the rest of it cannot follow what is done about it",
    moves: [{ do: "kill", unit: "lisbon/1", effect: 1, power: true }],
  },
  {
    journey: "the clusters part",
    when: "a unit comes to the standby, whose name the primary cluster does not learn any more",
    moves: [{ do: "add-unit", site: "lisbon" }],
  },
  {
    journey: "the clusters part",
    when: "the flush of a hook is refused while another unit looks again and again",
    moves: [{ do: "refuse-flush", unit: "rome/0" }],
  },
  {
    journey: "the clusters part",
    when: "the standby changes a password, which is the primary cluster's to change",
    moves: [step("lisbon/0"), step("lisbon/0"), setPassword("lisbon/0")],
  },
  {
    journey: "the clusters part",
    when: "a password is changed while the standby leaves, which gets it and is not told it",
    moves: [...removal, setPassword("rome/0")],
  },
  {
    journey: "the clusters part",
    when: "the removal is cut short once the standby has its record",
    moves: [
      ...removal,
      natural("the channel brings lisbon-0 what it lacks"),
      { do: "power-off", unit: "rome/0" },
    ],
  },
  {
    journey: "the clusters part",
    when: "the standby's leader leaves first, so that the others have nobody to tell them where to ask",
    moves: [step("lisbon/1"), ...removal],
  },
  {
    journey: "a switchover",
    when: "it is killed once it is in writing, and the machine on which it ran loses power",
    moves: [
      { do: "kill", unit: "lisbon/0", effect: 8 },
      { do: "power-off", unit: "lisbon/0" },
    ],
  },
  {
    journey: "an invalidated cluster rejoins",
    when: "it is to leave, by the operator's hand, while the cluster that leads has no quorum",
    moves: [step("lisbon/0"), { do: "power-off", unit: "lisbon/0" }],
  },
  {
    journey: "a third cluster is related",
    when: "the set is switched over before the third is in it",
    moves: [
      step("rome/0"),
      { do: "run", unit: "lisbon/0", action: "promote-to-primary", params: { scope: "cluster" } },
    ],
  },
  {
    journey: "a failover",
    when: "a unit that is new leads when the relation ends, before it has met those who are in the cluster",
    moves: [
      step("lisbon/0"),
      { do: "add-unit", site: "lisbon" },
      { do: "lead", unit: "lisbon/2" },
      { do: "part", standby: "lisbon", primary: "rome" },
    ],
  },
  {
    journey: "a password of the set is changed",
    when: "all of the standby loses power before it gets it, and is started again with the password before",
    moves: [
      ...[step("rome/0"), step("rome/1"), step("rome/0"), step("lisbon/0")],
      { do: "kill", unit: "lisbon/1", effect: 2, power: true },
      { do: "power-off", unit: "lisbon/0" },
    ],
  },
  {
    journey: "two clusters are related",
    when: "the unit that became the standby is removed at that moment, while another one waits to join it",
    after:
      "job add-replica-cluster-1 of rome/0 goes on: record-replica rome-0 set-of-cluster-of-group-1-of-rome-0 cluster-of-group-2-of-lisbon-0",
    moves: [
      natural("the channel brings lisbon-0 what it lacks"),
      natural("job add-replica-cluster-1 of rome/0 goes on: synchronise lisbon-0 rome-0"),
      { do: "remove-unit", unit: "lisbon/0" },
    ],
  },
  {
    journey: "two clusters are related",
    when: "the standby's only member is removed while the second one joins",
    after: "job join of lisbon/1 goes on: renew-account rome-0 cluster-of-group-2-of-lisbon-0",
    moves: [{ do: "remove-unit", unit: "lisbon/0" }],
  },
  {
    journey: "a unit is added",
    when: "of the two members one loses power and the other is removed, so that the newest rows are on the third, which no record lists",
    after: "MySQL on rome-2 ends its recovery",
    moves: [
      natural("job join of rome/2 goes on: recover rome-2"),
      { do: "power-off", unit: "rome/1" },
      { do: "write", host: "rome-0" },
      { do: "remove-unit", unit: "rome/0" },
    ],
  },
];

test.each(mended)("$journey, and $when", async ({ journey, moves, after }) => {
  const from = await follow(await begin(realRules, 1, journey), after);
  const judged = await judge(realRules, from, moves);
  expect(judged.moves).toEqual(moves);
  expect(judged.breaches).toEqual([]);
});

/** The usual course, up to the first move of that name. */
async function follow(from: ExploreState, last: string | undefined): Promise<ExploreState> {
  let state = from;
  for (let name: string | undefined; name !== last; ) {
    const move = usual(state);
    const happened = move.do === "time" ? undefined : await make(realRules, state, move);
    if (happened === undefined) throw new Error(`the usual course has no ${last}`);
    state = happened.state;
    if (move.do === "natural") name = move.name;
  }
  return state;
}
