import { expect, test } from "vitest";
import { ActionParameterError, OperatorError, toError } from "../../lib/index.ts";

test("an operator's error carries a code, a next command and a cause", () => {
  const cause = new Error("inner");
  const error = new OperatorError("cluster is gone", { code: "gone", next: "juju run …", cause });
  expect(error).toMatchObject({ message: "cluster is gone", code: "gone", next: "juju run …", cause });
  expect(new OperatorError("plain")).not.toHaveProperty("cause");
});

test("a refused parameter is an operator's error that names the field", () => {
  const error = new ActionParameterError("set-name", "does not match");
  expect(error).toBeInstanceOf(OperatorError);
  expect(error.message).toBe("Parameter set-name: does not match");
});

const loop: { self?: unknown } = {};
loop.self = loop;

test.each<[unknown, RegExp]>([
  ["text", /^text$/],
  [{ a: 1 }, /\{"a":1\}/],
  [undefined, /undefined/],
  [null, /null/],
  [loop, /\[object Object\]/],
])("whatever is thrown becomes an error: %#", (thrown, message) => {
  expect(toError(thrown)).toBeInstanceOf(Error);
  expect(toError(thrown).message).toMatch(message);
});

test("an error stays itself", () => {
  const error = new TypeError("x");
  expect(toError(error)).toBe(error);
});
