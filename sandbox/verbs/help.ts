// What the sandbox says of itself and of its verbs, in lines of at most 80 characters. Pure: no sandbox has to run for it.
import type { FlagSpecs } from "../../lib/juju/hook-commands/flags.ts";
import { didYouMean } from "../nearest.ts";
import type { Verb, VerbTable } from "../session.ts";
import { wrap } from "../status/table.ts";
import { verbGroups, verbs } from "./all.ts";

const WIDTH = 80;
/** Of what goes on in a further line of the usage. */
const INDENT = 9;

/** What the command line does itself. */
const ownVerbs: VerbTable = {
  destroy: {
    usage: "",
    about: "Ends the sandbox with everything in it; nothing is left behind.",
    run: () => {},
  },
  help: {
    usage: "[<verb> | verbs]",
    about: "Explains a verb, or lists all of them with a line each.",
    example: "wait-for",
    run: () => {},
  },
};

export interface Help {
  readonly code: number;
  readonly text: string;
}

/** Answers `help`, `help <verb>` and `help verbs`. */
export function help(words: readonly string[]): Help {
  const [word] = words;
  if (word === undefined) return { code: 0, text: overview() };
  if (word === "verbs") return { code: 0, text: listing() };
  const known = { ...verbs, ...ownVerbs };
  const verb = Object.hasOwn(known, word) ? known[word] : undefined;
  if (verb !== undefined) return { code: 0, text: explanation(word, verb) };
  return { code: 2, text: `ERROR ${unknownVerb(word)}\n` };
}

export function isVerb(name: string): boolean {
  return Object.hasOwn(verbs, name) || Object.hasOwn(ownVerbs, name);
}

/** The refusal of a verb that there is not. */
export function unknownVerb(name: string): string {
  const near = didYouMean(name, [...Object.keys({ ...verbs, ...ownVerbs }), "--help"]);
  return `unrecognized command: sandbox ${name}${near === "" ? ";" : near} 'sandbox help' lists all verbs`;
}

function overview(): string {
  const groups = { ...verbGroups, "The sandbox itself": ownVerbs };
  return [
    "Usage: sandbox [-m <model>] <verb> …\n\n",
    "Juju models on this machine: the verbs are juju's. The first one starts it.\n",
    "\nTo begin:\n",
    ...beginnings.map(([line, what]) => `  ${line.padEnd(44)}${what}\n`),
    "\nAll verbs:\n",
    ...Object.entries(groups).flatMap(([title, group]) => [
      `  ${title}\n`,
      ...wrap(Object.keys(group).join(", "), WIDTH - 4).map((line) => `    ${line}\n`),
    ]),
    "\n'sandbox help <verb>' explains one, 'sandbox help verbs' all in a line each.\n",
    "JUJU_SANDBOX=<name> chooses another sandbox. --seed <n> and --virtual-clock go\n",
    "before the first verb of a new one.\n",
  ].join("");
}

const beginnings = [
  ["sandbox add-model rome", "makes a model"],
  ["sandbox deploy build/charm db -n 3", "deploys a charm, three units"],
  ["sandbox status --watch 2s", "shows how they get on"],
  ["sandbox wait-for application db", "returns when it is active"],
  ["sandbox run db/leader get-cluster-status", "runs an action"],
  ["sandbox destroy", "removes everything"],
] as const;

function listing(): string {
  const groups = { ...verbGroups, "The sandbox itself": ownVerbs };
  const width = Math.max(...Object.keys({ ...verbs, ...ownVerbs }).map((name) => name.length)) + 4;
  return Object.entries(groups)
    .map(([title, group]) => {
      const lines = Object.entries(group).flatMap(([name, verb]) => {
        const [first = "", ...more] = wrap(verb.about, WIDTH - width);
        return [`  ${name}`.padEnd(width) + first, ...more.map((line) => " ".repeat(width) + line)];
      });
      return `${title}\n${lines.join("\n")}\n`;
    })
    .join("\n");
}

function explanation(name: string, verb: Verb): string {
  const [first = "", ...more] = wrap(
    `Usage: sandbox ${name} ${verb.usage}`.trimEnd().replaceAll(/(\[[^\]]*\]|<[^>]*>)/g, unbroken),
    WIDTH - INDENT,
  );
  const lines = [first, ...more.map((line) => " ".repeat(INDENT) + line)].map((line) =>
    line.replaceAll("\u00a0", " "),
  );
  const flags = flagsOf(name, verb.flags ?? {});
  return [
    ...lines.map((line) => `${line}\n`),
    ...["", ...wrap(verb.about, WIDTH)].map((line) => `${line}\n`),
    ...(flags === "" ? [] : ["\n", ...wrap(`Flags: ${flags}`, WIDTH).map((line) => `${line}\n`)]),
    ...(verb.example === undefined ? [] : [`\nExample: sandbox ${name} ${verb.example}\n`]),
  ].join("");
}

/** A part in brackets is not broken where it can be helped. */
function unbroken(part: string): string {
  return part.length > 40 ? part : part.replaceAll(" ", "\u00a0");
}

function flagsOf(name: string, flags: FlagSpecs): string {
  const own = Object.entries(flags).map(([flag, { kind, short }]) => {
    const long = `${flag.length === 1 ? "-" : "--"}${flag}${kind === "value" ? "\u00a0…" : ""}`;
    return short === undefined ? long : `-${short}, ${long}`;
  });
  const model = Object.hasOwn(ownVerbs, name) ? [] : ["-m, --model\u00a0…"];
  return [...own, ...model].join(", ").replaceAll("\u00a0", " ");
}
