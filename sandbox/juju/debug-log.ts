// The model's log: every line a unit logs, kept in memory and in a file, and told to those who follow it.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { LogLevel } from "../../lib/juju/hook-context.ts";

export interface LogLine {
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly model: string;
  /** `unit-db-0`, `controller`. */
  readonly entity: string;
  readonly level: LogLevel;
  readonly logger: string;
  readonly message: string;
}

const KEPT_LINES = 100_000;
const levels: readonly LogLevel[] = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];

export class DebugLog {
  readonly #file: string;
  readonly #lines: LogLine[];
  readonly #followers = new Set<(line: LogLine) => void>();
  #waiting = "";

  constructor(file: string) {
    this.#file = file;
    this.#lines = existsSync(file) ? readLines(file) : [];
  }

  readonly append = (line: LogLine): void => {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.splice(0, KEPT_LINES / 10);
    if (this.#waiting === "") setImmediate(() => this.#write());
    this.#waiting += `${JSON.stringify(line)}\n`;
    for (const follower of this.#followers) follower(line);
  };

  /** The lines of a model so far. */
  of(model: string): readonly LogLine[] {
    return this.#lines.filter((line) => line.model === model);
  }

  /** Calls the follower for each further line; the result ends it. */
  follow(follower: (line: LogLine) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  #write(): void {
    appendFileSync(this.#file, this.#waiting, { mode: 0o600 });
    this.#waiting = "";
  }
}

/** Whether a line is at least as grave as a level. */
export function isAtLeast(line: LogLine, level: LogLevel): boolean {
  return levels.indexOf(line.level) >= levels.indexOf(level);
}

/** A level by its name in any case; undefined for an unknown one. */
export function levelNamed(name: string): LogLevel | undefined {
  return levels.find((level) => level === name.toUpperCase());
}

function readLines(file: string): LogLine[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as LogLine);
}
