// One run of the charm among a world's records: its context, its environment, what its hook commands answer.

import { readFileSync } from "node:fs";
import type { Event } from "../events.ts";
import type { NetworkInfo } from "../hook-answers.ts";
import { environmentOf } from "../juju/environment.ts";
import { FileNeeded, hookCommandNames, runHookCommand } from "../juju/hook-commands/index.ts";
import { type HookContext, openContext, type RelationScope } from "../juju/hook-context.ts";
import type { HookInfo } from "../juju/local-state.ts";
import type { Task } from "../juju/model.ts";
import type { BoundNetwork } from "../juju/network.ts";
import { secretUri } from "../juju/secrets.ts";
import type { CharmMeta } from "../meta.ts";
import type { Processes, RunResult } from "../process.ts";
import { secretKey } from "../secrets.ts";
import type { ActionParameters } from "./check-event.ts";
import type { World } from "./shape.ts";
import { definedOnly, machineAddress, type Records } from "./world-in.ts";

/** Opens the context in which Juju would run this event. */
export function contextOf<M extends CharmMeta>(
  meta: M,
  given: World<M>,
  records: Records,
  { event, params = {} }: { readonly event: Event<M>; readonly params?: ActionParameters | undefined },
): HookContext {
  const { state, model, unit } = records;
  const leaving = event.kind === "relation-departed" && event.departingUnit === unit.name;
  if (leaving || event.kind === "stop" || event.kind === "remove") unit.life = "dying";
  if (event.kind === "storage-attached") {
    unit.local = { ...unit.local, storage: unit.local.storage.filter((id) => id !== event.storageId) };
  }
  const world = {
    state,
    now: () => Date.now(),
    changed: () => undefined,
    log: () => undefined,
    networks: networksOf(given),
    resources: new Map(Object.entries<string>(definedOnly(given.resources))),
    ...(given.credential === undefined ? {} : { credential: given.credential }),
  };
  const run = {
    hook: hookOf(event, records),
    task: taskOf(meta, event, params, unit.name),
    scope: scopeOf(event),
  };
  const id = `${unit.name}-${nameOf(event)}-0`;
  return openContext(id, world, { model, unit }, run, new Map());
}

/** The environment of that run. */
export function variablesOf<M extends CharmMeta>(context: HookContext, event: Event<M>): NodeJS.ProcessEnv {
  const env = environmentOf(context);
  if (event.kind === "custom") return { ...env, JUJU_DISPATCH_PATH: `hooks/${event.name}` };
  if (context.run.hook !== null || context.run.task !== null) return env;
  const name = nameOf(event);
  return { ...env, JUJU_DISPATCH_PATH: `hooks/${name}`, JUJU_HOOK_NAME: name };
}

/** Hook commands answered in this process; every other program goes to `others`. */
export function commandsOf(context: HookContext, others: Processes): Processes {
  return {
    ...others,
    run: async (argv, options) => {
      const [name, ...args] = argv;
      if (!hookCommandNames.includes(name)) return others.run(argv, options);
      return answer(context, { name, args, stdin: options.stdin ?? "" });
    },
  };
}

function answer(
  context: HookContext,
  { name, args, stdin }: { readonly name: string; readonly args: readonly string[]; readonly stdin: string },
): RunResult {
  const files = new Map<string, { readonly content: Buffer }>();
  while (true) {
    try {
      const result = runHookCommand(context, { name, args, files });
      return { ...result, timedOut: false, truncated: false };
    } catch (thrown) {
      if (!(thrown instanceof FileNeeded)) throw thrown;
      const content = thrown.path === "-" ? Buffer.from(stdin) : readFileSync(thrown.path);
      files.set(thrown.path, { content });
    }
  }
}

function networksOf(world: World<CharmMeta>): ReadonlyMap<string, BoundNetwork> {
  const networks = Object.entries(world.networks).flatMap(([binding, info]) =>
    info === undefined ? [] : [[binding, networkRecord(info)] as const],
  );
  return new Map(networks);
}

function networkRecord(info: Partial<NetworkInfo>): BoundNetwork {
  const { bindAddress: value = machineAddress, ingressAddress = value, hostname = "" } = info;
  const address = { value, cidr: `${value}/32`, hostname };
  return {
    interfaces: info.interfaces ?? [{ name: "eth0", mac: "", addresses: [address] }],
    ingress: info.ingressAddresses ?? [ingressAddress],
    egress: info.egressSubnets ?? [`${value}/32`],
  };
}

function nameOf<M extends CharmMeta>(event: Event<M>): string {
  if ("endpoint" in event) return `${event.endpoint}-${event.kind}`;
  if ("storage" in event) return `${event.storage}-${event.kind}`;
  if (event.kind === "action") return event.action;
  return event.kind === "custom" || event.kind === "unknown" ? event.name : event.kind;
}

function hookOf<M extends CharmMeta>(event: Event<M>, { model }: Records): HookInfo | null {
  if ("relationId" in event) {
    const { kind, endpoint, relationId: relation, remoteApp } = event;
    const remoteUnit = ("remoteUnit" in event ? event.remoteUnit : undefined) ?? "";
    const departing = "departingUnit" in event ? { departingUnit: event.departingUnit } : {};
    return { kind, relation, endpoint, remoteApp, remoteUnit, version: 1, ...departing };
  }
  if ("storage" in event) return { kind: event.kind, storage: event.storageId };
  if ("secretId" in event) {
    const id = secretKey(event.secretId);
    const newest = model.secrets[id]?.latest ?? 1;
    const revision = "revision" in event ? event.revision : newest;
    const uri = event.secretId === id ? secretUri(model, id) : event.secretId;
    return { kind: event.kind, id, uri, label: event.label ?? "", revision };
  }
  switch (event.kind) {
    case "action":
    case "custom":
    case "unknown":
      return null;
    case "config-changed":
      return { kind: event.kind, hash: "" };
    case "leader-settings-changed":
    case "update-status":
      return { kind: event.kind, version: 1 };
    case "collect-metrics":
    case "meter-status-changed":
    case "pre-series-upgrade":
    case "post-series-upgrade":
      // Hooks of Juju 3 of which the rules know nothing but the name.
      return null;
    default:
      return { kind: event.kind };
  }
}

function scopeOf<M extends CharmMeta>(event: Event<M>): RelationScope | null {
  if (!("relationId" in event)) return null;
  const remoteUnit = ("remoteUnit" in event ? event.remoteUnit : undefined) ?? "";
  return { relation: event.relationId, remoteApp: event.remoteApp, remoteUnit };
}

function taskOf<M extends CharmMeta>(
  meta: M,
  event: Event<M>,
  params: ActionParameters,
  unit: string,
): Task | null {
  if (event.kind !== "action") return null;
  const declared = Object.entries(meta.actions[event.action]?.params ?? {});
  const defaults = declared.flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    id: event.actionId,
    operation: "1",
    unit,
    name: event.action,
    parameters: { ...Object.fromEntries(defaults), ...params },
    command: "",
    status: "running",
    message: "",
    results: {},
    log: [],
    enqueued: "",
    started: "",
    completed: "",
  };
}
