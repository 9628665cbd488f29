import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InProcess, tinyCharm } from "./support/in-process.ts";

let sandbox: InProcess;

beforeAll(async () => {
  sandbox = new InProcess();
  sandbox.dispatch = async (env, tool) => {
    await tool("juju-log", "-l", "ERROR", `${env["JUJU_UNIT_NAME"]} ${env["JUJU_HOOK_NAME"]}`);
    if (env["JUJU_HOOK_NAME"] === "start") await tool("status-set", "active", "up");
    if (env["JUJU_HOOK_NAME"] === "start" && env["JUJU_UNIT_NAME"] === "tiny/0")
      await tool("status-set", "--application", "active", "all up");
    return 0;
  };
  await sandbox.out("add-model rome");
  await sandbox.out(`deploy ${tinyCharm} -n 2`);
  await sandbox.out(`deploy ${tinyCharm} other`);
  await sandbox.settled();
});
afterAll(async () => await sandbox.stop());

describe("debug-log", () => {
  const entities = async (line: string): Promise<string[]> =>
    [...new Set((await sandbox.out(line)).split("\n").map((text) => text.split(":")[0] ?? ""))].filter(
      (name) => name !== "",
    );

  test("shows the last ten lines, as many as asked for, or all", async () => {
    const count = async (line: string): Promise<number> =>
      (await sandbox.out(line)).trimEnd().split("\n").length;
    expect(await count("debug-log")).toBe(10);
    expect(await count("debug-log -n 3")).toBe(3);
    expect(await count("debug-log --replay")).toBeGreaterThan(20);
    expect(await count("debug-log --replay --limit 4")).toBe(4);
  });

  test("knows a line's unit, level and logger", async () => {
    expect(await sandbox.out("debug-log --replay --include tiny/0 --level ERROR --limit 1")).toBe(
      "unit-tiny-0: 03:04:05 ERROR unit.tiny/0.juju-log tiny/0 data-storage-attached\n",
    );
    expect(await sandbox.out("debug-log --replay -i tiny/0 -l error --limit 1 --date --ms")).toMatch(
      /^unit-tiny-0: 2026-01-02 03:04:05\.000 ERROR /,
    );
    expect(JSON.parse(await sandbox.out("debug-log -n 1 --format json"))).toMatchObject({ model: "rome" });
  });

  test.each<[string, string[]]>([
    ["--include tiny/1", ["unit-tiny-1"]],
    ["--include unit-tiny-1 --include other/0", ["unit-other-0", "unit-tiny-1"]],
    ["--include tiny", ["unit-tiny-0", "unit-tiny-1"]],
    ["--include unit-*-0", ["unit-other-0", "unit-tiny-0"]],
    ["--include ti*", ["unit-tiny-0", "unit-tiny-1"]],
    ["--exclude tiny", ["unit-other-0"]],
    ["-x tiny/0 -x other/0", ["unit-tiny-1"]],
  ])("%s", async (flags, expected) => {
    expect((await entities(`debug-log --replay ${flags}`)).sort()).toEqual(expected);
  });

  test("modules are loggers with all below them", async () => {
    const only = await sandbox.out("debug-log --replay --include-module unit.tiny/0");
    expect(only).toContain("unit.tiny/0.juju-log");
    expect(only).not.toContain("juju.worker");
    const without = await sandbox.out("debug-log --replay --exclude-module unit --exclude-module nothing");
    expect(without).toContain("juju.worker.uniter.operation");
    expect(without).not.toContain("juju-log");
  });

  test("follows until its limit is reached, or until nobody listens", async () => {
    const limited = sandbox.juju("debug-log --tail -n 1 --limit 2 --include tiny/0");
    await sandbox.out("trigger update-status tiny/0");
    expect((await limited).out.trimEnd().split("\n")).toHaveLength(2);
    const gone = new AbortController();
    const followed = sandbox.juju("debug-log --tail -n 0", { signal: gone.signal });
    gone.abort();
    expect(await followed).toEqual({ code: 0, out: "", err: "" });
  });

  test("an unknown level is refused with the known ones", async () => {
    expect(await sandbox.juju("debug-log --level loud")).toMatchObject({
      code: 2,
      err: expect.stringContaining('level value "loud" is not one of "TRACE"'),
    });
  });
});

describe("show-status-log", () => {
  test("of a unit: what its agent did and what its charm said, in order", async () => {
    expect(await sandbox.out("show-status-log tiny/1 -n 100")).toContain(`\
Time                   Type       Status       Message
02 Jan 2026 03:04:05Z  workload   waiting      waiting for machine
02 Jan 2026 03:04:05Z  juju-unit  allocating
`);
    const rows = JSON.parse(await sandbox.out("show-status-log tiny/1 -n 100 --format json"));
    expect(rows).toContainEqual(
      expect.objectContaining({ type: "juju-unit", status: "executing", message: "running install hook" }),
    );
    expect(rows.findLast((row: { type: string }) => row.type === "workload")).toMatchObject({
      message: "up",
    });
    expect(rows.map((row: { message: string }) => row.message)).not.toContain("running update-status hook");
  });

  test("of one kind, of an application, of a machine", async () => {
    expect(await sandbox.out("show-status-log --type workload tiny/1 --utc")).toMatch(
      /2026-01-02 03:04:05Z {2}workload {2}maintenance {2}installing charm software\n/,
    );
    expect(await sandbox.out("show-status-log --type application tiny")).toContain(
      "application  active  all up",
    );
    expect(await sandbox.out("show-status-log 0")).toMatch(
      /juju-machine {2}pending\n.*juju-machine {2}started/,
    );
    expect(await sandbox.out("show-status-log --type machine 0 -n 1")).not.toContain("pending");
  });

  test("of the last days", async () => {
    expect(await sandbox.out("show-status-log tiny/1 --days 1")).toContain("allocating");
    expect(await sandbox.out("show-status-log tiny/1 --from-date 2026-01-02")).toContain("allocating");
    expect(await sandbox.juju("show-status-log tiny/1 --from-date 2026-01-03")).toMatchObject({
      code: 1,
      err: "ERROR no status history available\n",
    });
  });

  test.each<[string, number, string]>([
    ["show-status-log", 2, "entity name is missing."],
    ["show-status-log tiny/9", 1, 'unit "tiny/9" not found'],
    ["show-status-log --type model x", 2, 'unexpected status type "model"'],
    ["show-status-log tiny/0 -n 1 --days 2", 2, "cannot be specified together"],
    ["show-status-log tiny/0 --from-date yesterday", 2, "parsing backlog date"],
  ])("%s is refused", async (line, code, message) => {
    expect(await sandbox.juju(line)).toMatchObject({ code, err: expect.stringContaining(message) });
  });
});
