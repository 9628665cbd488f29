// Models for tests: applications with settled units, made by the same operations that the command line uses.
import type { CharmMeta } from "../../../../lib/juju/charm.ts";
import { enterRelation, type LocalState } from "../../../../lib/juju/local-state.ts";
import {
  emptyState,
  type Model,
  type Relation,
  type SandboxState,
  type Unit,
} from "../../../../lib/juju/model.ts";
import { enterScope, relationsOfApplication, remoteApplicationOf } from "../../../../lib/juju/relations.ts";
import { deploy } from "../../../../sandbox/juju/operations/applications.ts";
import { addModel } from "../../../../sandbox/juju/operations/models.ts";
import { configHashOf } from "../../../../sandbox/juju/snapshot.ts";

export const now = "2026-01-02T03:04:05.000Z";
export const nowMs = Date.parse(now);

const endpoint = (name: string, role: "provider" | "requirer" | "peer", spoken: string, limit = 0) => ({
  name,
  role,
  interface: spoken,
  scope: "global" as const,
  limit,
});

/** A charm with one endpoint of each role, a storage, options and actions. */
export const charm: CharmMeta = {
  name: "db",
  endpoints: {
    source: endpoint("source", "provider", "copy"),
    sink: endpoint("sink", "requirer", "copy", 1),
    friends: endpoint("friends", "peer", "friend"),
  },
  bindings: ["admin"],
  storage: {
    data: { type: "filesystem", location: "/srv/data", mountedAt: "location", minimum: 1, maximum: 1 },
    spare: {
      type: "filesystem",
      location: "/srv/spare",
      mountedAt: "location/id",
      minimum: 0,
      maximum: null,
    },
    few: { type: "filesystem", location: "/srv/few", mountedAt: "location/id", minimum: 0, maximum: 2 },
  },
  resources: {},
  actions: {
    backup: {
      description: "Backs up.",
      schema: {
        type: "object",
        properties: {
          to: { type: "string" },
          level: { type: "integer", default: 1, minimum: 1, maximum: 9 },
        },
        required: ["to"],
        additionalProperties: false,
      },
    },
  },
  options: {
    port: { type: "int", description: "Where to listen.", default: 80 },
    ratio: { type: "float", description: "" },
    fast: { type: "boolean", description: "", default: false },
    title: { type: "string", description: "" },
  },
};

/** A state whose store has the charm under the digest "c1". */
export function stateWithCharm(meta: CharmMeta = charm): SandboxState {
  const state = emptyState();
  state.charms["c1"] = meta;
  return state;
}

export interface Place {
  readonly state: SandboxState;
  readonly model: Model;
  readonly unit: Unit;
}

/** A model of the name with an application; its units have not run anything. */
export function deployed(state: SandboxState, modelName: string, application: string, units = 1): Place {
  const model = state.models[modelName] ?? addModel(state, modelName);
  deploy(state, model, { name: application, charm: "c1", units, config: {}, now });
  const target = model.applications[application];
  if (target !== undefined) target.leader = `${application}/0`;
  return { state, model, unit: unitOf(model, `${application}/0`) };
}

/** Makes all units of a model settled: started, and in every relation with every member known. */
export function settle(state: SandboxState): void {
  for (const model of Object.values(state.models)) {
    for (const storage of Object.values(model.storage)) storage.provisioned = true;
    for (const unit of Object.values(model.units)) enterAll(state, model, unit);
  }
  for (const model of Object.values(state.models)) {
    for (const unit of Object.values(model.units)) settleUnit(model, unit);
  }
}

function enterAll(state: SandboxState, model: Model, unit: Unit): void {
  for (const relation of relationsOfApplication(model, unit.application)) {
    if (relation.units[unit.name]?.scope !== "in") enterScope(state, model, relation, unit.name);
  }
}

function settleUnit(model: Model, unit: Unit): void {
  const leader = model.applications[unit.application]?.leader === unit.name;
  let local: LocalState = {
    ...unit.local,
    installed: true,
    started: true,
    leader,
    leaderSettingsVersion: model.applications[unit.application]?.leaderSettingsVersion ?? 0,
    configHash: configHashOf(model, unit),
    storage: Object.values(model.storage)
      .filter((storage) => storage.unit === unit.name)
      .map((storage) => storage.id),
  };
  for (const relation of relationsOfApplication(model, unit.application))
    local = knowAll(local, relation, unit);
  unit.local = local;
  unit.agent = { status: "idle", message: "", since: now };
}

function knowAll(local: LocalState, relation: Relation, unit: Unit): LocalState {
  const near = relation.endpoints.find((end) => end.application === unit.application);
  const remoteApp = remoteApplicationOf(relation, unit.application);
  const entered = enterRelation(local, relation.id, {
    endpoint: near?.name ?? "",
    remoteApp,
    peer: relation.endpoints.length === 1,
  });
  const memory = entered.relations[relation.id];
  if (memory === undefined) return entered;
  const members = Object.entries(relation.units)
    .filter(([name, bag]) => bag.scope === "in" && name !== unit.name && name.startsWith(`${remoteApp}/`))
    .map(([name, bag]) => [name, bag.version]);
  const applications = { [remoteApp]: relation.applications[remoteApp]?.version ?? 0 };
  const known = { ...memory, created: true, members: Object.fromEntries(members), applications };
  return { ...entered, relations: { ...entered.relations, [relation.id]: known } };
}

export function unitOf(model: Model, name: string): Unit {
  const unit = model.units[name];
  if (unit === undefined) throw new Error(`no unit ${name}`);
  return unit;
}

/** The one relation of a model that has an endpoint of the name. */
export function relationOf(model: Model, name: string): Relation {
  const relation = Object.values(model.relations).find((known) =>
    known.endpoints.some((end) => end.name === name),
  );
  if (relation === undefined) throw new Error(`no relation at ${name}`);
  return relation;
}
