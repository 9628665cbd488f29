// Stories that the search has found, by which an invariant was broken once: none of them may do so again.
import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import { type Move, realRules } from "./moves.ts";
import { begin, type Journey } from "./starts.ts";

interface Mended {
  readonly journey: Journey;
  /** What comes to happen besides the usual. */
  readonly when: string;
  readonly moves: readonly Move[];
}

const mended: readonly Mended[] = [
  {
    journey: "the clusters part",
    when: "a member of the standby loses power, so that the rest of it cannot follow what is done about it",
    moves: [{ do: "kill", unit: "lisbon/1", effect: 1, power: true }],
  },
  {
    journey: "a switchover",
    when: "it is killed once it is in writing, and the machine on which it ran loses power",
    moves: [
      { do: "kill", unit: "lisbon/0", effect: 8 },
      { do: "power-off", unit: "lisbon/0" },
    ],
  },
];

test.each(mended)("$journey, and $when", async ({ journey, moves }) => {
  const from = await begin(realRules, 1, journey);
  const judged = await judge(realRules, from, moves);
  expect(judged.moves).toEqual(moves);
  expect(judged.breaches).toEqual([]);
});
