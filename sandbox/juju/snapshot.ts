// What the controller knows that matters to one unit, as data: the other half, with its local state, of every decision of the resolver. Pure.
import { createHash } from "node:crypto";
import {
  applicationOf,
  farEndpointOf,
  isPeer,
  type Life,
  type Model,
  type Relation,
  type SandboxState,
  type Unit,
} from "../../lib/juju/model.ts";
import { consumedSecrets, type DueSecrets, dueSecrets, type SecretNews } from "../../lib/juju/secrets.ts";

export interface RelationSnapshot {
  readonly id: number;
  readonly endpoint: string;
  readonly remoteApp: string;
  readonly peer: boolean;
  readonly life: Life;
  readonly suspended: boolean;
  /** Whether the unit's charm has the endpoint: after a refresh it may not have it yet. */
  readonly implemented: boolean;
  readonly members: Readonly<Record<string, number>>;
  readonly applications: Readonly<Record<string, number>>;
}

export interface Snapshot {
  readonly unit: string;
  readonly life: Life;
  readonly applicationLife: Life;
  readonly leader: boolean;
  readonly leaderSettingsVersion: number;
  readonly configHash: string;
  readonly charm: string;
  readonly charmModified: number;
  /** A unit whose hook failed upgrades too. */
  readonly forceUpgrade: boolean;
  readonly resolved: Unit["resolved"];
  readonly relations: readonly RelationSnapshot[];
  readonly tasks: readonly { readonly id: string; readonly command: boolean }[];
  readonly storage: readonly { readonly id: string; readonly life: Life; readonly provisioned: boolean }[];
  readonly secretNews: readonly SecretNews[];
  readonly secretsDue: DueSecrets;
}

/** Takes a unit's view of its model. `now` in milliseconds since the epoch. */
export function takeSnapshot(state: SandboxState, model: Model, unit: Unit, now: number): Snapshot {
  const application = model.applications[unit.application];
  const leader = application?.leader === unit.name;
  return {
    unit: unit.name,
    life: unit.life,
    applicationLife: application?.life ?? "dead",
    leader,
    leaderSettingsVersion: application?.leaderSettingsVersion ?? 0,
    configHash: configHashOf(model, unit),
    charm: unit.charm,
    charmModified: application?.charmModified ?? 0,
    forceUpgrade: unit.forceUpgrade,
    resolved: unit.resolved,
    relations: relationsOf(state, model, unit),
    tasks: pendingTasks(model, unit.name),
    storage: Object.values(model.storage).filter((storage) => storage.unit === unit.name),
    secretNews: consumedSecrets(state, model, unit.name, leader),
    secretsDue: dueSecrets(model, unit.name, leader, now),
  };
}

/** The hash whose change makes config-changed due: options, trust, and the unit's address. */
export function configHashOf(model: Model, unit: Unit): string {
  const { config = {}, trusted = false } = model.applications[unit.application] ?? {};
  const address = model.machines[unit.machine]?.address ?? "";
  const sorted = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([sorted, address, trusted]))
    .digest("hex")
    .slice(0, 16);
}

/** Non-peer relations first, each group by id. */
function relationsOf(state: SandboxState, model: Model, unit: Unit): RelationSnapshot[] {
  const endpoints = state.charms[unit.local.charm]?.endpoints ?? {};
  return Object.values(model.relations)
    .filter((relation) => relation.endpoints.some((end) => end.application === unit.application))
    .sort((a, b) => Number(isPeer(a)) - Number(isPeer(b)) || a.id - b.id)
    .map((relation) => relationSnapshot(relation, unit))
    .map((seen) => ({ ...seen, implemented: endpoints[seen.endpoint] !== undefined }));
}

function relationSnapshot(relation: Relation, unit: Unit): Omit<RelationSnapshot, "implemented"> {
  const near = relation.endpoints.find((end) => end.application === unit.application);
  const far = farEndpointOf(relation, unit.application);
  const remoteApp = far?.application ?? unit.application;
  const members = Object.entries(relation.units)
    .filter(([name, bag]) => bag.scope === "in" && name !== unit.name && applicationOf(name) === remoteApp)
    .map(([name, bag]) => [name, bag.version] as const);
  return {
    id: relation.id,
    endpoint: near?.name ?? "",
    remoteApp,
    peer: isPeer(relation),
    life: relation.life,
    suspended: relation.suspended,
    members: Object.fromEntries(members),
    applications: { [remoteApp]: relation.applications[remoteApp]?.version ?? 0 },
  };
}

function pendingTasks(model: Model, unit: string): { id: string; command: boolean }[] {
  return Object.values(model.tasks)
    .filter((task) => task.unit === unit && task.status === "pending")
    .sort((a, b) => Number(a.id) - Number(b.id))
    .map((task) => ({ id: task.id, command: task.name === "juju-exec" }));
}
