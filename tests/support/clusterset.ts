// What the stories of ClusterSets have in common: relating sites, promoting them, and waiting for what the servers say.
import { expect } from "vitest";
import {
  eventually,
  isActive,
  isStandby,
  mustRun,
  type Site,
  setState,
} from "../../scripts/demo/deployment.ts";
import { query } from "./sql.ts";
import type { Story } from "./story.ts";

const LIMIT = { timeoutMs: 240_000 };

/** Relates `replica`, as the one that asks to follow, to `primary`, whose offer it has consumed. */
export async function relate({ sandbox }: Story, replica: Site, primary: Site): Promise<void> {
  await sandbox.mustJuju(["integrate", "-m", replica.model, primary.app, `${replica.app}:async-replica`]);
}

export async function unrelate({ sandbox }: Story, replica: Site, primary: Site): Promise<void> {
  await sandbox.mustJuju([
    "remove-relation",
    "-m",
    replica.model,
    primary.app,
    `${replica.app}:async-replica`,
  ]);
}

/** Offers one site to others. */
export async function offerTo(
  { sandbox }: Story,
  primary: Site,
  ...replicas: readonly Site[]
): Promise<void> {
  const name = `${primary.model}.${primary.app}`;
  await sandbox.mustJuju(["offer", `${name}:async-primary`]);
  for (const { model } of replicas) await sandbox.mustJuju(["consume", "-m", model, name]);
}

export async function promote(story: Story, to: Site, ...params: readonly string[]): Promise<Results> {
  const action = ["promote-standby-cluster", "cluster-set-name=europe", ...params];
  return await mustRun(story.sandbox, to.model, `${to.app}/leader`, action);
}
export type Results = Readonly<Record<string, unknown>>;

/** All of them active and idle, the leader as one and the others as standbys. */
export async function untilLedBy(story: Story, leader: Site, sites: readonly Site[]): Promise<void> {
  await Promise.all(
    sites.map((site) =>
      story.sandbox.waitFor(
        (status) => isActive(status, site) && isStandby(status, site) === (site !== leader),
        { model: site.model, ...LIMIT },
      ),
    ),
  );
}

/** The set is healthy and led by one cluster, whoever is asked. */
export async function expectLed(story: Story, by: Site, sites: readonly Site[]): Promise<void> {
  const clusters = Object.fromEntries(
    sites.map((site) => [site.cluster, { role: site === by ? "primary" : "replica", status: "ok" }]),
  );
  for (const { model, app } of sites) {
    const state = await eventually(
      () => setState(story.sandbox, model, `${app}/0`),
      ({ status, primaryCluster }) => status === "healthy" && primaryCluster === by.cluster,
      60_000,
    );
    expect(state.clusters).toEqual(clusters);
  }
}

/** Whether each server of a site takes writes, by unit number. */
export async function writableUnits(story: Story, { model, app, units }: Site): Promise<readonly string[]> {
  const found: string[] = [];
  for (let unit = 0; unit < units; unit += 1) {
    const name = `${app}/${unit}`;
    const rows = await query(story.sandbox, model, name, "SELECT @@GLOBAL.super_read_only");
    if (rows[0] === "0") found.push(name);
  }
  return found;
}
