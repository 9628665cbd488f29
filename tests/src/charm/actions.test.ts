import { describe, expect, test } from "vitest";
import type { Event } from "../../../lib/index.ts";
import { runEvent } from "../../../lib/testing/world.ts";
import type { Meta } from "../../../src/generated/charm-meta.ts";
import { systemUsers } from "../../../src/wire/credentials.ts";
import { machine, namedWorld } from "../support/world.ts";

const request = (action: keyof Meta["actions"]): Event<Meta> => ({ kind: "action", action, actionId: "7" });

describe("get-password", () => {
  test.each(systemUsers)("of %s, on any unit", async (username) => {
    const world = namedWorld({ leader: false });
    const { exitCode, action } = await runEvent(machine().charm, world, request("get-password"), {
      params: { username },
    });
    expect(exitCode).toBe(0);
    expect(action.failure).toBeUndefined();
    expect(action.results).toEqual({ username, password: `own-${username}-pw` });
  });

  test("means root unless told", async () => {
    const { action } = await runEvent(machine().charm, namedWorld(), request("get-password"));
    expect(action.results).toMatchObject({ username: "root" });
  });

  test.each(["admin", "", "root; x", "toString"])(
    "refuses the user %j by naming the field",
    async (username) => {
      const { exitCode, action } = await runEvent(machine().charm, namedWorld(), request("get-password"), {
        params: { username },
      });
      expect(exitCode).toBe(0);
      expect(action.failure).toContain("username");
      expect(action.failure).toContain(
        "must be one of root, serverconfig, clusteradmin, monitoring, backups",
      );
      expect(action.results).toEqual({});
    },
  );

  test("before there are passwords says what is missing", async () => {
    const world = namedWorld({ secrets: [] });
    const { action } = await runEvent(machine().charm, world, request("get-password"));
    expect(action.failure).toContain("passwords do not exist yet");
  });
});
