// Verbs that show: status, show-unit, show-application, debug-log, secrets and show-secret.

import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { yamlText } from "../../lib/juju/hook-commands/output.ts";
import { parseDuration } from "../../lib/juju/hook-commands/secret-values.ts";
import type { Model, Secret } from "../../lib/juju/model.ts";
import { timestamp } from "../juju/clock.ts";
import { isAtLeast, type LogLine, levelNamed } from "../juju/debug-log.ts";
import { choices, Refusal } from "../juju/operations/refusal.ts";
import { isOn, numberOf, type Session, textOf, type VerbTable } from "../session.ts";
import { statusOf } from "../status/json.ts";
import type { StatusJson } from "../status/shape.ts";
import { columns, table } from "../status/table.ts";
import { statusText } from "../status/text.ts";
import { showUnit } from "./show-unit.ts";

const format = { format: { kind: "value" } } as const;

export const showVerbs: VerbTable = {
  status: {
    usage: "[<application> or <unit>] [--watch <time>] [--relations] [--format json|yaml|tabular]",
    about: "Shows the model.",
    flags: {
      ...format,
      watch: { kind: "value" },
      relations: { kind: "bool" },
      integrations: { kind: "bool" },
      storage: { kind: "bool" },
    },
    run: status,
  },
  "show-unit": {
    usage: "<unit> ...",
    about: "Shows a unit with its relation data.",
    flags: { ...format, endpoint: { kind: "value" }, app: { kind: "bool" } },
    run: showUnit,
  },
  "debug-log": {
    usage: "[--replay] [--tail] [--include <unit>] [-n <lines>] [--level <level>]",
    about: "Shows the log of the model, and follows it when on a terminal.",
    flags: {
      replay: { kind: "bool" },
      tail: { kind: "bool" },
      "no-tail": { kind: "bool" },
      include: { kind: "value", short: "i" },
      lines: { kind: "value", short: "n" },
      level: { kind: "value", short: "l" },
      format: { kind: "value" },
    },
    run: debugLog,
  },
  secrets: { usage: "", about: "Lists the secrets of the model.", flags: format, run: secrets },
  "show-secret": {
    usage: "<secret id or label>",
    about: "Shows a secret, without its content.",
    flags: format,
    run: showSecret,
  },
};

async function status(session: Session, line: ParsedLine): Promise<void> {
  const { screen, store, clock } = session;
  const model = session.model();
  const watch = textOf(line, "watch");
  const draw = (): string =>
    render(filtered(statusOf(store.state, model, timestamp(clock)), line.args), session, line);
  if (watch === undefined) return screen.out(draw());
  const interval = /^\d+(?:\.\d+)?$/.test(watch) ? Number(watch) * 1000 : parseDuration(watch);
  if (interval === undefined || interval <= 0)
    throw new UsageError(`invalid value ${JSON.stringify(watch)} for option --watch: invalid duration`);
  while (!screen.signal.aborted) {
    screen.out(`${screen.isTerminal ? "\u001b[H\u001b[2J" : ""}${draw()}${screen.isTerminal ? "" : "\n"}`);
    await pause(session, interval);
  }
}

function pause({ clock, screen }: Session, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(milliseconds, resolve);
    screen.signal.addEventListener(
      "abort",
      () => {
        cancel();
        resolve();
      },
      { once: true },
    );
  });
}

function render(shown: StatusJson, { screen }: Session, line: ParsedLine): string {
  const wanted = textOf(line, "format") ?? "tabular";
  if (wanted === "json") return `${JSON.stringify(shown)}\n`;
  if (wanted === "yaml") return yamlText(shown);
  if (wanted !== "tabular")
    throw new UsageError(
      `invalid value ${JSON.stringify(wanted)} for option --format: unknown format ${JSON.stringify(wanted)}`,
    );
  return statusText(shown, {
    color: screen.color,
    relations: isOn(line, "relations") || isOn(line, "integrations"),
  });
}

