// What the runner of documents takes for a command, and for its output.
import { expect, it } from "vitest";
import { blocksOf, missingLine } from "../support/document.ts";

it("finds blocks with their marks", () => {
  const blocks = blocksOf("Text\n```sh run\na\nb\n```\n\n```text output\nc\n```\n");
  expect(blocks).toEqual([
    { line: 2, kind: "sh run", text: "a\nb" },
    { line: 7, kind: "text output", text: "c" },
  ]);
});

it("refuses a block that is not closed", () => {
  expect(() => blocksOf("```sh\na\n")).toThrow("the block of line 1 is not closed");
});

it.each([
  ["the same text", "a b", "a b"],
  ["gaps of another width", "a   b", "x\na b"],
  ["any text for the ellipsis", "db1/0* active … Primary", "db1/0*  active  idle  Primary"],
  ["lines in between", "a\nc", "a\nb\nc"],
])("accepts %s", (_name, expected, printed) => {
  expect(missingLine(expected, printed)).toBeUndefined();
});

it.each([
  ["another text", "a.b", "axb"],
  ["another order", "b\na", "a\nb"],
  ["a part of a line", "a", "a b"],
])("misses %s", (_name, expected, printed) => {
  expect(missingLine(expected, printed)).toBeDefined();
});
