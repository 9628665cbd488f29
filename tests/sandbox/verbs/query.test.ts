import { describe, expect, test } from "vitest";
import { compileQuery, type QueryScope } from "../../../sandbox/verbs/query.ts";

const scope: QueryScope = {
  name: "db",
  status: "active",
  "workload-status": "blocked",
  count: 3,
  leader: true,
  units: [
    { name: "db/0", "workload-status": "active" },
    { name: "db/1", "workload-status": "waiting" },
  ],
};

test.each([
  ['status=="active"', true],
  ["status == 'active'", true],
  ['status!="active"', false],
  ['workload-status=="blocked"', true],
  ['status=="active" && count>2', true],
  ['status=="error" || count>=3', true],
  ['status=="error" || count<3', false],
  ['status=="error" && count<3 || leader', true],
  ['status=="error" && (count<3 || leader)', false],
  ["!leader", false],
  ["leader==true", true],
  ["len(units)==2", true],
  ['forEach(units, unit => unit.name != "x")', true],
  ['forEach(units, unit => unit.workload-status=="active")', false],
  ['forEach(units, unit => status=="active")', true],
  ["name.first==1", false],
])("%s is %s", (text, answer) => {
  expect(compileQuery(text, Object.keys(scope))(scope)).toBe(answer);
});

describe("what cannot be read says where", () => {
  test.each([
    ["", "unexpected the end"],
    ["status==", "unexpected the end"],
    ['status=="a" status', 'unexpected "status"'],
    ["(status", "unexpected the end"],
    ["a # b", 'unexpected " # b"'],
    ["status==active", "there is no active; a text is in double quotes"],
    ['forEach(units, unit => other=="a")', "there is no other"],
    ['forEach(units, unit => leader) && unit.name=="a"', "there is no unit"],
  ])("%j", (text, message) => {
    expect(() => compileQuery(text, Object.keys(scope))).toThrow(message);
  });
});
