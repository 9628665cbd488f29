// The supervisor of services, with small shell programs in the place of a server.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SUPERVISOR = fileURLToPath(new URL("../../../sandbox/snaps/supervise.pl", import.meta.url));

type Supervisor = ChildProcessByStdio<null, Readable, Readable>;

describe("the supervisor", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "supervise-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const supervise = (script: string): Supervisor =>
    spawn("perl", [SUPERVISOR, "16", "PARENT_PID", join(folder, "lock"), "--", "sh", "-c", script], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
  const outcome = async (supervisor: Supervisor): Promise<{ code: unknown; said: string }> => {
    const [said, [code]] = await Promise.all([text(supervisor.stderr), once(supervisor, "exit")]);
    return { code, said };
  };
  /** Counts its runs in a file, then does what is asked for run number $n. */
  const counting = (then: string): string => `echo run >>runs; n=$(wc -l <runs); ${then}`;
  const runs = (): number => readFileSync(join(folder, "runs"), "utf8").trim().split("\n").length;

  it("starts a program again that asks for it, and ends with it otherwise", async () => {
    const { code, said } = await outcome(supervise(counting("test $n -lt 8 && exit 16; exit 0")));
    expect({ code, runs: runs() }).toEqual({ code: 0, runs: 8 });
    expect(said).toBe("the service asked to be started again\n".repeat(7));
  });

  it("starts a program again that was killed", async () => {
    const { code, said } = await outcome(supervise(counting("test $n = 1 && kill -9 $$; exit 0")));
    expect({ code, runs: runs() }).toEqual({ code: 0, runs: 2 });
    expect(said).toBe("the service was killed by signal 9: starting it again\n");
  });

  it("leaves a program down that could not start", async () => {
    const { code, said } = await outcome(supervise(counting("exit 3")));
    expect({ code, runs: runs(), said }).toEqual({ code: 1, runs: 1, said: "the service exited with 3\n" });
  });

  it("gives up on a program that is killed over and over", async () => {
    const { code, said } = await outcome(supervise(counting("kill -9 $$")));
    expect({ code, runs: runs() }).toEqual({ code: 1, runs: 5 });
    expect(said).toMatch(/giving up\n$/);
  });

  it("is the program's direct parent and tells it so", async () => {
    const supervisor = supervise('echo "$PPID $PARENT_PID"');
    expect(await text(supervisor.stdout)).toBe(`${supervisor.pid} ${supervisor.pid}\n`);
  });

  it("removes leftovers before each start and after the end", async () => {
    writeFileSync(join(folder, "lock"), "of a power cut");
    await outcome(supervise(counting("test -e lock && exit 4; touch lock; test $n = 2 && exit 0; exit 16")));
    expect(runs()).toBe(2);
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("passes SIGTERM on, waits for the program's end and does not start it again", async () => {
    const supervisor = supervise(
      counting("trap 'echo ended >>runs; exit 16' TERM; echo up; while :; do sleep 0.01; done"),
    );
    await once(supervisor.stdout, "data");
    supervisor.kill("SIGTERM");
    await once(supervisor, "exit");
    expect(readFileSync(join(folder, "runs"), "utf8")).toBe("run\nended\n");
  });
});
