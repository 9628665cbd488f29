// relation-ids, relation-list, relation-get, relation-set and relation-model-get.
import { isLeader, visibleRelations } from "../hook-context.ts";
import { applicationOf, isGhost, isPeer, isUnitName, type Relation, type Settings } from "../model.ts";
import { bufferBag } from "../pending-writes.ts";
import { relationIdText, remoteApplicationOf } from "../relations.ts";
import {
  type Call,
  type CommandTable,
  optionalRelation,
  ownEndpoint,
  readStringMap,
  relationFlag,
  relationOf,
} from "./command.ts";
import { CommandError, parseKeyValues, quote, refuseRest, UsageError } from "./flags.ts";

export const relationCommands: CommandTable = {
  "relation-ids": { format: "smart", run: relationIds },
  "relation-list": { format: "smart", flags: { ...relationFlag, app: { kind: "bool" } }, run: relationList },
  "relation-get": { format: "smart", flags: { ...relationFlag, app: { kind: "bool" } }, run: relationGet },
  "relation-set": {
    flags: { ...relationFlag, app: { kind: "bool" }, file: { kind: "value" }, format: { kind: "value" } },
    run: relationSet,
  },
  "relation-model-get": { format: "smart", flags: relationFlag, run: relationModelGet },
};

function relationIds(call: Call): string[] {
  const { context, args } = call;
  const [named, ...rest] = args;
  const hookRelation = optionalRelation(call);
  const endpoint = named ?? (hookRelation === undefined ? "" : ownEndpoint(context, hookRelation));
  if (endpoint === "") throw new UsageError("no endpoint name specified");
  refuseRest(rest);
  return visibleRelations(context)
    .filter((relation) => ownEndpoint(context, relation) === endpoint)
    .map((relation) => relationIdText(relation, context.unit.application))
    .sort();
}

function relationList(call: Call): string[] | string {
  const relation = relationOf(call);
  refuseRest(call.args);
  if (call.on("app")) return remoteApplicationOf(relation, call.context.unit.application);
  return [...(call.context.members.get(relation.id) ?? [])];
}

function relationGet(call: Call): Settings | string | null {
  const relation = relationOf(call);
  const [first, named, ...rest] = call.args;
  const key = first === "-" ? "" : (first ?? "");
  const target = targetOf(call, relation, named);
  refuseRest(rest);
  const settings = readBag(call, relation, target);
  return key === "" ? settings : (settings[key] ?? null);
}

/** Whose data is asked for: an application's name or a unit's. */
function targetOf(call: Call, relation: Relation, named: string | undefined): string {
  const { scope } = call.context.run;
  if (named !== undefined) {
    if (call.on("app")) return isUnitName(named) ? applicationOf(named) : named;
    if (isUnitName(named)) return named;
    throw new UsageError(
      /^[a-z][a-z0-9-]*$/.test(named)
        ? `expected unit name, got application name ${quote(named)}`
        : `invalid unit name ${quote(named)}`,
    );
  }
  const ofThisHook = scope !== null && scope.relation === relation.id ? scope : null;
  const application = ofThisHook?.remoteApp ?? "";
  const unit = ofThisHook?.remoteUnit ?? "";
  const target = call.on("app") || unit === "" ? application : unit;
  if (target === "") throw new UsageError("no unit or application specified");
  return target;
}

function readBag(call: Call, relation: Relation, target: string): Settings {
  const { context } = call;
  const { unit } = context;
  if (isGhost(relation)) throw new CommandError("permission denied");
  if (target === unit.name) {
    return withPending(relation.units[unit.name]?.settings ?? {}, context.writes.unitBags.get(relation.id));
  }
  if (target === unit.application && !isUnitName(target)) {
    if (isLeader(context)) {
      const stored = relation.applications[target]?.settings ?? {};
      return withPending(stored, context.writes.applicationBags.get(relation.id));
    }
    if (!isPeer(relation)) throw new CommandError("permission denied");
  }
  return readRemote(call, relation, target);
}

function readRemote(call: Call, relation: Relation, target: string): Settings {
  const known = call.context.cache.get(relation.id) ?? new Map<string, Settings>();
  const cached = known.get(target);
  if (cached !== undefined) return cached;
  const bag = isUnitName(target) ? relation.units[target] : relation.applications[target];
  if (bag === undefined) throw new CommandError("permission denied");
  const settings = { ...bag.settings };
  known.set(target, settings);
  call.context.cache.set(relation.id, known);
  return settings;
}

function withPending(stored: Settings, pending: Settings | undefined): Settings {
  const merged = Object.entries({ ...stored, ...pending }).filter(([, value]) => value !== "");
  return Object.fromEntries(merged);
}

function relationSet(call: Call): void {
  const { context } = call;
  const relation = relationOf(call);
  const path = call.flag("file");
  const given = parseKeyValues(call.args);
  const settings = path === undefined ? given : { ...readStringMap(call, path), ...given };
  if (isGhost(relation)) throw new CommandError("cannot read relation settings: permission denied");
  if (!call.on("app")) {
    bufferBag(context.writes.unitBags, relation.id, settings);
    return;
  }
  if (!isLeader(context)) throw new CommandError("cannot write relation settings");
  bufferBag(context.writes.applicationBags, relation.id, settings);
}

function relationModelGet(call: Call): { uuid: string } {
  const relation = relationOf(call);
  refuseRest(call.args);
  if (isGhost(relation)) throw new CommandError("permission denied");
  const there =
    relation.counterpart === null ? undefined : call.context.world.state.models[relation.counterpart.model];
  return { uuid: (there ?? call.context.model).uuid };
}
