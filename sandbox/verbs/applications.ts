// Verbs about applications: deploy, refresh, config, scaling, removing, resolving.
import { resolve } from "node:path";
import type { CharmMeta } from "../../lib/juju/charm.ts";
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { StoredResource, Unit } from "../../lib/juju/model.ts";
import { storeCharm } from "../juju/charm-files.ts";
import { timestamp } from "../juju/clock.ts";
import { addUnits, deploy, refresh, removeApplication, removeUnit } from "../juju/operations/applications.ts";
import { applicationNamed, unitNamed } from "../juju/operations/models.ts";
import { Refusal } from "../juju/operations/refusal.ts";
import { storeResource } from "../juju/operations/resources.ts";
import { isOn, numberOf, type Session, textOf, type VerbTable, valuesOf } from "../session.ts";
import { splitAtEquals } from "./models.ts";
import { readYamlMap } from "./yaml-file.ts";

const count = { "num-units": { kind: "value", short: "n" } } as const;

export const applicationVerbs: VerbTable = {
  deploy: {
    usage:
      "<charm folder or .charm> [<application>] [-n <units>] [--config <key>=<value> ...] [--resource <name>=<file> ...]",
    about: "Deploys a charm.",
    example: "build/charm db -n 3 --config profile=testing",
    flags: { ...count, config: { kind: "value" }, resource: { kind: "value" } },
    run: deployVerb,
  },
  refresh: {
    usage: "<application> --path <charm folder or .charm> [--force-units]",
    about: "Moves an application to another build of its charm.",
    example: "db --path build/charm",
    flags: { path: { kind: "value" }, "force-units": { kind: "bool" } },
    run: refreshVerb,
  },
  "add-unit": {
    usage: "<application> [-n <units>]",
    about: "Adds units.",
    example: "db -n 2",
    flags: count,
    run: addUnit,
  },
  "remove-unit": {
    usage: "<unit> ... | <application> --num-units <n>",
    about: "Removes units.",
    example: "db/2",
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

async function deployVerb(session: Session, line: ParsedLine): Promise<void> {
  const { store, screen, clock } = session;
  const [path, alias] = line.args;
  if (path === undefined) throw new UsageError("no charm specified");
  const model = session.model();
  const charm = await storeCharm(resolve(screen.cwd, path), session.charms);
  store.state.charms[charm.digest] = charm.meta;
  const units = numberOf(line, "num-units") ?? 1;
  const name = alias ?? charm.meta.name;
  const given = initialOptions(session, name, valuesOf(line, "config"));
  deploy(store.state, model, {
    name,
    charm: charm.digest,
    units,
    config: given,
    resources: await resourcesFrom(session, charm.meta, valuesOf(line, "resource")),
    now: timestamp(clock),
  });
  store.changed();
  screen.err(`Located local charm "${charm.meta.name}", revision 0\n`);
  screen.err(
    `Deploying "${name}" from local charm "${charm.meta.name}", revision 0 on ubuntu@22.04/stable\n`,
  );
}

/** Each --resource is `name=file`. */
async function resourcesFrom(
  { screen, charms, clock }: Session,
  charm: CharmMeta,
  given: readonly string[],
): Promise<Record<string, StoredResource>> {
  const resources: Record<string, StoredResource> = {};
  for (const word of given) {
    if (!word.includes("=")) throw new UsageError(`expected name=path format, got ${JSON.stringify(word)}`);
    const [name, path] = splitAtEquals(word);
    const place = { cwd: screen.cwd, store: charms, now: timestamp(clock) };
    resources[name] = await storeResource(charm, { name, path }, place);
  }
  return resources;
}

/** Each --config is `key=value` or a YAML file with options under the application's name. */
function initialOptions({ screen }: Session, name: string, given: readonly string[]): Record<string, string> {
  const options: Record<string, string> = {};
  for (const word of given) {
    const more = word.includes("=")
      ? Object.fromEntries([splitAtEquals(word)])
      : (readYamlMap(screen.cwd, word)[name] ?? {});
    for (const [key, value] of Object.entries(more)) options[key] = String(value);
  }
  return options;
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
