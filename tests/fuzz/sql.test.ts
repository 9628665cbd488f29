// Servers that answer what MySQL never answers: another application's may be anything.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { keyring } from "../../src/credentials/keyring.ts";
import { checkRows } from "../../src/mysql/columns.ts";
import type { Session, Sql } from "../../src/mysql/ports.ts";
import type { Ports } from "../../src/ports.ts";
import { questionMarks } from "../src/support/mysql.ts";
import { attempts, report } from "./support/attempts.ts";
import { expectHarmless, type Played } from "./support/harmless.ts";
import { hostileTexts } from "./support/hostile.ts";
import { type Journey, type JourneyName, journeyNames, journeys, play } from "./support/journeys.ts";
import { readCorpus } from "./support/reader.ts";
import { realQuotes } from "./support/site.ts";

type Row = Readonly<Record<string, unknown>>;
type Lie = (rows: readonly Row[], text: string) => readonly unknown[];

interface Told {
  /** Questions in the order in which they were asked. */
  readonly asked: string[];
  /** Whether a schema refused an answer. */
  refused: boolean;
}

/** Sessions whose answers are changed before anybody checks them. */
function lying(sql: Sql, lie: Lie, told: Told): Sql {
  const around = (session: Session): Session => ({
    ...session,
    rows: async (schema, text, values) => {
      told.asked.push(text);
      const rows = lie(await session.rows(z.record(z.string(), z.unknown()), text, values), text);
      told.refused ||= rows.some((row) => !schema.safeParse(row).success);
      return checkRows(schema, rows, "A statement on MySQL");
    },
  });
  return { ...sql, connect: async (target, login) => around(await sql.connect(target, login)) };
}

async function playWith(journey: Journey, lie: Lie): Promise<Told & { readonly played: Played }> {
  const told: Told = { asked: [], refused: false };
  let began = false;
  const ports = (usual: Ports): Ports => {
    if (!began) return realQuotes(usual);
    const sql = lying(usual.sql, lie, told);
    return realQuotes({ ...usual, sql, keyring: keyring(usual.model, sql) });
  };
  const stage = await journey(ports);
  began = true;
  const played = await play(stage);
  return { ...told, played };
}

const operationsOf = ({ site, servers }: Played): readonly string[] => [
  ...site.shell.runs.map(({ command }) => command.operation),
  ...servers.flatMap(({ statements }) => statements.map((text) => text.split(/\s+/).slice(0, 4).join(" "))),
];

const odd: readonly unknown[] = [
  null,
  undefined,
  Number.NaN,
  Infinity,
  -7,
  1.5,
  2,
  2 ** 60,
  true,
  [],
  ["a"],
  {},
  { toString: 1 },
  Buffer.from([0, 159, 146, 150]),
  new Date(0),
  "abc",
  ...hostileTexts,
];

/** What is wrong: with the row of a question, or with one column of it. */
const lieSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("no rows") }),
  z.object({ kind: z.literal("no object"), value: z.unknown() }),
  z.object({ kind: z.literal("many rows"), times: z.int() }),
  z.object({ kind: z.literal("no column"), column: z.union([z.int(), z.string()]) }),
  z.object({ kind: z.literal("column"), column: z.union([z.int(), z.string()]), value: z.unknown() }),
]);
type LieKind = z.infer<typeof lieSchema>;

function tell(lie: LieKind, rows: readonly Row[]): readonly unknown[] {
  switch (lie.kind) {
    case "no rows":
      return [];
    case "no object":
      return [lie.value];
    case "many rows":
      return Array.from({ length: lie.times }, () => rows).flat();
    case "no column":
    case "column":
      return rows.map((row) => {
        const names = Object.keys(row);
        const name =
          typeof lie.column === "string" ? lie.column : names[lie.column % Math.max(1, names.length)];
        const { [name ?? ""]: _old, ...rest } = row;
        return lie.kind === "column" && name !== undefined ? { ...rest, [name]: lie.value } : rest;
      });
  }
}

const anyLie: fc.Arbitrary<LieKind> = fc.oneof(
  fc.constant<LieKind>({ kind: "no rows" }),
  fc.constantFrom(...odd).map((value): LieKind => ({ kind: "no object", value })),
  fc.constantFrom(2, 1000).map((times): LieKind => ({ kind: "many rows", times })),
  fc.nat(12).map((column): LieKind => ({ kind: "no column", column })),
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.nat(12), fc.constantFrom(...odd))
      .map(([column, value]): LieKind => ({ kind: "column", column, value })),
  },
);

/** One lie, told at the question of this number. What a schema refuses leads to nothing that the truth does not lead to. */
async function runLie(name: JourneyName, at: number, lie: LieKind): Promise<void> {
  const truth = await playWith(journeys[name], (rows) => rows);
  const place = truth.asked.length === 0 ? 0 : at % truth.asked.length;
  let asked = 0;
  const lied = await playWith(journeys[name], (rows) => {
    asked += 1;
    return asked - 1 === place ? tell(lie, rows) : rows;
  });
  expectHarmless(lied.played, !lied.refused);
  if (!lied.refused) return;
  const wanted = new Set(operationsOf(truth.played));
  expect(operationsOf(lied.played).filter((each) => !wanted.has(each))).toEqual([]);
}

const caseSchema = z.object({ journey: z.enum(journeyNames), question: z.string(), lie: lieSchema });

describe("an answer of MySQL", () => {
  test("is true where nothing is wrong, and every question that the charm has is asked", async () => {
    const asked: string[] = [];
    for (const name of journeyNames) {
      const truth = await playWith(journeys[name], (rows) => rows);
      expectHarmless(truth.played);
      asked.push(...truth.asked);
    }
    expect(questionMarks.filter((mark) => !asked.some((text) => text.includes(mark)))).toEqual([]);
  });

  test.each(readCorpus("sql").map(({ why, value }) => [why, value] as const))("%s", async (_why, value) => {
    const { journey, question, lie } = caseSchema.parse(value);
    const { asked } = await playWith(journeys[journey], (rows) => rows);
    const at = asked.findIndex((text) => text.includes(question));
    expect(at).toBeGreaterThanOrEqual(0);
    await runLie(journey, at, lie);
  });

  test("that names ever more clusters is not followed for ever", async () => {
    let named = 0;
    const more = (rows: readonly Row[], text: string): readonly Row[] => {
      if (text.includes("v2_cs_clustersets")) return rows.map((row) => ({ ...row, view: 100 + named }));
      if (text.includes("v2_cs_members")) named += 1;
      const names = Array.from({ length: named + 9 }, (_, at) => `more${at}`);
      const cluster = { own: 0, inSet: 1, role: "REPLICA", invalidated: 0 };
      if (text.includes("v2_cs_members"))
        return [...rows, ...names.slice(0, named).map((name) => ({ ...cluster, id: `id-${name}`, name }))];
      const instance = { address: "paris-0:3306", uuid: "uuid-paris" };
      if (text.includes("v2_instances"))
        return [...rows, ...names.map((name) => ({ ...instance, cluster: name, label: name }))];
      return rows;
    };
    const { played, asked } = await playWith(journeys["leads a set"], more);
    expectHarmless(played);
    expect(asked.length).toBeLessThan(2000);
  });

  test("that is none does no harm", async () => {
    const property = fc.asyncProperty(fc.constantFrom(...journeyNames), fc.nat(60), anyLie, runLie);
    report(await fc.check(property, attempts(150)));
  });
});
