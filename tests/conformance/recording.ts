// The recorded answers of the real MySQL Shell, by the name of the recording each came from: one file per journey.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";

/** One run of the real MySQL Shell. */
export interface Recording {
  readonly name: string;
  /** the words after the program's name; addresses as they were recorded */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly exit: number;
  /** normalised */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

const wordsSchema = z.array(z.string());

const FOLDER = join(import.meta.dirname, "recorded");

/** The names of the journeys that there are recordings of, in order. */
export const journeyNames = (): readonly string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => basename(name, ".txt"))
    .sort();

/** The recordings of a journey, by name. */
export function readRecordings(journey: string): ReadonlyMap<string, Recording> {
  const text = readFileSync(join(FOLDER, `${journey}.txt`), "utf8");
  return new Map(parse(text).map((one) => [one.name, one]));
}

/**
 * A recording begins with `== name`; then `$` with the words as a JSON list, perhaps `env NAME=value` and `in line`, and
 * `= exit code`. What follows was on stdout, except lines that begin with `! `.
 */
export function parse(text: string): readonly Recording[] {
  return text
    .split(/^== /m)
    .slice(1)
    .map((section) => {
      const [name = "", ...lines] = section.split("\n");
      const end = lines.findIndex((line) => line.startsWith("= "));
      const body = lines.slice(end + 1, -1);
      const given = (prefix: string): readonly string[] =>
        lines
          .slice(0, end)
          .filter((line) => line.startsWith(prefix))
          .map((line) => line.slice(prefix.length));
      return {
        name,
        words: wordsSchema.parse(JSON.parse(given("$ ")[0] ?? "null")),
        environment: Object.fromEntries(given("env ").map(nameAndValue)),
        stdin: given("in ")
          .map((line) => `${line}\n`)
          .join(""),
        exit: Number(lines[end]?.slice(2)),
        stdout: body.filter((line) => !line.startsWith("! ")),
        stderr: body.filter((line) => line.startsWith("! ")).map((line) => line.slice(2)),
      };
    });
}

function nameAndValue(line: string): readonly [string, string] {
  const equals = line.indexOf("=");
  return [line.slice(0, equals), line.slice(equals + 1)];
}
