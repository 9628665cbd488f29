// What a measure of the benchmark is: a function that measures, and how its figures read in a table.

/** Tells what is being done while it is done; on standard error. */
export type Progress = (text: string) => void;

/** Part of the printed document, by the name of its field. */
export type Figures = Readonly<Record<string, unknown>>;

export interface Measured {
  readonly figures: Figures;
  /** For people: lines of text. */
  readonly lines: readonly string[];
}

export type Measure = (progress: Progress) => Promise<Measured>;

/** The middle of several values; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/** A figure with as many digits as are worth reading. */
export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
