// Two applications in two models: asking them, waiting for them, and running their actions as a person with juju would.
import { setTimeout as pause } from "node:timers/promises";
import type { Sandbox, StatusJson, UnitJson } from "../../sandbox/client.ts";

/** An application of the charm and the cluster that it runs. */
export interface Site {
  readonly model: string;
  readonly app: string;
  readonly cluster: string;
  readonly units: number;
}

/** What an action gave back. */
export interface ActionOutcome {
  readonly completed: boolean;
  readonly message: string;
  readonly results: Readonly<Record<string, unknown>>;
}

/** What `get-cluster-status cluster-set=true` says, as far as it is looked at here; all in lower case. */
export interface SetState {
  readonly status: string;
  readonly primaryCluster: string;
  readonly clusters: Readonly<Record<string, { readonly role: string; readonly status: string }>>;
}

const ACTION_LIMIT = "5m";
const ASK_AGAIN_MS = 1_000;

/** Deploys the charm with the profile that takes little memory. */
export async function deploy(sandbox: Sandbox, charm: string, site: Site, setName?: string): Promise<void> {
  const { model, app, cluster, units } = site;
  const options = ["profile=testing", `cluster-name=${cluster}`];
  if (setName !== undefined) options.push(`cluster-set-name=${setName}`);
  const config = options.flatMap((option) => ["--config", option]);
  await sandbox.mustJuju(["deploy", "-m", model, charm, app, "-n", String(units), ...config]);
}

/** The units of an application, by name. */
export function unitsOf(status: StatusJson, app: string): readonly (readonly [string, UnitJson])[] {
  return Object.entries(status.applications[app]?.units ?? {});
}

/** Whether all units are there, active and idle. */
export function isActive(status: StatusJson, { app, units }: Pick<Site, "app" | "units">): boolean {
  const all = unitsOf(status, app);
  return all.length === units && all.every(([, unit]) => isAt(unit, "active"));
}

function isAt(unit: UnitJson, workload: string): boolean {
  return unit["workload-status"].current === workload && unit["juju-status"].current === "idle";
}

/** Whether an application is a standby cluster and says so, or is none. */
export function isStandby(status: StatusJson, { app }: Pick<Site, "app">): boolean {
  return status.applications[app]?.["application-status"].message?.startsWith("Standby") === true;
}

/** The addresses of an application's servers. */
export async function addressesOf(sandbox: Sandbox, { model, app }: Site): Promise<readonly string[]> {
  const status = await sandbox.status(model);
  return unitsOf(status, app).map(([, unit]) => unit["public-address"]);
}

/** Runs an action (`db1/0` or `db1/leader`) to its end. Throws when there is no such action or unit. */
export async function runAction(
  sandbox: Sandbox,
  model: string,
  unit: string,
  action: readonly string[],
): Promise<ActionOutcome> {
  const argv = ["run", "-m", model, unit, ...action, "--format", "json", "--wait", ACTION_LIMIT];
  const { stdout, stderr } = await sandbox.juju(argv);
  const task = stdout.trim() === "" ? undefined : Object.values(JSON.parse(stdout) as object)[0];
  if (typeof task !== "object" || task === null) throw new Error(`${argv.join(" ")}: ${stderr.trim()}`);
  const { status, message = "", results = {} } = task as Record<string, unknown>;
  return {
    completed: status === "completed",
    message: String(message),
    results: results as Record<string, unknown>,
  };
}

/** Runs an action that has to work. @throws Error with the action's message. */
export async function mustRun(
  sandbox: Sandbox,
  model: string,
  unit: string,
  action: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const { completed, message, results } = await runAction(sandbox, model, unit, action);
  if (completed) return results;
  throw new Error(`run ${unit} ${action.join(" ")} failed: ${message}`);
}

/** The status document of `get-cluster-status`, with keys and words in lower case. */
export async function clusterStatus(
  sandbox: Sandbox,
  model: string,
  unit: string,
  ofSet: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const action = ["get-cluster-status", ...(ofSet ? ["cluster-set=true"] : [])];
  const { status } = await mustRun(sandbox, model, unit, action);
  const document = typeof status === "string" ? JSON.parse(status) : status;
  return JSON.parse(JSON.stringify(document ?? {}).toLowerCase()) as Record<string, unknown>;
}

/** The ClusterSet as a unit sees it. */
export async function setState(sandbox: Sandbox, model: string, unit: string): Promise<SetState> {
  const document = await clusterStatus(sandbox, model, unit, true);
  const clusters = Object.entries((document["clusters"] ?? {}) as Record<string, Record<string, unknown>>);
  return {
    status: String(document["status"]),
    primaryCluster: String(document["primarycluster"]),
    clusters: Object.fromEntries(
      clusters.map(([name, one]) => [
        name,
        { role: String(one["clusterrole"]), status: String(one["globalstatus"]) },
      ]),
    ),
  };
}

/** Asks something again and again until the answer is right. @throws Error with the last answer. */
export async function eventually<T>(
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
  limitMs: number,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (performance.now() > deadline) {
      throw new Error(`not as expected within ${limitMs / 1000} s, but: ${JSON.stringify(answer)}`);
    }
    await pause(ASK_AGAIN_MS);
  }
}
