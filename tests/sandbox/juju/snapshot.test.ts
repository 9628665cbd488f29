import { expect, test } from "vitest";
import { setConfig } from "../../../sandbox/juju/operations/applications.ts";
import { integrate } from "../../../sandbox/juju/operations/relate.ts";
import { configHashOf, takeSnapshot } from "../../../sandbox/juju/snapshot.ts";
import { deployed, nowMs, settle, stateWithCharm } from "./support/models.ts";

test("relations are seen with the members in scope, without oneself, peers last", () => {
  const state = stateWithCharm();
  const { model, unit } = deployed(state, "rome", "a", 2);
  deployed(state, "rome", "b", 2);
  integrate(state, model, "a:source", "b:sink");
  settle(state);
  const relations = takeSnapshot(state, model, unit, nowMs).relations;
  expect(relations.map(({ endpoint, members }) => [endpoint, Object.keys(members)])).toEqual([
    ["source", ["b/0", "b/1"]],
    ["friends", ["a/1"]],
  ]);
});

test("the configuration's hash follows options and the address, whatever the order of setting", () => {
  const state = stateWithCharm();
  const { model, unit } = deployed(state, "rome", "a");
  const set = (values: Record<string, string>): string => {
    setConfig(state, model, "a", { set: values, reset: [] });
    return configHashOf(model, unit);
  };
  const before = configHashOf(model, unit);
  const both = set({ port: "1", title: "x" });
  expect(both).not.toBe(before);
  setConfig(state, model, "a", { set: {}, reset: ["port", "title"] });
  expect(configHashOf(model, unit)).toBe(before);
  set({ title: "x" });
  expect(set({ port: "1" })).toBe(both);
  const machine = model.machines[unit.machine];
  if (machine !== undefined) machine.address = "10.1.0.99";
  expect(configHashOf(model, unit)).not.toBe(both);
});
