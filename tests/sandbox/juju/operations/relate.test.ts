import { beforeEach, describe, expect, test } from "vitest";
import type { Model, SandboxState } from "../../../../lib/juju/model.ts";
import { consume, offer } from "../../../../sandbox/juju/operations/offers.ts";
import { integrate, removeRelation } from "../../../../sandbox/juju/operations/relate.ts";
import { charm, deployed, stateWithCharm } from "../support/models.ts";

let state: SandboxState;
let model: Model;

beforeEach(() => {
  const second = { name: "other", role: "provider", interface: "copy", scope: "global", limit: 0 } as const;
  state = stateWithCharm({ ...charm, endpoints: { ...charm.endpoints, other: second } });
  ({ model } = deployed(state, "rome", "a"));
  deployed(state, "rome", "b");
  deployed(state, "rome", "c");
});

test("endpoints may be left out when only one pair fits", () => {
  expect(integrate(state, model, "a:source", "b").key).toBe("b:sink a:source");
  expect(integrate(state, model, "a:sink", "c:other").key).toBe("a:sink c:other");
});

describe("refusals", () => {
  test.each<[string, string, string]>([
    ["nobody", "a", 'application "nobody" not found in model rome (there are: a, b, c)'],
    ["a:nothing", "b", 'application "a" has no "nothing" relation (there are: other, sink, source)'],
    ["a:friends", "b", 'application "a" has no "friends" relation (there are: other, sink, source)'],
    [
      "a:source",
      "b:source",
      "no relations found: a provider and a requirer of one interface are needed, here are a:source (provider of copy) and b:source (provider of copy)",
    ],
    ["a:sink", "b", 'ambiguous relation: "a:sink b" could refer to "a:sink b:other"; "a:sink b:source"'],
  ])("%s with %s", (first, second, message) => {
    expect(() => integrate(state, model, first, second)).toThrow(message);
    expect(Object.values(model.relations).filter((relation) => relation.endpoints.length === 2)).toEqual([]);
  });

  test("the same relation twice", () => {
    integrate(state, model, "a:source", "b:sink");
    expect(() => integrate(state, model, "b:sink", "a:source")).toThrow(
      'cannot add relation "b:sink a:source": relation b:sink a:source already exists',
    );
  });

  test("more than the endpoint's limit", () => {
    integrate(state, model, "a:source", "b:sink");
    expect(() => integrate(state, model, "c:source", "b:sink")).toThrow(
      "establishing a new relation for b:sink would exceed its maximum relation limit of 1",
    );
  });
});

describe("removing", () => {
  test("by names or by id; what is not there is refused with what is", () => {
    const relation = integrate(state, model, "a:source", "b:sink");
    expect(() => removeRelation(state, model, ["a", "c"])).toThrow(
      'relation "a c" not found (there is: b:sink a:source)',
    );
    expect(() => removeRelation(state, model, ["99"])).toThrow('relation "99" not found');
    removeRelation(state, model, [String(relation.id)]);
    expect(model.relations[relation.id]).toBeUndefined();
  });

  test("two relations of the same applications need their endpoints", () => {
    integrate(state, model, "a:source", "b:sink");
    integrate(state, model, "a:sink", "b:source");
    expect(() => removeRelation(state, model, ["a", "b"])).toThrow(
      'ambiguous relation: "a b" could refer to "a:sink b:source"; "b:sink a:source"',
    );
    removeRelation(state, model, ["a:sink", "b:source"]);
  });
});

describe("offers", () => {
  test.each<[string, string]>([
    ["rome.nothing", 'application offer "admin/rome.nothing" not found (there is: admin/rome.data)'],
    ["oslo.data", 'model "oslo" not found (there is: rome)'],
    ["data", 'offer URL "data" not valid'],
  ])("consuming %s", (url, message) => {
    offer(state, model, { application: "a", endpoints: ["source"], name: "data" });
    expect(() => consume(state, model, url, undefined)).toThrow(message);
  });

  test("a SAAS may not take the name of an application, nor of another offer's SAAS", () => {
    offer(state, model, { application: "a", endpoints: ["source"], name: "b" });
    offer(state, model, { application: "a", endpoints: ["other"], name: "more" });
    expect(() => consume(state, model, "rome.b", undefined)).toThrow(
      "local application with same name already exists",
    );
    consume(state, model, "rome.b", "alias");
    expect(consume(state, model, "rome.b", "alias").name).toBe("alias");
    expect(() => consume(state, model, "rome.more", "alias")).toThrow(
      'saas application called "alias" from a different offer already exists',
    );
  });

  test("only endpoints that exist and are no peers can be offered", () => {
    expect(() => offer(state, model, { application: "a", endpoints: ["friends"], name: "x" })).toThrow(
      'application "a" has no "friends" relation (there are: other, sink, source)',
    );
  });
});
