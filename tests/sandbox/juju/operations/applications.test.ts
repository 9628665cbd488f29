import { beforeEach, describe, expect, test } from "vitest";
import {
  deploy,
  forgetUnit,
  refresh,
  removeApplication,
  removeUnit,
  setConfig,
} from "../../../../sandbox/juju/operations/applications.ts";
import {
  addModel,
  modelNamed,
  setModelConfig,
  unitNamed,
} from "../../../../sandbox/juju/operations/models.ts";
import { integrate } from "../../../../sandbox/juju/operations/relate.ts";
import { enqueueAction } from "../../../../sandbox/juju/operations/tasks.ts";
import { takeSnapshot } from "../../../../sandbox/juju/snapshot.ts";
import { shell } from "../support/calls.ts";
import {
  charm,
  deployed,
  now,
  nowMs,
  type Place,
  settle,
  stateWithCharm,
  unitOf,
} from "../support/models.ts";

let place: Place;

beforeEach(() => {
  place = deployed(stateWithCharm(), "rome", "a", 2);
});

const set = (values: Record<string, string>, reset: string[] = []) =>
  setConfig(place.state, place.model, "a", { set: values, reset });
const config = () => place.model.applications["a"]?.config;

describe("deploying", () => {
  test("gives each unit a machine, an address of the model's network and its storage, and makes the peer relation", () => {
    const { model } = place;
    expect(Object.values(model.machines).map((machine) => machine.address)).toEqual([
      "10.1.0.10",
      "10.1.0.11",
    ]);
    expect(Object.values(model.machines)[0]?.hostname).toBe(`juju-${model.uuid.slice(-6)}-0`);
    expect(Object.values(model.storage).map((storage) => [storage.id, storage.unit])).toEqual([
      ["data/0", "a/0"],
      ["data/1", "a/1"],
    ]);
    expect(Object.values(model.relations).map((relation) => relation.key)).toEqual(["a:friends"]);
  });

  test.each([
    ["a", {}, 'cannot add application "a": application already exists'],
    ["A", {}, 'invalid application name "A"'],
    ["b-1", {}, 'invalid application name "b-1"'],
    ["b", { port: "x" }, 'option "port" expected int, got "x"'],
    ["b", { nothing: "x" }, 'unknown option "nothing" (there are: fast, port, ratio, title)'],
  ])("%s %j is refused and changes nothing", (name, given, message) => {
    const before = JSON.stringify(place.model);
    const wanted = { name, charm: "c1", units: 1, config: given, now };
    expect(() => deploy(place.state, place.model, wanted)).toThrow(message);
    expect(JSON.stringify(place.model)).toBe(before);
  });
});

describe("options", () => {
  test("are stored in their types, and reset to their defaults", () => {
    set({ port: "90", ratio: "0.5", fast: "True", title: "7" });
    expect(config()).toEqual({ port: 90, ratio: 0.5, fast: true, title: "7" });
    set({}, ["port", "title"]);
    expect(config()).toEqual({ ratio: 0.5, fast: true });
  });

  test.each([
    [{ port: "1.5" }, 'option "port" expected int, got "1.5"'],
    [{ ratio: "much" }, 'option "ratio" expected float, got "much"'],
    [{ fast: "yes" }, 'option "fast" expected boolean, got "yes"'],
  ])("%j", (values, message) => {
    expect(() => set(values)).toThrow(message);
  });

  test("a reset of an unknown option is refused", () => {
    expect(() => set({}, ["nothing"])).toThrow('unknown option "nothing"');
  });
});

describe("removing", () => {
  test("the last unit of a removed application takes it, its relations and its secrets along", () => {
    const { state, model } = place;
    deployed(state, "rome", "b");
    integrate(state, model, "a:source", "b:sink");
    settle(state);
    removeApplication(state, model, "a");
    expect([unitOf(model, "a/0").life, unitOf(model, "a/1").life]).toEqual(["dying", "dying"]);
    forgetUnit(state, model, unitOf(model, "a/0"));
    expect(model.applications["a"]).toBeDefined();
    forgetUnit(state, model, unitOf(model, "a/1"));
    expect(model.applications["a"]).toBeUndefined();
    expect(Object.keys(model.machines)).toEqual(["2"]);
  });

  test("what only a removed unit tracked is not tracked any more", () => {
    const { state, model } = place;
    settle(state);
    const owner = shell(place);
    const uri = owner.out("secret-add token=one").trim();
    owner.flush();
    const other = { state, model, unit: unitOf(model, "a/1") };
    shell(other).out(`secret-get ${uri}`);
    const update = shell(place);
    update.out(`secret-set ${uri} token=two`);
    update.flush();
    const obsolete = () => takeSnapshot(state, model, place.unit, nowMs).secretsDue.obsolete.length;
    expect(obsolete()).toBe(0);
    forgetUnit(state, model, unitOf(model, "a/1"));
    expect(obsolete()).toBe(1);
  });

  test("machine numbers and unit numbers are never used again", () => {
    removeUnit(place.state, place.model, unitOf(place.model, "a/1"));
    forgetUnit(place.state, place.model, unitOf(place.model, "a/1"));
    deployed(place.state, "rome", "b");
    expect(unitOf(place.model, "b/0").machine).toBe("2");
  });
});

