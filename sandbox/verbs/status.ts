// The verb status, once or watching.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { parseDuration } from "../../lib/juju/hook-commands/secret-values.ts";
import { timestamp } from "../juju/clock.ts";
import { choices, Refusal } from "../juju/operations/refusal.ts";
import { isOn, type Session, textOf, type VerbTable } from "../session.ts";
import { statusOf } from "../status/json.ts";
import { relationRows } from "../status/relations.ts";
import type { StatusJson } from "../status/shape.ts";
import { storageRows } from "../status/storage.ts";
import { statusText } from "../status/text.ts";
import { formatFlag, formatted, type Shown } from "./output.ts";

export const statusVerbs: VerbTable = {
  status: {
    usage:
      "[<application> or <unit> ...] [--watch <time>] [--relations] [--storage] [--format json|yaml|tabular]",
    about: "Shows the model.",
    example: "db --watch 2s --relations",
    flags: {
      ...formatFlag,
      watch: { kind: "value" },
      relations: { kind: "bool" },
      integrations: { kind: "bool" },
      storage: { kind: "bool" },
      color: { kind: "bool" },
      "no-color": { kind: "bool" },
      utc: { kind: "bool" },
    },
    run: status,
  },
};

async function status(session: Session, line: ParsedLine): Promise<void> {
  const { screen } = session;
  const watch = textOf(line, "watch");
  if (watch === undefined) return screen.out(draw(session, line));
  const interval = /^\d+(?:\.\d+)?$/.test(watch) ? Number(watch) * 1000 : parseDuration(watch);
  if (interval === undefined || interval <= 0)
    throw new UsageError(`invalid value ${JSON.stringify(watch)} for option --watch: invalid duration`);
  while (!screen.signal.aborted) {
    const now = draw(session, line);
    screen.out(`${screen.isTerminal ? "\u001b[H\u001b[2J" : ""}${now}${screen.isTerminal ? "" : "\n"}`);
    await pause(session, interval);
  }
}

function pause({ clock, screen }: Session, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(milliseconds, resolve);
    const abort = (): void => {
      cancel();
      resolve();
    };
    screen.signal.addEventListener("abort", abort, { once: true });
  });
}

function draw(session: Session, line: ParsedLine): string {
  const { store, clock, screen } = session;
  const model = session.model();
  const all = statusOf(store.state, model, timestamp(clock));
  const shown = line.args.length === 0 ? all : filtered(all, line.args);
  const isWanted = (name: string): boolean => shown.applications[name.replace(/[/:].*$/, "")] !== undefined;
  const relations = relationRows(model).filter((row) => row.ends.some(isWanted));
  const storage = storageRows(model).filter((row) => line.args.length === 0 || isWanted(row.unit));
  const color = isOn(line, "color") || (screen.color && !isOn(line, "no-color"));
  const format = textOf(line, "format");
  const text: Shown = {
    value: isOn(line, "storage")
      ? { ...shown, storage: Object.fromEntries(storage.map((s) => [s.id, s.json])) }
      : shown,
    text: {
      format: "tabular",
      draw: (width) =>
        statusText(shown, {
          color,
          ...(width === undefined ? {} : { width }),
          relations: isOn(line, "relations") || isOn(line, "integrations") ? relations : [],
          storage: isOn(line, "storage") ? storage : [],
        }),
    },
  };
  return formatted(format, text, screen.columns);
}

/** The part of a status that names or patterns with * ask for: applications, units, machines. */
function filtered(shown: StatusJson, patterns: readonly string[]): StatusJson {
  const wanted = (name: string): boolean =>
    patterns.some((pattern) => {
      const text = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
      return new RegExp(`^${text}(?:/.*)?$`).test(name);
    });
  const applications = Object.entries(shown.applications).flatMap(([name, application]) => {
    if (wanted(name)) return [[name, application] as const];
    const units = Object.entries(application.units ?? {}).filter(
      ([unit, { machine, leader }]) =>
        wanted(unit) ||
        patterns.includes(machine) ||
        (leader === true && patterns.includes(`${name}/leader`)),
    );
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
