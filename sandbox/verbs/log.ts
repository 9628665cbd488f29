// Verbs about what has been: debug-log and show-status-log.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { Model, StatusRecord } from "../../lib/juju/model.ts";
import { isAtLeast, type LogLine, levelNamed } from "../juju/debug-log.ts";
import { applicationNamed, unitNamed } from "../juju/operations/models.ts";
import { notFound, Refusal } from "../juju/operations/refusal.ts";
import { isOn, numberOf, type Session, textOf, type VerbTable, valuesOf } from "../session.ts";
import { columns, table } from "../status/table.ts";
import { formatFlag, print } from "./output.ts";

export const logVerbs: VerbTable = {
  "debug-log": {
    usage:
      "[--replay] [--tail] [--include|--exclude <unit>] [--include-module|--exclude-module <logger>] [-n <lines>] [--limit <lines>] [--level <level>]",
    about: "Shows the log of the model, and follows it when on a terminal.",
    example: "--replay --include db/0",
    flags: {
      replay: { kind: "bool" },
      tail: { kind: "bool" },
      "no-tail": { kind: "bool" },
      include: { kind: "value", short: "i" },
      exclude: { kind: "value", short: "x" },
      "include-module": { kind: "value" },
      "exclude-module": { kind: "value" },
      lines: { kind: "value", short: "n" },
      limit: { kind: "value" },
      level: { kind: "value", short: "l" },
      date: { kind: "bool" },
      ms: { kind: "bool" },
      utc: { kind: "bool" },
      color: { kind: "bool" },
      "no-color": { kind: "bool" },
      ...formatFlag,
    },
    run: debugLog,
  },
  "show-status-log": {
    usage: "<unit, application or machine> [--type unit|juju-unit|workload|application|machine] [-n <lines>]",
    about: "Shows the past statuses of a unit, an application or a machine.",
    example: "db/0",
    flags: {
      ...formatFlag,
      type: { kind: "value" },
      n: { kind: "value", short: "n" },
      days: { kind: "value" },
      "from-date": { kind: "value" },
      utc: { kind: "bool" },
    },
    run: showStatusLog,
  },
};

async function debugLog(session: Session, line: ParsedLine): Promise<void> {
  const { screen, log } = session;
  const model = session.model();
  const isWanted = logFilter(model, line);
  const limit = numberOf(line, "limit") ?? Number.POSITIVE_INFINITY;
  const full = Promise.withResolvers<void>();
  let shown = 0;
  const show = (entry: LogLine): void => {
    if (!isWanted(entry) || shown >= limit) return;
    shown += 1;
    screen.out(textOf(line, "format") === "json" ? `${JSON.stringify(entry)}\n` : logText(entry, line));
    if (shown >= limit) full.resolve();
  };
  const past = log.of(model.name).filter(isWanted);
  const wanted = isOn(line, "replay") || limit < past.length ? past.length : (numberOf(line, "lines") ?? 10);
  for (const entry of past.slice(Math.max(0, past.length - wanted))) show(entry);
  const isWatched = screen.isTerminal && !isOn(line, "no-tail") && !isOn(line, "replay");
  if (shown >= limit || !(isOn(line, "tail") || isWatched)) return;
  const unfollow = log.follow(show);
  screen.signal.addEventListener("abort", () => full.resolve(), { once: true });
  await full.promise;
  unfollow();
}

function logFilter(model: Model, line: ParsedLine): (entry: LogLine) => boolean {
  const name = textOf(line, "level");
  const level = name === undefined ? undefined : levelNamed(name);
  if (name !== undefined && level === undefined)
    throw new UsageError(
      `level value ${JSON.stringify(name)} is not one of "TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"`,
    );
  const [included, excluded] = [valuesOf(line, "include"), valuesOf(line, "exclude")];
  const [modules, hidden] = [valuesOf(line, "include-module"), valuesOf(line, "exclude-module")];
  const isIn = (patterns: readonly string[], entity: string): boolean =>
    patterns.some((pattern) => entityPattern(pattern).test(entity));
  const isUnder = (roots: readonly string[], logger: string): boolean =>
    roots.some((root) => logger === root || logger.startsWith(`${root}.`));
  return (entry) =>
    entry.model === model.name &&
    (included.length === 0 || isIn(included, entry.entity)) &&
    !isIn(excluded, entry.entity) &&
    (modules.length === 0 || isUnder(modules, entry.logger)) &&
    !isUnder(hidden, entry.logger) &&
    (level === undefined || isAtLeast(entry, level));
}

