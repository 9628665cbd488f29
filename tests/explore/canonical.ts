// Two worlds are the same when nothing that follows can tell them apart: times, counters, history and made-up names are left out.
import { createHash } from "node:crypto";
import type { LocalState, RelationMemory } from "../../lib/juju/local-state.ts";
import type { Model, Relation, Secret, Unit } from "../../lib/juju/model.ts";
import { configHashOf } from "../../sandbox/juju/snapshot.ts";
import type { AgentState, ExploreState } from "./state.ts";

/** A digest of all that matters in a world. */
export function canonical(state: ExploreState): string {
  return createHash("sha1").update(canonicalText(state)).digest("base64");
}

/** The same as text, for reading. */
function canonicalText(state: ExploreState): string {
  const models = Object.values(state.juju.models).map((model) => [model.name, modelOf(model, state.agents)]);
  const { rows: _, ...ledger } = state.ledger;
  const told = JSON.stringify(sorted([models, state.mysql, ledger]));
  return renumbered(told);
}

/** Objects with their keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}

/** Passwords, ids of secrets and names of remote applications, each by the order in which it is met. */
function renumbered(text: string): string {
  const met = new Map<string, string>();
  return text.replaceAll(/pw\d{22}|\b[0-9a-v]{20}\b|remote-[0-9a-f]{32}/g, (name) => {
    const known = met.get(name) ?? `#${met.size}`;
    met.set(name, known);
    return known;
  });
}

function modelOf(model: Model, agents: ExploreState["agents"]): unknown {
  const applications = Object.values(model.applications).map((each) => [
    ...[each.name, each.life, each.leader, each.config],
  ]);
  const tasks = Object.values(model.tasks)
    .filter(({ status }) => status === "pending" || status === "running")
    .map(({ unit, name, parameters, status }) => [unit, name, parameters, status]);
  return {
    applications,
    tasks,
    units: Object.values(model.units).map((unit) => unitOf(model, unit, agents[unit.name])),
    relations: Object.values(model.relations).map(relationOf),
    ghosts: Object.keys(model.ghosts),
    secrets: Object.values(model.secrets).map(secretOf),
    offers: Object.keys(model.offers),
    remotes: Object.values(model.remotes).map(({ name, life }) => [name, life]),
  };
}

function relationOf({ id, life, suspended, units, applications }: Relation): unknown {
  return {
    id,
    life,
    suspended,
    units: Object.entries(units).map(([name, { settings, scope }]) => [name, settings, scope]),
    applications: Object.entries(applications).map(([name, { settings }]) => [name, settings]),
  };
}

/** Labels and ids name it; values are told in clear, so that a password is the same one wherever it is. */
function secretOf(secret: Secret): unknown {
  const { id, owner, label, revisions, latest, grants, consumers } = secret;
  const clear = Object.entries(revisions).map(([revision, { data }]) => [
    Number(revision) - latest,
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
  ]);
  const readers = Object.entries(consumers).map(([reader, { tracked, label: name }]) => [
    ...[reader, tracked - latest, name],
  ]);
  return { id, owner, label, clear, grants, readers };
}

function unitOf(model: Model, unit: Unit, agent: AgentState | undefined): unknown {
  const { name, machine, life, charmState, local } = unit;
  return {
    name,
    machine,
    life,
    charmState,
    local: localOf(model, unit, local, agent),
    agent: agentOf(agent),
  };
}

function agentOf(agent: AgentState | undefined): unknown {
  if (agent === undefined) return null;
  const { rebooted, retry, wakes, telling, cache } = agent;
  return { rebooted, retry, wakes, telling, cache };
}

/** Of versions it matters only whether what the charm was told is what is there now. */
function localOf(model: Model, unit: Unit, local: LocalState, agent: AgentState | undefined): unknown {
  const { step, hook, task, installed, started, stopped, removed, leader, relations, storage } = local;
  const news = Object.entries(local.secretsChanged).map(([id, revision]) => [
    id,
    revision - (model.secrets[id]?.latest ?? 0),
  ]);
  return {
    ...{ step, installed, started, stopped, removed, leader, storage, news },
    hook: hook === null ? null : { ...hook, version: 0, hash: "", revision: 0 },
    task: task === null ? null : (model.tasks[task]?.name ?? ""),
    settings: local.leaderSettingsVersion === model.applications[unit.application]?.leaderSettingsVersion,
    config: local.configHash === configHashOf(model, unit),
    tick: agent === undefined || local.updateStatusVersion === agent.ticks,
    relations: Object.entries(relations).map(([id, memory]) => [id, memoryOf(memory, model.relations[id])]),
  };
}

function memoryOf(memory: RelationMemory, relation: Relation | undefined): unknown {
  const { created, changedPending, members, applications } = memory;
  const fresh = (told: number, version: number | undefined): boolean => told === version;
  return {
    ...{ created, changedPending },
    members: Object.entries(members).map(([name, told]) => [
      name,
      fresh(told, relation?.units[name]?.version),
    ]),
    applications: Object.entries(applications).map(([name, told]) => [
      name,
      fresh(told, relation?.applications[name]?.version),
    ]),
  };
}
