// The contract against the sandbox's executables.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hookCommandNames } from "../../lib/juju/hook-commands/index.ts";
import { openSandbox, type Sandbox } from "../../sandbox/client.ts";
import { INSIDE_NODE, INSIDE_PROJECT } from "../../sandbox/machine/machine.ts";
import { type Case, wordsOf } from "./case.ts";
import { Stage } from "./juju.ts";
import { allCases, playCases, type Verdict } from "./play.ts";

const stateHome = mkdtempSync(join(tmpdir(), "contract-"));
const verdicts = new Map<Case, Verdict>();
let sandbox: Sandbox | undefined;
let here = { code: -1, stdout: "", stderr: "" };

beforeAll(async () => {
  process.env["XDG_STATE_HOME"] = stateHome;
  const opened = await openSandbox(`contract-${process.pid}`);
  sandbox = opened;
  await opened.mustJuju(["add-model", "contract"]);
  const stage = new Stage((words) => opened.juju(words), "contract");
  await stage.build(join(import.meta.dirname, "charm"));
  await playCases(allCases, await stage.jujuMajor(), stage, (one, verdict) => verdicts.set(one, verdict));
  const program = `${INSIDE_NODE} ${INSIDE_PROJECT}/tests/contract/run.ts --here`;
  here = await opened.juju(["exec", "-m", "contract", "--unit", "contract/1", "--", program]);
}, 300_000);

afterAll(async () => {
  await sandbox?.destroy();
  rmSync(stateHome, { recursive: true, force: true });
});

test("each command has a case", () => {
  const lines = allCases.flatMap((one) =>
    one.runs.flatMap((run) => run.steps.map((step) => wordsOf(step)[0])),
  );
  const uncovered = hookCommandNames.filter((name) => !lines.includes(name));
  expect(uncovered).toEqual([]);
});

test("the same cases run as a program against the executables on the PATH", () => {
  expect(here.stdout).toMatch(/^\d\d+ held, 0 differ, \d+ skipped$/m);
  expect(here.stdout).toContain(
    "- action-get: all parameters, one, one within another, none\n    needs a run on: action",
  );
  expect(here).toMatchObject({ code: 0 });
});

describe("hook commands", () => {
  test.each(allCases.map((one) => [one.shows, one] as const))("%s", (_, one) => {
    expect(verdicts.get(one)).toEqual({ kind: "held" });
  });
});
