// What the charm tells its operator: lines with fields, redacted, handed to juju-log in as few processes as possible.

import { toError } from "./errors.ts";
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

interface Entry {
  readonly level: LogLevel;
  readonly text: string;
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
      const text = redact(`${message}${showFields(fields)}`);
      waiting.push({ level, text });
      size += text.length;
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

function showFields(fields: object): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${showField(value)}`)
    .join("");
}

function showField(value: unknown): string {
  const text = typeof value === "string" ? value : value instanceof Error ? value.message : undefined;
  if (text === undefined) return asJson(value);
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A cycle, or a bigint.
    return Object.prototype.toString.call(value);
  }
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
