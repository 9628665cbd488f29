import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HookStubs, makeHookStubs } from "../../scripts/bench/hook-stubs.ts";
import { median } from "../../scripts/bench/measure.ts";

const run = promisify(execFile);

test.each([
  [[3], 3],
  [[5, 1, 3], 3],
  [[4, 1, 2, 100], 3],
])("the median of %j is %d", (values, middle) => {
  expect(median(values)).toBe(middle);
});

describe("stubs of hook commands", () => {
  let folder = "";
  let stubs: HookStubs;
  const call = (name: string, ...args: string[]) => run(join(stubs.path, name), args);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "stubs-"));
    stubs = await makeHookStubs(folder, {
      "relation-get": {},
      "relation-get -r 1 - ada/0": { name: "it's" },
      "status-set": "",
    });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test("answer the command line they know, however it asks for JSON, and any other with the general answer", async () => {
    expect((await call("relation-get", "--format=json", "-r", "1", "-", "ada/0")).stdout).toBe(
      '{"name":"it\'s"}\n',
    );
    expect((await call("relation-get", "-r", "1", "-", "ada/0", "--format", "json")).stdout).toBe(
      '{"name":"it\'s"}\n',
    );
    expect((await call("relation-get", "-r", "2", "-", "ada/0")).stdout).toBe("{}\n");
    expect((await call("status-set", "active")).stdout).toBe("");
  });

  test("count their calls", async () => {
    await stubs.takeCalls();
    await call("status-set", "active");
    await call("relation-get", "-r", "1", "-", "x");
    expect(await stubs.takeCalls()).toEqual(["status-set active", "relation-get -r 1 - x"]);
    expect(await stubs.takeCalls()).toEqual([]);
  });
});

test("what a program took includes what it started, and tells its exit code", async () => {
  const time = join(import.meta.dirname, "..", "..", "scripts", "bench", "time.pl");
  const busy = "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done";
  const { stdout } = await run("perl", [time, "/bin/sh", "-c", `(${busy}); exit 3`]);
  const [cpuUs = 0, peakKiB = 0, code] = stdout.split(" ").map(Number);
  expect(cpuUs).toBeGreaterThan(5_000);
  expect(peakKiB).toBeGreaterThan(500);
  expect(code).toBe(3);
});
