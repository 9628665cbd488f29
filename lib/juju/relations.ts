// What happens to a relation's records: units enter and leave its scope, bags change, a dying relation goes. Changes the model in place.
import { counterpartOf, mirror } from "./cross-model.ts";
import {
  applicationOf,
  type Bag,
  endpointOf,
  farEndpointOf,
  isPeer,
  type Model,
  type Relation,
  type RelationEndpoint,
  type SandboxState,
  type Settings,
} from "./model.ts";

/** `db:7`, as hook commands spell a relation seen from an application. */
export function relationIdText(relation: Relation, application: string): string {
  return `${endpointOf(relation, application)?.name ?? "unknown"}:${relation.id}`;
}

/** The key by which Juju names a relation to people: requirer first. */
export function relationKey(endpoints: readonly RelationEndpoint[]): string {
  const rank = { requirer: 0, provider: 1, peer: 2 };
  return [...endpoints]
    .sort((a, b) => rank[a.role] - rank[b.role])
    .map((end) => `${end.application}:${end.name}`)
    .join(" ");
}

/** Adds a relation to a model and returns it. */
export function addRelation(model: Model, endpoints: readonly RelationEndpoint[]): Relation {
  const id = model.next.relation++;
  const applications: Record<string, Bag> = {};
  for (const { application } of endpoints) applications[application] = { settings: {}, version: 0 };
  const relation: Relation = {
    id,
    key: relationKey(endpoints),
    endpoints,
    life: "alive",
    suspended: false,
    suspendedReason: "",
    units: {},
    applications,
    counterpart: null,
  };
  model.relations[id] = relation;
  return relation;
}

/** A unit enters a relation's scope: from now on the other side sees it, with its addresses. */
export function enterScope(state: SandboxState, model: Model, relation: Relation, unit: string): void {
  const address = addressOf(model, unit);
  const known = relation.units[unit];
  const settings: Settings = {
    ...known?.settings,
    "egress-subnets": `${address}/32`,
    "ingress-address": address,
    "private-address": address,
  };
  relation.units[unit] = { settings, version: (known?.version ?? 0) + 1, scope: "in" };
  mirror(state, model, relation);
}

/** A dying unit is reported as departed at once, while it still runs its own departed and broken hooks. */
export function prepareToLeave(state: SandboxState, model: Model, unit: string): void {
  for (const relation of relationsOfApplication(model, applicationOf(unit))) {
    const shown = relation.units[unit];
    if (shown?.scope !== "in") continue;
    shown.scope = "leaving";
    mirror(state, model, relation);
  }
}

/** A unit has left for good; a dying relation goes when nobody is left in it. */
export function leaveScope(state: SandboxState, model: Model, relation: Relation, unit: string): void {
  const shown = relation.units[unit];
  if (shown !== undefined) shown.scope = "left";
  mirror(state, model, relation);
  removeIfEmpty(state, model, relation);
}

/** Ends a relation: every unit in it runs departed and broken, then it goes. */
export function destroyRelation(state: SandboxState, model: Model, relation: Relation): void {
  relation.life = "dying";
  mirror(state, model, relation);
  removeIfEmpty(state, model, relation);
}

/**
 * Removes this model's side of a relation at once. Its units are not told: their agents list it until they start again.
 * The other model's side loses its remote units and ends as any relation does.
 */
export function forceRelation(state: SandboxState, model: Model, relation: Relation): void {
  const there = counterpartOf(state, relation);
  relation.counterpart = null;
  relation.life = "dead";
  model.ghosts[relation.id] = relation;
  dropRelation(model, relation);
  if (there === undefined) return;
  there.relation.counterpart = null;
  for (const [unit, shown] of Object.entries(there.relation.units)) {
    if (there.model.applications[applicationOf(unit)] === undefined) shown.scope = "left";
  }
  destroyRelation(state, there.model, there.relation);
}

/** Removes a dying relation that no unit of either side is in. */
function removeIfEmpty(state: SandboxState, model: Model, relation: Relation): void {
  if (relation.life === "alive" || Object.values(relation.units).some((unit) => unit.scope !== "left"))
    return;
  const there = counterpartOf(state, relation);
  dropRelation(model, relation);
  if (there !== undefined) dropRelation(there.model, there.relation);
}

function dropRelation(model: Model, relation: Relation): void {
  delete model.relations[relation.id];
  for (const secret of Object.values(model.secrets)) {
    secret.grants = secret.grants.filter((grant) => grant.relation !== relation.id);
  }
  for (const end of relation.endpoints) dropRemoteIfUnused(model, end.application);
}

/** A stand-in for a consumer of another model goes with its last relation; a SAAS stays until it is removed. */
function dropRemoteIfUnused(model: Model, name: string): void {
  const remote = model.remotes[name];
  if (remote === undefined || relationsOfApplication(model, name).length > 0) return;
  if (remote.side === "consumer" || remote.life !== "alive") delete model.remotes[name];
}

/** Changes a bag; "" removes a key. The version grows only when something changed. */
export function writeBag(bag: Bag, changes: Settings): boolean {
  const before = JSON.stringify(bag.settings);
  // Any text can be a key, __proto__ too.
  const settings = new Map(Object.entries(bag.settings));
  for (const [key, value] of Object.entries(changes)) {
    if (value === "") settings.delete(key);
    else settings.set(key, value);
  }
  bag.settings = Object.fromEntries([...settings].sort(([a], [b]) => (a < b ? -1 : 1)));
  if (JSON.stringify(bag.settings) === before) return false;
  bag.version += 1;
  return true;
}

/** All relations that an application takes part in, by id. */
export function relationsOfApplication(model: Model, application: string): Relation[] {
  return Object.values(model.relations)
    .filter((relation) => endpointOf(relation, application) !== undefined)
    .sort((a, b) => a.id - b.id);
}

/** The application at the other end, as this side names it. */
export function remoteApplicationOf(relation: Relation, application: string): string {
  return isPeer(relation) ? application : (farEndpointOf(relation, application)?.application ?? application);
}

/** The address of the machine that a unit is on; "" before it has one. */
export function addressOf(model: Model, unit: string): string {
  const machine = model.units[unit]?.machine;
  return machine === undefined ? "" : (model.machines[machine]?.address ?? "");
}
