import { beforeEach, describe, expect, test } from "vitest";
import type { RelationCache } from "../../../../lib/juju/hook-context.ts";
import type { RelationHook } from "../../../../lib/juju/local-state.ts";
import { destroyRelation } from "../../../../lib/juju/relations.ts";
import { integrate } from "../../../../sandbox/juju/operations/relate.ts";
import { refused, shell } from "../support/calls.ts";
import { deployed, type Place, relationOf, settle, stateWithCharm, unitOf } from "../support/models.ts";

let a: Place;
let follower: Place;
let b: Place;

beforeEach(() => {
  const state = stateWithCharm();
  a = deployed(state, "rome", "a", 2);
  b = deployed(state, "rome", "b", 2);
  integrate(state, a.model, "a:source", "b:sink");
  settle(state);
  follower = { ...a, unit: unitOf(a.model, "a/1") };
});

const id = (name: string): number => relationOf(a.model, name).id;
const hookOf = (change: Partial<RelationHook>): RelationHook => ({
  kind: "relation-changed",
  relation: id("source"),
  endpoint: "source",
  remoteApp: "b",
  remoteUnit: "b/0",
  version: 1,
  ...change,
});
const during = (place: Place, change: Partial<RelationHook>, cache?: RelationCache) => {
  const hook = hookOf(change);
  return shell(place, { hook, scope: hook }, cache);
};

describe("relation-ids and relation-list", () => {
  test("outside a relation hook", () => {
    const { out, run } = shell(a);
    expect(out("relation-ids source")).toBe(`source:${id("source")}\n`);
    expect(out("relation-ids source --format json")).toBe(`["source:${id("source")}"]\n`);
    expect(out("relation-ids nothing --format=json")).toBe("[]\n");
    expect(run("relation-ids")).toEqual(refused(2, "no endpoint name specified"));
    expect(run("relation-list")).toEqual(refused(2, "no relation id specified"));
    expect(run("relation-list -r 99")).toEqual(
      refused(2, 'invalid value "99" for option -r: relation not found'),
    );
    expect(run("relation-list --relation db:x")).toEqual(
      refused(2, 'invalid value "db:x" for option --relation: invalid relation id'),
    );
    // The endpoint before the number is not looked at.
    expect(out(`relation-list -r whatever:${id("source")}`)).toBe("b/0\nb/1\n");
    expect(out(`relation-list -r ${id("source")} --app`)).toBe("b\n");
    expect(out(`relation-list -r ${id("friends")} --format json`)).toBe('["a/1"]\n');
  });

  test("in a hook they are about its relation; who departs is gone, who joins is there", () => {
    expect(during(a, {}).out("relation-ids")).toBe(`source:${id("source")}\n`);
    expect(during(a, { kind: "relation-departed" }).out("relation-list")).toBe("b/1\n");
    const stranger = during(a, { kind: "relation-joined", remoteUnit: "b/7" });
    expect(stranger.out("relation-list")).toBe("b/0\nb/1\nb/7\n");
  });

  test("members are those that the charm was told of, not those that are there", () => {
    const memory = a.unit.local.relations[id("source")];
    if (memory !== undefined) {
      const relations = { ...a.unit.local.relations, [id("source")]: { ...memory, members: { "b/0": 1 } } };
      a.unit.local = { ...a.unit.local, relations };
    }
    expect(shell(a).out(`relation-list -r ${id("source")}`)).toBe("b/0\n");
  });

  test("a broken relation is not listed, a dying one with members is", () => {
    destroyRelation(a.state, a.model, relationOf(a.model, "source"));
    expect(shell(a).out("relation-ids source")).not.toBe("");
    const memory = a.unit.local.relations[id("source")];
    if (memory !== undefined) {
      const relations = { ...a.unit.local.relations, [id("source")]: { ...memory, members: {} } };
      a.unit.local = { ...a.unit.local, relations };
    }
    expect(during(a, { kind: "relation-broken", remoteUnit: "" }).out("relation-ids source")).toBe("");
  });
});

