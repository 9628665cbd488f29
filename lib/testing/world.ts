// World in → event → World out: one dispatch of a charm in memory, under Juju's rules.

import type { Event } from "../events.ts";
import type { CharmMeta } from "../meta.ts";
import type { Processes } from "../process.ts";
import { type Charm, runDispatch } from "../run.ts";
import type { Status } from "../status.ts";
import { type ActionParameters, checkWorld } from "./check-world.ts";
import type { World } from "./shape.ts";
import { worldTools } from "./world-tools.ts";
import type { ActionOutcome, LogLine } from "./world-unit.ts";

export { checkWorld, ImpossibleWorldError } from "./check-world.ts";
export { emptyWorld, type World, type WorldRelation, type WorldSecret, type WorldStorage } from "./shape.ts";
export type { ActionOutcome, LogLine } from "./world-unit.ts";

export interface RunEventOptions {
  /** Parameters of the action; what has a default may be left out. */
  readonly params?: ActionParameters;
  /** Programs that the charm starts; unless given, starting one fails. */
  readonly processes?: Processes;
  /** The unit leads while the hook runs but not any more when its writes are committed. */
  readonly losesLeadership?: boolean;
}

/** What one dispatch led to. */
export interface RunEventResult<M extends CharmMeta> {
  /** 0 when the hook succeeded, also for an action that failed with a message. */
  readonly exitCode: number;
  /** The world afterwards; after a failure only what acts at once has changed. */
  readonly world: World<M>;
  readonly log: readonly LogLine[];
  /** Every unit status that was shown, in order. */
  readonly statuses: readonly Status[];
  /** Hook commands in order, by the names of their methods. */
  readonly calls: readonly string[];
  readonly action: ActionOutcome;
}

/** Runs one event; rejects with ImpossibleWorldError when Juju could never run it in that world. */
export async function runEvent<M extends CharmMeta>(
  charm: Charm<M>,
  world: World<M>,
  event: Event<M>,
  options: RunEventOptions = {},
): Promise<RunEventResult<M>> {
  checkWorld(charm.meta, world, event, options.params);
  const juju = worldTools({ meta: charm.meta, world, event, params: options.params ?? {} });
  const code = await runDispatch(charm, {
    env: environmentOf(world, event),
    processes: options.processes ?? noProcesses,
    tools: juju.tools,
  });
  // Juju checks the lead once more when it commits.
  const exitCode = code === 0 && options.losesLeadership === true && juju.wroteAsLeader() ? 1 : code;
  return {
    exitCode,
    world: juju.after(exitCode === 0),
    log: juju.log,
    statuses: juju.shown,
    calls: juju.calls,
    action: juju.action(),
  };
}

const noProcesses: Processes = {
  run: ([program]) => Promise.reject(new Error(`the test gave no processes, but ${program} was to be run`)),
  spawnDetached: ([program]) =>
    Promise.reject(new Error(`the test gave no processes, but ${program} was to be started`)),
};

/** The environment in which Juju would start the charm for this event. */
function environmentOf<M extends CharmMeta>(world: World<M>, event: Event<M>): NodeJS.ProcessEnv {
  const hook = hookName(event);
  const isHook = event.kind !== "action" && event.kind !== "custom";
  return {
    JUJU_UNIT_NAME: world.unit,
    JUJU_MODEL_NAME: world.modelName,
    JUJU_MODEL_UUID: world.modelUuid,
    JUJU_VERSION: "3.6.0",
    JUJU_MACHINE_ID: "0",
    JUJU_CHARM_DIR: `/var/lib/juju/agents/unit-${world.unit.replace("/", "-")}/charm`,
    JUJU_CONTEXT_ID: `${world.unit}-${hook}-0`,
    JUJU_DISPATCH_PATH: event.kind === "action" ? `actions/${hook}` : `hooks/${hook}`,
    JUJU_HOOK_NAME: isHook ? hook : "",
    ...eventVariables(event),
  };
}

function hookName<M extends CharmMeta>(event: Event<M>): string {
  if ("endpoint" in event) return `${event.endpoint}-${event.kind}`;
  if ("storage" in event) return `${event.storage}-${event.kind}`;
  if (event.kind === "action") return event.action;
  return event.kind === "custom" || event.kind === "unknown" ? event.name : event.kind;
}

function eventVariables<M extends CharmMeta>(event: Event<M>): NodeJS.ProcessEnv {
  if ("endpoint" in event) {
    return {
      JUJU_RELATION: event.endpoint,
      JUJU_RELATION_ID: `${event.endpoint}:${event.relationId}`,
      JUJU_REMOTE_APP: event.remoteApp,
      JUJU_REMOTE_UNIT: "remoteUnit" in event ? event.remoteUnit : "",
      ...("departingUnit" in event ? { JUJU_DEPARTING_UNIT: event.departingUnit } : {}),
    };
  }
  if ("storage" in event) {
    return {
      JUJU_STORAGE_ID: event.storageId,
      JUJU_STORAGE_LOCATION: event.location,
      JUJU_STORAGE_KIND: "filesystem",
    };
  }
  if ("secretId" in event) {
    return {
      JUJU_SECRET_ID: event.secretId,
      JUJU_SECRET_LABEL: event.label ?? "",
      ...("revision" in event ? { JUJU_SECRET_REVISION: String(event.revision) } : {}),
    };
  }
  return event.kind === "action" ? { JUJU_ACTION_NAME: event.action, JUJU_ACTION_UUID: event.actionId } : {};
}
