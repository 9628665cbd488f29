// Text tables as juju prints them: columns two blanks apart, numbers to the right, nothing at the end of a line. Pure.
import { stripVTControlCharacters } from "node:util";

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

const GAP = 2;
/** Columns for the last column beside the others; with fewer it gets lines of its own. */
const LEAST_ROOM = 24;
const INDENT = 4;
/** To how few characters a name is cut where a table has no place for it. */
const SHORTEST = 6;

/**
 * A table with a line of titles. Where it is wider than the terminal (`width`, in characters), the last column goes on
 * in lines of its own, so that a command in it stays whole.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const all = [columns.map((column) => column.title), ...rows];
  const natural = columns.map((_, n) => Math.max(...all.map((row) => visibleLength(row[n] ?? ""))));
  const line = (row: readonly string[], widths: readonly number[]): string =>
    widths
      .map((size, n) => pad(cut(row[n] ?? "", size), size, columns[n]?.right ?? false))
      .join(" ".repeat(GAP));
  if (total(natural) <= width) return all.map((row) => `${line(row, natural).trimEnd()}\n`).join("");
  if ((natural.at(-1) ?? 0) < LEAST_ROOM) {
    const sizes = narrowed(natural, width);
    return all.map((row) => `${line(row, sizes).trimEnd()}\n`).join("");
  }
  const others = narrowed(natural.slice(0, -1), width);
  const before = total(others) + GAP;
  const isBeside = width - before >= LEAST_ROOM;
  const indent = isBeside ? before : INDENT;
  return all
    .flatMap((row, n) => {
      // A title over lines of their own would say nothing.
      const last = n === 0 && !isBeside ? "" : (row[columns.length - 1] ?? "");
      const [first = "", ...more] = isBeside
        ? wrap(last, width - indent)
        : ["", ...wrap(last, width - indent)];
      const head = `${line(row, others)}${" ".repeat(GAP)}${first}`;
      return [head, ...more.map((text) => `${" ".repeat(indent)}${text}`)]
        .map((text) => text.trimEnd())
        .filter((text) => text !== "");
    })
    .map((text) => `${text}\n`)
    .join("");
}

/** Columns from their titles; a title that starts with ">" is of a column of numbers. */
export function columns(...titles: readonly string[]): Column[] {
  return titles.map((title) => (title.startsWith(">") ? { title: title.slice(1), right: true } : { title }));
}

/** A text in lines of at most `width` characters, broken at blanks; a word that is longer stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && visibleLength(line) + 1 + visibleLength(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);
}

/** The widest columns give way first. */
function narrowed(widths: readonly number[], width: number): readonly number[] {
  const sizes = [...widths];
  while (total(sizes) > width) {
    const widest = sizes.indexOf(Math.max(...sizes));
    const size = sizes[widest] ?? 0;
    if (size <= SHORTEST) break;
    sizes[widest] = size - 1;
  }
  return sizes;
}

function cut(text: string, width: number): string {
  return visibleLength(text) <= width ? text : `${stripVTControlCharacters(text).slice(0, width - 1)}…`;
}

function pad(text: string, width: number, right: boolean): string {
  const blanks = " ".repeat(Math.max(0, width - visibleLength(text)));
  return right ? blanks + text : text + blanks;
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}
