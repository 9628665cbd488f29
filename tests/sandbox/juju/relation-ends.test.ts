// How relations between models end without the usual course: suspended, resumed, removed by force. With running agents on both sides.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Relation } from "../../../lib/juju/model.ts";
import { removeUnit } from "../../../sandbox/juju/operations/applications.ts";
import { consume, offer, removeSaas } from "../../../sandbox/juju/operations/offers.ts";
import { integrate, removeRelation, setSuspended } from "../../../sandbox/juju/operations/relate.ts";
import { Cluster } from "./support/agents.ts";
import { refused, shell } from "./support/calls.ts";
import { deployed, type Place, relationOf } from "./support/models.ts";

let cluster: Cluster;
let rome: Place;
let lisbon: Place;
let here: Relation;
let there: Relation;

beforeEach(async () => {
  cluster = new Cluster();
  const { state } = cluster.store;
  rome = deployed(state, "rome", "main");
  lisbon = deployed(state, "lisbon", "copy");
  offer(state, rome.model, { application: "main", endpoints: ["source"], name: "data" });
  consume(state, lisbon.model, "admin/rome.data", undefined);
  here = integrate(state, lisbon.model, "copy:sink", "data");
  there = relationOf(rome.model, "source");
  await cluster.start(rome.model, rome.unit);
  await cluster.start(lisbon.model, lisbon.unit);
  await cluster.until(() => hasMet(rome, there) && hasMet(lisbon, here));
  await cluster.settled();
  runs("main/0");
  runs("copy/0");
});
afterEach(async () => await cluster.stop());

const runs = (name: string): string[] => cluster.machines.get(name)?.runs.splice(0) ?? [];
const hasMet = ({ unit }: Place, { id }: Relation): boolean => {
  const memory = unit.local.relations[id];
  return memory !== undefined && Object.keys(memory.members).length === 1 && memory.changedPending === null;
};
const suspend = (reason: string): void => {
  setSuspended(cluster.store.state, rome.model, String(there.id), { suspended: true, reason });
  cluster.store.changed();
};

test("a suspended relation departs and breaks on both sides; resumed, it is joined again and not created again", async () => {
  suspend("audit");
  expect(here).toMatchObject({ suspended: true, suspendedReason: "audit" });
  const left = ({ unit }: Place, { id }: Relation): boolean => unit.local.relations[id] === undefined;
  await cluster.until(() => left(rome, there) && left(lisbon, here));
  await cluster.settled();
  expect(runs("main/0")).toEqual(["hooks/source-relation-departed", "hooks/source-relation-broken"]);
  expect(runs("copy/0")).toEqual(["hooks/sink-relation-departed", "hooks/sink-relation-broken"]);
  expect(shell(lisbon).out("relation-ids sink")).toBe("");

  setSuspended(cluster.store.state, rome.model, String(there.id), { suspended: false, reason: "" });
  cluster.store.changed();
  await cluster.until(() => hasMet(rome, there) && hasMet(lisbon, here));
  await cluster.settled();
  expect(runs("main/0")).toEqual(["hooks/source-relation-joined", "hooks/source-relation-changed"]);
  expect(runs("copy/0")).toEqual(["hooks/sink-relation-joined", "hooks/sink-relation-changed"]);
});

test("a suspended relation that is removed ends without another hook", async () => {
  suspend("");
  await cluster.until(
    () => there.units["main/0"]?.scope === "left" && here.units["copy/0"]?.scope === "left",
  );
  await cluster.settled();
  runs("main/0");
  removeRelation(cluster.store.state, lisbon.model, [String(here.id)]);
  expect(lisbon.model.relations[here.id]).toBeUndefined();
  expect(rome.model.relations[there.id]).toBeUndefined();
  await cluster.settled();
  expect(runs("main/0")).toEqual([]);
});

test("only a relation to an offer of this model can be suspended", () => {
  const { state } = cluster.store;
  const how = { suspended: true, reason: "" };
  expect(() => setSuspended(state, lisbon.model, String(here.id), how)).toThrow(
    'cannot set suspend status for "copy:sink data:source" which is not associated with an offer',
  );
  expect(() => setSuspended(state, rome.model, "99", how)).toThrow("relation 99 not found");
});

test("a SAAS removed by force: the consuming side is told nothing and keeps a ghost, the offering side sees it end", async () => {
  removeSaas(cluster.store.state, lisbon.model, "data", { force: true });
  cluster.store.changed();
  await cluster.until(() => rome.model.relations[there.id] === undefined);
  await cluster.settled();
  expect(runs("main/0")).toEqual(["hooks/source-relation-departed", "hooks/source-relation-broken"]);
  expect(rome.model.remotes).toEqual({});
  expect(runs("copy/0")).toEqual([]);
  expect(lisbon.model.remotes).toEqual({});

  const ghost = shell(lisbon);
  const denied = refused(1, "permission denied");
  expect(ghost.out("relation-ids sink")).toBe(`sink:${here.id}\n`);
  expect(ghost.out(`relation-list -r ${here.id}`)).toBe("data/0\n");
  expect(ghost.out(`relation-list -r ${here.id} --app`)).toBe("data\n");
  for (const whose of ["data/0", "copy/0", "data --app", "copy --app"]) {
    expect(ghost.run(`relation-get -r ${here.id} - ${whose}`)).toEqual(denied);
  }
  expect(ghost.run(`relation-set -r ${here.id} k=v`)).toEqual(
    refused(1, "cannot read relation settings: permission denied"),
  );
  expect(ghost.run(`relation-model-get -r ${here.id}`)).toEqual(denied);
  expect(ghost.run(`network-get sink -r ${here.id}`)).toEqual(refused(1, `relation ${here.id} not found`));
});

test("a ghost goes when the agent starts again", async () => {
  removeSaas(cluster.store.state, lisbon.model, "data", { force: true });
  await cluster.agents.get("copy/0")?.stop();
  await cluster.start(lisbon.model, lisbon.unit);
  await cluster.settled();
  expect(shell(lisbon).out("relation-ids sink")).toBe("");
  expect(lisbon.model.ghosts).toEqual({});
  expect(runs("copy/0")).toEqual([]);
});

test("a unit with a ghost can be removed", async () => {
  removeSaas(cluster.store.state, lisbon.model, "data", { force: true });
  removeUnit(cluster.store.state, lisbon.model, lisbon.unit);
  cluster.store.changed();
  await cluster.until(() => lisbon.unit.life === "dead");
  expect(runs("copy/0")).toEqual(["hooks/data-storage-detaching", "hooks/stop", "hooks/remove"]);
});
