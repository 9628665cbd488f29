// Reads the arguments of the snap command and refuses what snap refuses, in its words.

/** A refusal in the words of snap; the program prints it after "error: " and exits 1. */
export class SnapError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SnapError";
  }
}

export interface Arguments {
  readonly verb: string;
  readonly names: readonly string[];
  /** Option without its dashes → its value, "" for one without. */
  readonly options: ReadonlyMap<string, string>;
}

const CHANNELS = ["channel", "stable", "candidate", "beta", "edge"];
const EVERYWHERE = ["no-wait", "color", "unicode"];

/** The options each verb takes, out of those of the real command. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  install: [...CHANNELS, "revision", "classic", "devmode", "dangerous", "cohort", "name"],
  refresh: [...CHANNELS, "revision", "classic", "hold", "unhold", "amend", "cohort", "ignore-running"],
  remove: ["purge", "revision", "terminate"],
  list: ["all"],
  start: ["enable"],
  stop: ["disable"],
  restart: ["reload"],
  services: ["global", "user"],
  logs: ["n", "f"],
  alias: ["prefer"],
  unalias: [],
  aliases: [],
  set: ["string", "s", "t"],
  get: ["d", "l", "t"],
  unset: [],
  version: [],
};

const VERBS: readonly string[] = Object.keys(OPTIONS);

export function parseArguments(argv: readonly string[]): Arguments {
  const verb = argv[0] === "--version" ? "version" : (argv[0] ?? "");
  const allowed = Object.hasOwn(OPTIONS, verb) ? OPTIONS[verb] : undefined;
  if (allowed === undefined) {
    throw new SnapError(`unknown command "${verb}", the sandbox's snap has: ${VERBS.join(", ")}.`);
  }
  const names: string[] = [];
  const options = new Map<string, string>();
  for (const argument of argv.slice(1)) {
    const match = /^--?([a-z][a-z-]*)(?:=(.*))?$/s.exec(argument);
    if (match === null) {
      names.push(argument);
      continue;
    }
    const [, name = "", value = ""] = match;
    if (!allowed.includes(name) && !EVERYWHERE.includes(name)) throw new SnapError(`unknown flag \`${name}'`);
    options.set(name, value);
  }
  return { verb, names, options };
}

/** The one snap that a verb is about. */
export function oneName({ names }: Arguments): string {
  const [name, ...rest] = names;
  if (name === undefined) throw new SnapError("the required argument `<snap>` was not provided");
  if (rest.length > 0)
    throw new SnapError(`the sandbox's snap takes one snap at a time, not also ${rest.join(", ")}`);
  return name;
}

/** The channel as snapd completes it: a bare risk belongs to the default track; undefined when none is asked for. */
export function channelOf({ options }: Arguments, track: string): string | undefined {
  const channel = options.get("channel");
  if (channel !== undefined) return isRisk(channel) ? `${track}/${channel}` : channel;
  const risk = CHANNELS.find((name) => name !== "channel" && options.has(name));
  return risk === undefined ? undefined : `${track}/${risk}`;
}

function isRisk(text: string): boolean {
  return CHANNELS.includes(text) && text !== "channel";
}
