// All verbs, and how one command line is carried out: the model of -m, the verb, its flags, its exit code.

import { parseLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { Model } from "../../lib/juju/model.ts";
import { CharmError } from "../juju/charm.ts";
import { modelNamed } from "../juju/operations/models.ts";
import { choices, Refusal } from "../juju/operations/refusal.ts";
import type { Screen, Session, VerbTable, World } from "../session.ts";
import { applicationVerbs } from "./applications.ts";
import { clockVerbs } from "./clock.ts";
import { configVerbs } from "./config.ts";
import { faultVerbs } from "./faults.ts";
import { logVerbs } from "./log.ts";
import { modelVerbs } from "./models.ts";
import { offerVerbs } from "./offers.ts";
import { relationVerbs } from "./relations.ts";
import { runVerbs } from "./run.ts";
import { secretVerbs } from "./secrets.ts";
import { showVerbs } from "./show.ts";
import { sshVerbs } from "./ssh.ts";
import { statusVerbs } from "./status.ts";
import { storageVerbs } from "./storage.ts";
import { strikeVerbs } from "./strikes.ts";
import { taskVerbs } from "./tasks.ts";
import { waitVerbs } from "./wait-for.ts";

const verbs: VerbTable = {
  ...modelVerbs,
  ...applicationVerbs,
  ...configVerbs,
  ...relationVerbs,
  ...offerVerbs,
  ...runVerbs,
  ...taskVerbs,
  ...showVerbs,
  ...secretVerbs,
  ...storageVerbs,
  ...statusVerbs,
  ...logVerbs,
  ...sshVerbs,
  ...waitVerbs,
  ...faultVerbs,
  ...clockVerbs,
  ...strikeVerbs,
};

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

async function execute(world: World, screen: Screen, argv: readonly string[]): Promise<number> {
  const { name, model, rest } = splitVerb(argv);
  const verb = verbs[name];
  if (verb === undefined || !Object.hasOwn(verbs, name)) {
    throw new UsageError(`unrecognized command: sandbox ${name}${choices(Object.keys(verbs))}`);
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    screen.out(`Usage: sandbox ${name} ${verb.usage}\n\n${verb.about}\n`);
    return 0;
  }
  const command = name === "ssh" || name === "exec" ? protectCommand(name, rest) : rest;
  const line = parseLine({ ...verb.flags, ...modelFlag }, command);
  const chosen = line.flags.get("model")?.value ?? model;
  const session: Session = { ...world, screen, model: () => chooseModel(world, chosen) };
  return (await verb.run(session, line)) ?? 0;
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
  return { name: first ?? "help", model: undefined, rest: argv.slice(1) };
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

/** What `sandbox help` prints. */
export function helpText(): string {
  const width = Math.max(...Object.keys(verbs).map((name) => name.length));
  const lines = Object.entries(verbs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, verb]) => `  ${name.padEnd(width)}  ${verb.about}\n`);
  return [
    "Usage: sandbox [-m <model>] <verb> …\n\n",
    "A Juju model on one machine: the verbs are juju's. JUJU_SANDBOX=<name> chooses another sandbox.\n\n",
    ...lines,
    `  ${"destroy".padEnd(width)}  Ends the sandbox with everything in it and leaves nothing behind.\n`,
    `\n'sandbox <verb> --help' tells more.\n`,
  ].join("");
}
