// With a virtual clock and a seed, a model of a shell charm does the same again: order of hooks, times, names, leaders.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../../sandbox/client.ts";

const charm = fileURLToPath(new URL("../juju/fixtures/tiny", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "seed-"));
const opened: Sandbox[] = [];

beforeAll(() => {
  process.env["XDG_STATE_HOME"] = home;
});

afterAll(async () => {
  for (const sandbox of opened) await sandbox.destroy();
  rmSync(home, { recursive: true, force: true });
});

interface Journey {
  readonly started: readonly string[];
  /** Time, unit and what it ran or failed at. */
  readonly log: readonly string[];
  readonly status: unknown;
  readonly ids: unknown;
}

async function journey(name: string, seed: number): Promise<Journey> {
  const started: string[] = [];
  const sandbox = await openSandbox(name, { seed, clock: "virtual", progress: (text) => started.push(text) });
  opened.push(sandbox);
  const juju = (line: string): Promise<string> => sandbox.mustJuju(line.split(" "));
  await juju("add-model rome");
  await juju(`deploy ${charm} one -n 3`);
  await juju(`deploy ${charm} two -n 2`);
  await juju("advance 1s");
  await juju("integrate one:source two:sink");
  await juju("ssh one/1 touch /var/lib/tiny/fail-config-changed");
  await juju("config one greeting=ciao");
  await juju("advance 12m");
  await juju("power-off one/leader");
  await juju("advance 2m");
  const lines = (await juju("debug-log --replay --level INFO")).split("\n");
  return {
    started,
    log: lines.filter((line) => /juju\.worker\.uniter/.test(line)),
    status: JSON.parse(await juju("status --format json")),
    ids: JSON.parse(await juju("secrets --format json")),
  };
}

test("the same seed does the same again, another seed something else", async () => {
  const [first, again, other] = await Promise.all([
    journey(`seed-a-${process.pid}`, 7),
    journey(`seed-b-${process.pid}`, 7),
    journey(`seed-c-${process.pid}`, 8),
  ]);
  expect(first.started).toContain("The sandbox is ready, seed 7");
  expect(first.log.length).toBeGreaterThan(50);
  expect(first.log.join("\n")).toContain("update-status");
  expect(again.log).toEqual(first.log);
  expect(again.status).toEqual(first.status);
  expect(again.ids).toEqual(first.ids);
  expect(other.log).not.toEqual(first.log);
  expect(other.ids).not.toEqual(first.ids);
}, 120_000);

test("the seed and the clock of a sandbox are shown, and cannot be changed", async () => {
  const name = `seed-d-${process.pid}`;
  const sandbox = await openSandbox(name, { seed: 3 });
  opened.push(sandbox);
  expect(JSON.parse(await sandbox.mustJuju(["clock", "--format", "json"]))).toMatchObject({
    clock: "real",
    seed: 3,
  });
  expect(await sandbox.juju(["advance", "5m"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("real clock"),
  });
  await sandbox.mustJuju(["add-model", "rome"]);
});
