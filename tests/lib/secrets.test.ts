import { inspect } from "node:util";
import { expect, test } from "vitest";
import { isSecretUri, redact, registerSecret, Secret, sameContent, secretKey } from "../../lib/index.ts";

const value = "s3cret-of-the-test";

test("a secret prints as nothing, whatever prints it", () => {
  const secret = new Secret(value);
  const printed = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: { secret } }),
    String(secret),
  ];
  expect(printed.join(" ")).not.toContain(value);
  expect(Object.values(secret)).toEqual([]);
  expect(secret.reveal()).toBe(value);
});

test("secrets are equal by value", () => {
  expect(new Secret(value).equals(new Secret(value))).toBe(true);
  expect(new Secret(value).equals(new Secret(`${value}x`))).toBe(false);
});

test("contents are the same with the same keys and values only", () => {
  const [one, two] = [new Secret("value-one"), new Secret("value-two")];
  expect(sameContent({ a: one }, { a: new Secret("value-one") })).toBe(true);
  expect(sameContent({ a: one }, { a: two })).toBe(false);
  expect(sameContent({ a: one }, { a: one, b: two })).toBe(false);
  expect(sameContent({ a: one, b: two }, { a: one })).toBe(false);
  expect(sameContent({ toString: one }, { a: one })).toBe(false);
});

test("texts lose every secret that was ever made, the longest first", () => {
  registerSecret("abcdef");
  registerSecret("abcdefghi");
  expect(redact("x abcdefghi y abcdef z")).toBe("x [secret] y [secret] z");
  expect(redact(`${new Secret(value)} ${value}`)).toBe("[secret] [secret]");
});

test("values as short as words stay", () => {
  registerSecret("root");
  expect(redact("user root")).toBe("user root");
});

const id = "9m4e2mr0ui3e8a215n4g";
const uuid = "11111111-2222-4333-8444-555555555555";

test.each([id, `secret:${id}`, `secret:${uuid}/${id}`, `secret://${uuid}/${id}`])(
  "%s is that secret",
  (uri) => {
    expect(secretKey(uri)).toBe(id);
    expect(isSecretUri(uri)).toBe(true);
  },
);

test.each(["", "--help", `secret:${id}x`, `secret://${id.slice(1)}`, `secret:${id}\n`, `x secret:${id}`])(
  "%j is no secret",
  (text) => {
    expect(isSecretUri(text)).toBe(false);
    expect(secretKey(text)).toBe(text);
  },
);
