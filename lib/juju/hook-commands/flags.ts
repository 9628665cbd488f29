// Command lines as hook commands read them: flags and arguments in any order, long and short spellings, Go's booleans. Pure.

interface FlagSpec {
  readonly kind: "bool" | "value";
  /** The one-letter spelling. */
  readonly short?: string;
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

interface GivenFlag {
  readonly value: string;
  /** As typed, for error texts: `-r` or `--relation`. */
  readonly spelling: string;
  /** All values, of a flag that was given several times; `value` is the last. */
  readonly values: readonly string[];
}

export interface ParsedLine {
  readonly flags: ReadonlyMap<string, GivenFlag>;
  readonly args: readonly string[];
}

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command line names a flag that the command does not have. */
export class UnknownFlag extends UsageError {
  /** As typed: `--wach`, `-x`. */
  readonly flag: string;
  constructor(flag: string) {
    super(`option provided but not defined: ${flag}`);
    this.flag = flag;
  }
}

/** The command could not do what was asked: exit code 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/**
 * Splits a command line into flags and arguments; `--` ends the flags.
 * @throws UsageError for an unknown flag, a missing or a malformed value.
 */
export function parseLine(specs: FlagSpecs, line: readonly string[]): ParsedLine {
  const flags = new Map<string, GivenFlag>();
  const args: string[] = [];
  const rest = [...line];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      args.push(...rest);
      break;
    }
    if (word.startsWith("--")) readLong(specs, word, rest, flags);
    else if (word.length > 1 && word.startsWith("-")) readShort(specs, word, rest, flags);
    else args.push(word);
  }
  return { flags, args };
}

function readLong(specs: FlagSpecs, word: string, rest: string[], flags: Map<string, GivenFlag>): void {
  const equals = word.indexOf("=");
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const spec = specs[name];
  if (name === "" || spec === undefined) throw new UnknownFlag(`--${name}`);
  const given = equals < 0 ? undefined : word.slice(equals + 1);
  const value = given ?? (spec.kind === "bool" ? "true" : rest.shift());
  set(flags, name, spec, `--${name}`, value);
}

function readShort(specs: FlagSpecs, word: string, rest: string[], flags: Map<string, GivenFlag>): void {
  for (let letters = word.slice(1); letters !== ""; ) {
    const letter = letters.slice(0, 1);
    letters = letters.slice(1);
    const [name, spec] = Object.entries(specs).find(([, candidate]) => candidate.short === letter) ?? [];
    if (name === undefined || spec === undefined) throw new UnknownFlag(`-${letter}`);
    if (spec.kind === "bool") {
      set(flags, name, spec, `-${letter}`, "true");
      continue;
    }
    set(flags, name, spec, `-${letter}`, letters === "" ? rest.shift() : letters);
    return;
  }
}

function set(
  flags: Map<string, GivenFlag>,
  name: string,
  spec: FlagSpec,
  spelling: string,
  value: string | undefined,
): void {
  if (value === undefined) throw new UsageError(`option needs an argument: ${spelling}`);
  const given = spec.kind === "value" ? value : boolOf(value, spelling);
  flags.set(name, { value: given, spelling, values: [...(flags.get(name)?.values ?? []), given] });
}

/** "true" or "false", from any of the words that Go takes for them. */
function boolOf(word: string, spelling: string): "true" | "false" {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(word)) return "true";
  if (["0", "f", "F", "false", "FALSE", "False"].includes(word)) return "false";
  throw new UsageError(
    `invalid boolean value "${word}" for ${spelling}: strconv.ParseBool: parsing "${word}": invalid syntax`,
  );
}

/**
 * Reads `key=value` words: both sides trimmed, each key once.
 * @throws UsageError for a word without `=` and for a repeated key.
 */
export function parseKeyValues(words: readonly string[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const word of words) {
    if (word === "") continue;
    const equals = word.indexOf("=");
    if (equals < 0) throw new UsageError(`expected "key=value", got ${quote(word)}`);
    const key = word.slice(0, equals).trim();
    if (key === "") throw new UsageError(`expected "key=value", got ${quote(word)}`);
    if (values.has(key)) throw new UsageError(`key ${quote(key)} specified more than once`);
    values.set(key, word.slice(equals + 1).trim());
  }
  return Object.fromEntries(values);
}

/** Arguments beyond what the command takes. */
export function refuseRest(rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`unrecognized args: [${rest.map(quote).join(" ")}]`);
}

/** A Go-quoted string. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
