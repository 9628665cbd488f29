// The words of one operation: positional values and options, checked against what the operation declares.
import { argument, CommandLineError, UnknownNameError } from "./errors.ts";

/** What an option's value must be. An integer may have a range; a choice is compared without regard to case. */
export type OptionKind =
  | "text"
  | "flag"
  | "integer"
  | "list"
  | { readonly range: readonly [number, number] }
  | { readonly choice: readonly string[] };

/** The parameters of an operation, by their camelCase names. */
export interface Signature {
  readonly positional: readonly { readonly name: string; readonly about: string; readonly optional?: true }[];
  readonly options: Readonly<Record<string, OptionKind>>;
}

type Value = string | number | boolean | null | readonly unknown[] | object;

/** `set-primary-cluster` → `setPrimaryCluster`; camelCase stays. */
export const camelCase = (name: string): string =>
  name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** `setPrimaryCluster` → `set-primary-cluster`. */
export const kebabCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The values of one call: every reader answers undefined for an option that was not given. */
export class Arguments {
  readonly #positional: readonly string[];
  readonly #options: ReadonlyMap<string, Value>;

  constructor(positional: readonly string[], options: ReadonlyMap<string, Value>) {
    this.#positional = positional;
    this.#options = options;
  }

  /** A positional value that the signature requires. */
  at(index: number): string {
    const value = this.#positional[index];
    if (value === undefined) throw new Error(`positional value ${index} was not checked`);
    return value;
  }

  optional(index: number): string | undefined {
    return this.#positional[index];
  }

  text(name: string): string | undefined {
    const value = this.#options.get(name);
    return value === undefined || value === null ? undefined : String(value);
  }

  flag(name: string): boolean | undefined {
    const value = this.#options.get(name);
    return value === undefined ? undefined : value === true;
  }

  integer(name: string): number | undefined {
    const value = this.#options.get(name);
    return value === undefined ? undefined : Number(value);
  }

  list(name: string): readonly string[] {
    const value = this.#options.get(name);
    return Array.isArray(value) ? value.map(String) : [];
  }

  has(name: string): boolean {
    return this.#options.has(name);
  }
}

/**
 * Splits and checks the words of an operation.
 * Throws UnknownNameError for an unknown option, ArgumentError for a value of the wrong kind, and
 * CommandLineError for a missing or superfluous positional value.
 */
export function parseArguments(words: readonly string[], signature: Signature): Arguments {
  const positional: string[] = [];
  const options = new Map<string, Value>();
  const rest = words.filter((word) => word !== "{" && word !== "}");
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith("--")) positional.push(word);
    else readOption(word, rest, signature, options);
  }
  for (const [index, { name, optional }] of signature.positional.entries())
    if (positional[index] === undefined && !optional)
      throw new CommandLineError(`Missing value for required '${name}' parameter.`);
  if (positional.length > signature.positional.length)
    throw new CommandLineError(
      `Invalid number of arguments, at most ${signature.positional.length} expected`,
    );
  return new Arguments(positional, options);
}

/** Throws CommandLineError for a value that does not have the type which its own word gives it (`--name:list=value`). */
export function requireTypedWords(words: readonly string[]): void {
  for (const word of words) {
    if (!word.startsWith("--")) continue;
    const { type, text } = splitOption(word);
    if (text !== undefined) typed(text, type, word);
  }
}

function readOption(word: string, rest: string[], signature: Signature, into: Map<string, Value>): void {
  const { name, type, text } = splitOption(word);
  const key = camelCase(name);
  const kind = Object.hasOwn(signature.options, key) ? signature.options[key] : undefined;
  if (kind === undefined) throw new UnknownNameError(`The following option is invalid: --${name}`);
  const follows = rest[0];
  const given =
    text ?? (kind !== "flag" && follows !== undefined && !follows.startsWith("-") ? rest.shift() : undefined);
  const value = given === undefined ? true : typed(given, type, word);
  into.set(key, checked(key, kind, value, signature.positional.length + 1));
}

function splitOption(word: string): { name: string; type: string | undefined; text: string | undefined } {
  const equals = word.indexOf("=");
  const left = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const [name = "", ...types] = left.split(":");
  // A tag's name holds a colon of its own, so only the known type words count as types.
  const type = types.at(-1);
  return { name, type, text: equals < 0 ? undefined : word.slice(equals + 1) };
}

function typed(text: string, type: string | undefined, word: string): Value {
  if (type === "str") return text;
  if (type === "list" || type === "json" || type === "dict") return parsedJson(text, type, word);
  if (type === "int" || type === "uint" || type === "float") return Number(text);
  if (text === "-" || type === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text).toString() === text ? Number(text) : text;
  return text;
}

function parsedJson(text: string, type: string, word: string): Value {
  const failed = new CommandLineError(
    `Error at '${word}'.\nArgument error at '${word}': ${type === "list" ? "Array indicated, but value is String" : "the value is not valid JSON"}`,
  );
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value !== "object") throw failed;
    if (type === "list" && !Array.isArray(value)) throw failed;
    return value;
  } catch {
    throw failed;
  }
}

function checked(name: string, kind: OptionKind, value: Value, place: number): Value {
  const fail = (text: string): never => {
    throw argument(`Argument #${place}: ${text}`);
  };
  if (kind === "list")
    return Array.isArray(value) && value.every((item) => typeof item === "string")
      ? value
      : fail(`The '${name}' option must be a list of strings.`);
  if (kind === "flag") {
    if (value === 0 || value === 1) return value === 1;
    return typeof value === "boolean" ? value : fail(`Option '${name}' Bool expected, but value is String`);
  }
  if (kind === "integer")
    return Number.isInteger(value) ? value : fail(`Option '${name}' Integer expected, but value is String`);
  if (typeof kind === "object" && "range" in kind) return ranged(name, kind.range, value, fail);
  if (typeof kind === "object" && "choice" in kind) return chosen(name, kind.choice, value, fail);
  return value;
}

function ranged(
  name: string,
  [low, high]: readonly [number, number],
  value: Value,
  fail: (text: string) => never,
): Value {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return value;
  return fail(
    `Invalid value '${String(value)}' for option '${name}'. It must be an integer in the range [${low}, ${high}].`,
  );
}

function chosen(name: string, choice: readonly string[], value: Value, fail: (text: string) => never): Value {
  const found = choice.find((one) => one.toLowerCase() === String(value).toLowerCase());
  return found ?? fail(`Invalid value for '${name}' option. Supported values: ${choice.join(", ")}.`);
}
