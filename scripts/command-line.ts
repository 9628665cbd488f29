// How every program of this repository reads its command line: --help to standard output, and what is wrong refused with what was meant.
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { didYouMean } from "../sandbox/nearest.ts";

export interface Program<Options extends ParseArgsOptionsConfig> {
  /** What --help prints. */
  readonly usage: string;
  /** --help is there without being named. */
  readonly options: Options;
  /** The words that may be given besides; none when absent. */
  readonly words?: readonly string[] | "any";
  /** What an option may be. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
  /** Options that are whole numbers of at most nine digits; what is empty by default may be. */
  readonly numbers?: readonly string[];
}

type Read<Options extends ParseArgsOptionsConfig> = Omit<
  ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true; strict: true }>>,
  "tokens"
>;

/** Reads the program's own command line. Ends the program with 0 after --help, and with 2 when something is wrong. */
export function readCommandLine<const Options extends ParseArgsOptionsConfig>(
  program: Program<Options>,
  args: readonly string[] = process.argv.slice(2),
): Read<Options> {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(program.usage);
    process.exit(0);
  }
  const problem = problemIn(program, args);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n\n${program.usage}`);
    process.exit(2);
  }
  return parseArgs({ args: [...args], options: program.options, allowPositionals: true });
}

/** What is wrong with a command line; undefined when nothing is. */
export function problemIn(
  { options, words = [], choices = {}, numbers = [] }: Program<ParseArgsOptionsConfig>,
  args: readonly string[],
): string | undefined {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional" && words !== "any" && !words.includes(token.value)) {
      return `unknown word: ${token.value}${didYouMean(token.value, words) || among(words)}`;
    }
    if (token.kind !== "option") continue;
    const option = options[token.name];
    if (option === undefined || !Object.hasOwn(options, token.name)) {
      const known = [...Object.keys(options), "help"].map((name) => `--${name}`);
      return `unknown option: ${token.rawName}${didYouMean(token.rawName, known) || among(known)}`;
    }
    if (option.type === "string" && token.value === undefined) return `${token.rawName} needs a value`;
    if (option.type === "boolean" && token.value !== undefined) return `${token.rawName} takes no value`;
    if (numbers.includes(token.name) && !/^\d{1,9}$/.test(token.value ?? ""))
      return `${token.rawName} is a whole number, not ${token.value}`;
    const allowed = choices[token.name];
    if (allowed !== undefined && !allowed.includes(token.value ?? "")) {
      return `${token.rawName} is one of ${allowed.join(", ")}, not ${token.value}`;
    }
  }
  return undefined;
}

function among(known: readonly string[]): string {
  return known.length === 0 ? "; there are none" : `; there are: ${known.join(", ")}`;
}
