// An Output whose lines are kept, for tests that compare them with recorded ones.
import { Output, type OutputFormat } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/output.ts";

export interface Captured {
  readonly output: Output;
  /** what went to stdout, one document a line */
  readonly lines: () => readonly string[];
  readonly out: () => string;
  readonly err: () => string;
}

export function capture(format: OutputFormat = "raw"): Captured {
  let out = "";
  let err = "";
  const streams = {
    out: (text: string): void => {
      out += text;
    },
    err: (text: string): void => {
      err += text;
    },
  };
  return {
    output: new Output(format, streams),
    lines: () => out.split("\n").slice(0, -1),
    out: () => out,
    err: () => err,
  };
}

/** Lines as MySQL Shell printed them, from pairs of kind and text; the line end of the text is added. */
export const recorded = (...lines: readonly (readonly [string, string])[]): readonly string[] =>
  lines.map(([kind, text]) => JSON.stringify({ [kind]: `${text}\n` }));
