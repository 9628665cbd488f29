// Applications and units: deploying, scaling, configuring, refreshing, removing. Changes the state in place.
import type {
  Application,
  ConfigValue,
  Model,
  SandboxState,
  StoredResource,
  Unit,
} from "../../../lib/juju/model.ts";
import { newApplication, newUnit } from "../../../lib/juju/records.ts";
import {
  addRelation,
  destroyRelation,
  leaveScope,
  prepareToLeave,
  relationsOfApplication,
} from "../../../lib/juju/relations.ts";
import { forgetConsumer } from "../../../lib/juju/secrets.ts";
import { addStorage } from "../../../lib/juju/storage.ts";
import { parseOptions } from "./config.ts";
import { applicationNamed } from "./models.ts";
import { Refusal } from "./refusal.ts";

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*$/;

export interface Deployment {
  readonly name: string;
  /** Digest of a charm that the state knows. */
  readonly charm: string;
  readonly units: number;
  readonly config: Readonly<Record<string, string>>;
  readonly resources?: Readonly<Record<string, StoredResource>>;
  readonly now: string;
}

/** Adds an application with its peer relations and units. */
export function deploy(state: SandboxState, model: Model, wanted: Deployment): Application {
  const { name } = wanted;
  const charm = state.charms[wanted.charm];
  if (charm === undefined) throw new Refusal(`charm ${wanted.charm} is not in the store`);
  if (!NAME.test(name)) {
    throw new Refusal(
      `invalid application name ${JSON.stringify(name)}: it starts with a letter and has lowercase letters, digits and hyphens, no part being only digits`,
    );
  }
  if (model.applications[name] !== undefined) {
    throw new Refusal(
      `cannot add application ${JSON.stringify(name)}: application already exists\n\nDeploy it under another name:\n    deploy <charm> <other name>\nor remove the existing one first:\n    remove-application ${name}`,
    );
  }
  if (model.remotes[name] !== undefined) {
    throw new Refusal(
      `cannot add application ${JSON.stringify(name)}: saas application with same name already exists`,
    );
  }
  const config = parseOptions(charm, wanted.config);
  const application = newApplication({ name, charm: wanted.charm, config });
  application.resources = { ...wanted.resources };
  model.applications[name] = application;
  for (const endpoint of Object.values(charm.endpoints)) {
    if (endpoint.role === "peer") addRelation(model, [{ application: name, ...endpoint }]);
  }
  addUnits(state, model, application, { count: wanted.units, now: wanted.now });
  return application;
}

/** Adds units, each on a machine of its own, and returns them. */
export function addUnits(
  state: SandboxState,
  model: Model,
  application: Application,
  wanted: { readonly count: number; readonly now: string },
): Unit[] {
  if (application.life !== "alive") {
    throw new Refusal(
      `cannot add unit to application ${JSON.stringify(application.name)}: application is not alive`,
    );
  }
  return Array.from({ length: wanted.count }, () => addUnit(state, model, application, wanted.now));
}

function addUnit(state: SandboxState, model: Model, application: Application, now: string): Unit {
  const machine = addMachine(model, now);
  const unit = newUnit({
    name: `${application.name}/${application.nextUnit++}`,
    machine,
    charm: application.charm,
    workload: { status: "waiting", message: "waiting for machine", since: now },
    agent: { status: "allocating", message: "", since: now },
  });
  unit.local = { ...unit.local, charmModified: application.charmModified };
  model.units[unit.name] = unit;
  for (const [name, { minimum }] of Object.entries(state.charms[application.charm]?.storage ?? {})) {
    for (let n = 0; n < minimum; n++) addStorage(state, model, unit, name);
  }
  return unit;
}

function addMachine(model: Model, now: string): string {
  const number = model.next.machine++;
  const id = String(number);
  const taken = new Set(Object.values(model.machines).map((machine) => machine.address));
  const free = Array.from({ length: 240 }, (_, n) => `10.${model.site}.0.${10 + ((number + n) % 240)}`);
  const address = free.find((candidate) => !taken.has(candidate));
  if (address === undefined) throw new Refusal("a model has room for 240 machines");
  const hostname = `juju-${model.uuid.slice(-6)}-${id}`;
  const pending = { status: "pending", message: "", since: now } as const;
  const history = [{ ...pending, kind: "juju-machine" as const }];
  model.machines[id] = { id, hostname, address, ...pending, history };
  return id;
}

/** Changes options of an application. */
export function setConfig(
  state: SandboxState,
  model: Model,
  name: string,
  change: { readonly set: Readonly<Record<string, string>>; readonly reset: readonly string[] },
): void {
  const application = applicationNamed(model, name);
  const charm = state.charms[application.charm];
  if (charm === undefined) throw new Refusal(`charm of ${name} is not in the store`);
  const parsed = parseOptions(charm, change.set);
  parseOptions(charm, Object.fromEntries(change.reset.map((key) => [key, null])));
  const kept = Object.entries({ ...application.config, ...parsed }).filter(
    ([key]) => !change.reset.includes(key),
  );
  application.config = Object.fromEntries(kept) as Record<string, ConfigValue>;
}

