// The whole simulated world as one plain JSON value: Juju's records, what each agent has in memory, the servers, and what clients were promised.
import { drawBytes } from "../../lib/juju/chance.ts";
import {
  applicationOf,
  emptyState,
  type Model,
  type SandboxState,
  type Settings,
  type Unit,
} from "../../lib/juju/model.ts";
import { emptyMysql, type MysqlState } from "./mysql/state.ts";

/** What only a running agent knows: it is gone when its machine goes down. */
export interface AgentState {
  /** The machine was rebooted since the last start hook. */
  rebooted: boolean;
  /** A hook failed: its retry is to come, or due. */
  retry: "none" | "due";
  /** Ticks of update-status so far. */
  ticks: number;
  /** Jobs whose end waits to be told to the charm (juju-exec), the one that is being told first. */
  wakes: string[];
  /** The run under way is such a command. */
  telling: boolean;
  /** Relation data of others as this agent has it: relation → unit or application → data. */
  cache: Record<string, Record<string, Settings>>;
}

/** A row that a client was told is written. */
export interface WrittenRow {
  readonly row: string;
  readonly host: string;
  /** The application whose client wrote it. */
  readonly site: string;
  /** An operator's order allows that it is lost: which one; "" for none. */
  excuse: string;
}

/** What operators ordered that allows what is otherwise forbidden, and what clients were promised. */
export interface Ledger {
  rows: number;
  written: WrittenRow[];
  /** Rows of which an action told that their server alone has them. */
  reported: string[];
  /** Sites of which rejoin-cluster has told what they alone have. */
  asked: string[];
  /** Orders since the world was last at rest: `force rome`, `part rome lisbon`, `recreate rome`. */
  orders: string[];
}

export interface ExploreState {
  /** Milliseconds since the epoch, virtual. */
  now: number;
  juju: SandboxState;
  /** By unit: applications have the names of their sites, so that no two units have one name. */
  agents: Record<string, AgentState>;
  mysql: MysqlState;
  ledger: Ledger;
}

/** A unit with all that stands around it. */
export interface Place {
  readonly model: Model;
  readonly unit: Unit;
  readonly agent: AgentState;
  readonly host: string;
}

/** Where virtual time begins: 2026-01-01T00:00:00Z. */
const BEGIN = Date.UTC(2026);

/** A world in which nothing is deployed. */
export function emptyExploreState(seed: number): ExploreState {
  return {
    now: BEGIN,
    juju: { ...emptyState(), chance: { seed, drawn: {} } },
    agents: {},
    mysql: emptyMysql(),
    ledger: { rows: 0, written: [], reported: [], asked: [], orders: [] },
  };
}

/** A copy to change; what a charm says of itself never changes and is shared. */
export function copyState(state: ExploreState): ExploreState {
  const { charms, ...juju } = state.juju;
  const copy = copied({ ...state, juju });
  return { ...copy, juju: { ...copy.juju, charms } };
}

/** Of plain data, several times as fast as structuredClone(). */
function copied<T>(value: T): T;
function copied(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = copied(Reflect.get(value, key));
  return copy;
}

/** An agent that has just been started. */
export function freshAgent(rebooted: boolean, ticks = 0): AgentState {
  return { rebooted, retry: "none", ticks, wakes: [], telling: false, cache: {} };
}

/** The name of a machine in the network of servers: `rome-0`. */
export function hostOf(model: Model, machine: string): string {
  return `${model.name}-${machine}`;
}

/** The time as Juju writes it. */
export function timeOf(state: ExploreState): string {
  return new Date(state.now).toISOString();
}

/** The unit of a name, while it has an agent; undefined otherwise. */
export function placeOf(state: ExploreState, name: string): Place | undefined {
  const model = state.juju.models[applicationOf(name)];
  const unit = model?.units[name];
  const agent = state.agents[name];
  if (model === undefined || unit === undefined || agent === undefined) return undefined;
  return { model, unit, agent, host: hostOf(model, unit.machine) };
}

/** All units whose agents run, in a fixed order. */
export function placesOf(state: ExploreState): Place[] {
  return Object.keys(state.agents)
    .sort()
    .map((name) => placeOf(state, name))
    .filter((place) => place !== undefined);
}

/** The next password of a world: none is like another, and the same world gives the same. */
export function drawPassword({ juju: { chance } }: ExploreState): string {
  if (chance === undefined) throw new Error("the world has no chance");
  drawBytes(chance, "password", 1);
  return `pw${String(chance.drawn["password"] ?? 0).padStart(22, "0")}`;
}