/** `db/0`, `unit-db-0`, `machine-0`, an application (all of its units), or any of them with *. */
function entityPattern(pattern: string): RegExp {
  const isTag = /^(?:unit|machine|controller)(?:-|$|\*)/.test(pattern);
  const tag = isTag ? pattern : `unit-${pattern.replace("/", "-")}`;
  const text = tag.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(isTag || /\/|\*/.test(pattern) ? `^${text}$` : `^${text}-\\d+$`);
}

function logText({ entity, time, level, logger, message }: LogLine, line: ParsedLine): string {
  const day = isOn(line, "date") ? `${time.slice(0, 10)} ` : "";
  const clock = time.slice(11, isOn(line, "ms") ? 23 : 19);
  return `${entity}: ${day}${clock} ${level} ${logger} ${message}\n`;
}

function showStatusLog(session: Session, line: ParsedLine): void {
  const [name, extra] = line.args;
  if (name === undefined) throw new UsageError("entity name is missing.");
  if (extra !== undefined) throw new UsageError("unexpected arguments after entity name.");
  const since = earliest(session, line);
  const all = recordsOf(session.model(), name, textOf(line, "type") ?? "unit").filter(
    (record) => since === undefined || Date.parse(record.since) >= since,
  );
  const records = since === undefined ? all.slice(-(numberOf(line, "n") ?? 20)) : all;
  if (records.length === 0) throw new Refusal("no status history available");
  const rows = records.map(({ since: time, kind, status, message }) => [
    isOn(line, "utc") ? `${time.slice(0, 19).replace("T", " ")}Z` : shortTime(time),
    kind,
    status,
    message,
  ]);
  print(session, line, {
    value: records.map(({ status, message, since: time, kind }) => ({
      status,
      message,
      since: time,
      type: kind,
    })),
    text: {
      format: "tabular",
      draw: (width) => table(columns("Time", "Type", "Status", "Message"), rows, width),
    },
  });
}

/** From when on statuses are wanted, in milliseconds since the epoch; undefined for a number of them. */
function earliest({ clock }: Session, line: ParsedLine): number | undefined {
  const [days, date] = [numberOf(line, "days"), textOf(line, "from-date")];
  if ([days, date, textOf(line, "n")].filter((given) => given !== undefined).length > 1)
    throw new UsageError("backlog size, backlog date and backlog days back cannot be specified together");
  if (days !== undefined) return clock.now() - days * 86_400_000;
  if (date === undefined) return undefined;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(Date.parse(date)))
    throw new UsageError(`parsing backlog date: ${JSON.stringify(date)} is not of the form YYYY-MM-DD`);
  return Date.parse(date);
}

function recordsOf(model: Model, name: string, type: string): readonly StatusRecord[] {
  switch (type) {
    case "unit":
      if (/^\d+$/.test(name)) return recordsOf(model, name, "machine");
      return unitNamed(model, name).history;
    case "juju-unit":
    case "workload":
      return unitNamed(model, name).history.filter((record) => record.kind === type);
    case "application":
      return applicationNamed(model, name).history;
    case "machine":
    case "juju-machine": {
      const machine = model.machines[name];
      if (machine === undefined) throw notFound("machine", name, Object.keys(model.machines));
      return machine.history;
    }
    default:
      throw new UsageError(`unexpected status type ${JSON.stringify(type)}`);
  }
}

/** `02 Jan 2026 03:04:05Z`, as juju writes times for people. */
function shortTime(time: string): string {
  const date = new Date(time);
  const day = String(date.getUTCDate()).padStart(2, "0");
  const month = date.toLocaleString("en", { month: "short", timeZone: "UTC" });
  return `${day} ${month} ${date.getUTCFullYear()} ${time.slice(11, 19)}Z`;
}
