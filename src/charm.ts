// Events handed to the pass, actions to their operations. What not every event needs is loaded when it is needed: that is most of a start.
import * as z from "zod";
import type { Charm, Event, Scope } from "../lib/index.ts";
import type { Wake } from "./cluster/facts.ts";
import type { Meta } from "./generated/charm-meta.ts";
import { charmMeta } from "./generated/charm-meta.ts";
import type { Ports } from "./ports.ts";
import { statuses } from "./statuses.ts";
import { type Config, configSchema, readConfig } from "./wire/config.ts";

/** Makes the ports of one dispatch; tests pass fakes. */
export type Compose = (scope: Scope<Meta>, config: Config) => Ports | Promise<Ports>;

/** The charm over the ports that `compose` makes: the real ones unless others are given. */
export function mysqlCharm(compose: Compose = overRealThings): Charm<Meta> {
  return { meta: charmMeta, handle: (event, scope) => handle(event, scope, compose) };
}

const overRealThings: Compose = async (scope, config) => {
  const { realPorts } = await import("./real-ports.ts");
  return realPorts(scope, config);
};

async function handle(event: Event<Meta>, scope: Scope<Meta>, compose: Compose): Promise<void> {
  if (isEnd(event)) return await end(event, scope, compose);
  if (await isLeaving(event, scope)) return;
  const read = readConfig(await scope.model.config());
  if (event.kind === "action") {
    // Actions that need no option work on: an operator may need them to mend what a bad option blocks.
    const config = read.kind === "value" ? read.config : defaults;
    const { operate } = await import("./operations/operations.ts");
    await operate(event.action, await compose(scope, config), actionOf(scope));
    return;
  }
  if (read.kind === "invalid") {
    return await showInvalid(scope, read);
  }
  const ports = await compose(scope, read.config);
  ports.model.setPorts([3306, 33060]);
  const { runPass } = await import("./pass.ts");
  await runPass(ports, wakeOf(event));
}

type Invalid = Extract<ReturnType<typeof readConfig>, { kind: "invalid" }>;

/** Nothing is done with a bad option. Whoever waits for the application sees it at the application too. */
async function showInvalid({ model, log }: Scope<Meta>, { option, reason }: Invalid): Promise<void> {
  log.warn(`option ${option} ${reason}`);
  const status = statuses.invalidOption(model.context.app, option, reason);
  await model.setUnitStatus(status);
  const leader = await model.leadership();
  if (leader !== undefined) await model.setAppStatus(leader, status);
}

const defaults: Config = configSchema.parse({});

/** Before its storage goes the server has to leave its cluster; a unit without storage does so when it stops. */
function isEnd(event: Event<Meta>): boolean {
  return event.kind === "storage-detaching" || event.kind === "stop" || event.kind === "remove";
}

const LEAVING = "leaving";
const lateKinds: ReadonlySet<Event<Meta>["kind"]> = new Set([
  "relation-changed",
  "relation-departed",
  "relation-broken",
  "custom",
]);

/** Juju takes the storage of a unit only when it removes the unit. Later hooks must not start the server again. */
async function end(event: Event<Meta>, scope: Scope<Meta>, compose: Compose): Promise<void> {
  const { state } = scope.model;
  if (event.kind === "remove" || (await state.get(LEAVING, z.literal(true))) === true) return;
  const { depart } = await import("./cluster/departure.ts");
  await depart(await compose(scope, defaults));
  state.set(LEAVING, true);
}

/** What Juju still runs on a unit that goes: the ends of its relations, what was due in them, and ends of its jobs. */
async function isLeaving(event: Event<Meta>, { model }: Scope<Meta>): Promise<boolean> {
  if (event.kind === "relation-departed" && event.departingUnit === model.context.unit) return true;
  if (!lateKinds.has(event.kind)) return false;
  return (await model.state.get(LEAVING, z.literal(true))) === true;
}

function wakeOf(event: Event<Meta>): Wake {
  if (event.kind === "custom" && event.name === "job-ended") return "job-ended";
  return event.kind === "update-status" ? "update-status" : "other";
}

function actionOf(scope: Scope<Meta>): NonNullable<Scope<Meta>["action"]> {
  if (scope.action === undefined) throw new Error("an action event without an action");
  return scope.action;
}
