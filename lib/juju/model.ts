// The data of a sandbox: models and all they hold, as plain JSON. No behaviour, no I/O; the records are changed in place by their owners.
import type { ChanceState } from "./chance.ts";
import type { CharmMeta, EndpointRole } from "./charm.ts";
import type { LocalState } from "./local-state.ts";

export type Life = "alive" | "dying" | "dead";
export type ConfigValue = string | number | boolean;
export type Settings = Record<string, string>;

export interface StatusInfo {
  readonly status: string;
  readonly message: string;
  /** RFC 3339, UTC. */
  readonly since: string;
}

/** One line of `juju show-status-log`. */
export interface StatusRecord extends StatusInfo {
  readonly kind: "workload" | "juju-unit" | "application" | "juju-machine";
}

export interface SandboxState {
  version: 1;
  /** What is random follows from it; absent for the system's own chance. */
  chance?: ChanceState;
  currentModel: string;
  models: Record<string, Model>;
  /** What each stored charm says of itself, by the digest of its files. */
  charms: Record<string, CharmMeta>;
  /** The site number of the next model: it owns the addresses 10.<site>.0.0/24. */
  nextSite: number;
}

export interface Model {
  name: string;
  uuid: string;
  site: number;
  config: Record<string, ConfigValue>;
  applications: Record<string, Application>;
  /** Applications of other models as this model sees them: a SAAS where it consumes, `remote-<hex>` where it offers. */
  remotes: Record<string, RemoteApplication>;
  units: Record<string, Unit>;
  machines: Record<string, MachineRecord>;
  relations: Record<string, Relation>;
  /** Relations that were removed by force while units were in them: their agents do not know that until they start again. */
  ghosts: Record<string, Relation>;
  secrets: Record<string, Secret>;
  offers: Record<string, Offer>;
  tasks: Record<string, Task>;
  storage: Record<string, StorageInstance>;
  next: { machine: number; relation: number; task: number; storage: number };
}

export interface Application {
  name: string;
  charm: string;
  charmRevision: number;
  /** Grows with every change of its resources. */
  charmModified: number;
  /** What people gave for the resources that its charm declares. */
  resources: Record<string, StoredResource>;
  config: Record<string, ConfigValue>;
  life: Life;
  leader: string | null;
  leaderSettings: Settings;
  leaderSettingsVersion: number;
  status: StatusInfo | null;
  history: StatusRecord[];
  exposed: boolean;
  trusted: boolean;
  workloadVersion: string;
  nextUnit: number;
}

export interface StoredResource {
  /** The controller's copy. */
  readonly file: string;
  /** Its name on the units. */
  readonly filename: string;
  readonly size: number;
  /** RFC 3339, UTC. */
  readonly uploaded: string;
}

export interface RemoteApplication {
  name: string;
  side: "consumed" | "consumer";
  /** The other model, and the application's name there. */
  model: string;
  application: string;
  offer: string;
  endpoints: readonly RelationEndpoint[];
  life: Life;
}

export interface Unit {
  name: string;
  application: string;
  machine: string;
  life: Life;
  charm: string;
  /** The last refresh was to reach units whose hooks failed, too. */
  forceUpgrade: boolean;
  workload: StatusInfo;
  agent: StatusInfo;
  history: StatusRecord[];
  ports: OpenPort[];
  charmState: Settings;
  resolved: "retry" | "no-retry" | null;
  local: LocalState;
}

export interface OpenPort {
  /** "" stands for all endpoints. */
  readonly endpoint: string;
  readonly from: number;
  readonly to: number;
  readonly protocol: "tcp" | "udp" | "icmp";
}

export interface MachineRecord {
  id: string;
  hostname: string;
  address: string;
  status: "pending" | "started" | "down" | "stopped";
  message: string;
  since: string;
  history: StatusRecord[];
}

export interface RelationEndpoint {
  readonly application: string;
  readonly name: string;
  readonly role: EndpointRole;
  readonly interface: string;
  readonly scope: "global" | "container";
  readonly limit: number;
}

