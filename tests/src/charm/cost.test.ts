// What a pass costs its server: the limits are the contract.
import { expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { machine, namedWorld } from "../support/world.ts";

test("a settled unit looks at its server over one connection, and starts no program", async () => {
  const site = machine();
  const { world } = await runEvent(site.charm, namedWorld(), { kind: "start" });
  const before = [site.shell.runs.length, site.snapCalls.length, site.jobs.started.length];
  const attempts = site.sql.attempts.length;
  const { exitCode } = await runEvent(site.charm, world, { kind: "update-status" });
  expect(exitCode).toBe(0);
  expect(site.sql.attempts.length - attempts).toBe(1);
  expect(site.sql.open()).toBe(0);
  expect([site.shell.runs.length, site.snapCalls.length, site.jobs.started.length]).toEqual(before);
});
