// The model of one hook: reads asked of Juju once, on demand; writes gathered for commit().

import { type HookContext, parseUnit } from "./context.ts";
import type { Event } from "./events.ts";
import { HookToolError, type HookTools } from "./hook-tools.ts";
import type { CharmMeta, ConfigValue, EndpointName, OptionName } from "./meta.ts";
import { type Leader, leaderProof, type Model, type Relation } from "./model.ts";
import { relationData } from "./relation-data.ts";
import { secretStore } from "./secret-store.ts";
import { type Status, sameStatus } from "./status.ts";
import { storedState } from "./stored-state.ts";

export interface ModelParts<M extends CharmMeta> {
  readonly context: HookContext;
  readonly meta: M;
  readonly event: Event<M>;
  readonly tools: HookTools;
}

/** The real model, over hook commands. Nothing is asked before it is needed. */
export function hookModel<M extends CharmMeta>(parts: ModelParts<M>): Model<M> {
  const { context, meta, tools } = parts;
  const data = relationData(tools, context);
  const secrets = secretStore(tools);
  const state = storedState(tools);
  const statuses = statusSetter(tools);
  const buffered = bufferedSettings(tools);
  const relations = relationFinder(parts);

  const leadership = once(async () => ((await tools.isLeader()) ? leaderProof : undefined));
  const isPeer = (relation: Relation): boolean => meta.endpoints[relation.endpoint]?.role === "peer";
  const mayReadOwnApp = async (relation: Relation): Promise<boolean> =>
    isPeer(relation) || (await leadership()) !== undefined;
  const config = once(() => tools.configGet());
  const knownUnits = once(async () => lives(await tools.goalStateUnits()));

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
    config: async () => (await config()) as Readonly<Partial<Record<OptionName<M>, ConfigValue>>>,
    plannedUnits: async () => [...(await knownUnits()).values()].filter((life) => life === "alive").length,
    knownUnits,
    network: keyed(
      (binding: EndpointName<M>, relation?: Relation) => `${binding} ${relation?.id ?? ""}`,
      (binding, relation) => readNetwork(tools, binding, relation),
    ),
    storageLocation: keyed(
      (name: string) => name,
      async (name) => {
        const [id] = [...(await tools.storageIds(name))].sort(byNumber);
        return id === undefined ? undefined : await tools.storageLocation(id);
      },
    ),
    secret: (ref, options = {}) => secrets.read(ref, options),
    addSecret: (owner, content, options) =>
      secrets.add(owner === "unit" ? "unit" : "application", content, options),
    setSecret: async ({ id }, content) => secrets.set(id, content),
    grantSecret: async (id, relation) => secrets.grant(id, relation.id),
    removeSecret: async (id) => secrets.remove(id),
    setUnitStatus: (status) => statuses("unit", status),
    setAppStatus: (_leader: Leader, status) => statuses("app", status),
    setWorkloadVersion: buffered.version,
    openPorts: buffered.ports,
    state,
    commit: async () => {
      await data.flush();
      await secrets.flush();
      await state.flush();
      await buffered.flush();
    },
  };
}

function lives(told: Readonly<Record<string, string>>): ReadonlyMap<string, "alive" | "dying"> {
  return new Map(Object.entries(told).map(([unit, word]) => [unit, word === "dying" ? "dying" : "alive"]));
}

