// Whether the secrets of a test's world can be.

import type { CharmMeta } from "../meta.ts";
import { duplicates, type Problems } from "./problems.ts";
import { appOf, type World, type WorldSecret } from "./shape.ts";

/** What speaks against the secrets. */
export function* secretProblems(world: World<CharmMeta>): Problems {
  yield* duplicates(
    world.secrets.map(({ id }) => id),
    (id) => `two secrets have the id ${id}: give each its own`,
  );
  yield* duplicates(
    world.secrets.flatMap(({ label }) => (label === undefined ? [] : [label])),
    (label) => `two secrets have the label "${label}": give each its own`,
  );
  for (const secret of world.secrets) yield* oneSecretProblems(world, secret);
}

function* oneSecretProblems(world: World<CharmMeta>, secret: WorldSecret): Problems {
  const name = `secret ${secret.label ?? secret.id}`;
  if (!/^[0-9a-z]{20}$/.test(secret.id))
    yield `${name}: "${secret.id}" is not 20 lowercase letters and digits`;
  const related = world.relations.flatMap(({ remoteApp, bags }) => [remoteApp, ...Object.keys(bags)]);
  if (secret.owner === "") yield `${name} has no owner: name this unit, its application or one related to it`;
  else if (![appOf(world.unit), world.unit, ...related].includes(secret.owner)) {
    yield `${name}: its owner ${secret.owner} is neither this unit, its application nor related to it`;
  }
  if (secret.revisions.length === 0) yield `${name} has no revision: give at least one content`;
  for (const [place, content] of secret.revisions.entries()) {
    const removed = Object.keys(content).length === 0 && place < secret.revisions.length - 1;
    if (!removed) yield* contentProblems(content, name);
  }
  const { tracked = 1 } = secret;
  if (!Number.isInteger(tracked) || tracked < 1 || tracked > Math.max(1, secret.revisions.length)) {
    yield `${name} tracks revision ${tracked} of ${secret.revisions.length}: take one that is there`;
  }
  for (const grant of secret.grants) {
    if (!world.relations.some(({ id }) => id === grant))
      yield `${name} is granted by relation ${grant}, which is not there: add it to relations`;
  }
}

function* contentProblems(content: Readonly<Record<string, string>>, name: string): Problems {
  if (Object.keys(content).length === 0) yield `${name} has an empty content: give it a key`;
  for (const [key, value] of Object.entries(content)) {
    if (!/^[a-z](?:-?[a-z0-9]){2,}$/.test(key))
      yield `${name}: Juju takes no key "${key}": three or more of a-z, 0-9 and inner hyphens`;
    if (value === "") yield `${name}: the value of "${key}" is empty: Juju takes none`;
  }
}
