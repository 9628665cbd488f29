// Verbs about applications: deploy, refresh, config, scaling, removing, resolving.
import { resolve } from "node:path";
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { yamlText } from "../../lib/juju/hook-commands/output.ts";
import type { Unit } from "../../lib/juju/model.ts";
import { storeCharm } from "../juju/charm-files.ts";
import { timestamp } from "../juju/clock.ts";
import {
  addUnits,
  deploy,
  refresh,
  removeApplication,
  removeUnit,
  setConfig,
} from "../juju/operations/applications.ts";
import { applicationNamed, unitNamed } from "../juju/operations/models.ts";
import { choices, Refusal } from "../juju/operations/refusal.ts";
import { isOn, numberOf, type Session, textOf, type VerbTable } from "../session.ts";
import { splitAtEquals } from "./models.ts";

const count = { "num-units": { kind: "value", short: "n" } } as const;

export const applicationVerbs: VerbTable = {
  deploy: {
    usage: "<charm folder or .charm> [<application>] [-n <units>] [--config <key>=<value> ...]",
    about: "Deploys a charm.",
    flags: { ...count, config: { kind: "value" } },
    run: deployVerb,
  },
  refresh: {
    usage: "<application> --path <charm folder or .charm> [--force-units]",
    about: "Moves an application to another build of its charm.",
    flags: { path: { kind: "value" }, "force-units": { kind: "bool" } },
    run: refreshVerb,
  },
  config: {
    usage: "<application> [<key>[=<value>] ...] [--reset <key>,...]",
    about: "Shows or changes the options of an application.",
    flags: { reset: { kind: "value" }, format: { kind: "value" } },
    run: config,
  },
  "add-unit": { usage: "<application> [-n <units>]", about: "Adds units.", flags: count, run: addUnit },
  "remove-unit": {
    usage: "<unit> ... | <application> --num-units <n>",
    about: "Removes units.",
    flags: {
      force: { kind: "bool" },
      "no-prompt": { kind: "bool" },
      "num-units": { kind: "value" },
      "destroy-storage": { kind: "bool" },
    },
    run: removeUnitVerb,
  },
  "remove-application": {
    usage: "<application> ...",
    about: "Removes applications with their units.",
    flags: { force: { kind: "bool" }, "no-prompt": { kind: "bool" }, "destroy-storage": { kind: "bool" } },
    run: removeApplicationVerb,
  },
  resolved: {
    usage: "<unit> ...",
    about: "Runs a failed hook again, or skips it.",
    flags: { "no-retry": { kind: "bool" }, all: { kind: "bool" } },
    run: resolved,
  },
  resolve: {
    usage: "<unit> ...",
    about: "The same as resolved.",
    flags: { "no-retry": { kind: "bool" }, all: { kind: "bool" } },
    run: resolved,
  },
};

/** --config may be given several times, so it is collected before the flags are parsed. */
export function collectConfig(args: readonly string[]): { config: Record<string, string>; rest: string[] } {
  const config: Record<string, string> = {};
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    const given =
      word === "--config"
        ? args[++at]
        : word.startsWith("--config=")
          ? word.slice("--config=".length)
          : undefined;
    if (given === undefined) {
      rest.push(word);
      continue;
    }
    if (!given.includes("="))
      throw new UsageError(`--config takes <key>=<value>, got ${JSON.stringify(given)}`);
    const [key, value] = splitAtEquals(given);
    config[key] = value;
  }
  return { config, rest };
}

async function deployVerb(session: Session, line: ParsedLine): Promise<void> {
  const { store, screen, clock } = session;
  const [path, alias] = line.args;
  if (path === undefined) throw new UsageError("no charm specified");
  const model = session.model();
  const charm = await storeCharm(resolve(screen.cwd, path), session.charms);
  store.state.charms[charm.digest] = charm.meta;
  const units = numberOf(line, "num-units") ?? 1;
  const given = JSON.parse(textOf(line, "config") ?? "{}") as Record<string, string>;
  const name = alias ?? charm.meta.name;
  deploy(store.state, model, { name, charm: charm.digest, units, config: given, now: timestamp(clock) });
  store.changed();
  screen.err(`Located local charm "${charm.meta.name}", revision 0\n`);
  screen.err(
    `Deploying "${name}" from local charm "${charm.meta.name}", revision 0 on ubuntu@22.04/stable\n`,
  );
}