export interface Relation {
  id: number;
  key: string;
  endpoints: readonly RelationEndpoint[];
  life: Life;
  suspended: boolean;
  /** Why it is suspended, as the person said. */
  suspendedReason: string;
  units: Record<string, RelationUnit>;
  applications: Record<string, Bag>;
  /** The same relation in the other model, when it crosses models. */
  counterpart: { model: string; relation: number } | null;
}

export interface Bag {
  settings: Settings;
  /** Grows with every change; 0 = never written. */
  version: number;
}

interface RelationUnit extends Bag {
  scope: "in" | "leaving" | "left";
}

export interface Secret {
  id: string;
  /** A user secret belongs to the model, and its label is its name there. */
  owner: { kind: "application" | "unit" | "model"; name: string };
  label: string;
  description: string;
  rotate: string;
  nextRotate: string;
  created: string;
  updated: string;
  /** By revision number; `data` values are base64. */
  revisions: Record<string, SecretRevision>;
  latest: number;
  /** User secrets: revisions that nobody tracks any more go by themselves. */
  autoPrune: boolean;
  grants: SecretGrant[];
  /** By `<model uuid>:<unit>`. */
  consumers: Record<string, SecretConsumer>;
}

export interface SecretRevision {
  data: Settings;
  created: string;
  expire: string;
  /** When the owner is told again that it has expired; "" before the first time. */
  remind: string;
}

export interface SecretGrant {
  /** The relation with which the grant ends; null for a user secret, which is granted until it is revoked. */
  relation: number | null;
  /** An application or a unit, as the owner's model names it. */
  target: string;
  kind: "application" | "unit";
}

interface SecretConsumer {
  tracked: number;
  label: string;
}

export interface Offer {
  name: string;
  application: string;
  endpoints: readonly string[];
}

export interface Task {
  id: string;
  operation: string;
  unit: string;
  /** "juju-exec" is a command line, everything else an action. */
  name: string;
  parameters: Record<string, unknown>;
  command: string;
  /** "aborting" until what a cancelled task was running has ended. */
  status: "pending" | "running" | "aborting" | "completed" | "failed" | "aborted" | "cancelled";
  message: string;
  results: Record<string, unknown>;
  log: { time: string; message: string }[];
  enqueued: string;
  started: string;
  completed: string;
}

export interface StorageInstance {
  id: string;
  name: string;
  kind: "filesystem" | "block";
  location: string;
  unit: string | null;
  life: Life;
  provisioned: boolean;
}

/** A sandbox before its first model. */
export function emptyState(): SandboxState {
  return { version: 1, currentModel: "", models: {}, charms: {}, nextSite: 1 };
}

/** The application part of a unit name: `db/0` → `db`. */
export function applicationOf(unit: string): string {
  return unit.slice(0, unit.lastIndexOf("/"));
}

/** Whether a name has the form of a unit name. */
export function isUnitName(name: string): boolean {
  return /^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*|-[0-9a-f]{32})*\/\d+$/.test(name);
}

/** The end of a relation that belongs to the application; undefined when it has none there. */
export function endpointOf(relation: Relation, application: string): RelationEndpoint | undefined {
  return relation.endpoints.find((endpoint) => endpoint.application === application);
}

/** The far end as the application sees it; a peer relation's far end is the application itself. */
export function farEndpointOf(relation: Relation, application: string): RelationEndpoint | undefined {
  return relation.endpoints.find((endpoint) => endpoint.application !== application) ?? relation.endpoints[0];
}

/** A relation that exists, or that a unit's agent still takes for one. */
export function relationOrGhost(model: Model, id: number | string): Relation | undefined {
  return model.relations[id] ?? model.ghosts[id];
}

/** Whether a relation was removed by force, unknown to the agent: it is listed still, and whatever is asked about it is denied. */
export function isGhost(relation: Relation): boolean {
  return relation.life === "dead";
}

/** A peer relation has a single end. */
export function isPeer(relation: Relation): boolean {
  return relation.endpoints.length === 1;
}
