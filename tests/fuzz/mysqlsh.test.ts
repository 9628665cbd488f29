// MySQL Shell that says anything: in a hook, in an action, and as a job. The adapter is the real one, the program is made up.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { JobState, RunResult } from "../../lib/index.ts";
import { runEvent } from "../../lib/testing/world.ts";
import { mysqlShell } from "../../src/mysql/shell.ts";
import type { Ports } from "../../src/ports.ts";
import { fakeProcesses } from "../src/support/fakes.ts";
import { attempts, report } from "./support/attempts.ts";
import { expectHarmless } from "./support/harmless.ts";
import { hostileTexts } from "./support/hostile.ts";
import { type JourneyName, journeyNames, journeys, play } from "./support/journeys.ts";
import { readCorpus } from "./support/reader.ts";
import { realQuotes } from "./support/site.ts";

const answerSchema = z.object({
  code: z.int(),
  stdout: z.string(),
  stderr: z.string().default(""),
  timedOut: z.boolean().default(false),
  truncated: z.boolean().default(false),
});
type Answer = z.infer<typeof answerSchema>;

/** Stands for the password that the program was given: one that repeats it must not spread it. */
const PASSWORD = "<password>";

/** Ports whose MySQL Shell answers this to every command; `asked` counts them. */
function answering(answer: Answer, asked: { commands: number }): (usual: Ports) => Ports {
  return (usual) => {
    const shell = mysqlShell(
      {
        ...fakeProcesses(() => answer),
        run: async (_argv, { env = {} }): Promise<RunResult> => {
          asked.commands += 1;
          const told = (text: string): string => text.replaceAll(PASSWORD, env["MYSQL_PWD"] ?? "");
          return { ...answer, stdout: told(answer.stdout), stderr: told(answer.stderr) };
        },
      },
      () => usual.keyring.adminPassword(),
    );
    return realQuotes({ ...usual, shell });
  };
}

const withCommands = journeyNames.filter(
  (name) =>
    !["alone, at rest", "old passwords end", "set-password"].includes(name) && !/^(get|pre)-/.test(name),
);

async function runAnswer(name: JourneyName, answer: Answer): Promise<number> {
  const asked = { commands: 0 };
  let began = false;
  const stage = await journeys[name]((usual) =>
    began ? answering(answer, asked)(usual) : realQuotes(usual),
  );
  began = true;
  const played = await play(stage);
  expectHarmless(played, answer.code === 0 && !answer.timedOut);
  return asked.commands;
}

const text = fc.oneof(
  fc.constantFrom(...hostileTexts, PASSWORD),
  fc.string({ unit: "binary", maxLength: 60 }),
);
const line = fc.oneof(
  text,
  text.map((error) => JSON.stringify({ error })),
  fc
    .tuple(fc.nat(60_000), text)
    .map(([code, error]) => JSON.stringify({ error: `MYSQLSH ${code}: ${error}\n` })),
  fc
    .tuple(fc.nat(4000), text)
    .map(([code, error]) => JSON.stringify({ error: `MySQL Error ${code}: ${error}` })),
  text.map((info) => JSON.stringify({ info, status: info, note: 7 })),
  fc.constantFrom(
    '{"error":',
    '{"error":["a"]}',
    '{"error":null}',
    '{"__proto__":{"error":"x"}}',
    "{".repeat(60_000),
  ),
);
const output = fc.array(line, { maxLength: 5 }).map((lines) => lines.join("\n"));
const code = fc.constantFrom(0, 1, 2, 10, 126, 127, 130, 137, 139, 255, -1);
const anyAnswer = fc.record({
  code,
  stdout: output,
  stderr: text,
  timedOut: fc.boolean(),
  truncated: fc.boolean(),
});

const jobNames = ["join", "restart-cluster", "add-replica-cluster-4", "remove-cluster", "wake"] as const;
const anyJob: fc.Arbitrary<JobState> = fc.oneof(
  fc
    .record({ output, code, timedOut: fc.boolean() })
    .map((end): JobState => ({ kind: "ended", label: "Work", startedAt: 1, endedAt: 2, ...end })),
  fc.array(line).map((lastLines): JobState => ({ kind: "running", label: "Work", startedAt: 1, lastLines })),
  fc.constant<JobState>({ kind: "lost", label: "Work", startedAt: 1 }),
);

async function runJobs(name: JourneyName, states: readonly JobState[]): Promise<void> {
  const stage = await journeys[name](realQuotes);
  for (const [at, state] of states.entries()) stage.site.jobs.states.set(jobNames[at] ?? "wake", state);
  const event =
    stage.event.kind === "action" ? stage.event : ({ kind: "custom", name: "job-ended" } as const);
  const result = await runEvent(stage.site.charm, stage.world, event, stage.options);
  expectHarmless({ ...stage, result });
}

const caseSchema = z.object({ journey: z.enum(journeyNames), answer: answerSchema });

describe("MySQL Shell", () => {
  test.each(readCorpus("mysqlsh").map(({ why, value }) => [why, value] as const))(
    "%s",
    async (_why, value) => {
      const { journey, answer } = caseSchema.parse(value);
      expect(await runAnswer(journey, answer)).toBeGreaterThan(0);
    },
  );

  test("is asked at the points where it is tried", async () => {
    const refusal = { code: 1, stdout: "", stderr: "", timedOut: false, truncated: false };
    const counts: number[] = [];
    for (const name of withCommands) counts.push(await runAnswer(name, refusal));
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(8);
  });

  test("may answer anything, in a hook or an action", async () => {
    const property = fc.asyncProperty(fc.constantFrom(...withCommands), anyAnswer, async (name, answer) => {
      await runAnswer(name, answer);
    });
    report(await fc.check(property, attempts(80)));
  });

  test("may leave anything behind, as a job", async () => {
    const states = fc.array(anyJob, { minLength: jobNames.length, maxLength: jobNames.length });
    const property = fc.asyncProperty(fc.constantFrom(...journeyNames), states, runJobs);
    report(await fc.check(property, attempts(50)));
  });
});