async function refreshVerb(session: Session, line: ParsedLine): Promise<void> {
  const { store, screen } = session;
  const [name] = line.args;
  const path = textOf(line, "path");
  if (name === undefined) throw new UsageError("no application specified");
  if (path === undefined)
    throw new UsageError("--path <charm folder or .charm> is required: the sandbox has no charm store");
  const model = session.model();
  const application = applicationNamed(model, name);
  const charm = await storeCharm(resolve(screen.cwd, path), session.charms);
  if (charm.digest === application.charm) throw new Refusal(`charm "${charm.meta.name}": already up-to-date`);
  store.state.charms[charm.digest] = charm.meta;
  refresh(store.state, model, application, charm.digest, { forceUnits: isOn(line, "force-units") });
  store.changed();
  screen.err(`Added local charm "${charm.meta.name}", revision ${application.charmRevision}, to the model\n`);
}

function config({ model, store, screen }: Session, line: ParsedLine): void {
  const [name, ...words] = line.args;
  if (name === undefined) throw new UsageError("no application name specified");
  const target = model();
  const application = applicationNamed(target, name);
  const set = Object.fromEntries(words.filter((word) => word.includes("=")).map(splitAtEquals));
  const reset = (textOf(line, "reset") ?? "").split(",").filter((key) => key !== "");
  if (Object.keys(set).length > 0 || reset.length > 0) {
    setConfig(store.state, target, name, { set, reset });
    store.changed();
    return;
  }
  const options = store.state.charms[application.charm]?.options ?? {};
  const [key] = words;
  if (key !== undefined) {
    const option = options[key];
    if (option === undefined)
      throw new Refusal(
        `key ${JSON.stringify(key)} not found in ${JSON.stringify(name)} application config or charm settings${choices(Object.keys(options))}`,
      );
    screen.out(`${application.config[key] ?? option.default ?? ""}\n`);
    return;
  }
  const settings = Object.fromEntries(
    Object.entries(options).map(([option, declared]) => {
      const value = application.config[option] ?? declared.default;
      const source =
        application.config[option] !== undefined
          ? "user"
          : declared.default === undefined
            ? "unset"
            : "default";
      const shown = { description: declared.description, source, type: declared.type };
      return [
        option,
        {
          ...shown,
          ...(declared.default === undefined ? {} : { default: declared.default }),
          ...(value === undefined ? {} : { value }),
        },
      ];
    }),
  );
  const all = { application: name, charm: store.state.charms[application.charm]?.name ?? "", settings };
  screen.out(textOf(line, "format") === "json" ? `${JSON.stringify(all)}\n` : yamlText(all));
}

function addUnit({ model, store, clock }: Session, line: ParsedLine): void {
  const [name] = line.args;
  if (name === undefined) throw new UsageError("no application specified");
  const target = model();
  const application = applicationNamed(target, name);
  addUnits(store.state, target, application, {
    count: numberOf(line, "num-units") ?? 1,
    now: timestamp(clock),
  });
  store.changed();
}

async function removeUnitVerb(session: Session, line: ParsedLine): Promise<void> {
  const { store, screen, fleet } = session;
  const model = session.model();
  if (line.args.length === 0) throw new UsageError("no units specified");
  const newest = numberOf(line, "num-units");
  const units =
    newest === undefined
      ? line.args.map((name) => unitNamed(model, name))
      : newestUnits(session, line.args[0] ?? "", newest);
  for (const unit of units) {
    screen.err(`will remove unit ${unit.name}\n`);
    if (isOn(line, "force")) await fleet.removeUnit(model, unit);
    else removeUnit(store.state, model, unit);
  }
  store.changed();
}

function newestUnits({ model }: Session, application: string, wanted: number): Unit[] {
  applicationNamed(model(), application);
  return Object.values(model().units)
    .filter((unit) => unit.application === application && unit.life === "alive")
    .slice(-wanted);
}

async function removeApplicationVerb(session: Session, line: ParsedLine): Promise<void> {
  const { store, screen, fleet } = session;
  const model = session.model();
  if (line.args.length === 0) throw new UsageError("no application specified");
  for (const name of line.args) {
    applicationNamed(model, name);
    const units = Object.values(model.units).filter((unit) => unit.application === name);
    screen.err(`will remove application ${name}\n`);
    for (const unit of units) screen.err(`- will remove unit ${unit.name}\n`);
    removeApplication(store.state, model, name);
    if (isOn(line, "force")) for (const unit of units) await fleet.removeUnit(model, unit);
  }
  store.changed();
}

function resolved({ model, store }: Session, line: ParsedLine): void {
  const target = model();
  const failed = Object.values(target.units).filter((unit) => unit.agent.status === "error");
  const units = isOn(line, "all") ? failed : line.args.map((name) => unitNamed(target, name));
  if (units.length === 0 && !isOn(line, "all")) throw new UsageError("no unit specified");
  for (const unit of units) {
    if (unit.agent.status !== "error")
      throw new Refusal(`unit ${JSON.stringify(unit.name)} is not in an error state`);
    unit.resolved = isOn(line, "no-retry") ? "no-retry" : "retry";
  }
  store.changed();
}
