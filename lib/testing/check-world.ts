// Refuses worlds that Juju could never produce, so that no test proves something about nothing.

import type { Event } from "../events.ts";
import type { ActionMeta, CharmMeta, OptionType } from "../meta.ts";
import { isParameter } from "../parameters.ts";
import { secretKey } from "../secrets.ts";
import { parsePort, type WorldPort } from "./ports.ts";
import { appOf, type World, type WorldRelation, type WorldSecret } from "./shape.ts";

export type ActionParameters = Readonly<Record<string, unknown>>;

/** A test described something that cannot be. */
export class ImpossibleWorldError extends Error {
  override readonly name = "ImpossibleWorldError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the world cannot be as described:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/** Throws {@link ImpossibleWorldError} with everything that is wrong about a world and an event in it. */
export function checkWorld<M extends CharmMeta>(
  meta: M,
  world: World<M>,
  event: Event<M>,
  params?: ActionParameters,
): void {
  const problems = [
    ...unitProblems(world),
    ...relationProblems(meta, world),
    ...configProblems(meta, world),
    ...storageProblems(meta, world),
    ...bindingProblems(meta, world),
    ...secretProblems(world),
    ...eventProblems(meta, world, event, params),
  ];
  if (problems.length > 0) throw new ImpossibleWorldError(problems);
}

type Problems = Generator<string, void>;

function* unitProblems(world: World<CharmMeta>): Problems {
  if (!/^[a-z][a-z0-9-]*\/(0|[1-9][0-9]*)$/.test(world.unit)) yield `"${world.unit}" is no name of a unit`;
  if (!Number.isInteger(world.plannedUnits) || world.plannedUnits < 0) {
    yield `plannedUnits is ${world.plannedUnits}`;
  }
  for (const port of world.openedPorts) if (!isPort(port)) yield `${port} is no port`;
}

function isPort(port: WorldPort): boolean {
  try {
    const { from, to, protocol } = parsePort(port);
    return protocol === "icmp" || (Number.isInteger(from) && from >= 1 && from <= to && to <= 65_535);
  } catch {
    return false;
  }
}

function* relationProblems(meta: CharmMeta, world: World<CharmMeta>): Problems {
  yield* duplicates(
    world.relations.map(({ id }) => String(id)),
    (id) => `two relations have the id ${id}`,
  );
  for (const relation of world.relations) {
    const name = `relation ${relation.endpoint}:${relation.id}`;
    const declared = meta.endpoints[relation.endpoint];
    if (declared === undefined) yield `${name}: the charm has no endpoint "${relation.endpoint}"`;
    const own = appOf(world.unit);
    if (declared?.role === "peer" && relation.remoteApp !== own) {
      yield `${name} is a peer relation, so its application is ${own}, not ${relation.remoteApp}`;
    }
    if (declared !== undefined && declared.role !== "peer" && relation.remoteApp === own) {
      yield `${name}: an application cannot be related to itself`;
    }
    yield* bagProblems(world, relation, name);
  }
  for (const [endpoint, { role, limit }] of Object.entries(meta.endpoints)) {
    const count = world.relations.filter((relation) => relation.endpoint === endpoint).length;
    const most = role === "peer" ? 1 : limit;
    if (most !== undefined && count > most)
      yield `${endpoint} has ${count} relations; it takes at most ${most}`;
  }
}

function* bagProblems(world: World<CharmMeta>, relation: WorldRelation, name: string): Problems {
  const ends = [appOf(world.unit), relation.remoteApp];
  for (const owner of Object.keys(relation.bags)) {
    if (!ends.includes(appOf(owner))) yield `${name}: "${owner}" has a bag but is at neither end`;
    if (owner.includes("/") && appOf(owner) === ends[0] && ends[0] !== ends[1] && owner !== world.unit) {
      yield `${name}: the bag of ${owner} is out of sight: it is another unit of the own application`;
    }
  }
  for (const unit of relation.departed ?? []) {
    if (unit === world.unit) yield `${name}: this unit itself is listed as departed`;
  }
}

function* configProblems(meta: CharmMeta, world: World<CharmMeta>): Problems {
  for (const [option, value] of Object.entries(world.config)) {
    const declared = meta.config[option];
    if (declared === undefined) yield `config: the charm has no option "${option}"`;
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

function* storageProblems(meta: CharmMeta, world: World<CharmMeta>): Problems {
  yield* duplicates(
    world.storages.map(({ id }) => id),
    (id) => `two storages have the id ${id}`,
  );
  yield* duplicates(
    world.storages.filter(({ name }) => meta.storages[name]?.multiple === false).map(({ name }) => name),
    (name) => `storage "${name}" is not declared as multiple`,
  );
  for (const { name, id } of world.storages) {
    if (!Object.hasOwn(meta.storages, name)) yield `storage ${id}: the charm has no storage "${name}"`;
    if (!/\/\d+$/.test(id) || !id.startsWith(`${name}/`)) yield `"${id}" is no id of storage "${name}"`;
  }
}

function* bindingProblems(meta: CharmMeta, world: World<CharmMeta>): Problems {
  const bindings = [...Object.keys(meta.endpoints), ...Object.keys(meta.bindings ?? {}), "juju-info"];
  for (const binding of Object.keys(world.networks)) {
    if (!bindings.includes(binding)) yield `networks: the charm has no endpoint or binding "${binding}"`;
  }
  for (const resource of Object.keys(world.resources)) {
    if (!Object.hasOwn(meta.resources ?? {}, resource)) yield `resources: the charm has no "${resource}"`;
  }
}

function* secretProblems(world: World<CharmMeta>): Problems {
  yield* duplicates(
    world.secrets.map(({ id }) => id),
    (id) => `two secrets have the id ${id}`,
  );
  yield* duplicates(
    world.secrets.flatMap(({ label }) => (label === undefined ? [] : [label])),
    (label) => `two secrets have the label "${label}"`,
  );
  for (const secret of world.secrets) yield* oneSecretProblems(world, secret);
}

function* oneSecretProblems(world: World<CharmMeta>, secret: WorldSecret): Problems {
  const name = `secret ${secret.label ?? secret.id}`;
  if (!/^[0-9a-z]{20}$/.test(secret.id))
    yield `${name}: "${secret.id}" is not 20 lowercase letters and digits`;
  const related = world.relations.flatMap(({ remoteApp, bags }) => [remoteApp, ...Object.keys(bags)]);
  if (secret.owner === "") yield `${name} has no owner`;
  else if (![appOf(world.unit), world.unit, ...related].includes(secret.owner)) {
    yield `${name}: its owner ${secret.owner} is neither this unit, its application nor related to it`;
  }
  if (secret.revisions.length === 0) yield `${name} has no revision`;
  for (const [place, content] of secret.revisions.entries()) {
    const removed = Object.keys(content).length === 0 && place < secret.revisions.length - 1;
    if (!removed) yield* contentProblems(content, name);
  }
  const { tracked = 1 } = secret;
  if (!Number.isInteger(tracked) || tracked < 1 || tracked > Math.max(1, secret.revisions.length)) {
    yield `${name} tracks revision ${tracked} of ${secret.revisions.length}`;
  }
  for (const grant of secret.grants) {
    if (!world.relations.some(({ id }) => id === grant))
      yield `${name} is granted by relation ${grant}, which is not there`;
  }
}

function* contentProblems(content: Readonly<Record<string, string>>, name: string): Problems {
  if (Object.keys(content).length === 0) yield `${name} has an empty content`;
  for (const [key, value] of Object.entries(content)) {
    if (!/^[a-z](?:-?[a-z0-9]){2,}$/.test(key)) yield `${name}: Juju takes no key "${key}"`;
    if (value === "") yield `${name}: the value of "${key}" is empty`;
  }
}

function* eventProblems(
  meta: CharmMeta,
  world: World<CharmMeta>,
  event: Event<CharmMeta>,
  params: ActionParameters | undefined,
): Problems {
  if (params !== undefined && event.kind !== "action") yield `${event.kind} has parameters but is no action`;
  if (event.kind === "leader-elected" && !world.leader) yield "leader-elected on a unit that does not lead";
  if ("relationId" in event) yield* relationEventProblems(world, event);
  if ("storage" in event && !world.storages.some(({ id }) => id === event.storageId)) {
    yield `${event.kind}: storage ${event.storageId} is not there`;
  }
  if ("secretId" in event && !world.secrets.some(({ id }) => id === secretKey(event.secretId))) {
    yield `${event.kind}: secret ${event.secretId} is not there`;
  }
  if (event.kind !== "action") return;
  const action = meta.actions[event.action];
  if (action === undefined) yield `the charm has no action "${event.action}"`;
  else yield* parameterProblems(event.action, action, params ?? {});
}

function* relationEventProblems(
  world: World<CharmMeta>,
  event: Extract<Event<CharmMeta>, { readonly relationId: number }>,
): Problems {
  const name = `${event.kind} of ${event.endpoint}:${event.relationId}`;
  const relation = world.relations.find(({ id }) => id === event.relationId);
  if (relation === undefined) {
    yield `${name}: there is no such relation`;
    return;
  }
  if (relation.endpoint !== event.endpoint)
    yield `${name}: that relation is of endpoint ${relation.endpoint}`;
  if (relation.remoteApp !== event.remoteApp) yield `${name}: that relation is with ${relation.remoteApp}`;
  const unit = "remoteUnit" in event ? event.remoteUnit : undefined;
  if (unit === undefined) return;
  if (unit === world.unit) yield `${name}: the remote unit is this unit itself`;
  else if (!Object.hasOwn(relation.bags, unit)) yield `${name}: ${unit} has no bag in that relation`;
}

function* parameterProblems(
  name: string,
  { params: declared }: ActionMeta,
  given: ActionParameters,
): Problems {
  for (const [param, value] of Object.entries(given)) {
    const type = Object.hasOwn(declared, param) ? declared[param]?.type : undefined;
    if (type === undefined) yield `action ${name} has no parameter "${param}"`;
    else if (!isParameter(type, value))
      yield `action ${name}: ${param} is a ${type}, not ${JSON.stringify(value)}`;
  }
  for (const [param, { required }] of Object.entries(declared)) {
    if (required && !Object.hasOwn(given, param)) yield `action ${name} needs the parameter "${param}"`;
  }
}

function* duplicates(values: readonly string[], tell: (value: string) => string): Problems {
  for (const value of new Set(values.filter((item, place) => values.indexOf(item) !== place)))
    yield tell(value);
}
