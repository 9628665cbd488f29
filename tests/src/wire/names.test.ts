import { describe, expect, test } from "vitest";
import type * as z from "zod";
import {
  addressSchema,
  clusterNameSchema,
  hostSchema,
  isSameName,
  labelSchema,
  secretIdSchema,
  unitLabel,
  unitNameSchema,
  versionSchema,
} from "../../../src/wire/names.ts";

/** Texts that no name may be: code, statements, options, lines, paths, control characters, nothing. */
const hostile = [
  "x'); import os",
  'x"); os.system("id")',
  "x; DROP DATABASE mysql",
  "x`y",
  "$(id)",
  "-x",
  "--force",
  "{",
  "a b",
  " rome",
  "rome ",
  "rome\n",
  "rome\nevil",
  "\nrome",
  "rome\u0000",
  "a/../b",
  "ро́ма",
  "",
] as const;

interface Grammar {
  readonly schema: z.ZodType<string>;
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

const grammars: Readonly<Record<string, Grammar>> = {
  "cluster name": {
    schema: clusterNameSchema,
    good: ["rome", "R", "cluster-0_a.B", "a".repeat(63)],
    bad: ["a".repeat(64), "1rome", "_rome", ".rome", "rome:x", "rome@x"],
  },
  host: {
    schema: hostSchema,
    good: ["192.0.2.7", "db-1", "db-1.example.com", "a".repeat(63)],
    bad: ["a".repeat(64), "db-", "db..com", ".db", "db:3306", "root@db", `${"a.".repeat(127)}a`, "::1"],
  },
  address: {
    schema: addressSchema,
    good: ["192.0.2.7"],
    bad: ["192.0.2", "192.0.2.256", "db-1", "::1", "192.0.2.7:3306"],
  },
  label: {
    schema: labelSchema,
    good: ["mysql-0", "my-sql-12"],
    bad: ["mysql", "mysql-", "Mysql-0", "0-0", "mysql/0", `${"m".repeat(79)}-0`],
  },
  version: {
    schema: versionSchema,
    good: ["8.0.36", "8.0.36-0ubuntu0.22.04.1", "9.7.0", "8.4.3+build~1"],
    bad: ["8.0", "v8.0.36", "8.0.36 (GPL)", "8.0.36 x", "1234.0.0", `8.0.36-${"x".repeat(100)}`],
  },
  "secret id": {
    schema: secretIdSchema,
    good: [
      "secret:abcdefghijklmnopqrst",
      "secret://11111111-2222-4333-8444-555555555555/abcdefghijklmnopqrst",
      "secret:11111111-2222-4333-8444-555555555555/abcdefghijklmnopqrst",
      "abcdefghijklmnopqrst",
    ],
    bad: [
      "secret:abc",
      "secret:ABCDEFGHIJKLMNOPQRST",
      "file:abcdefghijklmnopqrst",
      "secret:-abcdefghijklmnopqrs",
    ],
  },
  "unit name": {
    schema: unitNameSchema,
    good: ["mysql/0", "my-sql/12"],
    bad: ["mysql", "mysql/", "mysql/x", "MySQL/0", "mysql/0/1"],
  },
};

describe.each(Object.entries(grammars))("%s", (_, { schema, good, bad }) => {
  test.each(good)("takes %j", (text) => {
    expect(schema.parse(text)).toBe(text);
  });

  test.each([...bad, ...hostile])("refuses %j", (text) => {
    expect(schema.safeParse(text).success).toBe(false);
  });
});

test("a unit's label", () => {
  expect(unitLabel("my-sql/12")).toBe("my-sql-12");
  expect(labelSchema.safeParse(unitLabel("my-sql/12")).success).toBe(true);
});

test("clusters whose names differ in case only are the same, and no name is like no other", () => {
  expect(isSameName("Rome", "rOME")).toBe(true);
  expect(isSameName("rome", "rome-2")).toBe(false);
  expect(isSameName("rome", undefined)).toBe(false);
  expect(isSameName(undefined, undefined)).toBe(false);
});
