import { expect, test } from "vitest";
import { HookToolError, Secret } from "../../lib/index.ts";
import { openModel, upstream } from "./support/model.ts";

const id = "secret:9m4e2mr0ui3e8a215n4g";
const [old, fresh] = [{ key: new Secret("value-old") }, { key: new Secret("value-fresh") }];

test("are read once per way of reading", async () => {
  const { model, calls } = openModel({ secretGet: async () => old });
  expect(await model.secret({ id })).toEqual({ kind: "value", content: old, id });
  await model.secret({ id });
  await model.secret({ id }, { refresh: true });
  expect(calls).toHaveLength(2);
});

test.each<["denied" | "not-found", string]>([
  ["denied", "not-granted"],
  ["not-found", "absent"],
])("%s is an answer: %s", async (reason, kind) => {
  const secretGet = async (): Promise<never> => {
    throw new HookToolError("secret-get", 1, reason, "no");
  };
  expect(await openModel({ secretGet }).model.secret({ id })).toEqual({ kind });
});

test("what is no id is not asked for", async () => {
  const { model, calls } = openModel({});
  expect(await model.secret({ id: "--help" })).toEqual({ kind: "absent" });
  expect(calls).toEqual([]);
});

test("by label come with an id, for those who may know it", async () => {
  const known = openModel({ secretGet: async () => old, secretIdOf: async () => "9m4e2mr0ui3e8a215n4g" });
  expect(await known.model.secret({ label: "keys" })).toMatchObject({ id: "9m4e2mr0ui3e8a215n4g" });
  const secretIdOf = async (): Promise<never> => {
    throw new HookToolError("secret-info-get", 1, "not-found", "no");
  };
  const foreign = openModel({ secretGet: async () => old, secretIdOf });
  expect(await foreign.model.secret({ label: "keys" })).toMatchObject({ id: "", content: old });
});

test("are changed at commit, and only when the content differs", async () => {
  const { model, calls } = openModel({
    secretGet: async () => old,
    secretSet: async () => undefined,
    secretGrant: async () => undefined,
    secretRemove: async () => undefined,
  });
  await model.setSecret({ id }, { key: new Secret("value-old") });
  await model.commit();
  expect(calls.filter((call) => call.startsWith("secretSet"))).toEqual([]);
  await model.setSecret({ id }, fresh);
  await model.grantSecret(id, upstream);
  await model.removeSecret("secret:other2mr0ui3e8a215n4");
  expect(await model.secret({ id }, { refresh: true })).toMatchObject({ content: fresh });
  expect(await model.secret({ id })).toMatchObject({ content: old });
  calls.length = 0;
  await model.commit();
  expect(calls.filter((call) => !call.startsWith("secretGet"))).toEqual([
    `secretSet["${id}",{"key":"[secret]"}]`,
    `secretGrant["${id}",7]`,
    'secretRemove["secret:other2mr0ui3e8a215n4"]',
  ]);
});

test("that are added are told to Juju at once, and reads start anew", async () => {
  let exists = false;
  const { model, calls } = openModel({
    secretIdOf: async () => "9m4e2mr0ui3e8a215n4g",
    secretGet: async () => {
      if (exists) return fresh;
      throw new HookToolError("secret-get", 1, "not-found", "no");
    },
    secretAdd: async () => {
      exists = true;
      return id;
    },
  });
  expect(await model.secret({ label: "keys" })).toEqual({ kind: "absent" });
  expect(await model.addSecret("unit", fresh, { label: "keys" })).toBe(id);
  expect(calls.at(-1)).toContain('{"owner":"unit","label":"keys"}');
  expect(await model.secret({ label: "keys" })).toMatchObject({ kind: "value", content: fresh });
});
