// Whether Juju could send this event into this world.

import type { Event, SecretEvent } from "../events.ts";
import type { ActionMeta, CharmMeta } from "../meta.ts";
import { isParameter } from "../parameters.ts";
import { secretKey } from "../secrets.ts";
import type { Problems } from "./problems.ts";
import { appOf, type World } from "./shape.ts";

export type ActionParameters = Readonly<Record<string, unknown>>;

/** What speaks against the event. */
export function* eventProblems(
  meta: CharmMeta,
  world: World<CharmMeta>,
  event: Event<CharmMeta>,
  params: ActionParameters | undefined,
): Problems {
  if (params !== undefined && event.kind !== "action") yield `${event.kind} has parameters but is no action`;
  if (event.kind === "leader-elected" && !world.leader)
    yield "leader-elected on a unit that does not lead: set leader";
  if ("relationId" in event) yield* relationEventProblems(world, event);
  if ("storage" in event && !world.storages.some(({ id }) => id === event.storageId)) {
    yield `${event.kind}: storage ${event.storageId} is not there: add it to storages`;
  }
  if ("storage" in event && !event.storageId.startsWith(`${event.storage}/`)) {
    yield `${event.kind}: ${event.storageId} is no instance of storage "${event.storage}"`;
  }
  if ("secretId" in event) yield* secretEventProblems(world, event);
  if (event.kind !== "action") return;
  const action = meta.actions[event.action];
  if (action === undefined) yield `the charm has no action "${event.action}": declare it in actions.yaml`;
  else yield* parameterProblems(event.action, action, params ?? {});
}

function* secretEventProblems(world: World<CharmMeta>, event: SecretEvent): Problems {
  const secret = world.secrets.find(({ id }) => id === secretKey(event.secretId));
  if (secret === undefined) {
    yield `${event.kind}: secret ${event.secretId} is not there: add it to secrets`;
    return;
  }
  const owns = secret.owner === world.unit || (secret.owner === appOf(world.unit) && world.leader);
  if (event.kind !== "secret-changed" && !owns) {
    yield `${event.kind} of ${event.secretId} comes to its owner only: to that unit, or the application's leader`;
  }
  if ("revision" in event && (event.revision < 1 || event.revision > secret.revisions.length)) {
    yield `${event.kind}: revision ${event.revision} of ${secret.revisions.length}: take one that is there`;
  }
}

function* relationEventProblems(
  world: World<CharmMeta>,
  event: Extract<Event<CharmMeta>, { readonly relationId: number }>,
): Problems {
  const name = `${event.kind} of ${event.endpoint}:${event.relationId}`;
  const relation = world.relations.find(({ id }) => id === event.relationId);
  if (relation === undefined) {
    yield `${name}: there is no such relation: add it to relations`;
    return;
  }
  if (relation.endpoint !== event.endpoint)
    yield `${name}: that relation is of endpoint ${relation.endpoint}`;
  if (relation.remoteApp !== event.remoteApp) yield `${name}: that relation is with ${relation.remoteApp}`;
  const unit = "remoteUnit" in event ? event.remoteUnit : undefined;
  if (unit === undefined) return;
  if (unit === world.unit) yield `${name}: the remote unit is this unit itself`;
  else if (!Object.hasOwn(relation.bags, unit)) {
    yield `${name}: ${unit} has no bag in that relation: give it one, an empty one if need be`;
  }
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
