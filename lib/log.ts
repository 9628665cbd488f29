// What the charm tells its operator: pino lines, redacted, handed to juju-log in as few processes as possible.

import { toError } from "./errors.ts";
import { readable } from "./plain-text.ts";
import { redact } from "./secrets.ts";

/** Juju shows TRACE only where the model's logging-config asks for it. */
export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

/** Takes several lines of one level at once. */
export type LogSink = (level: LogLevel, text: string) => Promise<void>;

/** Fields end up behind the message as `key=value`. */
export interface Log {
  trace(message: string, fields?: object): void;
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** A log that holds lines back until there are enough of them, some time has passed or it is flushed. */
export interface BufferedLog extends Log {
  /** Resolves once every line so far has been handed to the sink. Never rejects: logging fails no hook. */
  flush(): Promise<void>;
}

/** Linux takes at most 128 KiB in one argument (MAX_ARG_STRLEN). */
const largestText = 48 * 1024;
/** In a long hook a person who follows the log sees a line this soon. */
const longestHoldMs = 1000;

const methods = {
  TRACE: "trace",
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
} as const satisfies Record<LogLevel, string>;

interface Entry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: object;
}

interface Text {
  readonly level: LogLevel;
  readonly text: string;
}

/** What pino writes. Fields are apart, so that none can pass for the message. */
interface Line {
  readonly msg?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A log that writes into the sink; what the sink rejects goes to stderr, which Juju logs as well. */
export function createLog(sink: LogSink): BufferedLog {
  let waiting: Entry[] = [];
  let size = 0;
  let delivered: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const entries = waiting;
    waiting = [];
    size = 0;
    if (entries.length > 0) delivered = delivered.then(() => deliver(sink, entries));
    return delivered;
  };
  const at =
    (level: LogLevel) =>
    (message: string, fields: object = {}): void => {
      waiting.push({ level, message, fields: { ...fields } });
      size += message.length;
      if (size > largestText) void flush();
      else timer ??= setTimeout(() => void flush(), longestHoldMs).unref();
    };
  return {
    trace: at("TRACE"),
    debug: at("DEBUG"),
    info: at("INFO"),
    warn: at("WARNING"),
    error: at("ERROR"),
    flush,
  };
}

/** pino is loaded with the first line: a hook that has nothing to say does not pay for it. */
async function textsOf(entries: readonly Entry[]): Promise<readonly Text[]> {
  const { pino } = await import("pino");
  let line = "";
  const options = { level: "trace", base: null, timestamp: false, nestedKey: "fields" } as const;
  const write = (written: string): void => {
    line = written;
  };
  const logger = pino(options, { write });
  return entries.map(({ level, message, fields }) => {
    logger[methods[level]](withoutErrors(fields), message);
    return { level, text: readable(redact(showLine(line)), Infinity) };
  });
}

/** JSON knows nothing of what an error says. */
function withoutErrors(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? value.message : value]),
  );
}

function showLine(line: string): string {
  const { msg = "", fields = {} } = JSON.parse(line) as Line;
  return `${msg}${Object.entries(fields)
    .map(([key, value]) => ` ${key}=${showField(value)}`)
    .join("")}`;
}

function showField(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? String(value);
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}

async function deliver(sink: LogSink, entries: readonly Entry[]): Promise<void> {
  for (const { level, text } of joinRuns(await textsOf(entries))) {
    try {
      await sink(level, text);
    } catch (thrown) {
      process.stderr.write(`${level} ${text}\n(juju-log failed: ${redact(toError(thrown).message)})\n`);
    }
  }
}

/** Neighbours of one level become one text, of at most the size that an argument may have. */
function joinRuns(texts: readonly Text[]): Text[] {
  const runs: Text[] = [];
  for (const { level, text } of texts) {
    const last = runs.at(-1);
    const shortened = text.length > largestText ? `${text.slice(0, largestText)}… (cut)` : text;
    if (last?.level === level && last.text.length + shortened.length < largestText) {
      runs[runs.length - 1] = { level, text: `${last.text}\n${shortened}` };
    } else {
      runs.push({ level, text: shortened });
    }
  }
  return runs;
}
