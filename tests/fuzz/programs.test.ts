// Real child processes where bytes matter: answers that are no text, too long, cut off, or of a program that ends itself.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  HookToolError,
  hookTools,
  type Processes,
  realJobs,
  realProcesses,
  Secret,
} from "../../lib/index.ts";
import { SnapFailed } from "../../src/machine/ports.ts";
import { snapd } from "../../src/machine/snap.ts";
import { commands } from "../../src/mysql/commands.ts";
import { troubleIn } from "../../src/mysql/error-log.ts";
import { jobOutcome } from "../../src/mysql/job-outcome.ts";
import { mysqlShell } from "../../src/mysql/shell.ts";
import { MysqlProblem } from "../../src/problems.ts";
import { statuses } from "../../src/statuses.ts";
import { program, temporaryDirectory } from "../lib/support/programs.ts";
import { fakeFiles, fakeProcesses } from "../src/support/fakes.ts";
import { attempts, report } from "./support/attempts.ts";
import { hostileTexts, jsonLike } from "./support/hostile.ts";

const real = realProcesses();

/** Whatever is to be run, this script runs in its place. */
async function running(script: string): Promise<Processes> {
  const path = await program(await temporaryDirectory(), "program", script);
  return {
    ...real,
    run: (_argv, options) => real.run([path], { ...options, timeoutMs: Math.min(options.timeoutMs, 20_000) }),
  };
}

const binary = "head -c 65536 /dev/urandom";
const scripts: readonly (readonly [string, string])[] = [
  ["binary", binary],
  ["text that is no UTF-8", 'printf \'{"a":"\\377\\376\\300"}\''],
  ["zero bytes", "head -c 4096 /dev/zero"],
  ["megabytes", "head -c 12000000 /dev/zero | tr '\\0' '['"],
  ["half a document", "printf '{\"a\":'"],
  ["nothing", "exit 0"],
  ["binary, and a failure", `${binary}; ${binary} >&2; exit 3`],
  ["its own end", 'printf \'{"error":"x"}\\n\'; kill -9 $$'],
  ["its own end by a fault", "kill -SEGV $$"],
];

describe("a hook command that prints", () => {
  test.each(scripts)(
    "%s fails with its name, and is never taken for a leader or for no units",
    async (_what, script) => {
      const tools = hookTools(await running(script));
      await expect(tools.goalState()).rejects.toBeInstanceOf(HookToolError);
      await expect(tools.isLeader()).rejects.toBeInstanceOf(HookToolError);
      // Bytes that are no text are no secret either; nothing at all is an empty bag.
      const bag = await tools.relationGet(1, "db/0").catch((error: unknown) => error);
      if (bag instanceof Error) expect(bag).toBeInstanceOf(HookToolError);
      else expect(["{}", '{"a":"\ufffd\ufffd\ufffd"}']).toContain(JSON.stringify(bag));
    },
  );
});

describe("a mysqlsh that prints", () => {
  test.each(scripts)("%s is a problem, or has succeeded by its exit code", async (_what, script) => {
    const password = "hidden-clusteradmin-pw";
    const shell = mysqlShell(await running(`${script}`), async () => new Secret(password));
    const thrown: unknown = await shell
      .run("mysql-0", commands.createCluster("rome"))
      .catch((error: unknown) => error);
    const fails = / exit 3|kill/.test(script);
    if (!fails) return expect(thrown).toBeUndefined();
    expect(thrown).toBeInstanceOf(MysqlProblem);
    expect(String(thrown).length).toBeLessThan(500);
  });

  test("for ever is ended at its deadline", async () => {
    const command = { ...commands.createCluster("rome"), deadlineSeconds: 0.5 };
    const shell = mysqlShell(await running("while :; do echo x; done"), async () => new Secret("hidden-pw"));
    await expect(shell.run("mysql-0", command)).rejects.toMatchObject({ reason: "timed-out" });
  });

  test("a password that no environment takes is refused without being shown", async () => {
    const shell = mysqlShell(real, async () => new Secret("hidden\0password"));
    const thrown: unknown = await shell
      .run("mysql-0", commands.createCluster("rome"))
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(MysqlProblem);
    expect(String(thrown)).not.toContain("hidden");
  });
});

describe("files of a job", () => {
  const spec = {
    run: "r",
    label: "Work",
    argv: ["true"],
    deadlineMs: 1,
    startedAt: 1,
    secretNames: [],
    wake: ["true"],
  };
  const claim = { run: "r", pid: 1, started: "boot 1" };
  const result = { run: "r", endedAt: 2, code: 1, timedOut: false };

  test("may hold anything: the job is none, lost, or ended", async () => {
    const directory = await temporaryDirectory();
    const jobs = realJobs({ directory, unit: "db/0", charmDir: "/charm", runner: ["true"], processes: real });
    await mkdir(join(directory, "work"));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
      fc.constantFrom(...hostileTexts.map((text) => Buffer.from(text))),
    );
    const file = (valid: unknown): fc.Arbitrary<Buffer> =>
      fc.oneof(
        fc.constant(Buffer.from(JSON.stringify(valid))),
        jsonLike(valid).map((value) => Buffer.from(JSON.stringify(value) ?? "")),
        bytes,
      );
    const files = fc.tuple(file(spec), file(claim), file(result), bytes);
    const property = fc.asyncProperty(files, async ([specText, claimText, resultText, output]) => {
      await writeFile(join(directory, "work", "spec.json"), specText);
      await writeFile(join(directory, "work", "claim.json"), claimText);
      await writeFile(join(directory, "work", "result.json"), resultText);
      await writeFile(join(directory, "work", "output"), output);
      const state = await jobs.state("work");
      expect(["none", "lost", "ended"]).toContain(state.kind);
      expect(["none", "failed", "ended"]).toContain(jobOutcome(state).kind);
    });
    report(await fc.check(property, attempts(60)));
  });
});

describe("what the machine's own programs and files say", () => {
  const text = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: "binary" }));

  test("snapd may answer anything: it is an answer, or a failure that is told", async () => {
    const property = fc.asyncProperty(
      text,
      text,
      fc.constantFrom(0, 1, 10, 127),
      async (stdout, stderr, code) => {
        const snap = snapd(
          fakeProcesses(() => ({ code, stdout, stderr })),
          fakeFiles(),
          "/charm",
        );
        for (const ask of [() => snap.state(), () => snap.serviceActive(), () => snap.start()]) {
          const answer: unknown = await ask().catch((error: unknown) => error);
          if (answer instanceof Error) expect(answer).toBeInstanceOf(SnapFailed);
          if (answer instanceof Error) expect(answer.message.length).toBeLessThan(400);
        }
      },
    );
    report(await fc.check(property, attempts(100)));
  });

  test("mysqld's log may hold anything: an option's name is all that is taken from it", () => {
    const line = fc.oneof(
      text,
      text.map((value) => `[ERROR] [MY-000067] [Server] unknown variable '${value}=1'.`),
    );
    const property = fc.property(fc.array(line), (lines) => {
      const trouble = troubleIn(lines.join("\n"));
      if (trouble !== undefined)
        expect(statuses.badSetting(trouble.option).message).toMatch(/refuses the option [\w-]*;/);
    });
    report(fc.check(property, attempts(100)));
  });
});
