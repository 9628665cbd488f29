// What a ClusterSet takes its time for, on real servers: becoming a standby, and the pauses that a writing client sees.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSandbox, type Sandbox } from "../../sandbox/client.ts";
import { buildCharm } from "../build.ts";
import { RowClient } from "../demo/client.ts";
import {
  addressesOf,
  deploy,
  eventually,
  isActive,
  isStandby,
  mustRun,
  type Site,
} from "../demo/deployment.ts";
import { type Measured, median, type Progress, rounded } from "./measure.ts";

const SIZES = [1, 3] as const;
const SWITCHOVERS = 3;
const SET = "bench-set";
const FORM_MS = 600_000;
const CHANGE_MS = 180_000;
/** So many rows must be acknowledged after a change before it counts as over. */
const ROWS_AFTERWARDS = 50;

interface Figures {
  /** From `integrate` until every unit of the standby is active. */
  readonly relateToActiveMs: number;
  /** Longest time between two acknowledged rows of a client, in each of the switchovers. */
  readonly switchoverPauseMs: readonly number[];
  /** From `promote-standby-cluster force=true` until the client writes to the other site. */
  readonly failoverMs: number;
}

/** Measures sets of 1 + 1 and of 3 + 3 servers, one after the other. */
export async function measureClusterSet(progress: Progress): Promise<Measured> {
  const figures: Record<string, object> = {};
  const lines: string[] = ["ClusterSet, on real servers:"];
  for (const size of SIZES) {
    const name = `${size}+${size}`;
    const { relateToActiveMs, switchoverPauseMs, failoverMs } = await inSandbox((sandbox) =>
      measureSet(sandbox, size, (text) => progress(`${name}: ${text}`)),
    );
    const pause = rounded(median(switchoverPauseMs), 0);
    figures[name] = { relateToActiveMs: rounded(relateToActiveMs, 0), switchoverPauseMs: pause, failoverMs };
    lines.push(
      `  ${name}  relate to active ${seconds(relateToActiveMs)}  switchover pause ${seconds(pause)}  failover ${seconds(failoverMs)}`,
    );
  }
  return { figures: { clusterSet: figures }, lines };
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1).padStart(5)} s`;

async function inSandbox<T>(work: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), "bench-clusterset-"));
  process.env["XDG_STATE_HOME"] = home;
  const sandbox = await openSandbox("bench");
  try {
    return await work(sandbox);
  } finally {
    await sandbox.destroy();
    await rm(home, { recursive: true, force: true });
  }
}

async function measureSet(sandbox: Sandbox, units: number, progress: Progress): Promise<Figures> {
  const near: Site = { model: "near", app: "near", cluster: "near", units };
  const far: Site = { model: "far", app: "far", cluster: "far", units };
  progress("two clusters form");
  const charm = await buildCharm();
  for (const site of [near, far]) {
    await sandbox.mustJuju(["add-model", site.model]);
    await deploy(sandbox, charm, site, site === near ? SET : undefined);
  }
  for (const site of [near, far]) await untilActive(sandbox, site);
  progress("the second becomes a standby");
  const related = performance.now();
  await relate(sandbox, near, far);
  await sandbox.waitFor((now) => isStandby(now, far) && isActive(now, far), {
    model: far.model,
    timeoutMs: FORM_MS,
  });
  const relateToActiveMs = performance.now() - related;
  // It runs at the far site, which is there until the end.
  const client = await startClient(sandbox, near, far);
  try {
    const switchoverPauseMs = await switchOvers(sandbox, [near, far], client, progress);
    const [lead, standby] = SWITCHOVERS % 2 === 0 ? [near, far] : [far, near];
    // The site that is lost has to be the near one.
    if (lead === far) await switchOver(sandbox, standby, client);
    progress("the near site loses its power, and the far one is promoted by force");
    const failoverMs = await failOver(sandbox, near, far, client);
    return { relateToActiveMs, switchoverPauseMs, failoverMs };
  } finally {
    client.end();
  }
}

async function untilActive(sandbox: Sandbox, site: Site): Promise<void> {
  await sandbox.waitFor((now) => isActive(now, site), { model: site.model, timeoutMs: FORM_MS });
}

async function relate(sandbox: Sandbox, near: Site, far: Site): Promise<void> {
  await sandbox.mustJuju(["offer", `${near.model}.${near.app}:async-primary`]);
  await sandbox.mustJuju(["consume", "-m", far.model, `${near.model}.${near.app}`]);
  await sandbox.mustJuju(["integrate", "-m", far.model, near.app, `${far.app}:async-replica`]);
}

async function startClient(sandbox: Sandbox, near: Site, far: Site): Promise<RowClient> {
  const action = ["get-password", "username=serverconfig"];
  const { username, password } = await mustRun(sandbox, near.model, `${near.app}/leader`, action);
  const servers = [...(await addressesOf(sandbox, near)), ...(await addressesOf(sandbox, far))];
  const place = { model: far.model, unit: `${far.app}/0`, servers };
  return await RowClient.start(sandbox, { ...place, user: String(username), password: String(password) });
}

async function switchOvers(
  sandbox: Sandbox,
  sites: readonly [Site, Site],
  client: RowClient,
  progress: Progress,
): Promise<readonly number[]> {
  const pauses: number[] = [];
  for (let round = 0; round < SWITCHOVERS; round++) {
    progress(`switchover ${round + 1} of ${SWITCHOVERS}`);
    pauses.push(await switchOver(sandbox, sites[(round + 1) % 2 === 1 ? 1 : 0], client));
  }
  return pauses;
}

/** Makes a site the primary cluster, and gives the longest pause that the client saw, in milliseconds. */
async function switchOver(sandbox: Sandbox, to: Site, client: RowClient): Promise<number> {
  await client.mark();
  await mustRun(sandbox, to.model, `${to.app}/leader`, [
    "promote-standby-cluster",
    `cluster-set-name=${SET}`,
  ]);
  await moreRows(client);
  return (await client.look()).longestPauseMs;
}

async function failOver(sandbox: Sandbox, from: Site, to: Site, client: RowClient): Promise<number> {
  const machines = Object.keys((await sandbox.status(from.model)).machines);
  for (const machine of machines) await sandbox.mustJuju(["power-off", "-m", from.model, machine]);
  const began = performance.now();
  const action = ["promote-standby-cluster", `cluster-set-name=${SET}`, "force=true"];
  await mustRun(sandbox, to.model, `${to.app}/leader`, action);
  await moreRows(client);
  return rounded(performance.now() - began, 0);
}

async function moreRows(client: RowClient): Promise<void> {
  const { acknowledged } = await client.look();
  await eventually(
    () => client.look(),
    (mark) => mark.acknowledged >= acknowledged + ROWS_AFTERWARDS,
    CHANGE_MS,
  );
}
