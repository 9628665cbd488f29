// Verbs about the settings of an application: config, expose, unexpose, trust.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { Application } from "../../lib/juju/model.ts";
import { setConfig } from "../juju/operations/applications.ts";
import { applicationNamed } from "../juju/operations/models.ts";
import { choices, Refusal } from "../juju/operations/refusal.ts";
import { isOn, type Session, textOf, type VerbTable, valuesOf } from "../session.ts";
import { splitAtEquals } from "./models.ts";
import { formatFlag, print } from "./output.ts";
import { readYamlMap } from "./yaml-file.ts";

export const configVerbs: VerbTable = {
  config: {
    usage: "<application> [<key>[=<value or @file>] ...] [--reset <key>,...] [--file <yaml>]",
    about: "Shows or changes the options of an application.",
    example: "db profile=testing",
    flags: { ...formatFlag, reset: { kind: "value" }, file: { kind: "value" } },
    run: config,
  },
  expose: {
    usage: "<application>",
    about: "Makes an application reachable from outside.",
    run: (session, line) => change(session, line, { exposed: true }),
  },
  unexpose: {
    usage: "<application>",
    about: "Takes that back.",
    run: (session, line) => change(session, line, { exposed: false }),
  },
  trust: {
    usage: "<application> [--remove]",
    about: "Lets an application see credentials of the cloud, or no longer.",
    flags: { remove: { kind: "bool" }, scope: { kind: "value" } },
    run: (session, line) => change(session, line, { trusted: !isOn(line, "remove") }),
  },
};

function config(session: Session, line: ParsedLine): void {
  const [name, ...words] = line.args;
  if (name === undefined) throw new UsageError("no application name specified");
  const application = applicationNamed(session.model(), name);
  const { cwd } = session.screen;
  const set = { ...fromFile(cwd, name, textOf(line, "file")), ...fromWords(cwd, words) };
  const reset = valuesOf(line, "reset")
    .flatMap((list) => list.split(","))
    .filter((option) => option !== "");
  const [key, ...more] = words.filter((word) => !word.includes("="));
  if (Object.keys(set).length > 0 || reset.length > 0) {
    if (key !== undefined) throw new UsageError("cannot set and retrieve config values simultaneously");
    changeOptions(session, name, { set, reset });
  } else if (more.length > 0) throw new UsageError("can only retrieve a single value, or all values");
  else if (key === undefined) print(session, line, { value: allOptions(session, application) });
  else session.screen.out(`${optionText(session, application, key)}\n`);
}

function changeOptions(
  session: Session,
  name: string,
  change: { readonly set: Record<string, string>; readonly reset: readonly string[] },
): void {
  const twice = change.reset.find((option) => change.set[option] !== undefined);
  if (twice !== undefined)
    throw new UsageError(`key ${JSON.stringify(twice)} cannot be both set and reset in the same command`);
  setConfig(session.store.state, session.model(), name, change);
  session.store.changed();
}

/** `key=value`, or `key=@file` for the file's content. */
function fromWords(cwd: string, words: readonly string[]): Record<string, string> {
  const entries = words
    .filter((word) => word.includes("="))
    .map(splitAtEquals)
    .map(([key, value]): [string, string] => {
      if (!value.startsWith("@")) return [key, value];
      const path = resolve(cwd, value.slice(1));
      if (!existsSync(path))
        throw new Refusal(`cannot read option from file ${JSON.stringify(path)}: no such file`);
      return [key, readFileSync(path, "utf8")];
    });
  return Object.fromEntries(entries);
}

/** Options from a YAML file: under the application's name, as they are, or as config itself prints them. */
function fromFile(cwd: string, name: string, file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  const all = readYamlMap(cwd, file);
  const { settings, [name]: own } = all;
  const options = isMap(settings) ? chosen(settings) : isMap(own) ? own : all;
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, String(value)]));
}

/** Of what config printed: the options that a person had set. */
function chosen(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(settings).flatMap(([key, shown]) =>
    isMap(shown) && shown["source"] === "user" ? [[key, shown["value"]]] : [],
  );
  return Object.fromEntries(entries);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function optionText({ store }: Session, application: Application, key: string): string {
  const options = store.state.charms[application.charm]?.options ?? {};
  const option = options[key];
  if (option === undefined)
    throw new Refusal(
      `key ${JSON.stringify(key)} not found in ${JSON.stringify(application.name)} application config or charm settings${choices(Object.keys(options))}`,
    );
  return String(application.config[key] ?? option.default ?? "");
}

function allOptions({ store }: Session, application: Application): Record<string, unknown> {
  const charm = store.state.charms[application.charm];
  const settings = Object.entries(charm?.options ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([option, { description, type, default: initial }]) => {
      const set = application.config[option];
      const value = set ?? initial;
      const source = set !== undefined ? "user" : initial === undefined ? "unset" : "default";
      const defaults = initial === undefined ? {} : { default: initial };
      return [option, { ...defaults, description, source, type, ...(value === undefined ? {} : { value }) }];
    });
  const trust = {
    default: false,
    description: "Does this application have access to trusted credentials",
    source: application.trusted ? "user" : "default",
    type: "bool",
    value: application.trusted,
  };
  return {
    application: application.name,
    "application-config": { trust },
    charm: charm?.name ?? "",
    settings: Object.fromEntries(settings),
  };
}

function change(
  session: Session,
  { args }: ParsedLine,
  to: Partial<Pick<Application, "exposed" | "trusted">>,
): void {
  const [name] = args;
  if (name === undefined) throw new UsageError("no application name specified");
  Object.assign(applicationNamed(session.model(), name), to);
  session.store.changed();
}
