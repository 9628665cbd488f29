// Hook commands that answer what no Juju answers: the hook fails with their name, or goes on without harm. What is not known is never taken for "none".
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { Argv, RunResult } from "../../lib/index.ts";
import { type RunEventResult, runEvent } from "../../lib/testing/world.ts";
import type { Meta } from "../../src/generated/charm-meta.ts";
import { attempts, report } from "./support/attempts.ts";
import { expectHarmless, nothingDone, type Played } from "./support/harmless.ts";
import { hostileTexts, jsonLike } from "./support/hostile.ts";
import { type JourneyName, journeyNames, journeys } from "./support/journeys.ts";
import { readCorpus } from "./support/reader.ts";
import { realQuotes } from "./support/site.ts";

type Answers = (argv: Argv, right: RunResult) => RunResult;

async function playWith(name: JourneyName, answers: Answers): Promise<Played> {
  const stage = await journeys[name](realQuotes);
  const result = await runEvent(stage.site.charm, stage.world, stage.event, { ...stage.options, answers });
  return { ...stage, result };
}

interface Truth {
  /** Hook commands that ask, in their order, and what Juju answers. */
  readonly asked: readonly (readonly [string, string])[];
  readonly operations: readonly string[];
}

const truths = new Map<JourneyName, Promise<Truth>>();

function truthOf(name: JourneyName): Promise<Truth> {
  const known = truths.get(name) ?? askTruth(name);
  truths.set(name, known);
  return known;
}

async function askTruth(name: JourneyName): Promise<Truth> {
  const asked: (readonly [string, string])[] = [];
  const { site } = await playWith(name, (argv, right) => {
    if (argv.includes("--format=json")) asked.push([argv[0], right.stdout]);
    return right;
  });
  return { asked, operations: operationsOf(site) };
}

function operationsOf({ shell }: Played["site"]): readonly string[] {
  return shell.runs.map(({ command }) => command.operation);
}

const failure =
  /^HookToolError: [a-z-]+ failed \((?:failed|bad-request|not-found|denied|relation-gone|unsupported|not-leader), exit code -?\d+\): /;

/** A hook fails with the command's name, and only so; then nothing was committed. */
function expectClear(result: RunEventResult<Meta>): void {
  const errors = result.log.filter(({ level }) => level === "ERROR");
  for (const { text } of errors) if (!nothingDone.test(text)) expect(text).toMatch(failure);
}

const destructive = /^(?:dissolve|remove-|force-|reboot-)/;

/** One answer of one question is replaced; the others are right. */
async function runAnswer(name: JourneyName, at: number, answer: Partial<RunResult>): Promise<void> {
  const { asked, operations } = await truthOf(name);
  let seen = 0;
  const played = await playWith(name, (argv, right) => {
    if (!argv.includes("--format=json")) return right;
    seen += 1;
    return seen - 1 === at % asked.length ? { ...right, ...answer } : right;
  });
  const { log, refusal } = played.result;
  expectClear(played.result);
  // A hook that failed, or whose writes Juju refused, has told why: the rest is checked all the same.
  const failed = refusal !== undefined || log.some(({ level }) => level === "ERROR");
  const rest = { ...played.result, exitCode: 0, refusal: undefined, log: [] };
  expectHarmless(failed ? { ...played, result: rest } : played);
  const more = operationsOf(played.site).filter((each) => !operations.includes(each));
  expect(more.filter((each) => destructive.test(each))).toEqual([]);
}

const exits = fc.constantFrom<Partial<RunResult>>(
  { code: 1, stdout: "", stderr: "ERROR permission denied" },
  { code: 1, stdout: "", stderr: "ERROR \u0000\u001b[2J" },
  { code: 2, stdout: "", stderr: 'ERROR invalid value "x" for option -r: relation not found' },
  { code: 1, stdout: "", stderr: 'ERROR secret "x" not found' },
  { code: 137, stdout: "{", stderr: "" },
  { timedOut: true },
  { truncated: true },
  { stdout: "" },
  { stdout: "null" },
);
const texts = fc.constantFrom(...hostileTexts).map((stdout): Partial<RunResult> => ({ stdout }));

/** The right answer with something wrong in it, or another one. */
function answerLike(right: string): fc.Arbitrary<Partial<RunResult>> {
  const value: unknown = right.trim() === "" ? null : JSON.parse(right);
  const near = jsonLike(value).map(
    (changed): Partial<RunResult> => ({ stdout: JSON.stringify(changed) ?? "" }),
  );
  return fc.oneof({ weight: 4, arbitrary: near }, exits, texts);
}

const caseSchema = z.object({
  journey: z.enum(journeyNames),
  command: z.string(),
  answer: z.object({ code: z.int(), stdout: z.string(), stderr: z.string() }).partial(),
});

describe("a hook command", () => {
  test.each(readCorpus("hook-commands").map(({ why, value }) => [why, value] as const))(
    "%s",
    async (_why, value) => {
      const { journey, command, answer } = caseSchema.parse(value);
      const { asked } = await truthOf(journey);
      const at = asked.findIndex(([name]) => name === command);
      expect(at).toBeGreaterThanOrEqual(0);
      const { code = 0, stdout = "", stderr = "" } = answer;
      await runAnswer(journey, at, { code, stdout, stderr });
    },
  );

  test("may answer anything", async () => {
    const asked = new Map<JourneyName, Truth["asked"]>();
    for (const name of journeyNames) asked.set(name, (await truthOf(name)).asked);
    const place = fc.constantFrom(...journeyNames).chain((name) => {
      const questions = asked.get(name) ?? [];
      return fc.nat(questions.length - 1).chain((at) => {
        const [, right = ""] = questions[at] ?? [];
        return answerLike(right).map((answer) => [name, at, answer] as const);
      });
    });
    report(
      await fc.check(
        fc.asyncProperty(place, (each) => runAnswer(...each)),
        attempts(100),
      ),
    );
  });
});
