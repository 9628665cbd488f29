// Whether the charm's own declarations can be, and whether the world keeps to them.

import type { CharmMeta, OptionType } from "../meta.ts";
import { duplicates, type Problems } from "./problems.ts";
import type { World } from "./shape.ts";

const endpointName = /^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/;
const storageName = /^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*$/;
const actionName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Names that Juju would refuse when the charm is deployed. */
export function* metaProblems({ endpoints, storages, actions, bindings = {} }: CharmMeta): Problems {
  const named = [
    ["endpoint", endpointName, endpoints],
    ["storage", storageName, storages],
    ["action", actionName, actions],
    ["extra-binding", endpointName, bindings],
  ] as const;
  for (const [what, pattern, declared] of named) {
    for (const name of Object.keys(declared)) {
      if (!pattern.test(name)) yield `Juju takes no ${what} of the name "${name}"`;
    }
  }
  for (const name of Object.keys(bindings)) {
    if (Object.hasOwn(endpoints, name)) yield `"${name}" is an endpoint: it cannot be an extra-binding too`;
  }
}

/** Networks of bindings and paths of resources that the charm does not have. */
export function* bindingProblems(meta: CharmMeta, world: World<CharmMeta>): Problems {
  const bindings = [...Object.keys(meta.endpoints), ...Object.keys(meta.bindings ?? {}), "juju-info"];
  for (const binding of Object.keys(world.networks)) {
    if (!bindings.includes(binding))
      yield `networks: the charm has no endpoint or extra-binding "${binding}"`;
  }
  for (const resource of Object.keys(world.resources)) {
    if (!Object.hasOwn(meta.resources ?? {}, resource))
      yield `resources: the charm has no resource "${resource}": declare it in metadata.yaml`;
  }
}

/** Options that the charm does not have, or of another type. */
export function* configProblems(meta: CharmMeta, world: World<CharmMeta>): Problems {
  for (const [option, value] of Object.entries(world.config)) {
    const declared = meta.config[option];
    if (declared === undefined)
      yield `config: the charm has no option "${option}": declare it in config.yaml`;
    else if (!isOptionValue(declared.type, value)) {
      yield `config: ${option} is of type ${declared.type}, not ${JSON.stringify(value)}`;
    }
  }
}

function isOptionValue(type: OptionType, value: unknown): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "secret":
      return typeof value === "string" && /^secret:[0-9a-z]{20}$/.test(value);
    case "int":
      return Number.isInteger(value);
    case "float":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
  }
}

/** Storage that the charm does not have, or more of it than it takes. */
export function* storageProblems(meta: CharmMeta, world: World<CharmMeta>): Problems {
  yield* duplicates(
    world.storages.map(({ id }) => id),
    (id) => `two storages have the id ${id}: give each its own number`,
  );
  yield* duplicates(
    world.storages.filter(({ name }) => meta.storages[name]?.multiple === false).map(({ name }) => name),
    (name) => `storage "${name}" is not declared as multiple: leave all but one out`,
  );
  for (const { name, id } of world.storages) {
    if (!Object.hasOwn(meta.storages, name))
      yield `storage ${id}: the charm has no storage "${name}": declare it in metadata.yaml`;
    if (!/\/\d+$/.test(id) || !id.startsWith(`${name}/`))
      yield `"${id}" is no id of storage "${name}", such as ${name}/0`;
  }
}
