// A run compared with its recording: exit code, stdout and stderr, line by line.
import type { Ran } from "./journey.ts";
import { isNoise, normalise } from "./normalise.ts";
import type { Recording } from "./recording.ts";

export interface Comparison {
  readonly passed: boolean;
  /** `- ` what was recorded, `+ ` what came; empty when it passed */
  readonly difference: readonly string[];
}

/** Compares a run with what was recorded. */
export function compare(recording: Recording, ran: Ran): Comparison {
  const exit =
    recording.exit === ran.exit ? [] : [`- exit code ${recording.exit}`, `+ exit code ${ran.exit}`];
  const stdout = differences(recording.stdout, linesOf(ran.stdout));
  const stderr = differences(recording.stderr, linesOf(ran.stderr));
  const difference = [
    ...exit,
    ...stdout,
    ...stderr.map((line) => `${line.slice(0, 2)}stderr: ${line.slice(2)}`),
  ];
  return { passed: difference.length === 0, difference };
}

function linesOf(text: string): readonly string[] {
  const ended = text.endsWith("\n") ? text.slice(0, -1) : text;
  return ended === "" ? [] : normalise(ended.split("\n").filter((line) => !isNoise(line)));
}

/** The shortest list of lines to take away and to add, with an equal line around each place. */
export function differences(expected: readonly string[], actual: readonly string[]): readonly string[] {
  const table = longestCommon(expected, actual);
  const out: string[] = [];
  let [left, right] = [0, 0];
  while (left < expected.length || right < actual.length) {
    if (left < expected.length && expected[left] === actual[right]) {
      left += 1;
      right += 1;
    } else if (
      right >= actual.length ||
      (left < expected.length && at(table, left + 1, right) >= at(table, left, right + 1))
    ) {
      out.push(...(documentDifference(expected[left] ?? "", actual[right]) ?? [`- ${expected[left]}`]));
      if (out.at(-1)?.startsWith("~ ")) right += 1;
      left += 1;
    } else {
      out.push(`+ ${actual[right]}`);
      right += 1;
    }
  }
  return out;
}

const at = (table: readonly (readonly number[])[], row: number, column: number): number =>
  table[row]?.[column] ?? 0;

function longestCommon(
  expected: readonly string[],
  actual: readonly string[],
): readonly (readonly number[])[] {
  const table: number[][] = Array.from({ length: expected.length + 1 }, () =>
    new Array<number>(actual.length + 1).fill(0),
  );
  for (let row = expected.length - 1; row >= 0; row -= 1)
    for (let column = actual.length - 1; column >= 0; column -= 1) {
      const same = expected[row] === actual[column];
      const cells = table[row] ?? [];
      cells[column] = same
        ? 1 + at(table, row + 1, column + 1)
        : Math.max(at(table, row + 1, column), at(table, row, column + 1));
    }
  return table;
}

/** Where two long documents differ, by path: a status that is not equal is hard to read as a whole. */
function documentDifference(expected: string, actual: string | undefined): readonly string[] | undefined {
  const [before, after] = [documentOf(expected), documentOf(actual)];
  if (before === undefined || after === undefined || (expected.length < 200 && (actual?.length ?? 0) < 200))
    return undefined;
  const told = paths(before, after, "");
  return told.length === 0
    ? ["~ the same document with its keys in another order"]
    : told.map((line) => `~ ${line}`);
}

function documentOf(text: string | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return value !== null && typeof value === "object" && !("info" in value || "error" in value)
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

function paths(before: unknown, after: unknown, path: string): readonly string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isRecord(before) || !isRecord(after))
    return [`${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => paths(before[key], after[key], `${path}/${key}`));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
