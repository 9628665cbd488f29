import { beforeEach, describe, expect, test } from "vitest";
import type { Model, Relation, SandboxState } from "../../../lib/juju/model.ts";
import { leaveScope } from "../../../lib/juju/relations.ts";
import { removeApplication, removeUnit } from "../../../sandbox/juju/operations/applications.ts";
import { consume, offer, removeOffer, removeSaas } from "../../../sandbox/juju/operations/offers.ts";
import { integrate, removeRelation } from "../../../sandbox/juju/operations/relate.ts";
import { takeSnapshot } from "../../../sandbox/juju/snapshot.ts";
import { refused, shell } from "./support/calls.ts";
import { deployed, nowMs, type Place, relationOf, settle, stateWithCharm } from "./support/models.ts";

let state: SandboxState;
let rome: Place;
let lisbon: Place;
let here: Relation;
let there: Relation;

beforeEach(() => {
  state = stateWithCharm();
  rome = deployed(state, "rome", "main", 2);
  lisbon = deployed(state, "lisbon", "copy", 2);
  offer(state, rome.model, { application: "main", endpoints: ["source"], name: "data" });
  consume(state, lisbon.model, "admin/rome.data", undefined);
  integrate(state, lisbon.model, "copy:sink", "data");
  settle(state);
  here = relationOf(lisbon.model, "sink");
  there = relationOf(rome.model, "source");
});

const anonymous = (): string => Object.keys(rome.model.remotes)[0] ?? "";
const snapshotOf = (place: Place, relation: Relation) =>
  takeSnapshot(state, place.model, place.unit, nowMs).relations.find((seen) => seen.id === relation.id);
const leaveAll = (model: Model, relation: Relation): void => {
  for (const unit of Object.keys(model.units)) leaveScope(state, model, relation, unit);
};

test("the offering side sees an anonymous application, the consuming side the name of the SAAS", () => {
  expect(anonymous()).toMatch(/^remote-[0-9a-f]{32}$/);
  expect(snapshotOf(rome, there)).toMatchObject({ remoteApp: anonymous(), endpoint: "source" });
  expect(Object.keys(snapshotOf(rome, there)?.members ?? {})).toEqual([
    `${anonymous()}/0`,
    `${anonymous()}/1`,
  ]);
  expect(snapshotOf(lisbon, here)).toMatchObject({ remoteApp: "data", endpoint: "sink" });
  expect(Object.keys(snapshotOf(lisbon, here)?.members ?? {})).toEqual(["data/0", "data/1"]);
});

test("bags cross in both directions, at the flush, with their versions", () => {
  const write = (place: Place, relation: Relation, words: string): void => {
    const hook = shell(place);
    hook.out(`relation-set -r ${relation.id} ${words}`);
    hook.flush();
  };
  const before = snapshotOf(lisbon, here)?.members["data/0"] ?? 0;
  write(rome, there, "--app from=rome");
  write(rome, there, "unit=main/0");
  write(lisbon, here, "--app from=lisbon");
  expect(shell(lisbon).out(`relation-get -r ${here.id} from data --app`)).toBe("rome\n");
  expect(shell(lisbon).out(`relation-get -r ${here.id} unit data/0`)).toBe("main/0\n");
  expect(shell(rome).out(`relation-get -r ${there.id} from ${anonymous()} --app`)).toBe("lisbon\n");
  expect(snapshotOf(lisbon, here)).toMatchObject({ applications: { data: 1 } });
  expect(snapshotOf(lisbon, here)?.members["data/0"]).toBe(before + 1);
});

test("addresses are those of the machines, in each model's own network", () => {
  expect(there.units[`${anonymous()}/0`]?.settings["ingress-address"]).toBe("10.2.0.10");
  expect(here.units["data/0"]?.settings["ingress-address"]).toBe("10.1.0.10");
});

test("relation-model-get tells the other model", () => {
  expect(shell(lisbon).out(`relation-model-get -r ${here.id}`)).toBe(`uuid: ${rome.model.uuid}\n`);
  expect(shell(rome).out(`relation-model-get -r ${there.id}`)).toBe(`uuid: ${lisbon.model.uuid}\n`);
});

describe("secrets", () => {
  const share = (from: Place, relation: Relation): string => {
    const hook = shell(from);
    const uri = hook.out("secret-add token=hush").trim();
    hook.out(`secret-grant ${uri} -r ${relation.id}`);
    hook.flush();
    return uri;
  };

  test.each(["rome", "lisbon"] as const)(
    "of %s are read by the other side through a grant, by their full address",
    (from) => {
      const [owner, reader, relation] =
        from === "rome" ? ([rome, lisbon, there] as const) : ([lisbon, rome, here] as const);
      const uri = share(owner, relation);
      expect(uri).toMatch(new RegExp(`^secret://${owner.model.uuid}/`));
      expect(shell(reader).out(`secret-get ${uri} token`)).toBe("hush\n");
      expect(shell(reader).run(`secret-get ${uri.slice(-20)}`)).toEqual(
        refused(1, `secret "${uri.slice(-20)}" not found`),
      );
    },
  );

  test("a new revision is news on the other side", () => {
    const uri = share(rome, there);
    shell(lisbon).out(`secret-get ${uri}`);
    const hook = shell(rome);
    hook.out(`secret-set ${uri} token=louder`);
    hook.flush();
    expect(takeSnapshot(state, lisbon.model, lisbon.unit, nowMs).secretNews).toMatchObject([
      { uri, revision: 2 },
    ]);
  });

  test("a third application of the other model may not read them", () => {
    const uri = share(rome, there);
    const stranger = deployed(state, "lisbon", "stranger");
    expect(shell(stranger).run(`secret-get ${uri}`)).toEqual(refused(1, "permission denied"));
  });
});

describe("ending", () => {
  test("a dying unit departs on the other side at once", () => {
    removeUnit(state, lisbon.model, lisbon.unit);
    expect(Object.keys(snapshotOf(rome, there)?.members ?? {})).toEqual([`${anonymous()}/1`]);
  });

  test("a removed relation is dying on both sides and goes when nobody is left in either", () => {
    removeRelation(state, lisbon.model, ["copy", "data"]);
    expect([here.life, there.life]).toEqual(["dying", "dying"]);
    leaveAll(lisbon.model, here);
    expect(rome.model.relations[there.id]).toBe(there);
    leaveAll(rome.model, there);
    expect(rome.model.relations[there.id]).toBeUndefined();
    expect(lisbon.model.relations[here.id]).toBeUndefined();
    expect(rome.model.remotes).toEqual({});
    expect(Object.keys(lisbon.model.remotes)).toEqual(["data"]);
  });

  test("a removed SAAS goes with its relation", () => {
    removeSaas(state, lisbon.model, "data");
    leaveAll(lisbon.model, here);
    leaveAll(rome.model, there);
    expect(lisbon.model.remotes).toEqual({});
  });

  test("an offer in use holds its application", () => {
    expect(() => removeApplication(state, rome.model, "main")).toThrow("application is used by 1 offer");
    expect(() => removeOffer(rome.model, "data")).toThrow(
      'cannot delete application offer "data": offer has 1 relation',
    );
  });
});