describe("refreshing", () => {
  test("moves every unit to the new charm and adds new peer relations", () => {
    const peer = { name: "more", role: "peer", interface: "friend", scope: "global", limit: 0 } as const;
    place.state.charms["c2"] = { ...charm, endpoints: { ...charm.endpoints, more: peer } };
    const application = place.model.applications["a"];
    if (application === undefined) throw new Error("no application");
    refresh(place.state, place.model, application, "c2");
    expect(place.unit.charm).toBe("c2");
    expect(place.unit.local.charm).toBe("c1");
    expect(Object.values(place.model.relations).map((relation) => relation.key)).toEqual([
      "a:friends",
      "a:more",
    ]);
  });

  test("refuses another charm, and one without an endpoint in use", () => {
    const application = place.model.applications["a"];
    if (application === undefined) throw new Error("no application");
    place.state.charms["c2"] = { ...charm, name: "web" };
    expect(() => refresh(place.state, place.model, application, "c2")).toThrow(
      'cannot upgrade "db" to "web"',
    );
    place.state.charms["c3"] = { ...charm, endpoints: {} };
    expect(() => refresh(place.state, place.model, application, "c3")).toThrow(
      'would break relation "a:friends"',
    );
  });
});

describe("names", () => {
  test("leaders, units and models", () => {
    expect(unitNamed(place.model, "a/leader").name).toBe("a/0");
    expect(() => unitNamed(place.model, "a/7")).toThrow(
      'unit "a/7" not found in model rome (there are: a/0, a/1)',
    );
    expect(() => unitNamed(place.model, "b/leader")).toThrow(
      'application "b" not found in model rome (there is: a)',
    );
    expect(modelNamed(place.state, "admin/rome")).toBe(place.model);
    expect(() => addModel(place.state, "rome")).toThrow('model "rome" for admin already exists');
    expect(() => addModel(place.state, "Rome")).toThrow('"Rome" is not a valid name');
  });

  test("model settings", () => {
    setModelConfig(place.model, {
      "update-status-hook-interval": "10s",
      "automatically-retry-hooks": "false",
    });
    expect(place.model.config).toEqual({
      "update-status-hook-interval": "10s",
      "automatically-retry-hooks": false,
    });
    expect(() => setModelConfig(place.model, { "update-status-hook-interval": "soon" })).toThrow(
      "invalid duration",
    );
    expect(() => setModelConfig(place.model, { colour: "red" })).toThrow('model setting "colour" not found');
  });
});

describe("actions", () => {
  const queue = (name: string, parameters: Record<string, unknown>) =>
    enqueueAction(place.state, place.model, [place.unit], { name, parameters }, now);

  test.each<[string, Record<string, unknown>, string]>([
    ["restore", {}, 'action "restore" not defined on unit "a/0" (there is: backup)'],
    ["backup", {}, 'validation failed: (root) : "to" property is missing and required, given {}'],
    ["backup", { to: 3 }, "validation failed: (root).to : must be of type string, given 3"],
    [
      "backup",
      { to: "x", level: 10 },
      "validation failed: (root).level : must be less than or equal to 9, given 10",
    ],
    [
      "backup",
      { to: "x", level: 1.5 },
      "validation failed: (root).level : must be of type integer, given 1.5",
    ],
    ["backup", { to: "x", speed: 1 }, 'additional property "speed" is not allowed'],
  ])("%s %j", (name, parameters, message) => {
    expect(() => queue(name, parameters)).toThrow(message);
    expect(place.model.tasks).toEqual({});
  });

  test("an operation and its tasks share their numbers", () => {
    expect(queue("backup", { to: "x" })[0]).toMatchObject({
      operation: "1",
      id: "2",
      parameters: { to: "x", level: 1 },
    });
    expect(queue("backup", { to: "x" })[0]).toMatchObject({ operation: "3", id: "4" });
  });
});
