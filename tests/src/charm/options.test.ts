import { describe, expect, test } from "vitest";
import { runEvent } from "../../../lib/testing/world.ts";
import { machine, namedWorld } from "../support/world.ts";

const changed = { kind: "config-changed" } as const;

describe("an option that is not valid", () => {
  test.each([
    ["cluster-name", "x'); import os"],
    ["cluster-set-name", "1st"],
    ["profile", "fast"],
    ["profile-limit-memory", 599],
    ["experimental-max-connections", 1],
    ["binlog-retention-days", 0],
    ["logs-retention-period", "for ever"],
  ])("%s blocks the unit by its name, and nothing else happens", async (option, value) => {
    const site = machine();
    const before = namedWorld({ config: { [option]: value } });
    const { exitCode, world } = await runEvent(site.charm, before, changed);
    expect(exitCode).toBe(0);
    expect(world.unitStatus?.kind).toBe("blocked");
    expect(world.unitStatus?.message).toContain(`Option ${option} must be`);
    expect(world.unitStatus?.message).toContain(`juju config mysql ${option}=`);
    expect(world.appStatus).toEqual(world.unitStatus);
    expect(world.relations).toEqual(before.relations);
    expect([site.snapCalls, site.shell.runs, site.sql.attempts]).toEqual([[], [], []]);
  });

  test("is forgotten once it is mended", async () => {
    const { world: blocked } = await runEvent(
      machine().charm,
      namedWorld({ config: { profile: "fast" } }),
      changed,
    );
    const mended = { ...blocked, config: { profile: "testing" } };
    const { exitCode, world } = await runEvent(machine().charm, mended, changed);
    expect(exitCode).toBe(0);
    expect(world.unitStatus?.message).not.toContain("Option");
    expect(world.unitStatus?.kind).not.toBe("blocked");
    expect(world.appStatus?.message).not.toContain("Option");
  });

  test("does not keep an operator from a password", async () => {
    const world = namedWorld({ config: { profile: "fast" } });
    const event = { kind: "action", action: "get-password", actionId: "1" } as const;
    const { action } = await runEvent(machine().charm, world, event);
    expect(action.results).toMatchObject({ username: "root", password: "own-root-pw" });
  });
});
