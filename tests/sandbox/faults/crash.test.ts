// The sandbox itself is killed again and again, at moments that a seed draws, and loses nothing of what it has confirmed.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { drawFraction } from "../../../lib/juju/chance.ts";
import { openSandbox, type Sandbox, type StatusJson } from "../../../sandbox/client.ts";
import { crash } from "./support/controller.ts";

/** SEED=<n> tries other moments. */
const SEED = Number(process.env["SEED"] ?? 20);
/** A hook of the charm takes some 50 ms, a boot some 500. */
const LATEST_MS = 900;
const charm = fileURLToPath(new URL("../juju/fixtures/tiny", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "crash-"));
const name = `crash-${process.pid}`;
const chance = { seed: SEED, drawn: {} };
let sandbox: Sandbox;

beforeAll(async () => {
  process.env["XDG_STATE_HOME"] = home;
  sandbox = await openSandbox(name, { seed: SEED });
});

afterAll(async () => {
  await sandbox?.destroy();
  rmSync(home, { recursive: true, force: true });
});

/** Asks for something while the sandbox dies, at once or some time later. Whether it was confirmed. */
async function despiteCrash(line: string): Promise<boolean> {
  // Who is killed while it starts cannot even say that.
  const asked = sandbox.juju(line.split(" ")).catch(() => ({ code: 1 }));
  await pause(drawFraction(chance, "moment") * LATEST_MS);
  crash(name);
  return (await asked).code === 0;
}

/** Asks until the answer is as it must be. */
async function eventually(line: string, wanted: RegExp): Promise<void> {
  await vi.waitFor(async () => expect((await sandbox.juju(line.split(" "))).stdout).toMatch(wanted), {
    timeout: 60_000,
    interval: 200,
  });
}

const unitsOf = (status: StatusJson, app: string) => Object.entries(status.applications[app]?.units ?? {});
const isIdle = (status: StatusJson): boolean =>
  Object.keys(status.applications).every((app) =>
    unitsOf(status, app).every(([, unit]) => unit["juju-status"].current === "idle"),
  ) && Object.values(status.machines).every((machine) => machine["juju-status"].current === "started");
const settled = (holds: (status: StatusJson) => boolean): Promise<StatusJson> =>
  sandbox.waitFor((status) => isIdle(status) && holds(status), { model: "rome", timeoutMs: 60_000 });

test("what was asked for happens in the end, whenever the sandbox is killed", async () => {
  // A confirmed wish is kept; one that was cut off is either there or can be asked for again.
  for (const line of ["add-model rome", `deploy -m rome ${charm} one -n 2`, `deploy -m rome ${charm} two`]) {
    const confirmed = await despiteCrash(line);
    const again = await sandbox.juju(line.split(" "));
    if (confirmed)
      expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("already exists") });
    expect((await sandbox.juju(["models", "--format", "json"])).stdout).toContain("rome");
  }
  for (const line of ["integrate -m rome one:source two:sink", "config -m rome one greeting=last"]) {
    if (!(await despiteCrash(line))) await sandbox.juju(line.split(" "));
  }
  // In the middle of hooks, and of boots: each start of the sandbox brings start hooks to all units.
  for (let n = 0; n < 4; n++) await despiteCrash("trigger -m rome update-status one/0");
  await settled((status) => unitsOf(status, "one").length === 2 && unitsOf(status, "two").length === 1);
  await eventually(
    "show-unit -m rome two/0 --format json",
    /"secret":"secret:.*"seen-by":"two\/0"|"seen-by":"two\/0".*"secret":"secret:/,
  );
  await eventually("show-unit -m rome one/0 --format json", /"application-data":\{"greeting":"last"\}/);
}, 120_000);

test("a unit on its way in or out gets there, with its machine", async () => {
  if (!(await despiteCrash("add-unit -m rome one"))) {
    const units = unitsOf(await sandbox.status("rome"), "one");
    if (units.length === 2) await sandbox.mustJuju(["add-unit", "-m", "rome", "one"]);
  }
  await settled((status) => unitsOf(status, "one").length === 3);
  for (const line of ["remove-unit -m rome one/0", "remove-unit -m rome two/0"]) {
    if (!(await despiteCrash(line))) await sandbox.juju(line.split(" "));
    await despiteCrash("status -m rome");
  }
  const status = await settled((now) => unitsOf(now, "one").length === 2 && unitsOf(now, "two").length === 0);
  expect(unitsOf(status, "one").filter(([, unit]) => unit.leader)).toHaveLength(1);
  const kept = Object.keys(status.machines).map((id) => `rome-${id}`);
  expect(readdirSync(join(sandbox.folder, "machines")).sort()).toEqual(kept.sort());
}, 120_000);

test("an interrupted hook is run again, an interrupted action has failed", async () => {
  const [[one = ""] = [], [two = ""] = []] = unitsOf(await sandbox.status("rome"), "one");
  const on = (unit: string, command: string) => sandbox.mustJuju(["ssh", "-m", "rome", unit, command]);
  await on(one, "touch /var/lib/tiny/hang-update-status");
  await sandbox.mustJuju(["trigger", "-m", "rome", "update-status", one]);
  const hanging = (status: StatusJson) =>
    status.applications["one"]?.units?.[one]?.["workload-status"].message === "hanging";
  await sandbox.waitFor(hanging, { model: "rome", timeoutMs: 30_000 });
  const begun = "touch /var/lib/tiny/begun; sleep 60";
  const exec = sandbox.juju(["exec", "-m", "rome", "--unit", two, "--", begun]);
  await eventually(`ssh -m rome ${two} ls /var/lib/tiny`, /begun/);
  crash(name);
  expect((await exec).code).toBe(1);
  await eventually(`ssh -m rome ${one} ls /var/lib/tiny`, /hang/);
  await on(one, "rm /var/lib/tiny/hang-update-status");
  await sandbox.juju(["kill-dispatch", "-m", "rome", one]);
  await settled(
    (now) => now.applications["one"]?.units?.[one]?.["workload-status"].message === "not hanging",
  );
  await eventually("operations -m rome --format json", /"status":"failed"/);
}, 120_000);
