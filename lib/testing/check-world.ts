// Refuses worlds that Juju could never produce, so that no test proves something about nothing.

import type { Event } from "../events.ts";
import type { CharmMeta } from "../meta.ts";
import { bindingProblems, configProblems, metaProblems, storageProblems } from "./check-declared.ts";
import { type ActionParameters, eventProblems } from "./check-event.ts";
import { secretProblems } from "./check-secrets.ts";
import { parsePort, type WorldPort } from "./ports.ts";
import { duplicates, type Problems } from "./problems.ts";
import { appOf, type World, type WorldRelation } from "./shape.ts";

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
    ...metaProblems(meta),
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

const settable: readonly string[] = ["active", "waiting", "maintenance", "blocked"];

function* unitProblems(world: World<CharmMeta>): Problems {
  if (!/^[a-z][a-z0-9-]*\/(0|[1-9][0-9]*)$/.test(world.unit))
    yield `"${world.unit}" is no name of a unit, such as mysql/0`;
  if (!Number.isInteger(world.plannedUnits) || world.plannedUnits < 0) {
    yield `plannedUnits is ${world.plannedUnits}: a whole number, this unit included`;
  }
  for (const port of world.openedPorts)
    if (!isPort(port)) yield `${port} is no port, such as 3306, "53/udp" or "icmp"`;
  for (const status of [world.unitStatus, world.appStatus]) {
    if (status !== undefined && !settable.includes(status.kind)) {
      yield `status "${status.kind}" belongs to Juju: leave the status out, or take ${settable.join(", ")}`;
    }
  }
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
    (id) => `two relations have the id ${id}: give each its own`,
  );
  for (const relation of world.relations) {
    const name = `relation ${relation.endpoint}:${relation.id}`;
    const declared = meta.endpoints[relation.endpoint];
    if (declared === undefined)
      yield `${name}: the charm has no endpoint "${relation.endpoint}": declare it in metadata.yaml`;
    const own = appOf(world.unit);
    if (declared?.role === "peer" && relation.remoteApp !== own) {
      yield `${name} is a peer relation, so its application is ${own}, not ${relation.remoteApp}`;
    }
    if (declared !== undefined && declared.role !== "peer" && relation.remoteApp === own) {
      yield `${name}: an application cannot be related to itself: name another remoteApp`;
    }
    yield* bagProblems(world, relation, name);
  }
  for (const [endpoint, { role, limit }] of Object.entries(meta.endpoints)) {
    const count = world.relations.filter((relation) => relation.endpoint === endpoint).length;
    const most = role === "peer" ? 1 : limit;
    if (most !== undefined && count > most)
      yield `${endpoint} has ${count} relations; it takes at most ${most}: leave the others out`;
  }
}

function* bagProblems(world: World<CharmMeta>, relation: WorldRelation, name: string): Problems {
  const ends = [appOf(world.unit), relation.remoteApp];
  for (const owner of Object.keys(relation.bags)) {
    if (!ends.includes(appOf(owner))) {
      yield `${name}: "${owner}" has a bag but is at neither end (${[...new Set(ends)].join(", ")})`;
    }
    if (owner.includes("/") && appOf(owner) === ends[0] && ends[0] !== ends[1] && owner !== world.unit) {
      yield `${name}: the bag of ${owner} is out of sight: it is another unit of the own application; leave it out`;
    }
  }
  for (const [owner, bag] of Object.entries(relation.bags)) {
    for (const [key, value] of Object.entries(bag)) {
      if (typeof value !== "string") yield `${name}: "${key}" of ${owner} is ${typeof value}: bags hold text`;
      if (value === "") yield `${name}: "${key}" of ${owner} is empty: leave it out, as Juju does`;
    }
  }
  for (const unit of relation.departed ?? []) {
    if (unit === world.unit) yield `${name}: this unit itself is listed as departed: leave it out`;
  }
}
