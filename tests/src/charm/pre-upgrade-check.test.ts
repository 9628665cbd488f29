import { describe, expect, test } from "vitest";
import type { Event } from "../../../lib/index.ts";
import { type RunEventResult, runEvent } from "../../../lib/testing/world.ts";
import type { Meta } from "../../../src/generated/charm-meta.ts";
import { primaryServer } from "../support/mysql.ts";
import {
  host,
  type Machine,
  machine,
  namedWorld,
  names,
  own,
  peers,
  serverPassword,
} from "../support/world.ts";

const request: Event<Meta> = { kind: "action", action: "pre-upgrade-check", actionId: "3" };
const members = ["mysql-0", "mysql-1", "mysql-2"] as const;

function site(): Machine {
  const group = members.map((label, at) => ({
    uuid: `uuid-${at}`,
    host: at === 0 ? host : `${label}.lan`,
    state: "ONLINE" as const,
    role: at === 0 ? ("PRIMARY" as const) : ("SECONDARY" as const),
  }));
  const instances = members.map((label, at) => ({
    cluster: "rome",
    label,
    address: `${group[at]?.host}:3306`,
    uuid: `uuid-${at}`,
  }));
  const metadata = {
    own: "rome",
    domain: "empire",
    clusters: [{ name: "rome", role: "PRIMARY" }],
    instances,
  } as const;
  const local = primaryServer("rome", "empire", { host, password: serverPassword("own"), group, metadata });
  return machine({ snap: { kind: "installed", version: "9.7.0" }, servers: { local } });
}

const check = async (here: Machine): Promise<RunEventResult<Meta>> => {
  const bags = { [own]: names, "mysql/1": {}, "mysql/2": {} };
  const world = namedWorld({ leader: false, plannedUnits: 3, relations: [peers(bags)] });
  const result = await runEvent(here.charm, world, request);
  expect(result.exitCode).toBe(0);
  expect([result.world.relations, here.shell.runs, here.local.statements]).toEqual([world.relations, [], []]);
  return result;
};

test("a cluster in order is ready, on any unit", async () => {
  const { action } = await check(site());
  expect(action.failure).toBeUndefined();
  expect(action.results).toMatchObject({ success: "True", members: "3", version: "9.7.0" });
  expect(action.results["message"]).toContain("the primary last");
});

test("standby clusters go first", async () => {
  const here = site();
  const { metadata } = here.local;
  if (metadata === undefined) throw new Error("no metadata");
  here.local.metadata = {
    ...metadata,
    clusters: [...metadata.clusters, { name: "lisbon", role: "REPLICA" }],
  };
  const { action } = await check(here);
  expect(action.results["message"]).toContain("before this one: lisbon");
});

describe("it says what stands in the way:", () => {
  test.each([
    [
      "a member that is away",
      (here: Machine) => {
        here.local.group = here.local.group.map((each) =>
          each.uuid === "uuid-2" ? { ...each, state: "UNREACHABLE" as const } : each,
        );
      },
      "mysql-2 not online",
    ],
    [
      "a unit that is no member",
      (here: Machine) => {
        here.local.group = here.local.group.slice(0, 2);
      },
      "mysql-2 not online",
    ],
    [
      "a unit that did not join yet",
      (here: Machine) => {
        here.local.group = here.local.group.slice(0, 2);
        const { metadata } = here.local;
        if (metadata === undefined) throw new Error("no metadata");
        here.local.metadata = { ...metadata, instances: metadata.instances.slice(0, 2) };
      },
      "the group has 2 of 3 members",
    ],
    [
      "different versions",
      (here: Machine) => {
        here.local.group = here.local.group.map((each, at) =>
          at === 1 ? { ...each, version: "9.7.1" } : each,
        );
      },
      "different versions (9.7.0, 9.7.1)",
    ],
    [
      "a job",
      (here: Machine) => {
        here.jobs.states.set("join", { kind: "running", label: "", startedAt: 0, lastLines: [] });
      },
      "a job of this unit runs",
    ],
    [
      "a server that does not answer",
      (here: Machine) => {
        here.local.down = "unreachable";
      },
      "no primary that this unit can ask",
    ],
  ])("%s", async (_, spoil, reason) => {
    const here = site();
    spoil(here);
    const { action } = await check(here);
    expect(action.failure).toContain(reason);
    expect(action.results).toEqual({});
  });
});
