// Tables on terminals that are too narrow for them, and the column of ports.
import { expect, test } from "vitest";
import { portsText } from "../../../sandbox/status/ports.ts";
import { columns, table } from "../../../sandbox/status/table.ts";

const titles = columns("Unit", ">N", "Message");
const rows = [
  ["db/0*", "1", "Option profile must be one of two; mend it with: juju config db profile=testing"],
  ["db/1", "12", ""],
];

test("what fits is left as it is", () => {
  const wide = table(titles, rows);
  expect(table(titles, rows, 200)).toBe(wide);
  expect(wide.split("\n")[1]).toHaveLength(90);
});

test("the last column goes on beside the others", () => {
  expect(table(titles, rows, 50)).toBe(`\
Unit    N  Message
db/0*   1  Option profile must be one of two; mend
           it with: juju config db profile=testing
db/1   12
`);
});

test("and below them where there is no room beside", () => {
  const wide = columns("Unit", "Address of the machine", "Message");
  const row = ["db/0", "10.1.0.10", "Waiting for db/1 to join first"];
  expect(table(wide, [row, ["db/1", "10.1.0.11", ""]], 40)).toBe(`\
Unit  Address of the machine
db/0  10.1.0.10
    Waiting for db/1 to join first
db/1  10.1.0.11
`);
});

test("names that are too long are cut, the widest first", () => {
  const text = table(
    columns("Application", "Charm", "Message"),
    [["a".repeat(70), "mysql", "fine and well, as ever and always"]],
    40,
  );
  expect(text.split("\n").every((line) => line.length <= 40)).toBe(true);
  expect(text).toContain("aaa…  mysql\n    fine and well");
});

test("colours take no room", () => {
  const painted = [["\u001b[32mactive\u001b[39m", "x ".repeat(30).trim()]];
  const lines = table(columns("Status", "Message"), painted, 40).split("\n");
  expect(lines[1]).toBe(`\u001b[32mactive\u001b[39m  ${"x ".repeat(16).trim()}`);
});

test.each([
  [[], ""],
  [["3306/tcp"], "3306/tcp"],
  [["3306/tcp", "33060/tcp"], "3306,33060/tcp"],
  [["53/udp", "443/tcp", "80/tcp", "81/tcp", "82/tcp"], "80-82,443/tcp 53/udp"],
])("ports %j", (ports, text) => {
  expect(portsText(ports)).toBe(text);
});

test("a last column that is short stays where it is", () => {
  const lines = table(columns("Model", "Timestamp"), [["m".repeat(60), "06:51:50Z"]], 40).split("\n");
  expect(lines[1]).toBe(`${"m".repeat(28)}…  06:51:50Z`);
});
