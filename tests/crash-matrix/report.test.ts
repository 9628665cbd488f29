import { describe, expect, test } from "vitest";
import { type Asked, canonical, differences } from "../../scripts/crash-matrix/facts.ts";
import { documentOf, failureText, median, type Row, tableOf } from "../../scripts/crash-matrix/report.ts";
import type { Tried } from "../../scripts/crash-matrix/results.ts";

function tried(n: number, given: Partial<Tried> = {}): Tried {
  const point = `relate/second/start/${n}/before`;
  return {
    point,
    kind: "converged",
    seconds: n,
    struck: "config-get (start)",
    differs: [],
    together: [],
    ...given,
  };
}

const failed = tried(4, { kind: "failed", differs: ["- first: member first ONLINE PRIMARY"] });
const rows: readonly Row[] = [
  { journey: "relate-again", effects: 1234, points: 100, tried: [tried(1), tried(2), tried(30), failed] },
  { journey: "scale-down", effects: 7, points: 9, tried: [tried(5, { kind: "missed" })] },
];

describe("the report", () => {
  test("is a table of at most 80 columns with times of what converged, and a sum", () => {
    const lines = tableOf(rows).trimEnd().split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["journey", "effects", "points", "tried", "converged", "missed", "median", "worst"],
      ["relate-again", "1234", "100", "4", "3", "0", "2.0 s", "30.0 s"],
      ["scale-down", "7", "9", "0", "0", "1", "–", "–"],
      ["all", "1241", "109", "4", "3", "1", "2.0 s", "30.0 s"],
    ]);
  });

  test("is one document", () => {
    expect(documentOf(rows, { seed: 5, build: "abc", seconds: 9 })).toMatchObject({
      ...{ points: 109, tried: 4, converged: 3, seed: 5, build: "abc", seconds: 9 },
      failures: [
        {
          point: failed.point,
          differs: failed.differs,
          repeat: "npm run crash-matrix -- --point relate/second/start/4/before",
        },
      ],
      missed: ["relate/second/start/5/before"],
      journeys: [
        { journey: "relate-again", tried: 4, converged: 3, medianSeconds: 2, worstSeconds: 30 },
        { tried: 0 },
      ],
    });
  });

  test("names the point of a failure, what was struck, what differs and the command that repeats it", () => {
    expect(failureText(failed)).toBe(`relate/second/start/4/before did not converge
  struck: config-get (start)
  - first: member first ONLINE PRIMARY
  npm run crash-matrix -- --point relate/second/start/4/before
`);
    expect(failureText({ ...failed, point: "a/b+c/d" })).toContain("--point a/b --point c/d");
  });

  test("has no median of nothing", () => {
    expect(median([])).toBeUndefined();
    expect(median([3, 1, 2])).toBe(2);
  });
});

describe("facts", () => {
  const asked: readonly Asked[] = [
    { word: "first", model: "rome", unit: "db1/1", hostname: "juju-ab12cd-1", address: "10.1.0.1" },
    { word: "second", model: "lisbon", unit: "db2/0", hostname: "juju-ab12ce-0", address: "10.2.0.10" },
  ];

  test.each([
    ["member juju-ab12cd-1 ONLINE PRIMARY", "member first ONLINE PRIMARY"],
    ["member juju-ab12cd-10 at 10.1.0.10", "member juju-ab12cd-10 at 10.1.0.10"],
    ["instance db1-1 juju-ab12cd-1:3306 db2/0 10.2.0.10", "instance first first:3306 second second"],
    ["set cluster-set-0a8adcb1d4f79a65031a251ea32258d2", "set <set>"],
    ["active Standby, 12 s behind", "active Standby, <n> s behind"],
    ["account mysql_innodb_cluster_75070503 %", "account <cluster account> %"],
    ["account mysql_innodb_cs_4797c27 %", "account <cs account> %"],
    ["bag set-view: 72a6b5fa-e705-11f1-b3af-02000a01000a:0.4", "bag set-view: <view>"],
    [
      "bag secret-id: secret://c8932a02-3378-4cba-840f-762fb87bb4a2/4l3r954pnm5b8a2i0npt",
      "bag secret-id: <secret>",
    ],
    [
      'bag set-relations: {"2":{"side":"async-replica"}}',
      'bag set-relations: {<id>:{"side":"async-replica"}}',
    ],
  ])("are the same for two ends that are alike: %s", (line, same) => {
    expect(canonical(line, asked)).toBe(same);
  });

  test("differ line by line, as often as a line is there", () => {
    expect(differences(["a", "b", "b"], ["b", "a", "c"])).toEqual(["- b", "+ c"]);
    expect(differences(["a", "b"], ["b", "a"])).toEqual([]);
  });
});
