// What is told of the matrix: a line for each try, the table, and the document. Pure.
import type { Tried } from "./results.ts";

/** What a journey has, and what came of it so far. */
export interface Row {
  readonly journey: string;
  /** All effects of its dispatches. */
  readonly effects: number;
  /** Kills that make a difference: before an effect, or with the power of the leader's machine. */
  readonly points: number;
  readonly tried: readonly Tried[];
}

const WIDTHS = [13, 8, 7, 6, 10, 7, 8, 8] as const;
const HEADING = ["journey", "effects", "points", "tried", "converged", "missed", "median", "worst"];

/** At most 80 columns. */
export function tableOf(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[at] ?? 0))).join(" ");
  const all: Row = {
    journey: "all",
    effects: sum(rows.map(({ effects }) => effects)),
    points: sum(rows.map(({ points }) => points)),
    tried: rows.flatMap(({ tried }) => tried),
  };
  return `${[HEADING, ...[...rows, all].map(cellsOf)].map(line).join("\n")}\n`;
}

function cellsOf({ journey, effects, points, tried }: Row): readonly string[] {
  const struck = tried.filter(({ kind }) => kind !== "missed");
  const times = struck.filter(({ kind }) => kind === "converged").map(({ seconds }) => seconds);
  const numbers = [effects, points, struck.length, times.length, tried.length - struck.length];
  return [journey, ...numbers.map(String), seconds(median(times)), seconds(Math.max(...times))];
}

/** `{points, tried, converged, failures: […]}` and how it came about. */
export function documentOf(
  rows: readonly Row[],
  how: { readonly seed: number; readonly build: string; readonly seconds: number },
): object {
  const tried = rows.flatMap((row) => row.tried);
  const of = (kind: Tried["kind"]): readonly Tried[] => tried.filter((one) => one.kind === kind);
  return {
    points: sum(rows.map(({ points }) => points)),
    tried: tried.length - of("missed").length,
    converged: of("converged").length,
    failures: of("failed").map(({ point, struck, differs }) => ({
      ...{ point, struck, differs },
      repeat: repeat(point),
    })),
    missed: of("missed").map(({ point }) => point),
    ...how,
    journeys: rows.map(({ journey, effects, points, tried: these }) => {
      const times = these.filter(({ kind }) => kind === "converged").map((one) => one.seconds);
      return {
        ...{ journey, effects, points },
        tried: these.filter(({ kind }) => kind !== "missed").length,
        converged: times.length,
        medianSeconds: median(times) ?? null,
        worstSeconds: times.length === 0 ? null : Math.max(...times),
      };
    }),
  };
}

/** A failure for a person: which point, what was struck, what differs, and the command that tries it alone. */
export function failureText({ point, struck, differs }: Tried): string {
  return [
    `${point} did not converge`,
    `  struck: ${struck}`,
    ...differs.map((line) => `  ${line}`),
    `  ${repeat(point)}`,
    "",
  ].join("\n");
}

const repeat = (point: string): string =>
  `npm run crash-matrix -- ${point
    .split("+")
    .map((one) => `--point ${one}`)
    .join(" ")}`;

export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function seconds(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "–" : `${value.toFixed(1)} s`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
