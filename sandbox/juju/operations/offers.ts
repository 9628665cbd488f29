// Offers between models: offering, consuming, and the two halves of a cross-model relation. Changes the state in place.
import { newHex } from "../../../lib/juju/identity.ts";
import type {
  Model,
  Offer,
  Relation,
  RelationEndpoint,
  RemoteApplication,
  SandboxState,
} from "../../../lib/juju/model.ts";
import {
  addRelation,
  destroyRelation,
  forceRelation,
  relationsOfApplication,
} from "../../../lib/juju/relations.ts";
import { applicationNamed, modelNamed } from "./models.ts";
import { choices, Refusal } from "./refusal.ts";

/** Offers endpoints of an application under a name. */
export function offer(
  state: SandboxState,
  model: Model,
  wanted: { readonly application: string; readonly endpoints: readonly string[]; readonly name: string },
): Offer {
  const application = applicationNamed(model, wanted.application);
  const declared = state.charms[application.charm]?.endpoints ?? {};
  const offerable = Object.values(declared).filter((endpoint) => endpoint.role !== "peer");
  for (const name of wanted.endpoints) {
    if (offerable.some((endpoint) => endpoint.name === name)) continue;
    throw new Refusal(
      `application ${JSON.stringify(application.name)} has no ${JSON.stringify(name)} relation${choices(offerable.map((e) => e.name))}`,
    );
  }
  const made: Offer = { name: wanted.name, application: wanted.application, endpoints: wanted.endpoints };
  model.offers[wanted.name] = made;
  return made;
}

/** `admin/rome.db` or `rome.db` → its model and name; undefined for a text that is no offer's address. */
export function parseOfferUrl(
  text: string,
): { model: string; offer: string; endpoint: string | undefined } | undefined {
  const match = /^(?:[\w-]+:)?(?:admin\/)?([a-z0-9-]+)\.([a-z0-9-]+)(?::([\w-]+))?$/.exec(text);
  const [, model, name, endpoint] = match ?? [];
  return model === undefined || name === undefined ? undefined : { model, offer: name, endpoint };
}

/** Makes an offer of another model known in this one as a SAAS, and returns it; the same offer under the same name twice is fine. */
export function consume(
  state: SandboxState,
  model: Model,
  url: string,
  alias: string | undefined,
): RemoteApplication {
  const parsed = parseOfferUrl(url);
  if (parsed === undefined)
    throw new Refusal(`offer URL ${JSON.stringify(url)} not valid: expected <model>.<offer name>`);
  const source = modelNamed(state, parsed.model);
  const found = source.offers[parsed.offer];
  if (found === undefined) {
    throw new Refusal(
      `application offer "admin/${source.name}.${parsed.offer}" not found${choices(offerUrls(state))}`,
    );
  }
  const name = alias ?? found.name;
  if (model.applications[name] !== undefined) {
    throw new Refusal(
      `cannot add saas application ${JSON.stringify(name)}: local application with same name already exists: consume it under an alias`,
    );
  }
  const known = model.remotes[name];
  if (known !== undefined) {
    if (known.model === source.name && known.offer === found.name) return known;
    throw new Refusal(
      `saas application called ${JSON.stringify(name)} from a different offer already exists`,
    );
  }
  const declared = state.charms[applicationNamed(source, found.application).charm]?.endpoints ?? {};
  const remote: RemoteApplication = {
    name,
    side: "consumed",
    model: source.name,
    application: found.application,
    offer: found.name,
    endpoints: Object.values(declared)
      .filter((endpoint) => found.endpoints.includes(endpoint.name))
      .map((endpoint) => ({ application: name, ...endpoint, limit: 0 })),
    life: "alive",
  };
  model.remotes[name] = remote;
  return remote;
}

/** Makes the offering model's half of a relation, in which the consumer has no name but a number. */
export function bridge(
  state: SandboxState,
  model: Model,
  relation: Relation,
  remote: RemoteApplication,
): void {
  const source = modelNamed(state, remote.model);
  const consumer = relation.endpoints.find((end) => end.application !== remote.name);
  if (consumer === undefined) return;
  const anonymous = `remote-${newHex(32, state.chance)}`;
  const rename = (end: RelationEndpoint): RelationEndpoint => ({
    ...end,
    application: end.application === remote.name ? remote.application : anonymous,
  });
  source.remotes[anonymous] = {
    name: anonymous,
    side: "consumer",
    model: model.name,
    application: consumer.application,
    offer: remote.offer,
    endpoints: [{ ...consumer, application: anonymous }],
    life: "alive",
  };
  const there = addRelation(source, relation.endpoints.map(rename));
  relation.counterpart = { model: source.name, relation: there.id };
  there.counterpart = { model: model.name, relation: relation.id };
}

/**
 * Removes a SAAS; its relations end first.
 * By force it goes at once: no unit here is told, the offering side sees the relation end.
 */
export function removeSaas(
  state: SandboxState,
  model: Model,
  name: string,
  options: { readonly force: boolean } = { force: false },
): void {
  const remote = model.remotes[name];
  if (remote?.side !== "consumed") {
    const known = Object.values(model.remotes).filter((other) => other.side === "consumed");
    throw new Refusal(
      `saas application ${JSON.stringify(name)} not found${choices(known.map((other) => other.name))}`,
    );
  }
  remote.life = "dying";
  for (const relation of relationsOfApplication(model, name)) {
    if (options.force) forceRelation(state, model, relation);
    else destroyRelation(state, model, relation);
  }
  if (relationsOfApplication(model, name).length === 0) delete model.remotes[name];
}

/** Removes an offer that nobody uses. */
export function removeOffer(model: Model, name: string): void {
  if (model.offers[name] === undefined) {
    throw new Refusal(
      `application offer ${JSON.stringify(name)} not found${choices(Object.keys(model.offers))}`,
    );
  }
  const used = Object.values(model.remotes).filter(
    (remote) => remote.side === "consumer" && remote.offer === name,
  );
  if (used.length > 0) {
    throw new Refusal(
      `cannot delete application offer ${JSON.stringify(name)}: offer has ${used.length} relation${used.length === 1 ? "" : "s"}`,
    );
  }
  delete model.offers[name];
}

/** The address of every offer. */
export function offerUrls(state: SandboxState): string[] {
  return Object.values(state.models).flatMap((model) =>
    Object.keys(model.offers).map((name) => `admin/${model.name}.${name}`),
  );
}
