// Text tables as juju prints them: columns two blanks apart, numbers to the right, nothing at the end of a line. Pure.
import { stripVTControlCharacters } from "node:util";

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** A table with a line of titles. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, n) => Math.max(...all.map((row) => visibleLength(row[n] ?? ""))));
  const line = (row: readonly string[]): string =>
    columns
      .map((column, n) => pad(row[n] ?? "", widths[n] ?? 0, column.right ?? false))
      .join("  ")
      .trimEnd();
  return all.map((row) => `${line(row)}\n`).join("");
}

/** Columns from their titles; a title that starts with ">" is of a column of numbers. */
export function columns(...titles: readonly string[]): Column[] {
  return titles.map((title) => (title.startsWith(">") ? { title: title.slice(1), right: true } : { title }));
}

function pad(text: string, width: number, right: boolean): string {
  const blanks = " ".repeat(Math.max(0, width - visibleLength(text)));
  return right ? blanks + text : text + blanks;
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}