function relationFinder<M extends CharmMeta>({
  context,
  meta,
  event,
  tools,
}: ModelParts<M>): Model<M>["relations"] {
  const eventRelation = "relationId" in event ? event : undefined;
  const remoteApp = async (endpoint: EndpointName<M>, id: number): Promise<string | undefined> => {
    if (meta.endpoints[endpoint]?.role === "peer") return context.app;
    if (eventRelation?.relationId === id && eventRelation.remoteApp !== "") return eventRelation.remoteApp;
    try {
      return await tools.relationApp(id);
    } catch (thrown) {
      if (isGone(thrown)) return undefined;
      throw thrown;
    }
  };
  const find = async (endpoint: EndpointName<M>): Promise<readonly Relation<EndpointName<M>>[]> => {
    const ids = new Set(await tools.relationIds(endpoint));
    const broken = eventRelation?.kind === "relation-broken" ? eventRelation.relationId : undefined;
    // Juju leaves it out of its list, though its bags can still be read.
    if (broken !== undefined && eventRelation?.endpoint === endpoint) ids.add(broken);
    const found = [...ids]
      .sort((one, other) => one - other)
      .map(async (id) => ({ id, endpoint, remoteApp: await remoteApp(endpoint, id), broken: id === broken }));
    return (await Promise.all(found)).flatMap(({ remoteApp: app, ...rest }) =>
      app === undefined ? [] : [{ ...rest, remoteApp: app }],
    );
  };
  const cached = keyed((endpoint: EndpointName<M>) => endpoint, find);
  return async <E extends EndpointName<M>>(endpoint: E) => (await cached(endpoint)) as readonly Relation<E>[];
}

async function listUnits(
  tools: Pick<HookTools, "relationUnits">,
  relation: Relation,
  self: string,
): Promise<readonly string[]> {
  try {
    const units = await tools.relationUnits(relation.id);
    return units.filter((unit) => unit !== self).sort(byNumber);
  } catch (thrown) {
    if (isGone(thrown)) return [];
    throw thrown;
  }
}

async function readNetwork(
  tools: Pick<HookTools, "networkGet">,
  binding: string,
  relation: Relation | undefined,
): ReturnType<HookTools["networkGet"]> {
  if (relation === undefined) return tools.networkGet(binding);
  try {
    return await tools.networkGet(binding, relation.id);
  } catch (thrown) {
    if (isGone(thrown)) return tools.networkGet(binding);
    throw thrown;
  }
}

function statusSetter(
  tools: Pick<HookTools, "statusGet" | "statusSet">,
): (target: "unit" | "app", status: Status) => Promise<void> {
  // status-get does not show what this hook has set, so that is remembered here.
  const shown = new Map<"unit" | "app", Status | { readonly kind: string; readonly message: string }>();
  return async (target, status) => {
    const current = shown.get(target) ?? (await tools.statusGet(target));
    if (!sameStatus(current as Status, status)) await tools.statusSet(target, status);
    shown.set(target, status);
  };
}

function bufferedSettings(tools: Pick<HookTools, "applicationVersionSet" | "openedPorts" | "openPort">): {
  version(version: string): void;
  ports(ports: readonly number[]): void;
  flush(): Promise<void>;
} {
  let wantedVersion: string | undefined;
  const wantedPorts = new Set<number>();
  return {
    version: (version) => {
      wantedVersion = version;
    },
    ports: (ports) => {
      for (const port of ports) wantedPorts.add(port);
    },
    flush: async () => {
      if (wantedVersion !== undefined) await tools.applicationVersionSet(wantedVersion);
      if (wantedPorts.size > 0) {
        const opened = new Set(await tools.openedPorts());
        for (const port of wantedPorts) if (!opened.has(port)) await tools.openPort(port);
      }
      wantedVersion = undefined;
      wantedPorts.clear();
    },
  };
}

function isGone(thrown: unknown): boolean {
  return thrown instanceof HookToolError && thrown.reason === "relation-gone";
}

/** Sorts units and storage instances: by name, then by number. */
function byNumber(one: string, other: string): number {
  const [a, b] = [parseUnit(one), parseUnit(other)];
  return a.app === b.app ? a.number - b.number : a.app < b.app ? -1 : 1;
}

function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}

/** Remembers the answer per key. A failure is remembered too: within a hook Juju would say the same again. */
function keyed<A extends readonly unknown[], T>(
  keyOf: (...args: A) => unknown,
  compute: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  const results = new Map<unknown, Promise<T>>();
  return (...args) => {
    const key = keyOf(...args);
    const known = results.get(key) ?? compute(...args);
    results.set(key, known);
    return known;
  };
}
