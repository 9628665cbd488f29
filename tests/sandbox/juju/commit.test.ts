import { beforeEach, describe, expect, test } from "vitest";
import { CommitError } from "../../../lib/juju/commit.ts";
import { integrate } from "../../../sandbox/juju/operations/relate.ts";
import { shell } from "./support/calls.ts";
import { deployed, type Place, relationOf, settle, stateWithCharm, unitOf } from "./support/models.ts";

let leader: Place;
let follower: Place;

beforeEach(() => {
  const state = stateWithCharm();
  leader = deployed(state, "rome", "a", 2);
  deployed(state, "rome", "b");
  integrate(state, leader.model, "a:source", "b:sink");
  settle(state);
  follower = { ...leader, unit: unitOf(leader.model, "a/1") };
});

const demote = (): void => {
  const application = leader.model.applications["a"];
  if (application !== undefined) application.leader = "a/1";
};

describe("relation data", () => {
  test("appears only at the flush, with a new version", () => {
    const relation = relationOf(leader.model, "source");
    const before = relation.units["a/0"]?.version ?? 0;
    const hook = shell(leader);
    hook.out(`relation-set -r ${relation.id} k=v`);
    expect(relation.units["a/0"]?.settings["k"]).toBeUndefined();
    hook.flush();
    expect(relation.units["a/0"]).toMatchObject({ settings: { k: "v" }, version: before + 1 });
  });

  test("that is the same again is no new version", () => {
    const relation = relationOf(leader.model, "source");
    for (const _ of [1, 2]) {
      const hook = shell(leader);
      hook.out(`relation-set -r ${relation.id} --app k=v`);
      hook.flush();
    }
    expect(relation.applications["a"]?.version).toBe(1);
  });

  test("an empty value removes the key", () => {
    const relation = relationOf(leader.model, "source");
    for (const value of ["v", ""]) {
      const hook = shell(leader);
      hook.out(["relation-set", "-r", String(relation.id), `k=${value}`]);
      hook.flush();
    }
    expect(relation.units["a/0"]?.settings).not.toHaveProperty("k");
  });

  test("the leader's own peer data is not news to itself, but to the others", () => {
    const relation = relationOf(leader.model, "friends");
    const hook = shell(leader);
    hook.out(`relation-set -r ${relation.id} --app k=v`);
    hook.flush();
    expect(leader.unit.local.relations[relation.id]?.applications).toEqual({ a: 1 });
    expect(follower.unit.local.relations[relation.id]?.applications).toEqual({ a: 0 });
  });
});

describe("leadership is checked again at the flush", () => {
  test("application data of a unit that lost the lead is refused, and nothing else of the hook is kept", () => {
    const relation = relationOf(leader.model, "source");
    const hook = shell(leader);
    hook.out(`relation-set -r ${relation.id} --app k=v`);
    hook.out(`relation-set -r ${relation.id} mine=v`);
    hook.out("state-set s=1");
    demote();
    expect(() => hook.flush()).toThrow(new CommitError('prerequisites failed: "a/0" is not leader of "a"'));
    expect(relation.applications["a"]?.settings).toEqual({});
    expect(relation.units["a/0"]?.settings).not.toHaveProperty("mine");
    expect(leader.unit.charmState).toEqual({});
  });

  test("unit data needs no lead", () => {
    const hook = shell(leader);
    hook.out(`relation-set -r ${relationOf(leader.model, "source").id} mine=v`);
    demote();
    hook.flush();
    expect(relationOf(leader.model, "source").units["a/0"]?.settings["mine"]).toBe("v");
  });

  test("so are application secrets", () => {
    const hook = shell(leader);
    hook.out("secret-add key=value");
    demote();
    expect(() => hook.flush()).toThrow(CommitError);
    expect(leader.model.secrets).toEqual({});
  });
});

test("secrets are flushed before the rest, each for itself: what came before a failure stays", () => {
  const hook = shell(leader);
  hook.out("secret-add --owner unit --label mine key=value");
  hook.out(`relation-set -r ${relationOf(leader.model, "source").id} --app k=v`);
  demote();
  expect(() => hook.flush()).toThrow(CommitError);
  expect(Object.values(leader.model.secrets).map((secret) => secret.label)).toEqual(["mine"]);
});

test("state, ports and storage come with the flush", () => {
  const hook = shell(leader);
  hook.out("state-set s=1 t=2");
  hook.out("open-port 3306");
  hook.out("storage-add spare=2");
  expect(leader.unit).toMatchObject({ charmState: {}, ports: [] });
  hook.flush();
  expect(leader.unit.charmState).toEqual({ s: "1", t: "2" });
  expect(leader.unit.ports).toEqual([{ endpoint: "", from: 3306, to: 3306, protocol: "tcp" }]);
  expect(Object.values(leader.model.storage).filter((storage) => storage.unit === "a/0")).toHaveLength(3);
});

test("a refused storage keeps nothing of the hook", () => {
  const hook = shell(leader);
  hook.out("state-set s=1");
  hook.out(["relation-set", "-r", String(relationOf(leader.model, "source").id), "k=v"]);
  hook.out("storage-add data=1");
  expect(() => hook.flush()).toThrow(
    'cannot add storage: charm "db" store "data": at most 1 instances supported, 2 specified',
  );
  const twice = shell(leader);
  twice.out("storage-add few=1");
  twice.out("storage-add few=2");
  expect(() => twice.flush()).toThrow("at most 2 instances supported, 3 specified");
  expect(leader.unit.charmState).toEqual({});
  expect(relationOf(leader.model, "source").units["a/0"]?.settings["k"]).toBeUndefined();
});