/** Moves an application to another stored charm: each unit upgrades when its agent gets to it. */
export function refresh(
  state: SandboxState,
  model: Model,
  application: Application,
  charm: string,
  options: { readonly forceUnits: boolean } = { forceUnits: false },
): void {
  const next = state.charms[charm];
  const current = state.charms[application.charm];
  if (next === undefined || current === undefined) throw new Refusal(`charm ${charm} is not in the store`);
  if (next.name !== current.name) {
    throw new Refusal(`cannot upgrade ${JSON.stringify(current.name)} to ${JSON.stringify(next.name)}`);
  }
  for (const relation of relationsOfApplication(model, application.name)) {
    const end = relation.endpoints.find((candidate) => candidate.application === application.name);
    if (end !== undefined && next.endpoints[end.name]?.interface !== end.interface) {
      throw new Refusal(
        `cannot upgrade application ${JSON.stringify(application.name)} to charm ${JSON.stringify(next.name)}: would break relation ${JSON.stringify(relation.key)}`,
      );
    }
  }
  const known = new Set(
    relationsOfApplication(model, application.name).flatMap((r) => r.endpoints.map((e) => e.name)),
  );
  for (const endpoint of Object.values(next.endpoints)) {
    if (endpoint.role === "peer" && !known.has(endpoint.name)) {
      addRelation(model, [{ application: application.name, ...endpoint }]);
    }
  }
  application.charm = charm;
  application.charmRevision += 1;
  for (const unit of Object.values(model.units))
    if (unit.application === application.name)
      Object.assign(unit, { charm, forceUpgrade: options.forceUnits });
}

/** Begins the removal of a unit: it runs its last hooks, then it and its machine go. */
export function removeUnit(state: SandboxState, model: Model, unit: Unit): void {
  if (unit.life !== "alive") return;
  unit.life = "dying";
  prepareToLeave(state, model, unit.name);
}

/** Begins the removal of an application with its relations and units. */
export function removeApplication(state: SandboxState, model: Model, name: string): void {
  const application = applicationNamed(model, name);
  const offered = Object.values(model.offers).filter((offer) => offer.application === name);
  const used = Object.values(model.remotes).filter(
    (remote) => remote.side === "consumer" && offered.some((offer) => offer.name === remote.offer),
  );
  if (used.length > 0) {
    throw new Refusal(
      `cannot destroy application ${JSON.stringify(name)}: application is used by ${used.length} offer${used.length === 1 ? "" : "s"}: remove the relations of ${offered.map((o) => o.name).join(", ")} in the consuming model first`,
    );
  }
  for (const offer of offered) delete model.offers[offer.name];
  application.life = "dying";
  for (const relation of relationsOfApplication(model, name)) {
    if (relation.endpoints.length > 1) destroyRelation(state, model, relation);
  }
  for (const unit of Object.values(model.units))
    if (unit.application === name) removeUnit(state, model, unit);
  sweep(model);
}

/** Forgets a unit that has run its last hook or lost its machine for good. Its relations and its application go when they were waiting for it. */
export function forgetUnit(state: SandboxState, model: Model, unit: Unit): void {
  unit.life = "dead";
  for (const relation of relationsOfApplication(model, unit.application)) {
    if (relation.units[unit.name] !== undefined) leaveScope(state, model, relation, unit.name);
  }
  for (const storage of Object.values(model.storage))
    if (storage.unit === unit.name) delete model.storage[storage.id];
  for (const secret of Object.values(model.secrets)) {
    if (secret.owner.kind === "unit" && secret.owner.name === unit.name) delete model.secrets[secret.id];
  }
  forgetConsumer(state, model, unit.name);
  for (const task of Object.values(model.tasks)) {
    if (task.unit === unit.name && (task.status === "pending" || task.status === "running")) {
      Object.assign(task, { status: "aborted", message: "unit was removed" });
    }
  }
  delete model.units[unit.name];
  delete model.machines[unit.machine];
  sweep(model);
}

/** Removes dying applications that have no units any more. */
function sweep(model: Model): void {
  for (const application of Object.values(model.applications)) {
    if (application.life === "alive") continue;
    if (Object.values(model.units).some((unit) => unit.application === application.name)) continue;
    for (const relation of relationsOfApplication(model, application.name))
      delete model.relations[relation.id];
    for (const secret of Object.values(model.secrets)) {
      if (secret.owner.kind === "application" && secret.owner.name === application.name)
        delete model.secrets[secret.id];
    }
    delete model.applications[application.name];
  }
}
