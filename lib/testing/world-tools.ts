// The hook commands over a world in memory, with Juju's rules: who sees what, what is kept back, what acts at once.

import type { Event } from "../events.ts";
import { HookToolError, type HookTools } from "../hook-tools.ts";
import type { CharmMeta, ConfigValue } from "../meta.ts";
import type { Status } from "../status.ts";
import type { ActionParameters } from "./check-world.ts";
import { appOf, type World } from "./shape.ts";
import { worldRelations } from "./world-relations.ts";
import { worldSecrets } from "./world-secrets.ts";
import { type ActionOutcome, type LogLine, worldAction, worldSettings } from "./world-unit.ts";

export interface WorldTools<M extends CharmMeta> {
  readonly tools: HookTools;
  /** Names of the commands that were called, in order; without juju-log. */
  readonly calls: readonly string[];
  readonly log: readonly LogLine[];
  /** Every unit status that was set, in order. */
  readonly shown: readonly Status[];
  action(): ActionOutcome;
  /** Whether Juju, at the end of the hook, would refuse the application's writes of a unit that lost the lead. */
  wroteAsLeader(): boolean;
  after(succeeded: boolean): World<M>;
}

export interface Surroundings<M extends CharmMeta> {
  readonly meta: M;
  readonly world: World<M>;
  readonly event: Event<M>;
  readonly params: ActionParameters;
}

export function worldTools<M extends CharmMeta>(around: Surroundings<M>): WorldTools<M> {
  const { meta, world } = around;
  const calls: string[] = [];
  const relations = worldRelations(around);
  const secrets = worldSecrets(world.secrets, world);
  const action = worldAction(around);
  const settings = worldSettings(world);
  const methods: HookTools = {
    ...relations.tools,
    ...secrets.tools,
    ...action.tools,
    ...settings.tools,
    isLeader: async () => world.leader,
    configGet: async () => configValues(meta, world),
    networkGet: async (binding, relationId) => {
      if (relationId !== undefined) relations.find("network-get", relationId);
      const known: Readonly<Partial<Record<string, object>>> = world.networks;
      return (
        known[binding] ?? { bindAddress: "192.0.2.1", ingressAddress: "192.0.2.1", hostname: "test-host" }
      );
    },
    storageIds: async (name) => world.storages.filter((storage) => storage.name === name).map(({ id }) => id),
    storageLocation: async (id) => {
      const found = world.storages.find((storage) => storage.id === id);
      if (found === undefined)
        throw new HookToolError("storage-get", 2, "not-found", `storage "${id}" not found`);
      return found.location;
    },
    goalStateUnits: async () =>
      Object.fromEntries(
        Array.from({ length: world.plannedUnits }, (_, n) => [`${appOf(world.unit)}/${n}`, "active"]),
      ),
  };
  return {
    tools: recording(methods, calls),
    calls,
    log: settings.log,
    shown: settings.shown,
    action: action.outcome,
    wroteAsLeader: relations.wroteAsLeader,
    after: (succeeded) => ({
      ...world,
      ...settings.after(succeeded),
      secrets: secrets.after(succeeded),
      relations: succeeded ? relations.after() : world.relations,
    }),
  };
}

function configValues<M extends CharmMeta>(meta: M, world: World<M>): Readonly<Record<string, ConfigValue>> {
  const given: Readonly<Partial<Record<string, ConfigValue>>> = world.config;
  const values = Object.entries(meta.config).map(
    ([name, option]) => [name, given[name] ?? option.default] as const,
  );
  return Object.fromEntries(values.filter((entry): entry is [string, ConfigValue] => entry[1] !== undefined));
}

/** The same methods, each call noted by its name. */
function recording(methods: HookTools, calls: string[]): HookTools {
  return new Proxy(methods, {
    get: (target, name, receiver) => {
      if (typeof name === "string" && name !== "jujuLog") calls.push(name);
      return Reflect.get(target, name, receiver);
    },
  });
}
