import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  type JobSpec,
  type JobState,
  type Jobs,
  type Processes,
  realJobs,
  realProcesses,
} from "../../lib/index.ts";
import { isAlive, startMark } from "../../lib/liveness.ts";
import { eventually, program, temporaryDirectory, textOf } from "./support/programs.ts";

const runner = [process.execPath, join(import.meta.dirname, "support/job-runner.ts")] as const;

interface Stage {
  readonly directory: string;
  readonly bin: string;
  readonly jobs: Jobs;
  /** How juju-exec was called: once a line, with the environment it saw behind. */
  readonly woken: string;
}

/** Jobs in a fresh directory, with a juju-exec that notes its calls and then does as told. */
async function stage(jujuExec = "exit 0", command: readonly string[] = runner): Promise<Stage> {
  const bin = await temporaryDirectory();
  const directory = join(await temporaryDirectory(), "deep", "jobs");
  const woken = join(bin, "woken");
  await program(bin, "juju-exec", `echo "$*|$TOKEN|$JUJU_CONTEXT_ID" >> ${woken}\n${jujuExec}`);
  const real = realProcesses();
  const processes: Processes = {
    ...real,
    spawnDetached: (argv, options) =>
      real.spawnDetached(argv, {
        ...options,
        env: { ...options.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` },
      }),
  };
  const jobs = realJobs({ directory, unit: "db/1", charmDir: "/charm", runner: command, processes });
  return { directory, bin, jobs, woken };
}

function job(script: string, more: Partial<JobSpec> = {}): JobSpec {
  const argv: JobSpec["argv"] = ["sh", "-c", script];
  return { name: "clone", argv, env: {}, deadlineMs: 60_000, label: "cloning db/0", ...more };
}

function become<K extends JobState["kind"]>(
  jobs: Jobs,
  kind: K,
): Promise<Extract<JobState, { readonly kind: K }>> {
  return eventually(`the job to be ${kind}`, async () => {
    const state = await jobs.state("clone");
    return state.kind === kind ? (state as Extract<JobState, { readonly kind: K }>) : undefined;
  });
}

test("a job is started by what takes it out of the agent's service, with its environment", async () => {
  const bin = await temporaryDirectory();
  const scope = await program(bin, "scope", `echo "$1 $TOKEN" > ${bin}/noted\nshift\nexec "$@"`);
  const jobs = realJobs({
    directory: join(bin, "jobs"),
    unit: "db/1",
    charmDir: "/charm",
    runner,
    processes: realProcesses(),
    outsideAgent: [scope, "--"],
  });
  await jobs.start(job('echo "$TOKEN"', { env: { TOKEN: "t0ken" } }));
  expect(await become(jobs, "ended")).toMatchObject({ code: 0, output: "t0ken\n" });
  expect(await textOf(join(bin, "noted"))).toBe("-- t0ken\n");
});

test("a job runs to its end, keeps its output and code, and wakes the charm", async () => {
  const { jobs, woken } = await stage();
  expect(await jobs.state("clone")).toEqual({ kind: "none" });
  expect(await jobs.running()).toEqual([]);
  const before = Date.now();
  await jobs.start(job("echo out; echo err >&2; exit 3"));
  const ended = await become(jobs, "ended");
  expect(ended).toMatchObject({ label: "cloning db/0", code: 3, timedOut: false });
  expect(ended.output.trim().split("\n").sort()).toEqual(["err", "out"]);
  expect(ended.startedAt).toBeGreaterThanOrEqual(before);
  expect(ended.endedAt).toBeGreaterThanOrEqual(ended.startedAt);
  expect(await eventually("the charm to be woken", () => textOf(woken))).toBe(
    "db/1 JUJU_DISPATCH_PATH=hooks/job-ended '/charm/dispatch'||\n",
  );
  expect(await jobs.running()).toEqual([]);
  await jobs.clear("clone");
  expect(await jobs.state("clone")).toEqual({ kind: "none" });
});

test("a secret reaches the job by its environment, and neither the disk nor the waking", async () => {
  const { jobs, directory, woken } = await stage();
  await jobs.start(job('printf %s "$TOKEN" | wc -c', { env: { TOKEN: "t0ken-of-the-job" } }));
  expect((await become(jobs, "ended")).output.trim()).toBe("16");
  expect(await eventually("the charm to be woken", () => textOf(woken))).toContain("|");
  const files = await readdir(join(directory, "clone"));
  const texts = await Promise.all(files.map((file) => readFile(join(directory, "clone", file), "utf8")));
  expect([...texts, await textOf(woken)].join("\n")).not.toContain("t0ken-of-the-job");
  for (const file of files)
    expect((await stat(join(directory, "clone", file))).mode & 0o777, file).toBe(0o600);
  for (const path of [directory, join(directory, "clone")])
    expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test("a running job shows its latest lines, and can be neither started again nor cleared", async () => {
  const { jobs, bin } = await stage();
  const script = `echo one; echo two; echo; echo three; echo four; while [ ! -e ${bin}/go ]; do sleep 0.05; done`;
  await jobs.start(job(script));
  const running = await eventually("the job's output", async () => {
    const state = await jobs.state("clone");
    return state.kind === "running" && state.lastLines.includes("four") ? state : undefined;
  });
  expect(running.lastLines).toEqual(["two", "three", "four"]);
  expect(await jobs.running()).toEqual(["clone"]);
  await expect(jobs.start(job("true"))).rejects.toThrow("runs");
  await expect(jobs.clear("clone")).rejects.toThrow("runs");
  await writeFile(join(bin, "go"), "");
  expect((await become(jobs, "ended")).code).toBe(0);
});

test("two names are two jobs", async () => {
  const { jobs } = await stage();
  await jobs.start(job("exit 1"));
  await jobs.start(job("exit 2", { name: "rejoin" }));
  expect((await become(jobs, "ended")).code).toBe(1);
  expect(
    await eventually("the other job's end", async () => {
      const state = await jobs.state("rejoin");
      return state.kind === "ended" ? state.code : undefined;
    }),
  ).toBe(2);
});

test("the deadline ends a job", async () => {
  const { jobs } = await stage();
  await jobs.start(job("echo started; sleep 300", { deadlineMs: 2000 }));
  expect(await become(jobs, "ended")).toMatchObject({ timedOut: true, output: "started\n" });
});

test("a program that is missing ends the job with what happened", async () => {
  const { jobs } = await stage();
  await jobs.start({ ...job(""), argv: ["no-such-program"] });
  expect(await become(jobs, "ended")).toMatchObject({
    code: 127,
    output: "no-such-program is not installed\n",
  });
});

test("a job whose runner was killed is lost, and may be started again", async () => {
  const { jobs, directory } = await stage();
  await jobs.start(job("echo $$; sleep 300"));
  const { pid } = JSON.parse(await readFile(join(directory, "clone", "claim.json"), "utf8")) as {
    pid: number;
  };
  const child = Number(await eventually("the job's pid", () => textOf(join(directory, "clone", "output"))));
  process.kill(pid, "SIGKILL");
  process.kill(-child, "SIGKILL");
  expect(await become(jobs, "lost")).toMatchObject({ label: "cloning db/0" });
  await jobs.start(job("exit 0"));
  expect((await become(jobs, "ended")).code).toBe(0);
});

test("another process with the job's old id is not taken for it", async () => {
  const { jobs, directory } = await stage();
  await jobs.start(job("exit 0"));
  await become(jobs, "ended");
  const files = join(directory, "clone");
  const { run } = JSON.parse(await readFile(join(files, "spec.json"), "utf8")) as { run: string };
  await writeFile(
    join(files, "result.json"),
    JSON.stringify({ run: "an earlier one", endedAt: 1, code: 0, timedOut: false }),
  );
  await writeFile(join(files, "claim.json"), JSON.stringify({ run, pid: process.pid, started: "boot 1" }));
  expect((await jobs.state("clone")).kind).toBe("lost");
  const started = await startMark(process.pid);
  await writeFile(join(files, "claim.json"), JSON.stringify({ run, pid: process.pid, started }));
  expect((await jobs.state("clone")).kind).toBe("running");
});

test("the charm is woken again until it answers", async () => {
  const { jobs, bin, woken } = await stage('[ -e "$0.up" ] || { touch "$0.up"; exit 1; }');
  await jobs.start(job("exit 0"));
  const calls = await eventually("two calls", async () => {
    const lines = (await textOf(woken))?.trim().split("\n") ?? [];
    return lines.length >= 2 ? lines : undefined;
  });
  expect(calls).toHaveLength(2);
  expect(await readdir(bin)).toContain("juju-exec.up");
});

test("a runner does nothing for a job that another one has claimed, or that was cleared", async () => {
  const { jobs, bin, directory } = await stage();
  await jobs.start(job(`echo once >> ${bin}/count; echo done`));
  await become(jobs, "ended");
  const again = await realProcesses().run([...runner, join(directory, "clone")], { timeoutMs: 20_000 });
  expect(again.code).toBe(1);
  expect(await textOf(join(bin, "count"))).toBe("once\n");
  expect(await become(jobs, "ended")).toMatchObject({ output: "done\n" });
  await jobs.clear("clone");
  const cleared = await realProcesses().run([...runner, join(directory, "clone")], { timeoutMs: 20_000 });
  expect(cleared.code).toBe(1);
  expect(await jobs.state("clone")).toEqual({ kind: "none" });
});

test("a runner that does not start is told with its own words, and leaves no job", async () => {
  const { jobs } = await stage("exit 0", ["sh", "-c", "echo no charm here >&2; exit 1"]);
  await expect(jobs.start(job("exit 0"))).rejects.toThrow(
    "job clone (cloning db/0) did not start: no charm here",
  );
  expect(await jobs.state("clone")).toEqual({ kind: "none" });
});

test("a very long output keeps its latest part", async () => {
  const { jobs } = await stage();
  await jobs.start(job("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo the end"));
  const { output } = await become(jobs, "ended");
  expect(output.length).toBeLessThanOrEqual(1024 * 1024 + 100);
  expect(output.startsWith("[earlier output left out]\n")).toBe(true);
  expect(output.endsWith("\nthe end\n")).toBe(true);
});

test.each(["", "a/b", "../x", "Upper", "-x"])("%j is no name of a job", async (name) => {
  const { jobs } = await stage();
  await expect(jobs.start(job("true", { name }))).rejects.toThrow("no name of a job");
});

test("a process that ended is not alive; this one is", async () => {
  const mark = await startMark(process.pid);
  if (mark === undefined) throw new Error("this process has no start mark");
  expect(await isAlive(process.pid, mark)).toBe(true);
  expect(await isAlive(process.pid, `${mark}1`)).toBe(false);
  expect(await startMark(2 ** 22 + 1)).toBeUndefined();
});
