// Tests of a decision table: one valid baseline of facts, each case spoils it in one respect and names the row it must reach.
import { describe, expect, test } from "vitest";
import type { Decision, Row, Status } from "../../../lib/index.ts";

export interface Table<Facts, Step> {
  readonly rows: readonly Row<Facts, Step>[];
  readonly decide: (facts: Facts) => Decision<Step>;
  /** Facts for which nothing is left to do. */
  readonly baseline: Facts;
}

export interface RowCase<Facts, Step> {
  readonly row: string;
  /** What differs from the baseline. */
  readonly when: Partial<Facts>;
  /** A step, or how the table rests. */
  readonly then: Step | "wait" | "stuck" | "settled";
  readonly status?: Status;
  /** Tells apart cases of one row. */
  readonly because?: string;
}

/** One test for each case, and one that each row of the table has a case and a name of its own. */
export function testTable<Facts, Step extends string>(
  table: Table<Facts, Step>,
  cases: readonly RowCase<Facts, Step>[],
): void {
  describe("each row", () => {
    for (const each of cases) {
      test(`${each.row}${each.because === undefined ? "" : `: ${each.because}`}`, () => {
        const decision = table.decide({ ...table.baseline, ...each.when });
        const said = decision.kind === "act" ? decision.step : decision.kind;
        expect({ row: decision.row, said, status: decision.status }).toEqual({
          row: each.row,
          said: each.then,
          status: each.status,
        });
      });
    }
  });
  test("the cases reach all rows, and rows have distinct names", () => {
    const names = table.rows.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...new Set(cases.map(({ row }) => row))].sort()).toEqual([...names].sort());
  });
}

/** The step that a table takes, or undefined when it rests. */
export function stepOf<Step>(decision: Decision<Step>): Step | undefined {
  return decision.kind === "act" ? decision.step : undefined;
}
