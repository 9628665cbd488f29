import { describe, expect, test } from "vitest";
import { readBag } from "../../../lib/index.ts";
import {
  hostnameDetailsSchema,
  nextCount,
  peerAppSchema,
  peerSecretLabel,
  peerUnitSchema,
} from "../../../src/wire/peers.ts";
import { primaryBagSchema, replicaBagSchema } from "../../../src/wire/replication.ts";

const primary = {
  "secret-id": "secret://11111111-2222-4333-8444-555555555555/abcdefghijklmnopqrst",
  "cluster-name": "rome",
  "mysql-version": "8.0.36-0ubuntu0.22.04.1",
  "cluster-set-name": "empire",
};
const replica = { "cluster-name": "lisbon", endpoint: "192.0.2.7", "node-label": "lisbon-0" };

describe("what the primary's side writes", () => {
  test("is read as written", () => {
    expect(readBag(primaryBagSchema, primary)).toEqual({ kind: "value", value: primary });
  });

  test.each([
    ["cluster-name", "x'); import os"],
    ["cluster-set-name", "-force"],
    ["secret-id", "file:///etc/passwd"],
    ["mysql-version", "8.0.36\nx"],
    ["is-replica", "yes"],
    ["replica-state", "done"],
    ["switchover", "1; x"],
  ])("%s of %j is refused by its name", (field, value) => {
    expect(readBag(primaryBagSchema, { ...primary, [field]: value })).toMatchObject({
      kind: "invalid",
      field,
    });
  });

  test("the refusal does not repeat the value", () => {
    const value = "x'); import os";
    expect(JSON.stringify(readBag(primaryBagSchema, { "cluster-name": value }))).not.toContain("import");
  });
});

describe("what the replica's side writes", () => {
  test("is read as written", () => {
    expect(readBag(replicaBagSchema, replica)).toEqual({ kind: "value", value: replica });
  });

  test.each([
    ["cluster-name", "x'); import os"],
    ["endpoint", "root:x@db"],
    ["endpoint", "-h"],
    ["node-label", "lisbon-0 --force"],
    ["user-data-found", "maybe"],
    ["switchover", "-1"],
  ])("%s of %j is refused by its name", (field, value) => {
    expect(readBag(replicaBagSchema, { ...replica, [field]: value })).toMatchObject({
      kind: "invalid",
      field,
    });
  });
});

describe("what peers write", () => {
  test("names without a seed are those of a standby", () => {
    const names = { "cluster-name": "rome", "cluster-set-domain-name": "empire" };
    expect(readBag(peerAppSchema, names)).toEqual({ kind: "value", value: names });
    expect(readBag(peerAppSchema, { "cluster-name": "rome" })).toEqual({ kind: "absent" });
  });

  test.each([
    ["member-state", "ONLINE"],
    ["instance-hostname", "mysql-0"],
    ["instance-hostname", "a@b:3306"],
    ["unit-configured", "true"],
  ])("%s of %j is refused", (field, value) => {
    expect(readBag(peerUnitSchema, { [field]: value })).toMatchObject({ kind: "invalid", field });
  });

  test("names and an address of one host", () => {
    const good = { names: ["mysql-0.lxd", "mysql-0"], address: "192.0.2.1" };
    expect(hostnameDetailsSchema.safeParse(good).success).toBe(true);
    for (const bad of [
      { ...good, names: [] },
      { ...good, names: Array(9).fill("x") },
      { ...good, names: ["a b"] },
      { ...good, names: ["a\n10.0.0.1 b"] },
      { ...good, address: "192.0.2.1 evil" },
      { ...good, address: "localhost" },
      "mysql-0",
    ]) {
      expect(hostnameDetailsSchema.safeParse(bad).success).toBe(false);
    }
  });

  test("the secret's label is the Python charm's", () => {
    expect(peerSecretLabel("db1")).toBe("database-peers.db1.app");
  });
});

test("the switchover counter goes up, from nothing, and stays a counter", () => {
  expect(nextCount(undefined)).toBe("1");
  expect(nextCount("41")).toBe("42");
  expect(primaryBagSchema.safeParse({ switchover: nextCount("999999999") }).success).toBe(true);
});
