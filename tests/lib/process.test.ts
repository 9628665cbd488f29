import { chmod, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ProcessError, realProcesses } from "../../lib/index.ts";
import { startMark } from "../../lib/liveness.ts";
import { eventually, program, temporaryDirectory, textOf } from "./support/programs.ts";

const { run, spawnDetached } = realProcesses();
const timeoutMs = 20_000;

test("arguments arrive as they are, without a shell", async () => {
  const result = await run(["printf", "%s|", "a b", "$HOME", "; exit 9", ""], { timeoutMs });
  expect(result).toEqual({
    code: 0,
    stdout: "a b|$HOME|; exit 9||",
    stderr: "",
    timedOut: false,
    truncated: false,
  });
});

test("input, environment and directory are the program's", async () => {
  const cwd = await temporaryDirectory();
  const script = 'cat; printf "%s %s" "$GIVEN" "$(pwd -P)"; printf complaint >&2; exit 7';
  const result = await run(["sh", "-c", script], {
    timeoutMs,
    cwd,
    stdin: "input ",
    env: { GIVEN: "given" },
  });
  expect(result).toMatchObject({ code: 7, stdout: `input given ${cwd}`, stderr: "complaint" });
});

test("the search path is this process's own, with nothing of the project's tools", async () => {
  const path = "/nowhere:/usr/bin:/bin";
  const { stdout } = await run(["sh", "-c", 'printf %s "$PATH"'], { timeoutMs, env: { PATH: path } });
  expect(stdout).toBe(path);
});

test("without input the program reads nothing, and one that ignores its input is fine", async () => {
  expect(await run(["cat"], { timeoutMs })).toMatchObject({ code: 0, stdout: "" });
  expect(await run(["true"], { timeoutMs, stdin: "x".repeat(1_000_000) })).toMatchObject({ code: 0 });
});

test("at the deadline the whole process group is ended", async () => {
  const directory = await temporaryDirectory();
  const script = `sleep 300 & echo $! > ${directory}/child; wait`;
  const result = await run(["sh", "-c", script], { timeoutMs: 1500 });
  expect(result).toMatchObject({ timedOut: true, code: 128 + 15 });
  const child = Number(await textOf(join(directory, "child")));
  await eventually("the end of the child", async () =>
    (await startMark(child)) === undefined ? true : undefined,
  );
});

test("what was printed in time is not lost on a caller that is slow to look", async () => {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const stall = (): void => void Atomics.wait(pause, 0, 0, 700);
  const onOutput = (chunk: Buffer): void => {
    if (chunk.includes("first")) setTimeout(() => setImmediate(stall), 150);
  };
  const { stdout } = await run(["sh", "-c", "(sleep 0.3; echo late) & echo first"], { timeoutMs, onOutput });
  expect(stdout).toBe("first\nlate\n");
});

test("a daemon that holds the pipes open does not hold the caller", async () => {
  const directory = await temporaryDirectory();
  const result = await run(["sh", "-c", `echo ready; setsid sleep 300 & echo $! > ${directory}/daemon`], {
    timeoutMs,
  });
  expect(result).toMatchObject({ code: 0, stdout: "ready\n", timedOut: false });
  process.kill(Number(await textOf(join(directory, "daemon"))));
});

test("output beyond the cap is dropped, and that is said", async () => {
  const result = await run(["sh", "-c", "printf 123456; printf 12 >&2"], { timeoutMs, maxOutputBytes: 4 });
  expect(result).toMatchObject({ stdout: "1234", stderr: "12", truncated: true });
  expect(await run(["printf", "1234"], { timeoutMs, maxOutputBytes: 4 })).toMatchObject({ truncated: false });
});

test("a listener sees everything, also beyond the cap", async () => {
  const seen: Buffer[] = [];
  await run(["printf", "123456"], {
    timeoutMs,
    maxOutputBytes: 0,
    onOutput: (chunk) => void seen.push(chunk),
  });
  expect(Buffer.concat(seen).toString()).toBe("123456");
});

