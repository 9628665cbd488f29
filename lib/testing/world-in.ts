// A test's world as the records on which Juju's rules work.

import type { CharmMeta as DeclaredCharm } from "../juju/charm.ts";
import { freshLocalState, type LocalState } from "../juju/local-state.ts";
import {
  type Application,
  emptyState,
  type Model,
  type Relation,
  type SandboxState,
  type Secret,
  type Settings,
  type StatusInfo,
  type Unit,
} from "../juju/model.ts";
import { newApplication, newModel, newUnit } from "../juju/records.ts";
import { relationKey } from "../juju/relations.ts";
import { consumerKey } from "../juju/secrets.ts";
import type { CharmMeta } from "../meta.ts";
import { parsePort } from "./ports.ts";
import { appOf, isUnit, type World, type WorldRelation, type WorldSecret } from "./shape.ts";
import { declaredCharm, endsOf } from "./world-charm.ts";

/** When everything in a test's world happened. */
const since = "2026-01-01T00:00:00.000Z";
const digest = "charm";
/** Of documentation (RFC 5737). */
export const machineAddress = "192.0.2.1";

export interface Records {
  readonly state: SandboxState;
  readonly model: Model;
  readonly unit: Unit;
}

/** The world of a unit as a model with all that it mentions. `broken` is the relation that breaks just now. */
export function recordsOf<M extends CharmMeta>(meta: M, world: World<M>, broken?: number): Records {
  const charm = declaredCharm(meta);
  const own = appOf(world.unit);
  const unit = unitOf(world.unit);
  unit.local = localState(world, charm, broken);
  unit.workload = statusInfo(world.unitStatus);
  unit.charmState = { ...world.state };
  unit.ports = world.openedPorts.map(parsePort);
  const model = modelOf(world);
  model.applications[own] = {
    ...applicationNamed(own),
    leader: world.leader ? world.unit : null,
    config: definedOnly(world.config),
    status: world.appStatus === undefined ? null : statusInfo(world.appStatus),
    workloadVersion: world.workloadVersion,
  };
  const ownUnits = ownUnitsOf(world);
  for (const name of namesOf(world, ownUnits)) {
    if (isUnit(name)) model.units[name] = name === world.unit ? unit : unitOf(name);
    else model.applications[name] ??= applicationNamed(name);
  }
  // More of them than are planned: the last ones are on their way out.
  for (const name of ownUnits.slice(world.plannedUnits)) {
    const leaver = model.units[name];
    if (leaver !== undefined && leaver !== unit) leaver.life = "dying";
  }
  for (const relation of world.relations) {
    model.relations[relation.id] = relationRecord(world, charm, relation, relation.id === broken);
  }
  for (const secret of world.secrets) model.secrets[secret.id] = secretRecord(world, model, secret);
  for (const { name, id, location, kind = "filesystem" } of world.storages) {
    model.storage[id] = {
      id,
      name,
      kind,
      location,
      unit: world.unit,
      life: "alive",
      provisioned: true,
    };
  }
  const state = { ...emptyState(), charms: { [digest]: charm }, models: { [model.name]: model } };
  return { state, model, unit };
}

/** The unit, the peers that it met, and as many more as are planned. */
function ownUnitsOf(world: World<CharmMeta>): readonly string[] {
  const own = appOf(world.unit);
  const met = world.relations.flatMap(({ bags, departed = [] }) =>
    Object.keys(bags).filter((owner) => isUnit(owner) && appOf(owner) === own && !departed.includes(owner)),
  );
  const units = new Set([world.unit, ...met]);
  for (let number = 0; units.size < world.plannedUnits; number++) units.add(`${own}/${number}`);
  return [...units];
}

/** Every unit and application of the world. */
function namesOf(world: World<CharmMeta>, ownUnits: readonly string[]): ReadonlySet<string> {
  const own = appOf(world.unit);
  const related = world.relations.flatMap(({ remoteApp, bags, departed = [] }) => [
    remoteApp,
    ...Object.keys(bags).filter((owner) => !departed.includes(owner) && appOf(owner) !== own),
  ]);
  return new Set([...ownUnits, ...related]);
}

