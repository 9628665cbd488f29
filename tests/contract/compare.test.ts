import { expect, test } from "vitest";
import { type Answer, misused, prints, printsJson, refused, silent, step } from "./case.ts";
import { difference } from "./compare.ts";
import { type Observed, readReport, scriptOf } from "./script.ts";

const names = new Map([["unit", "db/0"]]);
const said = (stdout: string, stderr = "", code = 0): Observed => ({ code, stdout, stderr });

test.each<[Answer, Observed]>([
  [silent, said("")],
  [prints("{unit}\n"), said("db/0\n")],
  [prints(/^d/), said("db/0\n")],
  [printsJson({ "{unit}": ["{unit}", 1, null] }), said('{"db/0":["db/0",1,null]}\n')],
  [misused('unknown "{unit}"'), said("", 'ERROR unknown "db/0"\n', 2)],
  [refused(/denied/), said("", "ERROR permission denied (x)\n", 1)],
])("%j is what was said", (answer, observed) => {
  expect(difference(answer, observed, names)).toBeUndefined();
});

test.each<[string, Answer, Observed | undefined]>([
  ["nothing ran", silent, undefined],
  ["more is printed", silent, said("x\n")],
  ["a warning is printed", silent, said("", "careful\n")],
  ["the exit code is another", silent, said("", "", 1)],
  ["the text is another", prints("a\n"), said("b\n")],
  ["the line end is missing", prints("a\n"), said("a")],
  ["the JSON is another", printsJson({ a: 1 }), said('{"a":2}\n')],
  ["the JSON has several lines", printsJson({ a: 1 }), said('{\n"a":1}\n')],
  ["it is no JSON", printsJson(null), said("nothing\n")],
  ["the refusal has another exit code", refused("no"), said("", "ERROR no\n", 2)],
  ["the refusal says something else", refused("no"), said("", "ERROR yes\n", 1)],
])("it differs when %s", (_, answer, observed) => {
  expect(difference(answer, observed, names)).toBeTypeOf("string");
});

test("a script quotes what a shell would change, and hands over input", () => {
  const script = scriptOf([step(["echo", "it's $HOME {unit}"], silent, { stdin: "a'b" })]);
  expect(script).toContain(`'echo' 'it'\\''s $HOME '"$v_unit"''`);
  expect(script).toContain(`printf %s 'a'\\''b'`);
});

test("a report is read among other lines", () => {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const report = readReport(
    `noise\nname unit ${base64("db/0")}\ncode 0 ${base64("2")}\nout 0 \nerr 0 ${base64("ERROR x\n")}\n`,
  );
  expect(report.names.get("unit")).toBe("db/0");
  expect(report.steps.get(0)).toEqual({ code: 2, stdout: "", stderr: "ERROR x\n" });
  expect(report.steps.get(1)).toBeUndefined();
});
