// The model of one hook: reads asked of Juju once, on demand; writes gathered for commit().

import { keyed, once } from "./ask-once.ts";
import type { HookContext } from "./context.ts";
import type { Event } from "./events.ts";
import type { GoalState } from "./hook-answers.ts";
import { type HookToolReason, isRefusal } from "./hook-error.ts";
import type { HookTools } from "./hook-tools.ts";
import type { BindingName, CharmMeta, ResourceName, StorageName } from "./meta.ts";
import { type HookModel, type Leader, leaderProof, type Relation, type Storage } from "./model.ts";
import { checkOptions } from "./options.ts";
import { relationData } from "./relation-data.ts";
import { byNumber, listUnits, relationFinder } from "./relation-finder.ts";
import { secretStore } from "./secret-store.ts";
import { type StoredState, storedState } from "./stored-state.ts";
import { bufferedSettings, unitStatuses } from "./unit-settings.ts";

export interface ModelParts<M extends CharmMeta> {
  readonly context: HookContext;
  readonly meta: M;
  readonly event: Event<M>;
  readonly tools: HookTools;
  /** The unit's state, shared with whatever else keeps something there. */
  readonly state?: StoredState;
}

/** The real model, over hook commands. Nothing is asked before it is needed. */
export function hookModel<M extends CharmMeta>(parts: ModelParts<M>): HookModel<M> {
  const { context, meta, tools, state = storedState(tools) } = parts;
  const data = relationData(tools, context);
  const secrets = secretStore(tools);
  const statuses = unitStatuses(tools);
  const buffered = bufferedSettings(tools, state);
  const relations = relationFinder({ ...parts, data });
  const storageWishes = new Map<string, number>();
  let committing = false;

  const leadership = once(async () => ((await tools.isLeader()) ? leaderProof : undefined));
  const isPeer = (relation: Relation): boolean => meta.endpoints[relation.endpoint]?.role === "peer";
  const mayReadOwnApp = async (relation: Relation): Promise<boolean> =>
    isPeer(relation) || (await leadership()) !== undefined;
  const goalState = once(() => tools.goalState());
  const knownUnits = once(async () => livesOf(await goalState()));

  return {
    context,
    meta,
    leadership,
    relations,
    peer: async (endpoint) => (await relations(endpoint))[0],
    remoteUnits: keyed(
      (relation: Relation) => relation.id,
      (relation) => listUnits(tools, relation, context.unit),
    ),
    remoteModel: keyed(
      (relation: Relation) => relation.id,
      (relation) => tools.relationModel(relation.id),
    ),
    readUnit: (relation, unit) =>
      unit === context.unit ? data.own(relation.id, "unit") : data.committed(relation.id, unit),
    readApp: async (relation, app) => {
      if (app === "remote" && !isPeer(relation)) return data.committed(relation.id, relation.remoteApp);
      return (await mayReadOwnApp(relation)) ? data.own(relation.id, "app") : undefined;
    },
    committedApp: async (relation) =>
      (await mayReadOwnApp(relation)) ? data.committed(relation.id, context.app) : undefined,
    writeUnit: (relation, values) => data.write(relation.id, "unit", values),
    writeApp: (_leader, relation, values) => data.write(relation.id, "app", values),
    config: once(async () => checkOptions(meta, await tools.configGet())),
    goalState,
    plannedUnits: async () => [...(await knownUnits()).values()].filter((life) => life === "alive").length,
    knownUnits,
    network: keyed(
      (binding: BindingName<M>, relation?: Relation) => `${binding} ${relation?.id ?? ""}`,
      (binding, relation) => readNetwork(tools, binding, relation),
    ),
    storages: keyed(
      (name: StorageName<M>) => name,
      (name) => readStorages(tools, name),
    ),
    requestStorage: (name, count = 1) => void storageWishes.set(name, (storageWishes.get(name) ?? 0) + count),
    resource: keyed(
      (name: ResourceName<M>) => name,
      (name) => unless(tools.resourceGet(name), "not-found"),
    ),
    credential: once(() => unless(tools.credentialGet(), "denied")),
    secret: (ref, options = {}) => secrets.read(ref, options),
    labelSecret: (id, label) => tools.secretLabel(id, label),
    ownSecret: (_owner, ref) => secrets.own(ref),
    addSecret: (owner, content, settings) =>
      secrets.add(content, { ...settings, owner: owner === "unit" ? "unit" : "application" }),
    unitStatus: () => statuses.get("unit"),
    appStatus: (_leader) => statuses.get("app"),
    unitStatuses: (_leader) => tools.unitStatuses(),
    setUnitStatus: (status) => statuses.set("unit", status),
    setAppStatus: (_leader: Leader, status) => statuses.set("app", status),
    setWorkloadVersion: buffered.version,
    setPorts: buffered.ports,
    state,
    handedOver: () => committing || secrets.told(),
    commit: async () => {
      committing = true;
      await data.flush();
      await secrets.flush();
      await buffered.flush();
      await state.flush();
      for (const [name, count] of storageWishes) await tools.storageAdd(name, count);
      storageWishes.clear();
    },
  };
}

function livesOf({ units }: GoalState): ReadonlyMap<string, "alive" | "dying"> {
  return new Map(
    Object.entries(units).map(([unit, { status }]) => [unit, status === "dying" ? "dying" : "alive"]),
  );
}

async function readNetwork(
  tools: Pick<HookTools, "networkGet">,
  binding: string,
  relation: Relation | undefined,
): ReturnType<HookTools["networkGet"]> {
  if (relation === undefined) return tools.networkGet(binding);
  const found = await unless(tools.networkGet(binding, relation.id), "relation-gone");
  return found ?? (await tools.networkGet(binding));
}

async function readStorages(
  tools: Pick<HookTools, "storageIds" | "storageGet">,
  name: string,
): Promise<readonly Storage[]> {
  const ids = [...(await tools.storageIds(name))].sort(byNumber);
  return Promise.all(ids.map(async (id) => ({ id, ...(await tools.storageGet(id)) })));
}

/** The answer; undefined when Juju refused it for this reason. */
async function unless<T>(answer: Promise<T>, reason: HookToolReason): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (isRefusal(thrown, reason)) return undefined;
    throw thrown;
  }
}
