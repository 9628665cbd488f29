import { expect, test } from "vitest";
import { HookToolError, type OwnSecret, Secret, type SecretInfo } from "../../lib/index.ts";
import type { HookModel } from "../../lib/model.ts";
import type { Meta } from "./support/charm.ts";
import { openModel, upstream } from "./support/model.ts";

const id = "secret:9m4e2mr0ui3e8a215n4g";
const [old, fresh] = [{ key: new Secret("value-old") }, { key: new Secret("value-fresh") }];

test("are read once per way of reading", async () => {
  const { model, calls } = openModel({ secretGet: async () => old });
  expect(await model.secret({ id })).toEqual({ kind: "value", content: old });
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

const info: SecretInfo = {
  id: "9m4e2mr0ui3e8a215n4g",
  revision: 1,
  owner: "unit",
  label: "keys",
  description: "",
  rotation: "never",
  expires: undefined,
  rotates: undefined,
};

/** An own secret, and what is called for it. */
async function owned(): Promise<{ secret: OwnSecret; model: HookModel<Meta>; orders: () => string[] }> {
  const { model, calls } = openModel({
    secretInfo: async () => info,
    secretGet: async () => old,
    secretSet: async () => undefined,
    secretGrant: async () => undefined,
    secretRevoke: async () => undefined,
    secretRemove: async () => undefined,
  });
  const secret = await model.ownSecret("unit", { label: "keys" });
  if (secret === undefined) throw new Error("the secret is missing");
  return { secret, model, orders: () => calls.filter((call) => !/^secret(Get|Info)/.test(call)) };
}

test("of this unit are found by label or id; those of others are not", async () => {
  expect((await owned()).secret.id).toBe(info.id);
  const secretInfo = async (): Promise<never> => {
    throw new HookToolError("secret-info-get", 1, "not-found", "no");
  };
  expect(await openModel({ secretInfo }).model.ownSecret("unit", { id })).toBeUndefined();
  expect(await openModel({}).model.ownSecret("unit", { id: "--label" })).toBeUndefined();
});

test("are set at commit, and only when the content differs", async () => {
  const { secret, model, orders } = await owned();
  secret.set({ key: new Secret("value-old") });
  await model.commit();
  expect(orders()).toEqual([]);
  secret.set(fresh);
  expect(await secret.content()).toEqual(fresh);
  expect(await model.secret({ label: "keys" }, { refresh: true })).toMatchObject({ content: fresh });
  expect(await model.secret({ id: secret.id }, { peek: true })).toMatchObject({ content: fresh });
  expect(await model.secret({ id: secret.id })).toMatchObject({ content: old });
  await model.commit();
  expect(orders()).toEqual([`secretSet["${info.id}",{"key":"[secret]"},{}]`]);
});

test("are changed in one command; orders about one thing count once, the last one", async () => {
  const { secret, model, orders } = await owned();
  secret.set(fresh);
  secret.change({ rotate: "daily" });
  secret.change({ description: "of the test" });
  secret.grant(upstream);
  secret.revoke({ unit: "web/0" });
  secret.grant(upstream);
  secret.grant(upstream, "web/1");
  secret.removeRevision(3);
  secret.remove();
  expect(orders()).toEqual([]);
  await model.commit();
  expect(orders()).toEqual([
    `secretSet["${info.id}",{"key":"[secret]"},{"rotate":"daily","description":"of the test"}]`,
    `secretRevoke["${info.id}",{"unit":"web/0"}]`,
    `secretGrant["${info.id}",7,null]`,
    `secretGrant["${info.id}",7,"web/1"]`,
    `secretRemove["${info.id}",3]`,
    `secretRemove["${info.id}"]`,
  ]);
});

test("can be told more about without a new content", async () => {
  const { secret, model, orders } = await owned();
  secret.change({ label: "renamed" });
  await model.commit();
  expect(orders()).toEqual([`secretSet["${info.id}",null,{"label":"renamed"}]`]);
});

test("that are added are told to Juju at once, and reads start anew", async () => {
  let exists = false;
  const { model, calls } = openModel({
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
  expect(model.handedOver()).toBe(false);
  expect((await model.addSecret("unit", fresh, { label: "keys" })).id).toBe(id);
  expect(model.handedOver()).toBe(true);
  expect(calls.at(-1)).toContain('{"label":"keys","owner":"unit"}');
  expect(await model.secret({ label: "keys" })).toMatchObject({ kind: "value", content: fresh });
});
