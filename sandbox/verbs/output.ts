// How verbs print what they found: drawn for people, or as yaml or json for programs.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { yamlText } from "../../lib/juju/hook-commands/output.ts";
import { type Session, textOf } from "../session.ts";

export const formatFlag = { format: { kind: "value" } } as const;

/** What a verb shows: the value for programs and, where people get something else than its yaml, how it is drawn. */
export interface Shown {
  readonly value: unknown;
  readonly text?: { readonly format: "tabular" | "plain"; readonly draw: (width?: number) => string };
}

/** Prints in the format of --format. Throws a UsageError for one that the verb does not have. */
export function print({ screen }: Pick<Session, "screen">, line: ParsedLine, { value, text }: Shown): void {
  const shown = { value, ...(text === undefined ? {} : { text }) };
  screen.out(formatted(textOf(line, "format"), shown, screen.columns));
}

/** The text of a value in a format, undefined for the verb's default, on a terminal of so many characters a line. */
export function formatted(format: string | undefined, { value, text }: Shown, width?: number): string {
  const wanted = format ?? text?.format ?? "yaml";
  if (wanted === "json") return `${JSON.stringify(value)}\n`;
  if (wanted === "yaml") return yamlText(value, "as given");
  if (text !== undefined && wanted === text.format) return text.draw(width);
  const named = JSON.stringify(wanted);
  throw new UsageError(`invalid value ${named} for option --format: unknown format ${named}`);
}
