// Each test is one event in a world of plain data, and looks at the world afterwards.
import { describe, expect, test } from "vitest";
import { emptyWorld, runEvent } from "../../../lib/testing/world.ts";
import { guestbook } from "../src/charm.ts";
import { charmMeta } from "../src/generated/charm-meta.ts";

const guests = { id: 1, endpoint: "guests", remoteApp: "ada" } as const;
const host = { id: 2, endpoint: "host", remoteApp: "inn" } as const;

describe("as a host", () => {
  const given = (bag: Record<string, string>, leader = true) =>
    emptyWorld(charmMeta, {
      leader,
      relations: [{ ...guests, bags: { guestbook: {}, "guestbook/0": {}, ada: {}, "ada/0": bag } }],
    });

  test("the leader greets a guest by its name", async () => {
    const { world } = await runEvent(guestbook, given({ name: "Ada" }), { kind: "update-status" });
    expect(world.relations[0]?.bags["guestbook"]).toEqual({ greeting: "Hello Ada" });
    expect(world.unitStatus).toEqual({ kind: "active", message: "guests: 1" });
  });

  test("another unit leaves the greeting to the leader", async () => {
    const { world } = await runEvent(guestbook, given({ name: "Ada" }, false), { kind: "update-status" });
    expect(world.relations[0]?.bags["guestbook"]).toEqual({});
  });

  test("a guest with a bad name is not greeted, and the log says why", async () => {
    const { world, log } = await runEvent(guestbook, given({ name: "<b>" }), { kind: "update-status" });
    expect(world.unitStatus).toEqual({ kind: "active", message: "guests: 0" });
    expect(log[0]).toMatchObject({ level: "WARNING", text: expect.stringContaining("ada/0") });
  });
});

describe("as a guest", () => {
  const given = (config: { name?: string }, bag: Record<string, string>) =>
    emptyWorld(charmMeta, {
      config,
      relations: [{ ...host, bags: { guestbook: {}, "guestbook/0": {}, inn: bag, "inn/0": {} } }],
    });

  test("it says its name and waits", async () => {
    const { world } = await runEvent(guestbook, given({ name: "Ada" }, {}), { kind: "config-changed" });
    expect(world.relations[0]?.bags["guestbook/0"]).toEqual({ name: "Ada" });
    expect(world.unitStatus).toEqual({ kind: "waiting", message: "for a greeting from inn" });
  });

  test("it shows what the host answered", async () => {
    const world = given({ name: "Ada" }, { greeting: "Hello Ada" });
    const event = { kind: "relation-changed", endpoint: "host", relationId: 2, remoteApp: "inn" } as const;
    const after = await runEvent(guestbook, world, event);
    expect(after.world.unitStatus).toEqual({ kind: "active", message: "Hello Ada" });
  });

  test("when the relation ends, it is no guest any more", async () => {
    const event = { kind: "relation-broken", endpoint: "host", relationId: 2, remoteApp: "inn" } as const;
    const { world } = await runEvent(guestbook, given({ name: "Ada" }, { greeting: "Hello Ada" }), event);
    expect(world.unitStatus).toEqual({ kind: "waiting", message: "integrate guests or host" });
  });

  test("without a name it says which command gives it one", async () => {
    const { world } = await runEvent(guestbook, given({}, {}), { kind: "config-changed" });
    expect(world.unitStatus).toEqual({ kind: "blocked", message: "juju config guestbook name=<your name>" });
  });
});

test("list-guests shows the names up to the limit, and how many there are", async () => {
  const bags = {
    guestbook: {},
    "guestbook/0": {},
    ada: {},
    "ada/0": { name: "Ada" },
    "ada/1": { name: "Bob" },
  };
  const world = emptyWorld(charmMeta, { relations: [{ ...guests, bags }] });
  const { action } = await runEvent(
    guestbook,
    world,
    { kind: "action", action: "list-guests", actionId: "1" },
    { params: { limit: 1 } },
  );
  expect(action.results).toEqual({ guests: "Ada", count: "2" });
});
