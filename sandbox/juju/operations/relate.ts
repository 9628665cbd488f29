// Integrating applications: which endpoints two names mean, and making or ending the relation. Changes the state in place.
import { mirror } from "../../../lib/juju/cross-model.ts";
import type { Model, Relation, RelationEndpoint, SandboxState } from "../../../lib/juju/model.ts";
import {
  addRelation,
  destroyRelation,
  relationKey,
  relationsOfApplication,
} from "../../../lib/juju/relations.ts";
import { bridge } from "./offers.ts";
import { choices, notFoundIn, Refusal } from "./refusal.ts";

/** Relates two applications named as `app` or `app:endpoint`; either may be a SAAS of the model. */
export function integrate(state: SandboxState, model: Model, first: string, second: string): Relation {
  const endpoints = inferEndpoints(state, model, first, second);
  const key = relationKey(endpoints);
  if (Object.values(model.relations).some((relation) => relation.key === key)) {
    throw new Refusal(`cannot add relation ${JSON.stringify(key)}: relation ${key} already exists`);
  }
  if (endpoints.some((end) => end.scope === "container")) {
    throw new Refusal(
      `cannot add relation ${JSON.stringify(key)}: it has container scope, for subordinate charms, which do not run in the sandbox`,
    );
  }
  for (const end of endpoints) refuseBeyondLimit(model, key, end);
  const remote = endpoints.map((end) => model.remotes[end.application]).find((found) => found !== undefined);
  const relation = addRelation(model, endpoints);
  if (remote !== undefined) bridge(state, model, relation, remote);
  return relation;
}

/** Ends the one relation that two names mean, or the one of an id. */
export function removeRelation(state: SandboxState, model: Model, names: readonly string[]): Relation {
  const query = names.join(" ");
  const found = Object.values(model.relations).filter((relation) => {
    if (names.length === 1 && /^\d+$/.test(query)) return relation.id === Number(query);
    return names.length === 2 && names.every((name) => relation.endpoints.some((end) => isMeant(end, name)));
  });
  const candidates = found.filter((relation) => relation.endpoints.length === 2);
  const [relation] = candidates;
  if (relation === undefined) {
    const known = Object.values(model.relations).filter((r) => r.endpoints.length === 2);
    throw new Refusal(`relation ${JSON.stringify(query)} not found${choices(known.map((r) => r.key))}`);
  }
  if (candidates.length > 1) {
    const keys = candidates.map((candidate) => JSON.stringify(candidate.key)).sort();
    throw new Refusal(`ambiguous relation: ${JSON.stringify(query)} could refer to ${keys.join("; ")}`);
  }
  destroyRelation(state, model, relation);
  return relation;
}

/** Suspends or resumes a relation to an offer of this model, in both models. */
export function setSuspended(
  state: SandboxState,
  model: Model,
  id: string,
  wanted: { readonly suspended: boolean; readonly reason: string },
): void {
  const relation = model.relations[id];
  if (relation === undefined) {
    const known = Object.values(model.relations).map((r) => `${r.id} (${r.key})`);
    throw new Refusal(`relation ${id} not found${choices(known)}`);
  }
  const offered = relation.endpoints.some((end) => model.remotes[end.application]?.side === "consumer");
  if (!offered) {
    throw new Refusal(
      `cannot set suspend status for ${JSON.stringify(relation.key)} which is not associated with an offer`,
    );
  }
  relation.suspended = wanted.suspended;
  relation.suspendedReason = wanted.suspended ? wanted.reason : "";
  mirror(state, model, relation);
}

function isMeant(end: RelationEndpoint, name: string): boolean {
  return name === end.application || name === `${end.application}:${end.name}`;
}

function inferEndpoints(
  state: SandboxState,
  model: Model,
  first: string,
  second: string,
): RelationEndpoint[] {
  const candidates: [RelationEndpoint, RelationEndpoint][] = [];
  const near = endpointsNamed(state, model, first);
  const far = endpointsNamed(state, model, second);
  for (const a of near) for (const b of far) if (canRelate(model, a, b)) candidates.push([a, b]);
  const [only] = candidates;
  if (only === undefined) throw new Refusal(`no relations found${whyNot(near, far)}`);
  if (candidates.length === 1) return only;
  const keys = candidates.map((pair) => JSON.stringify(relationKey(pair))).sort();
  throw new Refusal(
    `ambiguous relation: ${JSON.stringify(`${first} ${second}`)} could refer to ${keys.join("; ")}`,
  );
}

function whyNot(near: readonly RelationEndpoint[], far: readonly RelationEndpoint[]): string {
  const text = (ends: readonly RelationEndpoint[]): string =>
    ends.map((end) => `${end.application}:${end.name} (${end.role} of ${end.interface})`).join(", ") ||
    "no endpoints";
  return `: a provider and a requirer of one interface are needed, here are ${text(near)} and ${text(far)}`;
}

function endpointsNamed(state: SandboxState, model: Model, name: string): RelationEndpoint[] {
  const [application = "", endpoint] = name.split(":", 2);
  const all = endpointsOf(state, model, application).filter((end) => end.role !== "peer");
  if (endpoint === undefined) return all;
  const found = all.filter((end) => end.name === endpoint);
  if (found.length > 0) return found;
  const known = choices(all.map((end) => end.name));
  throw new Refusal(
    `application ${JSON.stringify(application)} has no ${JSON.stringify(endpoint)} relation${known}`,
  );
}

function endpointsOf(state: SandboxState, model: Model, name: string): RelationEndpoint[] {
  const remote = model.remotes[name];
  if (remote?.side === "consumed") return [...remote.endpoints];
  const application = model.applications[name];
  const charm = application === undefined ? undefined : state.charms[application.charm];
  if (charm === undefined) throw notFoundIn(model, "application", name, namesIn(model));
  if (application?.life !== "alive")
    throw new Refusal(`application ${JSON.stringify(name)} is being removed`);
  return Object.values(charm.endpoints).map((endpoint) => ({ application: name, ...endpoint }));
}

function namesIn(model: Model): string[] {
  const consumed = Object.values(model.remotes).filter((remote) => remote.side === "consumed");
  return [...Object.keys(model.applications), ...consumed.map((remote) => remote.name)];
}

function canRelate(model: Model, a: RelationEndpoint, b: RelationEndpoint): boolean {
  if (a.interface !== b.interface || a.application === b.application) return false;
  if (model.remotes[a.application] !== undefined && model.remotes[b.application] !== undefined) return false;
  return (a.role === "provider" && b.role === "requirer") || (a.role === "requirer" && b.role === "provider");
}

function refuseBeyondLimit(model: Model, key: string, end: RelationEndpoint): void {
  if (end.limit === 0) return;
  const established = relationsOfApplication(model, end.application).filter((relation) =>
    relation.endpoints.some((other) => other.application === end.application && other.name === end.name),
  );
  if (established.length < end.limit) return;
  throw new Refusal(
    `cannot add relation ${JSON.stringify(key)}: establishing a new relation for ${end.application}:${end.name} would exceed its maximum relation limit of ${end.limit}`,
  );
}
