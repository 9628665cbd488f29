// What an operation demands, compared with what is seen, by the stand-in's own table.

import { coded } from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import {
  RULES,
  type Rule,
  type RuleName,
  requireSituation,
  requireType,
} from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/preconditions.ts";
import {
  type ChannelStatus,
  type GlobalStatus,
  globalStatusOf,
} from "../../../../sandbox/snaps/charmed-mysql/mysqlsh/status/global.ts";
import { channelFacts, sourceOf } from "../channel.ts";
import { isSubset } from "../gtid.ts";
import type { Call, MysqlState, Server } from "../state.ts";
import { type Handle, probe, type Run, silent } from "./sight.ts";

/** Throws the error of the first demand that is not met. */
export function requireRule(handle: Handle, name: RuleName): void {
  const rule: Rule = RULES[name];
  const outside = handle.set === undefined && handle.type === "InnoDBClusterSet";
  requireType(silent, outside ? "InnoDBCluster" : handle.type, rule.types);
  requireSituation(rule, {
    quorum: handle.quorum,
    primaryMissing: handle.missing,
    inSet: handle.set !== undefined,
    global: rule.global && handle.set ? globalStatus(handle) : undefined,
    fenced: !rule.whileFenced && isFenced(handle),
  });
}

function isFenced({ set, role, primary }: Handle): boolean {
  return set !== undefined && role === "PRIMARY" && primary !== undefined && isFencedPrimary(primary);
}

const isFencedPrimary = (primary: Server): boolean => !primary.actions.writable && primary.superReadOnly;

/** Of the session's cluster in its ClusterSet. */
function globalStatus(handle: Handle): GlobalStatus {
  const { state, metadata, clusterId, globalPrimary, invalidated } = handle;
  const role = handle.role ?? "REPLICA";
  const { availability, primary, best } = probe(handle, metadata, clusterId);
  return globalStatusOf({
    ...{ role, invalidated, availability },
    channel: best === undefined ? "UNKNOWN" : channelStatus(state, best, role, globalPrimary),
    fenced: role === "PRIMARY" && primary !== undefined && isFencedPrimary(primary),
    errant: role === "REPLICA" && best !== undefined && hasErrant(best, globalPrimary),
  });
}

export function hasErrant(replica: Server, source: Server | undefined): boolean {
  return source !== undefined && !isSubset(replica.data.executed, source.data.executed);
}

function channelStatus(
  state: MysqlState,
  server: Server,
  role: "PRIMARY" | "REPLICA",
  expected: Server | undefined,
): ChannelStatus {
  const facts = channelFacts(state, server);
  if (facts === undefined) return "MISSING";
  if (facts.errorNumber > 0) return "ERROR";
  if (facts.receiver === "OFF" || facts.applier === "OFF") return "STOPPED";
  if (facts.receiver === "CONNECTING") return "CONNECTING";
  const elsewhere = role === "REPLICA" && expected !== undefined && sourceOf(state, server) !== expected;
  return elsewhere ? "MISCONFIGURED" : "OK";
}

/** Throws where another operation holds one of these locks. */
export function requireLocks({ state, call }: Run, locks: readonly string[]): void {
  if (areTaken(state, locks, call)) throw coded(51500, "Failed to acquire lock");
}

/** Whether an operation other than the caller's holds one of these locks. */
export function areTaken(state: MysqlState, locks: readonly string[], call?: Call): boolean {
  return Object.values(state.jobs).some(
    ({ state: now, work }) =>
      now === "running" &&
      work.kind === "operation" &&
      work.call !== call &&
      work.plan?.locks.some((lock) => locks.includes(lock)) === true,
  );
}