function filtered(shown: StatusJson, patterns: readonly string[]): StatusJson {
  if (patterns.length === 0) return shown;
  const wanted = (name: string): boolean =>
    patterns.some((pattern) => name === pattern || name.startsWith(`${pattern}/`));
  const applications = Object.entries(shown.applications).flatMap(([name, application]) => {
    if (wanted(name)) return [[name, application] as const];
    const units = Object.entries(application.units ?? {}).filter(([unit]) => wanted(unit));
    return units.length === 0 ? [] : [[name, { ...application, units: Object.fromEntries(units) }] as const];
  });
  if (applications.length === 0)
    throw new Refusal(`nothing matches ${patterns.join(" ")}${choices(Object.keys(shown.applications))}`);
  const used = new Set(
    applications.flatMap(([, application]) =>
      Object.values(application.units ?? {}).map((unit) => unit.machine),
    ),
  );
  const machines = Object.entries(shown.machines).filter(([id]) => used.has(id));
  return { ...shown, applications: Object.fromEntries(applications), machines: Object.fromEntries(machines) };
}

async function debugLog(session: Session, line: ParsedLine): Promise<void> {
  const { screen, log } = session;
  const model = session.model();
  const name = textOf(line, "level");
  const level = name === undefined ? undefined : levelNamed(name);
  if (name !== undefined && level === undefined)
    throw new UsageError(
      `level value ${JSON.stringify(name)} is not one of "TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"`,
    );
  const entity = textOf(line, "include")?.replace(/^(?!unit-)(.*)\/(\d+)$/, "unit-$1-$2");
  const isWanted = (entry: LogLine): boolean =>
    entry.model === model.name &&
    (entity === undefined || entry.entity === entity) &&
    (level === undefined || isAtLeast(entry, level));
  const show = (entry: LogLine): void => {
    if (isWanted(entry))
      screen.out(textOf(line, "format") === "json" ? `${JSON.stringify(entry)}\n` : logText(entry));
  };
  const past = log.of(model.name).filter(isWanted);
  const wanted = isOn(line, "replay") ? past.length : (numberOf(line, "lines") ?? 10);
  for (const entry of past.slice(Math.max(0, past.length - wanted))) show(entry);
  const follow = isOn(line, "tail") || (screen.isTerminal && !isOn(line, "no-tail") && !isOn(line, "replay"));
  if (!follow) return;
  const unfollow = log.follow(show);
  await new Promise<void>((resolve) =>
    screen.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  unfollow();
}

function logText({ entity, time, level, logger, message }: LogLine): string {
  return `${entity}: ${time.slice(11, 19)} ${level} ${logger} ${message}\n`;
}

function secrets({ model, screen }: Session, line: ParsedLine): void {
  const all = Object.values(model().secrets);
  if (textOf(line, "format") === "json") {
    const shown = Object.fromEntries(all.map((secret) => [secret.id, secretJson(model(), secret)]));
    screen.out(`${JSON.stringify(shown)}\n`);
    return;
  }
  if (all.length === 0) {
    screen.err("no secrets\n");
    return;
  }
  const rows = all.map((secret) => [
    secret.id,
    secret.label || "-",
    ownerText(secret),
    secret.rotate || "never",
    String(secret.latest),
    secret.updated.slice(0, 19).replace("T", " "),
  ]);
  screen.out(table(columns("ID", "Name", "Owner", "Rotation", ">Revision", "Last updated"), rows));
}

function showSecret({ model, screen }: Session, line: ParsedLine): void {
  const [name] = line.args;
  if (name === undefined) throw new UsageError("missing secret ID");
  const all = Object.values(model().secrets);
  const secret = all.find((known) => name.endsWith(known.id) || known.label === name);
  if (secret === undefined)
    throw new Refusal(
      `secret ${JSON.stringify(name)} not found${choices(all.map((known) => known.label || known.id))}`,
    );
  const shown = { [secret.id]: secretJson(model(), secret) };
  screen.out(textOf(line, "format") === "json" ? `${JSON.stringify(shown)}\n` : yamlText(shown));
}

function secretJson(model: Model, secret: Secret): Record<string, unknown> {
  const access = secret.grants.map((grant) => ({
    target: `${grant.kind}-${grant.target}`,
    scope: `relation ${model.relations[grant.relation]?.key ?? grant.relation}`,
    role: "view",
  }));
  return {
    revision: secret.latest,
    owner: ownerText(secret),
    ...(secret.label === "" ? {} : { label: secret.label }),
    ...(secret.description === "" ? {} : { description: secret.description }),
    keys: Object.keys(secret.revisions[secret.latest]?.data ?? {}),
    created: secret.created,
    updated: secret.updated,
    ...(access.length === 0 ? {} : { access }),
  };
}

function ownerText(secret: Secret): string {
  return secret.owner.name;
}
