// The conformance suite itself: what it compares and what it does not, and its quick half against the stand-in.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { differences } from "../../conformance/compare.ts";
import type { Outcome } from "../../conformance/journey.ts";
import { JOURNEYS } from "../../conformance/journeys/index.ts";
import { runJourney, standIn } from "../../conformance/main.ts";
import { normalise, toSuite } from "../../conformance/normalise.ts";
import { journeyNames, parse, readRecordings } from "../../conformance/recording.ts";

const UUID = "6644d383-e6c5-11f1-8ae6-02fc00000001";

describe("normalising", () => {
  it.each([
    [`"transactionSet":"${UUID}:1-3:mysqlsh:1-9"`, '"transactionSet":"<gtids>"'],
    [
      `"transactionSet":"${UUID}:1,f1cd9679-e6c3-11f1-91bb-02fc00000001:mysqlsh:7"`,
      '"transactionSet":"<gtids>"',
    ],
    ['"transactionSet":""', '"transactionSet":""'],
    [`"memberId":"${UUID}"`, '"memberId":"<uuid>"'],
    ['"replicationLag":"applier_queue_applied"', '"replicationLag":"<lag>"'],
    ['"replicationLagFromOriginalSource":null', '"replicationLagFromOriginalSource":null'],
    ['"address":"10.77.1.2:3306"', '"address":"127.0.1.2:3306"'],
    ['"status":"ONLINE","version":"9.7.4"', '"status":"ONLINE","version":"9.7.4"'],
  ])("%s is compared as %s", (line, compared) => {
    expect(normalise([line])).toEqual([compared]);
  });

  it("leaves what is recorded as it is", () => {
    for (const name of journeyNames())
      for (const { stdout, stderr } of readRecordings(name).values()) {
        expect(normalise(stdout)).toEqual(stdout);
        expect(normalise(stderr)).toEqual(stderr);
      }
  });

  it("gives the suite's servers the last two numbers of the recorded ones", () => {
    expect(toSuite("cadmin@127.0.2.1:3306")).toBe("cadmin@10.77.2.1:3306");
  });
});

describe("comparing", () => {
  it("finds lines that are missing, new or in another place", () => {
    expect(differences(["a", "b", "c"], ["a", "c", "d"])).toEqual(["- b", "+ d"]);
    expect(differences(["a", "b"], ["b", "a"])).toHaveLength(2);
    expect(differences(["a"], ["a"])).toEqual([]);
  });

  it("tells where long documents differ", () => {
    const document = (status: string): string =>
      JSON.stringify({ alpha: { status }, padding: "x".repeat(300) });
    expect(differences([document("OK")], [document("OFFLINE")])).toEqual([
      '~ /alpha/status: "OK" -> "OFFLINE"',
    ]);
  });
});

describe("the recordings", () => {
  it("are read from their files", () => {
    const [one] = parse('== 001-a\n$ ["--version"]\nenv A=b=c\nin secret\n= 1\n{"x":1}\n! oops\n');
    expect(one).toEqual({
      name: "001-a",
      words: ["--version"],
      environment: { A: "b=c" },
      stdin: "secret\n",
      exit: 1,
      stdout: ['{"x":1}'],
      stderr: ["oops"],
    });
  });

  it("belong to one journey each, and are all told in the reference", () => {
    expect(journeyNames()).toEqual(Object.keys(JOURNEYS).toSorted());
    const names = journeyNames().flatMap((name) => [...readRecordings(name).keys()]);
    expect(new Set(names).size).toBe(names.length);
    const reference = readFileSync(new URL("../../../docs/reference/mysqlsh.md", import.meta.url), "utf8");
    expect(names.filter((name) => !reference.includes(`\`${name}\``))).toEqual([]);
  });
});

/** Journeys, or their beginnings, that take seconds and touch every part of the stand-in. */
const QUICK: readonly (readonly [journey: string, pattern: string])[] = [
  ["accounts", ""],
  ["cluster", "^0[0-3]"],
  ["removal", "^(23|24[23]|250-|252-)"],
];

describe.each(QUICK)("the journey %s", (name, pattern) => {
  it("gives the recorded answers", async () => {
    const outcomes: Outcome[] = [];
    await runJourney(name, { program: standIn(), pattern }, (outcome) => outcomes.push(outcome));
    expect(outcomes.filter(({ passed }) => !passed)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(5);
  }, 900_000);
});