test("a program that is not there, or may not be run, is told from one that fails", async () => {
  const directory = await temporaryDirectory();
  const plain = join(directory, "plain");
  await writeFile(plain, "");
  await chmod(plain, 0o644);
  const missing = await run(["no-such-program"], { timeoutMs }).catch((thrown: unknown) => thrown);
  expect(missing).toBeInstanceOf(ProcessError);
  expect(missing).toMatchObject({ reason: "not-installed", message: "no-such-program is not installed" });
  await expect(run([plain], { timeoutMs })).rejects.toMatchObject({ reason: "not-permitted" });
  const detached = spawnDetached(["no-such-program"], { env: {}, stdoutFile: join(directory, "out") });
  await expect(detached).rejects.toMatchObject({ reason: "not-installed" });
});

test("an error names the program but no argument", async () => {
  await expect(run(["no-such-program", "argument-xyz"], { timeoutMs })).rejects.not.toThrow("argument-xyz");
});

test("a blocking run answers as any other does", async () => {
  const [isBlocking, cwd] = [true, await temporaryDirectory()];
  const script = 'cat; printf "%s %s" "$GIVEN" "$(pwd -P)"; printf complaint >&2; exit 7';
  const given = { timeoutMs, isBlocking, cwd, stdin: "input ", env: { GIVEN: "given" } };
  const answer = { stdout: `input given ${cwd}`, stderr: "complaint", timedOut: false, truncated: false };
  expect(await run(["sh", "-c", script], given)).toEqual({ code: 7, ...answer });
  expect(await run(["cat"], { timeoutMs, isBlocking })).toMatchObject({ code: 0, stdout: "" });
  expect(await run(["sh", "-c", "kill -TERM $$"], { timeoutMs, isBlocking })).toMatchObject({ code: 143 });
  const unread = { timeoutMs, isBlocking, stdin: "x".repeat(1_000_000) };
  expect(await run(["false"], unread)).toMatchObject({ code: 1, truncated: false });
});

test("a blocking run has a deadline and a cap", async () => {
  const late = await run(["sh", "-c", "trap '' TERM; sleep 300"], { timeoutMs: 500, isBlocking: true });
  expect(late).toMatchObject({ timedOut: true, code: 137 });
  const long = await run(["yes"], { timeoutMs, isBlocking: true, maxOutputBytes: 4 });
  expect(long).toMatchObject({ truncated: true, timedOut: false });
});

test("a blocking run of a program that cannot be started says so", async () => {
  const start = (argv: readonly [string, ...string[]]) => run(argv, { timeoutMs, isBlocking: true });
  await expect(start(["no-such-program"])).rejects.toMatchObject({ reason: "not-installed" });
  await expect(start(["/etc/passwd"])).rejects.toMatchObject({ reason: "not-permitted" });
  await expect(start(["true", "x".repeat(3_000_000)])).rejects.toMatchObject({ reason: "failed" });
  await expect(start(["no\0program"])).rejects.toBeInstanceOf(ProcessError);
});

test("nothing else happens during a blocking run", async () => {
  const order: string[] = [];
  setImmediate(() => order.push("something else"));
  await run(["true"], { timeoutMs, isBlocking: true }).then(() => order.push("the run"));
  expect(order).toEqual(["the run"]);
});

test("a detached program has a session of its own, a private file and nothing of the hook", async () => {
  const directory = await temporaryDirectory();
  const stdoutFile = join(directory, "out");
  const script = await program(
    directory,
    "daemon",
    'echo "$GIVEN [$JUJU_CONTEXT_ID] $(cut -d" " -f6 /proc/$$/stat) $$"; echo complaint >&2; echo done',
  );
  const before = process.env["JUJU_CONTEXT_ID"];
  process.env["JUJU_CONTEXT_ID"] = "in-a-hook";
  try {
    const { pid } = await spawnDetached([script], { env: { GIVEN: "given" }, stdoutFile });
    const text = await eventually("the program's output", async () => {
      const found = await textOf(stdoutFile);
      return found?.includes("done") ? found : undefined;
    });
    expect(text).toBe(`given [] ${pid} ${pid}\ncomplaint\ndone\n`);
    expect((await stat(stdoutFile)).mode & 0o777).toBe(0o600);
  } finally {
    if (before === undefined) delete process.env["JUJU_CONTEXT_ID"];
    else process.env["JUJU_CONTEXT_ID"] = before;
  }
});
