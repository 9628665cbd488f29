// The next hook of a unit's relations, from what its charm was told and what is there now. Pure.
import type { HookInfo, RelationHook, RelationMemory } from "../../lib/juju/local-state.ts";
import type { RelationSnapshot, Snapshot } from "./snapshot.ts";

/** The next hook of all relations, in the snapshot's order; undefined when the charm knows everything. */
export function nextRelationHook(
  known: Readonly<Record<string, RelationMemory>>,
  remote: Snapshot,
): HookInfo | undefined {
  for (const relation of remote.relations) {
    const memory = known[relation.id];
    const hook = memory === undefined ? undefined : nextOf(memory, relation, remote);
    if (hook !== undefined) return hook;
  }
  return undefined;
}

/** One relation's next hook: pending changed → departed → broken → application data → joined → unit data. */
function nextOf(memory: RelationMemory, seen: RelationSnapshot, remote: Snapshot): HookInfo | undefined {
  const ending = remote.life !== "alive" || seen.life !== "alive" || seen.suspended;
  const now = ending ? { ...seen, members: {}, applications: {} } : seen;
  const joinedBefore = memory.changedPending;
  if (joinedBefore !== null) {
    return relationHook(
      "relation-changed",
      seen,
      joinedBefore,
      seen.members[joinedBefore] ?? memory.members[joinedBefore] ?? 0,
    );
  }
  const left = Object.keys(memory.members)
    .sort()
    .find((unit) => now.members[unit] === undefined);
  if (left !== undefined) {
    const selfLeaves = remote.life !== "alive" || remote.applicationLife !== "alive";
    return {
      ...relationHook("relation-departed", seen, left, memory.members[left] ?? 0),
      departingUnit: selfLeaves ? remote.unit : left,
    };
  }
  if (ending) return seen.peer ? undefined : relationHook("relation-broken", seen, "", 0);
  return nextDataHook(memory, now);
}

function nextDataHook(memory: RelationMemory, now: RelationSnapshot): HookInfo | undefined {
  const units = Object.entries(now.members).sort(([a], [b]) => (a < b ? -1 : 1));
  const application = Object.entries(now.applications).find(
    ([name, version]) => (memory.applications[name] ?? 0) !== version,
  );
  if (application !== undefined) return relationHook("relation-changed", now, "", application[1]);
  const newcomer = units.find(([unit]) => memory.members[unit] === undefined);
  if (newcomer !== undefined) return relationHook("relation-joined", now, newcomer[0], newcomer[1]);
  const changed = units.find(([unit, version]) => memory.members[unit] !== version);
  return changed === undefined ? undefined : relationHook("relation-changed", now, changed[0], changed[1]);
}

/** A hook of a relation. */
export function relationHook(
  kind: RelationHook["kind"],
  relation: RelationSnapshot,
  remoteUnit: string,
  version: number,
): RelationHook {
  const { id, endpoint, remoteApp } = relation;
  return { kind, relation: id, endpoint, remoteApp, remoteUnit, version };
}
