// What the charm tells its operator: pino lines, redacted, handed to juju-log in as few processes as possible.

import { pino } from "pino";
import { toError } from "./errors.ts";
import { redact } from "./secrets.ts";

export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** Takes several lines of one level at once. */
export type LogSink = (level: LogLevel, text: string) => Promise<void>;

/** Fields end up behind the message as `key=value`. */
export interface Log {
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

const levels: Readonly<Record<number, LogLevel>> = {
  20: "DEBUG",
  30: "INFO",
  40: "WARNING",
  50: "ERROR",
  60: "ERROR",
};

interface Entry {
  readonly level: LogLevel;
  readonly text: string;
}

/** What pino writes. Fields are apart, so that none can pass for the level or the message. */
interface Line {
  readonly level: number;
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
  const write = (line: string): void => {
    const entry = readLine(line);
    waiting.push(entry);
    size += entry.text.length;
    if (size > largestText) void flush();
    else timer ??= setTimeout(() => void flush(), longestHoldMs).unref();
  };
  const logger = pino({ level: "debug", base: null, timestamp: false, nestedKey: "fields" }, { write });
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    flush,
  };
}

function readLine(line: string): Entry {
  const { level, msg = "", fields = {} } = JSON.parse(line) as Line;
  const tail = Object.entries(fields).map(([key, value]) => ` ${key}=${showField(value)}`);
  return { level: levels[level] ?? "INFO", text: redact(`${msg}${tail.join("")}`) };
}

function showField(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? String(value);
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}

async function deliver(sink: LogSink, entries: readonly Entry[]): Promise<void> {
  for (const { level, text } of joinRuns(entries)) {
    try {
      await sink(level, text);
    } catch (thrown) {
      process.stderr.write(`${level} ${text}\n(juju-log failed: ${redact(toError(thrown).message)})\n`);
    }
  }
}

/** Neighbours of one level become one text, of at most the size that an argument may have. */
function joinRuns(entries: readonly Entry[]): Entry[] {
  const runs: Entry[] = [];
  for (const { level, text } of entries) {
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
