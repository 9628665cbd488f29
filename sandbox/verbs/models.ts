// Verbs about models: add-model, models, switch, model-config, destroy-model.

import type { ParsedLine } from "../../lib/juju/hook-commands/flags.ts";
import { UsageError } from "../../lib/juju/hook-commands/flags.ts";
import type { Model } from "../../lib/juju/model.ts";
import { forgetUnit, removeApplication } from "../juju/operations/applications.ts";
import { addModel, modelDefaults, modelNamed, setModelConfig } from "../juju/operations/models.ts";
import { removeSaas } from "../juju/operations/offers.ts";
import { Refusal } from "../juju/operations/refusal.ts";
import { isOn, numberOf, type Session, type VerbTable, waitForState } from "../session.ts";
import { columns, table } from "../status/table.ts";
import { formatFlag, print } from "./output.ts";

export const modelVerbs: VerbTable = {
  "add-model": {
    usage: "<name>",
    about: "Adds a model, with a network of its own, and switches to it.",
    example: "rome",
    run: add,
  },
  models: { usage: "", about: "Lists the models.", flags: formatFlag, run: list },
  switch: { usage: "[<model>]", about: "Shows or chooses the current model.", example: "rome", run: change },
  "model-config": {
    usage: "[<key>[=<value>] ...]",
    about: "Shows or changes the settings of a model.",
    example: "update-status-hook-interval=30s",
    flags: formatFlag,
    run: configure,
  },
  "destroy-model": {
    usage: "<model>",
    about: "Removes a model and everything in it.",
    example: "rome",
    flags: {
      "no-prompt": { kind: "bool" },
      force: { kind: "bool" },
      "no-wait": { kind: "bool" },
      timeout: { kind: "value", short: "t" },
    },
    run: destroy,
  },
};

function add({ store, screen }: Session, { args }: ParsedLine): void {
  const [name] = args;
  if (name === undefined) throw new UsageError("model name is required");
  const model = addModel(store.state, name);
  store.state.currentModel = name;
  store.changed();
  screen.err(
    `Added '${name}' model on localhost/localhost for user 'admin' (network 10.${model.site}.0.0/24)\n`,
  );
}

function list({ store, screen }: Session, line: ParsedLine): void {
  const { models, currentModel } = store.state;
  const all = Object.values(models);
  const value = {
    models: all.map(({ name, uuid }) => ({
      name: `admin/${name}`,
      "short-name": name,
      "model-uuid": uuid,
      "model-type": "iaas",
      owner: "admin",
      "is-controller": false,
      life: "alive",
      status: { current: "available" },
    })),
    "current-model": currentModel,
  };
  const rows = all.map((model) => [
    `${model.name}${model.name === currentModel ? "*" : ""}`,
    "localhost/localhost",
    "localhost",
    "available",
    String(Object.keys(model.machines).length),
    String(Object.keys(model.units).length),
  ]);
  const titles = columns("Model", "Cloud/Region", "Type", "Status", ">Machines", ">Units");
  const draw = (width?: number): string => `Controller: sandbox\n\n${table(titles, rows, width)}`;
  if (all.length === 0) screen.err("There are no models: add one with 'add-model <name>'.\n");
  else print({ screen }, line, { value, text: { format: "tabular", draw } });
}

function change({ store, screen }: Session, { args }: ParsedLine): void {
  const [name] = args;
  const before = store.state.currentModel;
  if (name === undefined) {
    screen.out(before === "" ? "sandbox\n" : `sandbox:admin/${before}\n`);
    return;
  }
  const model = modelNamed(store.state, name);
  store.state.currentModel = model.name;
  store.changed();
  screen.err(
    before === model.name
      ? `sandbox:admin/${model.name} (no change)\n`
      : `sandbox${before === "" ? "" : `:admin/${before}`} -> sandbox:admin/${model.name}\n`,
  );
}

function configure({ model, store, screen }: Session, line: ParsedLine): void {
  const target = model();
  const settings = Object.fromEntries(
    line.args.filter((word) => word.includes("=")).map((word) => splitAtEquals(word)),
  );
  const keys = line.args.filter((word) => !word.includes("="));
  if (Object.keys(settings).length > 0) {
    setModelConfig(target, settings);
    store.changed();
    return;
  }
  const all = { ...modelDefaults, ...target.config };
  const [key] = keys;
  if (key !== undefined) {
    if (all[key] === undefined)
      throw new Refusal(`key ${JSON.stringify(key)} not found in ${JSON.stringify(target.name)} model`);
    screen.out(`${all[key]}\n`);
    return;
  }
  const rows = Object.entries(all).map(([name, value]) => [
    name,
    target.config[name] === undefined ? "default" : "model",
    String(value),
  ]);
  const sources = rows.map(([name = "", from]) => [name, { Value: all[name], Source: from }]);
  const draw = (width?: number): string => table(columns("Attribute", "From", "Value"), rows, width);
  print({ screen }, line, { value: Object.fromEntries(sources), text: { format: "tabular", draw } });
}

/** `a=b=c` → ["a", "b=c"]. */
export function splitAtEquals(word: string): [string, string] {
  const equals = word.indexOf("=");
  return [word.slice(0, equals), word.slice(equals + 1)];
}

async function destroy(session: Session, line: ParsedLine): Promise<number> {
  const { store, screen, fleet } = session;
  const [name] = line.args;
  if (name === undefined) throw new UsageError("no model specified");
  const model = modelNamed(store.state, name);
  screen.err("Destroying model\n");
  if (isOn(line, "force")) {
    for (const unit of Object.values(model.units)) await fleet.removeUnit(model, unit);
    for (const unit of Object.values(model.units)) forgetUnit(store.state, model, unit);
  }
  emptyModel(session, model);
  const seconds = numberOf(line, "timeout");
  const isEmpty = (): boolean =>
    Object.keys(model.units).length === 0 && Object.keys(model.machines).length === 0;
  if (!(await waitForState(session, isEmpty, seconds === undefined ? undefined : seconds * 1000))) {
    const left = Object.values(model.units).map(
      (unit) => `${unit.name} (${unit.agent.status}: ${unit.agent.message})`,
    );
    throw new Refusal(
      `timed out waiting for the model to become empty, left are ${left.join(", ")}: use --force to remove them as they are`,
    );
  }
  await fleet.removeModel(model);
  screen.err("Model destroyed.\n");
  return 0;
}

function emptyModel({ store }: Session, model: Model): void {
  const { state } = store;
  for (const other of Object.values(state.models)) {
    for (const remote of Object.values(other.remotes)) {
      if (remote.side === "consumed" && remote.model === model.name) removeSaas(state, other, remote.name);
    }
  }
  for (const remote of Object.values(model.remotes))
    if (remote.side === "consumed") removeSaas(state, model, remote.name);
  model.offers = {};
  for (const application of Object.keys(model.applications)) removeApplication(state, model, application);
  store.changed();
}
