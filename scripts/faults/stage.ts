// The stage of the faults: clusters, and a client on a machine of its own that writes to whoever is the primary.
import { join } from "node:path";
import type { Sandbox } from "../../sandbox/client.ts";
import { RowClient } from "../demo/client.ts";
import { addressesOf, deploy, isActive, isStandby, mustRun, type Site, unitsOf } from "../demo/deployment.ts";
import { rootPassword } from "../demo/sql.ts";
import { type Member, Rounds } from "./rounds.ts";

const BYSTANDER = join(import.meta.dirname, "../../tests/sandbox/juju/fixtures/tiny");
const LIMIT_MS = 420_000;

export interface Stage {
  readonly rounds: Rounds;
  readonly members: readonly Member[];
  readonly client: RowClient;
}

/** Deploys one cluster, or two of which the second becomes the standby of the first, and lets rows flow. */
export async function setStage(sandbox: Sandbox, charm: string, sites: readonly Site[]): Promise<Stage> {
  const [primary, standby] = sites;
  if (primary === undefined) throw new Error("a stage needs a site");
  for (const site of sites) {
    await sandbox.mustJuju(["add-model", site.model]);
    // Nothing but update-status wakes a unit whose server has come back by itself.
    await sandbox.mustJuju(["model-config", "-m", site.model, "update-status-hook-interval=20s"]);
    await deploy(sandbox, charm, site, site === primary ? "set" : undefined);
  }
  await sandbox.mustJuju(["add-model", "away"]);
  await sandbox.mustJuju(["deploy", "-m", "away", BYSTANDER, "client"]);
  for (const site of sites)
    await sandbox.waitFor((status) => isActive(status, site), { model: site.model, timeoutMs: LIMIT_MS });
  await sandbox.mustJuju(["wait-for", "-m", "away", "unit", "client/0"]);
  if (standby !== undefined) await relate(sandbox, primary, standby);
  const leader = `${primary.app}/leader`;
  const login = await mustRun(sandbox, primary.model, leader, ["get-password", "username=serverconfig"]);
  const client = await RowClient.start(sandbox, {
    model: "away",
    unit: "client/0",
    servers: (await Promise.all(sites.map((site) => addressesOf(sandbox, site)))).flat(),
    user: String(login["username"]),
    password: String(login["password"]),
  });
  const passwords = new Map<Site, string>();
  for (const site of sites)
    passwords.set(site, await rootPassword(sandbox, site.model, `${site.app}/leader`));
  const members = (await Promise.all(sites.map((site) => membersOf(sandbox, site)))).flat();
  return {
    members,
    client,
    rounds: new Rounds(sandbox, client, members, (site) => passwords.get(site) ?? ""),
  };
}

async function relate(sandbox: Sandbox, primary: Site, standby: Site): Promise<void> {
  await sandbox.mustJuju(["offer", `${primary.model}.${primary.app}:async-primary`]);
  await sandbox.mustJuju(["consume", "-m", standby.model, `${primary.model}.${primary.app}`]);
  await sandbox.mustJuju(["integrate", "-m", standby.model, primary.app, `${standby.app}:async-replica`]);
  await sandbox.waitFor((status) => isActive(status, standby) && isStandby(status, standby), {
    model: standby.model,
    timeoutMs: LIMIT_MS,
  });
}

async function membersOf(sandbox: Sandbox, site: Site): Promise<readonly Member[]> {
  const status = await sandbox.status(site.model);
  return unitsOf(status, site.app).map(([unit, { machine }]) => ({
    site,
    unit,
    machine,
    host: status.machines[machine]?.hostname ?? "",
  }));
}