describe("relation-get", () => {
  test("of the hook's remote unit, a key, all, and what is not there", () => {
    relationOf(a.model, "source").units["b/0"] = { settings: { host: "1.2.3.4" }, version: 2, scope: "in" };
    const { out } = during(a, {});
    expect(out("relation-get")).toBe("host: 1.2.3.4\n");
    expect(out("relation-get - b/0 --format json")).toBe('{"host":"1.2.3.4"}\n');
    expect(out("relation-get host")).toBe("1.2.3.4\n");
    expect(out("relation-get nothing")).toBe("");
    expect(out("relation-get nothing --format=json")).toBe("null\n");
  });

  test("without a remote unit it is the remote application's", () => {
    relationOf(a.model, "source").applications["b"] = { settings: { k: "v" }, version: 1 };
    expect(during(a, { kind: "relation-created", remoteUnit: "" }).out("relation-get k")).toBe("v\n");
    expect(during(a, {}).out("relation-get k --app")).toBe("v\n");
    expect(during(a, {}).out("relation-get k b/0 --app")).toBe("v\n");
  });

  test("needs to know whose", () => {
    const { run } = shell(a);
    expect(run(`relation-get -r ${id("source")}`)).toEqual(refused(2, "no unit or application specified"));
    expect(run(`relation-get -r ${id("source")} - b`)).toEqual(
      refused(2, 'expected unit name, got application name "b"'),
    );
    expect(run(`relation-get -r ${id("source")} - B!`)).toEqual(refused(2, 'invalid unit name "B!"'));
    expect(run(`relation-get -r ${id("source")} - zz/9`)).toEqual(refused(1, "permission denied"));
  });

  test("shows this hook's own writes to its own bags", () => {
    const leader = shell(a);
    leader.out(`relation-set -r ${id("source")} k=unit`);
    leader.out(`relation-set -r ${id("source")} --app k=app`);
    expect(leader.out(`relation-get -r ${id("source")} k a/0`)).toBe("unit\n");
    expect(leader.out(`relation-get -r ${id("source")} k a --app`)).toBe("app\n");
    expect(shell(a).out(`relation-get -r ${id("source")} k a/0`)).toBe("");
  });

  test("the own application's bag is the leader's, but a peer's is everyone's", () => {
    relationOf(a.model, "friends").applications["a"] = { settings: { k: "v" }, version: 1 };
    expect(shell(follower).run(`relation-get -r ${id("source")} - a --app`)).toEqual(
      refused(1, "permission denied"),
    );
    expect(shell(follower).out(`relation-get -r ${id("friends")} k a --app`)).toBe("v\n");
  });

  test("data of others is kept from hook to hook until a hook is about them", () => {
    const cache: RelationCache = new Map();
    const relation = relationOf(a.model, "source");
    const read = (change: Partial<RelationHook>, unit: string): string =>
      during(a, change, cache).out(`relation-get k ${unit}`);
    const write = (unit: string, k: string): void => {
      relation.units[unit] = { settings: { k }, version: 5, scope: "in" };
    };
    write("b/1", "old");
    expect(read({}, "b/1")).toBe("old\n");
    write("b/1", "new");
    expect(read({ remoteUnit: "b/0" }, "b/1")).toBe("old\n");
    expect(read({ remoteUnit: "b/1" }, "b/1")).toBe("new\n");
  });

  test("a departed unit's data stays readable", () => {
    const relation = relationOf(a.model, "source");
    relation.units["b/1"] = { settings: { k: "last" }, version: 5, scope: "left" };
    const gone = during(a, { kind: "relation-departed", remoteUnit: "b/1" });
    expect(gone.out("relation-get k")).toBe("last\n");
  });
});

describe("relation-set", () => {
  test("files are maps of strings, arguments win, and only the leader writes for the application", () => {
    const { run, context } = shell(a);
    const line = `relation-set -r ${id("source")} --file - b=args`;
    expect(run(line, { "-": "a: file\nb: file\n" }).code).toBe(0);
    expect(context.writes.unitBags.get(id("source"))).toEqual({ a: "file", b: "args" });
    expect(run(line, { "-": "a: 1\n" }).stderr).toContain("cannot unmarshal");
    expect(shell(follower).run(`relation-set -r ${id("source")} --app k=v`)).toEqual(
      refused(1, "cannot write relation settings"),
    );
  });

  test("wrong words", () => {
    const { run } = shell(a);
    expect(run("relation-set k=v")).toEqual(refused(2, "no relation id specified"));
    expect(run(`relation-set -r ${id("source")} k`)).toEqual(refused(2, 'expected "key=value", got "k"'));
  });
});

test("relation-model-get tells this model's uuid for a relation within it", () => {
  expect(shell(b).out(`relation-model-get -r ${id("source")} --format json`)).toBe(
    `{"uuid":"${b.model.uuid}"}\n`,
  );
});
