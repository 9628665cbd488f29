// Models: adding, finding, configuring. Changes the state in place.

import { parseDuration } from "../../../lib/juju/hook-commands/secret-values.ts";
import { newModelUuid } from "../../../lib/juju/identity.ts";
import type { Application, ConfigValue, Model, SandboxState, Unit } from "../../../lib/juju/model.ts";
import { newModel } from "../../../lib/juju/records.ts";
import { notFound, notFoundIn, Refusal } from "./refusal.ts";

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Model settings that mean something here, with their defaults as Juju has them. */
export const modelDefaults: Readonly<Record<string, ConfigValue>> = {
  "automatically-retry-hooks": true,
  "update-status-hook-interval": "5m",
};

/** Adds a model with a network of its own. */
export function addModel(state: SandboxState, name: string): Model {
  if (!NAME.test(name)) {
    throw new Refusal(
      `${JSON.stringify(name)} is not a valid name: model names may only contain lowercase letters, digits and hyphens`,
    );
  }
  if (state.models[name] !== undefined) {
    throw new Refusal(`failed to create new model: model ${JSON.stringify(name)} for admin already exists`);
  }
  if (state.nextSite > 254) throw new Refusal("a sandbox has room for 254 models: destroy it and start anew");
  const model = newModel({ name, uuid: newModelUuid(state.chance), site: state.nextSite++ });
  state.models[name] = model;
  return model;
}

/** The model of a name, with or without its owner (`admin/rome`). */
export function modelNamed(state: SandboxState, name: string): Model {
  const bare = name.replace(/^(?:[^:]*:)?(?:admin\/)?/, "");
  const model = state.models[bare];
  if (model === undefined) throw notFound("model", bare, Object.keys(state.models));
  return model;
}

export function applicationNamed(model: Model, name: string): Application {
  const application = model.applications[name];
  if (application === undefined)
    throw notFoundIn(model, "application", name, Object.keys(model.applications));
  return application;
}

/** A unit by its name, or the leader by `<application>/leader`. */
export function unitNamed(model: Model, name: string): Unit {
  const leader = /^([^/]+)\/leader$/.exec(name)?.[1];
  if (leader !== undefined) {
    const holder = applicationNamed(model, leader).leader;
    const unit = holder === null ? undefined : model.units[holder];
    if (unit === undefined) throw new Refusal(`could not determine leader for ${JSON.stringify(leader)}`);
    return unit;
  }
  const unit = model.units[name];
  if (unit === undefined) throw notFoundIn(model, "unit", name, Object.keys(model.units));
  return unit;
}

/** Changes model settings. Throws a Refusal for one that the sandbox does not have, or a bad value. */
export function setModelConfig(model: Model, settings: Readonly<Record<string, string>>): void {
  for (const [key, text] of Object.entries(settings)) {
    if (modelDefaults[key] === undefined) throw notFound("model setting", key, Object.keys(modelDefaults));
    if (key === "automatically-retry-hooks" && text !== "true" && text !== "false") {
      throw new Refusal(`${key}: expected bool, got string(${JSON.stringify(text)})`);
    }
    if (key === "update-status-hook-interval" && (parseDuration(text) ?? 0) <= 0) {
      throw new Refusal(`${key}: conversion to duration: time: invalid duration ${JSON.stringify(text)}`);
    }
  }
  for (const [key, text] of Object.entries(settings)) {
    model.config[key] = text === "true" || text === "false" ? text === "true" : text;
  }
}
