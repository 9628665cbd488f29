// The grammar of mysqlsh's command line: its own options, then `-- object operation words…`.
import { CommandLineError } from "./errors.ts";
import type { OutputFormat } from "./output.ts";

/** Where to connect; a password given here was on the command line. */
export interface Target {
  readonly user?: string;
  readonly password?: string;
  readonly host: string;
  readonly port: number;
  readonly socket?: string;
}

/** The words after `--`. */
export interface Command {
  readonly object: string;
  readonly operation: string;
  readonly words: readonly string[];
}

/** What the command line asks for. */
export interface CommandLine {
  readonly version: boolean;
  readonly format: OutputFormat;
  readonly wizard: boolean;
  readonly passwordsFromStdin: boolean;
  readonly defaultsFile: string | undefined;
  readonly target: Target | undefined;
  readonly command: Command | undefined;
}

interface Draft {
  version: boolean;
  format: OutputFormat;
  wizard: boolean;
  passwordsFromStdin: boolean;
  defaultsFile: string | undefined;
  uri: string | undefined;
  parts: { user?: string; password?: string; host?: string; port?: number; socket?: string };
}

type Setter = (draft: Draft, value: string) => void;

const FLAGS: Readonly<Record<string, (draft: Draft) => void>> = {
  "--version": (draft) => {
    draft.version = true;
  },
  "--no-wizard": (draft) => {
    draft.wizard = false;
  },
  "--passwords-from-stdin": (draft) => {
    draft.passwordsFromStdin = true;
  },
  "--json": (draft) => {
    draft.format = "pretty";
  },
  "--mysql": () => {},
  "--quiet-start": () => {},
  "--disable-builtin-plugins": () => {},
  "--no-password": () => {},
};

const VALUES: Readonly<Record<string, Setter>> = {
  "--uri": (draft, value) => {
    draft.uri = value;
  },
  "--user": (draft, value) => {
    draft.parts.user = value;
  },
  "--host": (draft, value) => {
    draft.parts.host = value;
  },
  "--port": (draft, value) => {
    draft.parts.port = portOf(value);
  },
  "--socket": (draft, value) => {
    draft.parts.socket = value;
  },
  "--defaults-file": (draft, value) => {
    draft.defaultsFile = value;
  },
  "--password": (draft, value) => {
    draft.parts.password = value;
  },
  "--json": (draft, value) => {
    draft.format = formatOf(value);
  },
  "--quiet-start": () => {},
  "--save-passwords": () => {},
  "--connect-timeout": () => {},
  "--log-level": () => {},
  "--ssl-mode": () => {},
};

const SHORT: Readonly<Record<string, string>> = {
  "-V": "--version",
  "-u": "--user",
  "-h": "--host",
  "-P": "--port",
  "-S": "--socket",
};

/** Options whose value must follow `=`: the next word is never theirs. */
const VALUE_ONLY_WITH_EQUALS = new Set(["--json", "--quiet-start", "--password"]);

/** Reads the words after the program's name. Throws CommandLineError for what this program does not know. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const draft: Draft = {
    version: false,
    format: "text",
    wizard: true,
    passwordsFromStdin: false,
    defaultsFile: undefined,
    uri: undefined,
    parts: {},
  };
  const end = words.indexOf("--");
  const own = [...(end < 0 ? words : words.slice(0, end))];
  for (let word = own.shift(); word !== undefined; word = own.shift()) readWord(draft, word, own);
  const { uri, parts, ...rest } = draft;
  return {
    ...rest,
    target: targetOf(uri, parts),
    command: end < 0 ? undefined : commandOf(words.slice(end + 1)),
  };
}

function readWord(draft: Draft, word: string, rest: string[]): void {
  if (!word.startsWith("-")) {
    draft.uri = word;
    return;
  }
  const equals = word.indexOf("=");
  const written = equals < 0 ? word : word.slice(0, equals);
  const name = SHORT[written] ?? written;
  const flag = equals < 0 ? FLAGS[name] : undefined;
  const setter = VALUES[name];
  if (flag) {
    flag(draft);
    return;
  }
  const follows = equals < 0 && !VALUE_ONLY_WITH_EQUALS.has(name) && setter !== undefined;
  const value = equals >= 0 ? word.slice(equals + 1) : follows ? rest.shift() : undefined;
  if (setter === undefined || value === undefined)
    throw new CommandLineError(`mysqlsh: unknown option ${written}`);
  setter(draft, value);
}

function commandOf(words: readonly string[]): Command {
  const [object, operation, ...rest] = words;
  if (object === undefined) throw new CommandLineError("Empty operations are not allowed");
  if (operation === undefined) throw new CommandLineError(`No operation specified for object '${object}'`);
  return { object, operation, words: rest };
}

function targetOf(uri: string | undefined, parts: Draft["parts"]): Target | undefined {
  if (uri === undefined && Object.keys(parts).length === 0) return undefined;
  const base: Target = uri === undefined ? { host: "localhost", port: 3306 } : parseUri(uri);
  return { ...base, ...parts };
}

/** `[mysql://][user[:password]@]host[:port][?socket=path]`; the port is 3306 unless it is given. */
export function parseUri(uri: string): Target {
  const plain = uri.replace(/^mysql:\/\//, "");
  const at = plain.lastIndexOf("@");
  const account = at < 0 ? "" : plain.slice(0, at);
  const [place = "", query = ""] = plain.slice(at + 1).split("?");
  const matched = /^(?<host>[A-Za-z0-9_.-]+)(?::(?<port>\d+))?\/?$/.exec(place);
  if (!matched?.groups) throw new CommandLineError(`Invalid URI: ${plain.slice(at + 1)}`);
  const colon = account.indexOf(":");
  const user = decode(colon < 0 ? account : account.slice(0, colon));
  const socket = /(?:^|&)socket=\(?([^)&]+)\)?/.exec(query)?.[1];
  return {
    host: matched.groups["host"] ?? "localhost",
    port: portOf(matched.groups["port"] ?? "3306"),
    ...(user === "" ? {} : { user }),
    ...(colon < 0 ? {} : { password: decode(account.slice(colon + 1)) }),
    ...(socket === undefined ? {} : { socket: decode(socket) }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new CommandLineError("Invalid URI: a % must be followed by two hexadecimal digits");
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new CommandLineError(`Invalid URI: the port '${text}' is not a number from 1 to 65535`);
  return port;
}

function formatOf(value: string): OutputFormat {
  if (value === "raw" || value === "pretty") return value;
  if (value === "off") return "text";
  throw new CommandLineError("The value for --json must be either pretty, raw or off.");
}
