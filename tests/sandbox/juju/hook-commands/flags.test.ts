import { describe, expect, test } from "vitest";
import { type FlagSpecs, parseKeyValues, parseLine } from "../../../../lib/juju/hook-commands/flags.ts";
import { formatValue } from "../../../../lib/juju/hook-commands/output.ts";

const specs: FlagSpecs = {
  relation: { kind: "value", short: "r" },
  app: { kind: "bool" },
  all: { kind: "bool", short: "a" },
};
const read = (line: string) => {
  const { flags, args } = parseLine(specs, line.split(" "));
  return [Object.fromEntries([...flags].map(([name, { value }]) => [name, value])), args];
};

describe("command lines", () => {
  test.each([
    ["-r 1 key", { relation: "1" }, ["key"]],
    ["-r1 key", { relation: "1" }, ["key"]],
    ["key --relation 1", { relation: "1" }, ["key"]],
    ["--relation=db:1 key", { relation: "db:1" }, ["key"]],
    ["a --app b", { app: "true" }, ["a", "b"]],
    ["--app=F x", { app: "false" }, ["x"]],
    ["-ar 1", { all: "true", relation: "1" }, []],
    ["-- -r 1", {}, ["-r", "1"]],
    ["- x", {}, ["-", "x"]],
  ])("%s", (line, flags, args) => {
    expect(read(line)).toEqual([flags, args]);
  });

  test.each([
    ["--foo", "option provided but not defined: --foo"],
    ["-x", "option provided but not defined: -x"],
    ["--relation", "option needs an argument: --relation"],
    ["-r", "option needs an argument: -r"],
    [
      "--app=maybe",
      'invalid boolean value "maybe" for --app: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
  ])("%s is refused", (line, message) => {
    expect(() => read(line)).toThrow(message);
  });
});

describe("key=value", () => {
  test("both sides are trimmed, empty words are nothing, only the first = counts", () => {
    expect(parseKeyValues([" a = 1 ", "", "b=x=y"])).toEqual({ a: "1", b: "x=y" });
  });
  test.each([
    [["x"], 'expected "key=value", got "x"'],
    [["=x"], 'expected "key=value", got "=x"'],
    [["k=1", "k=2"], 'key "k" specified more than once'],
  ])("%j is refused", (words, message) => {
    expect(() => parseKeyValues(words)).toThrow(message);
  });
});

describe("formats", () => {
  test.each([
    ["smart", "x", "x\n"],
    ["smart", "", ""],
    ["smart", null, ""],
    ["smart", true, "True\n"],
    ["smart", false, "False\n"],
    ["smart", 80, "80\n"],
    ["smart", ["a", "b"], "a\nb\n"],
    ["smart", { b: "2", a: "1" }, 'a: "1"\nb: "2"\n'],
    ["smart", {}, "{}\n"],
    ["yaml", null, ""],
    ["yaml", ["a"], "- a\n"],
    ["yaml", { a: ["x"] }, "a:\n- x\n"],
    ["json", null, "null\n"],
    ["json", [], "[]\n"],
    ["json", { a: "1" }, '{"a":"1"}\n'],
    ["xml", {}, undefined],
  ])("%s of %j", (format, value, text) => {
    expect(formatValue(value, format)).toBe(text);
  });
});