function modelOf(world: World<CharmMeta>): Model {
  const model = newModel({ name: world.modelName, uuid: world.modelUuid, site: 1 });
  const here = {
    hostname: "test-host",
    address: machineAddress,
    status: "started",
    message: "",
    since,
  } as const;
  // Numbers of their own for what this hook makes, apart from those that a test has given.
  return {
    ...model,
    machines: { 0: { id: "0", ...here, history: [] } },
    next: { machine: 1, relation: 1000, task: 1, storage: 1000 },
  };
}

function applicationNamed(name: string): Application {
  return newApplication({ name, charm: digest, config: {} });
}

function unitOf(name: string): Unit {
  const workload = { status: "active", message: "", since };
  return newUnit({
    name,
    machine: "0",
    charm: digest,
    workload,
    agent: { status: "idle", message: "", since },
  });
}

function localState(world: World<CharmMeta>, charm: DeclaredCharm, broken: number | undefined): LocalState {
  const relations = world.relations.map(({ id, endpoint, remoteApp, bags, departed = [] }) => {
    const there = Object.keys(bags).filter(
      (owner) => isUnit(owner) && owner !== world.unit && !departed.includes(owner) && id !== broken,
    );
    const members = Object.fromEntries(there.map((unit) => [unit, 1]));
    const peer = charm.endpoints[endpoint]?.role === "peer";
    const memory = {
      endpoint,
      remoteApp,
      peer,
      created: true,
      members,
      applications: {},
      changedPending: null,
    };
    return [String(id), memory] as const;
  });
  return {
    ...freshLocalState(digest),
    installed: true,
    started: true,
    relations: Object.fromEntries(relations),
    storage: world.storages.map(({ id }) => id),
  };
}

function relationRecord(
  world: World<CharmMeta>,
  charm: DeclaredCharm,
  relation: WorldRelation,
  broken: boolean,
): Relation {
  const own = appOf(world.unit);
  const endpoints = endsOf(charm, own, relation);
  const { bags, departed = [], remoteApp } = relation;
  const bag = (owner: string): { settings: Settings; version: number } => ({
    settings: Object.hasOwn(bags, owner) ? { ...bags[owner] } : {},
    version: 1,
  });
  const units = new Set([world.unit, ...Object.keys(bags).filter(isUnit)]);
  return {
    id: relation.id,
    key: relationKey(endpoints),
    endpoints,
    life: relation.ghost ? "dead" : broken ? "dying" : "alive",
    suspended: false,
    suspendedReason: "",
    units: Object.fromEntries(
      [...units].map((unit) => [
        unit,
        { ...bag(unit), scope: departed.includes(unit) ? ("left" as const) : ("in" as const) },
      ]),
    ),
    applications: { [own]: bag(own), [remoteApp]: bag(remoteApp) },
    counterpart: null,
  };
}

function secretRecord(world: World<CharmMeta>, model: Model, secret: WorldSecret): Secret {
  const { id, owner, label = "", revisions, tracked, description = "", rotate = "" } = secret;
  const own = appOf(world.unit);
  const isOwn = owner === own || owner === world.unit;
  const latest = revisions.length;
  const known = tracked !== undefined || (!isOwn && label !== "");
  const consumer = { tracked: tracked ?? latest, label: isOwn ? "" : label };
  return {
    id,
    owner: { kind: isUnit(owner) ? "unit" : "application", name: owner },
    label: isOwn ? label : "",
    description,
    rotate,
    nextRotate: "",
    created: since,
    updated: since,
    revisions: Object.fromEntries(
      revisions.flatMap((content, place) =>
        Object.keys(content).length === 0
          ? []
          : [
              [
                String(place + 1),
                { data: encoded(content), created: since, expire: secret.expire ?? "", remind: "" },
              ],
            ],
      ),
    ),
    latest,
    autoPrune: false,
    grants: secret.grants.map((relation) => ({
      relation,
      target: isOwn ? (world.relations.find(({ id: other }) => other === relation)?.remoteApp ?? "") : own,
      kind: "application",
    })),
    consumers: known ? { [consumerKey(model, world.unit)]: consumer } : {},
  };
}

function encoded(content: Readonly<Record<string, string>>): Settings {
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
}

function statusInfo(status: { readonly kind: string; readonly message: string } | undefined): StatusInfo {
  return { status: status?.kind ?? "unknown", message: status?.message ?? "", since };
}

/** Without the keys that have no value. */
export function definedOnly<T>(values: Readonly<Partial<Record<string, T>>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}
