// How one command line is carried out: the model of -m, the verb, its flags, its exit code.

import {
  type FlagSpecs,
  type ParsedLine,
  parseLine,
  UnknownFlag,
  UsageError,
} from "../../lib/juju/hook-commands/flags.ts";
import type { Model } from "../../lib/juju/model.ts";
import { CharmError } from "../juju/charm.ts";
import { modelNamed } from "../juju/operations/models.ts";
import { Refusal } from "../juju/operations/refusal.ts";
import { didYouMean } from "../nearest.ts";
import type { Screen, Session, World } from "../session.ts";
import { verbs } from "./all.ts";
import { type Help, help, isVerb, unknownVerb } from "./help.ts";

const modelFlag = { model: { kind: "value", short: "m" } } as const;

/** Carries out one command line; whatever is wrong with it is said on the screen. Returns the exit code. */
export async function runVerb(world: World, screen: Screen, argv: readonly string[]): Promise<number> {
  try {
    return await execute(world, screen, argv);
  } catch (error) {
    if (error instanceof UsageError) {
      screen.err(`ERROR ${error.message}\n`);
      return 2;
    }
    if (error instanceof Refusal || error instanceof CharmError) {
      screen.err(`ERROR ${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

/** What a command line is told that asks for help, or for a verb that there is not; undefined for any other. */
export function helpAsked(argv: readonly string[]): Help | undefined {
  const { name, rest } = splitVerb(argv);
  if (["", "help", "--help", "-h"].includes(name)) return help(rest);
  const words = name === "ssh" || name === "exec" ? protectCommand(name, rest) : rest;
  const end = words.indexOf("--");
  const own = end < 0 ? words : words.slice(0, end);
  const isQuestion = own.includes("--help") || own.includes("-h");
  return isQuestion || !isVerb(name) ? help([name]) : undefined;
}

async function execute(world: World, screen: Screen, argv: readonly string[]): Promise<number> {
  const { name, model, rest } = splitVerb(argv);
  const verb = verbs[name];
  if (verb === undefined || !Object.hasOwn(verbs, name)) throw new UsageError(unknownVerb(name));
  const command = name === "ssh" || name === "exec" ? protectCommand(name, rest) : rest;
  const line = readLine({ ...verb.flags, ...modelFlag }, command);
  const chosen = line.flags.get("model")?.value ?? model;
  const session: Session = { ...world, screen, model: () => chooseModel(world, chosen) };
  return (await verb.run(session, line)) ?? 0;
}

function readLine(flags: FlagSpecs, command: readonly string[]): ParsedLine {
  try {
    return parseLine(flags, command);
  } catch (error) {
    if (!(error instanceof UnknownFlag)) throw error;
    const known = Object.keys(flags).map((name) => `--${name}`);
    throw new UsageError(`${error.message}${didYouMean(error.flag, known)}`);
  }
}

/** -m may come before the verb. */
function splitVerb(argv: readonly string[]): {
  name: string;
  model: string | undefined;
  rest: readonly string[];
} {
  const [first, second, ...more] = argv;
  if ((first === "-m" || first === "--model") && second !== undefined)
    return { ...splitVerb(more), model: second };
  if (first?.startsWith("--model="))
    return { ...splitVerb(argv.slice(1)), model: first.slice("--model=".length) };
  return { name: first ?? "", model: undefined, rest: argv.slice(1) };
}

/** What follows the machine in ssh is another program's command line: its flags are not ours. */
function protectCommand(name: string, words: readonly string[]): readonly string[] {
  if (name !== "ssh" || words.includes("--")) return words;
  const at = words.findIndex(
    (word, n) => !word.startsWith("-") && !["-m", "--model"].includes(words[n - 1] ?? ""),
  );
  return at < 0 ? words : [...words.slice(0, at + 1), "--", ...words.slice(at + 1)];
}

function chooseModel({ store }: World, name: string | undefined): Model {
  if (name !== undefined) return modelNamed(store.state, name);
  const current = store.state.models[store.state.currentModel];
  if (current !== undefined) return current;
  throw new Refusal(
    "no model in focus: add one with 'sandbox add-model <name>', choose one with 'sandbox switch <name>', or name one with -m",
  );
}
