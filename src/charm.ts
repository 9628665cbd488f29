// The composition root: adapters put together, events handed to the pass, actions to their operations.
import { connect } from "node:net";
import { hostname } from "node:os";
import * as z from "zod";
import { type Charm, type Event, type Processes, realJobs, type Scope } from "../lib/index.ts";
import type { Wake } from "./cluster/decide.ts";
import { depart } from "./cluster/departure.ts";
import { keyring } from "./credentials/keyring.ts";
import type { Meta } from "./generated/charm-meta.ts";
import { charmMeta } from "./generated/charm-meta.ts";
import { realFiles } from "./machine/files.ts";
import { snapd } from "./machine/snap.ts";
import { mysqlShell } from "./mysql/shell.ts";
import { mysqlSql } from "./mysql/sql.ts";
import { operations } from "./operations/operations.ts";
import { runPass } from "./pass.ts";
import type { Ports } from "./ports.ts";
import { statuses } from "./statuses.ts";
import { type Config, configSchema, readConfig } from "./wire/config.ts";

/** Makes the ports of one dispatch; tests pass fakes. */
export type Compose = (scope: Scope<Meta>, config: Config) => Ports;

/** The charm over the ports that `compose` makes: the real ones unless others are given. */
export function mysqlCharm(compose: Compose = realPorts): Charm<Meta> {
  return { meta: charmMeta, handle: (event, scope) => handle(event, scope, compose) };
}

async function handle(event: Event<Meta>, scope: Scope<Meta>, compose: Compose): Promise<void> {
  if (isEnd(event)) return await end(event, scope, compose);
  if (await isLeaving(event, scope)) return;
  const read = readConfig(await scope.model.config());
  if (event.kind === "action") {
    // Actions that need no option work on: an operator may need them to mend what a bad option blocks.
    const config = read.kind === "value" ? read.config : defaults;
    await operations[event.action](compose(scope, config), actionOf(scope));
    return;
  }
  if (read.kind === "invalid") {
    scope.log.warn(`option ${read.option} ${read.reason}`);
    await scope.model.setUnitStatus(statuses.invalidOption(read.option, read.reason));
    return;
  }
  const ports = compose(scope, read.config);
  ports.model.setPorts([3306, 33060]);
  await runPass(ports, wakeOf(event));
}

const defaults: Config = configSchema.parse({});

/** Before its storage goes the server has to leave its cluster; a unit without storage does so when it stops. */
function isEnd(event: Event<Meta>): boolean {
  return event.kind === "storage-detaching" || event.kind === "stop" || event.kind === "remove";
}

const LEAVING = "leaving";

/** Juju takes the storage of a unit only when it removes the unit. Later hooks must not start the server again. */
async function end(event: Event<Meta>, scope: Scope<Meta>, compose: Compose): Promise<void> {
  const { state } = scope.model;
  if (event.kind === "remove" || (await state.get(LEAVING, z.literal(true))) === true) return;
  await depart(compose(scope, defaults));
  state.set(LEAVING, true);
}

/** What Juju still runs on a unit that goes: the ends of its relations. */
async function isLeaving(event: Event<Meta>, { model }: Scope<Meta>): Promise<boolean> {
  if (event.kind === "relation-departed" && event.departingUnit === model.context.unit) return true;
  if (event.kind !== "relation-departed" && event.kind !== "relation-broken") return false;
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

function realPorts(scope: Scope<Meta>, config: Config): Ports {
  const { model, log, processes } = scope;
  const files = realFiles();
  const sql = mysqlSql();
  const keys = keyring(model, sql);
  const { charmDir, unit } = model.context;
  return {
    model,
    log,
    config,
    files,
    sql,
    keyring: keys,
    snap: snapd(processes, files, charmDir),
    shell: mysqlShell(processes, () => keys.adminPassword()),
    jobs: realJobs({
      directory: `${charmDir}/../jobs`,
      unit,
      charmDir,
      runner: [`${charmDir}/runtime/node`, `${charmDir}/dist/job.cjs`],
      processes,
    }),
    reachable,
    hostName: () => fullHostName(processes),
  };
}

const REACHABLE_TIMEOUT_MS = 3_000;

function reachable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: REACHABLE_TIMEOUT_MS });
    const answer = (value: boolean) => (): void => {
      socket.destroy();
      resolve(value);
    };
    socket.once("connect", answer(true)).once("error", answer(false)).once("timeout", answer(false));
  });
}

/** The resolver's full name of this machine, or its plain name where there is none. */
async function fullHostName(processes: Processes): Promise<string> {
  const result = await processes.run(["hostname", "--fqdn"], { timeoutMs: 10_000 }).catch(() => undefined);
  const name = result?.code === 0 ? result.stdout.trim() : "";
  return name === "" || name.startsWith("localhost") ? hostname() : name;
}
