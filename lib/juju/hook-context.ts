// What one run of a charm may see and has written so far: the state behind its hook commands, from the start of the process to the flush.
import { type HookInfo, isRelationHook } from "./local-state.ts";
import {
  isPeer,
  type Model,
  type Relation,
  relationOrGhost,
  type SandboxState,
  type Settings,
  type StatusInfo,
  type Task,
  type Unit,
} from "./model.ts";
import type { BoundNetwork } from "./network.ts";
import { noWrites, type PendingWrites } from "./pending-writes.ts";

export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

/** Relation data of others, kept from hook to hook as the agent of Juju keeps it: relation → unit or application → data. */
export type RelationCache = Map<number, Map<string, Settings>>;

/** What a run can do to the world at once, before any flush. */
export interface ContextWorld {
  readonly state: SandboxState;
  readonly now: () => number;
  /** Tells that the state was changed and must be saved. */
  readonly changed: () => void;
  readonly log: (level: LogLevel, logger: string, message: string) => void;
  /** Networks of bindings that have others than the machine's. */
  readonly networks?: ReadonlyMap<string, BoundNetwork>;
  /** Paths of the resources that can be had. */
  readonly resources?: ReadonlyMap<string, string>;
  /** What the cloud is reached with; absent while the application is not trusted. */
  readonly credential?: object;
}

/** The relation that a run is about. */
export interface RelationScope {
  readonly relation: number;
  readonly remoteApp: string;
  readonly remoteUnit: string;
}

export interface RunKind {
  readonly hook: HookInfo | null;
  readonly task: Task | null;
  /** For a command line with --relation, and for relation hooks. */
  readonly scope: RelationScope | null;
}

export interface HookContext {
  readonly id: string;
  readonly world: ContextWorld;
  readonly model: Model;
  readonly unit: Unit;
  readonly run: RunKind;
  readonly writes: PendingWrites;
  readonly cache: RelationCache;
  /** Members of each relation that the agent has entered, as this run is to see them. */
  readonly members: ReadonlyMap<number, readonly string[]>;
  /** Once false, leadership stays false for the rest of the run. */
  leaderDenied: boolean;
  /** The unit's status as first read in this run. */
  statusRead: StatusInfo | null;
  configRead: Readonly<Record<string, unknown>> | null;
  /** An action's results until it ends. */
  results: Record<string, unknown>;
  failed: string | null;
  reboot: "none" | "after" | "now";
}

/** Opens a context for one run of the charm. */
export function openContext(
  id: string,
  world: ContextWorld,
  place: { readonly model: Model; readonly unit: Unit },
  run: RunKind,
  cache: RelationCache,
): HookContext {
  const members = membersFor(place.unit, run.hook);
  refreshCache(cache, members, run.hook);
  return {
    id,
    world,
    ...place,
    run,
    writes: noWrites(),
    cache,
    members,
    leaderDenied: false,
    statusRead: null,
    configRead: null,
    results: {},
    failed: null,
    reboot: "none",
  };
}

/** Whether the unit leads its application now; false once means false for the whole run. */
export function isLeader(context: HookContext): boolean {
  const { model, unit } = context;
  if (model.applications[unit.application]?.leader !== unit.name || unit.life !== "alive")
    context.leaderDenied = true;
  return !context.leaderDenied;
}

/** Relations that hook commands list: entered, and neither dying nor suspended without members. */
export function visibleRelations(context: HookContext): Relation[] {
  return [...context.members.keys()]
    .map((id) => relationOrGhost(context.model, id))
    .filter((relation) => relation !== undefined)
    .filter((relation) => {
      const ending = relation.suspended || relation.life === "dying";
      return isPeer(relation) || !ending || (context.members.get(relation.id)?.length ?? 0) > 0;
    });
}

function membersFor(unit: Unit, hook: HookInfo | null): Map<number, string[]> {
  const members = new Map<number, string[]>();
  for (const [id, memory] of Object.entries(unit.local.relations)) {
    const known = new Set(Object.keys(memory.members));
    if (hook !== null && isRelationHook(hook) && hook.relation === Number(id) && hook.remoteUnit !== "") {
      if (hook.kind === "relation-departed") known.delete(hook.remoteUnit);
      else known.add(hook.remoteUnit);
    }
    members.set(Number(id), [...known].sort());
  }
  return members;
}

/** Forgets what may be stale: application data, units that are no members, and the unit that the hook is about. */
function refreshCache(
  cache: RelationCache,
  members: ReadonlyMap<number, readonly string[]>,
  hook: HookInfo | null,
): void {
  for (const [relation, known] of cache) {
    const present = members.get(relation);
    if (present === undefined) {
      cache.delete(relation);
      continue;
    }
    for (const name of known.keys()) if (!present.includes(name)) known.delete(name);
  }
  if (hook !== null && isRelationHook(hook)) cache.get(hook.relation)?.delete(hook.remoteUnit);
}
