import { expect, onTestFinished, test, vi } from "vitest";
import { createLog, registerSecret } from "../../lib/index.ts";

interface Written {
  readonly level: string;
  readonly text: string;
}

function collectingLog(): { readonly log: ReturnType<typeof createLog>; readonly written: Written[] } {
  const written: Written[] = [];
  const log = createLog(async (level, text) => void written.push({ level, text }));
  return { log, written };
}

test("neighbours of one level reach the sink together, in order", async () => {
  const { log, written } = collectingLog();
  log.info("one");
  log.info("two");
  log.warn("three");
  log.info("four");
  log.debug("five");
  log.error("six");
  expect(written).toEqual([]);
  await log.flush();
  expect(written).toEqual([
    { level: "INFO", text: "one\ntwo" },
    { level: "WARNING", text: "three" },
    { level: "INFO", text: "four" },
    { level: "DEBUG", text: "five" },
    { level: "ERROR", text: "six" },
  ]);
  await log.flush();
  expect(written).toHaveLength(5);
});

test("fields stand behind the message", async () => {
  const { log, written } = collectingLog();
  log.info("joined", { member: "db/1", size: 3, why: "two words", list: ["a"] });
  await log.flush();
  expect(written[0]?.text).toBe('joined member=db/1 size=3 why="two words" list=["a"]');
});

test("a field can hold anything", async () => {
  const { log, written } = collectingLog();
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  log.trace("odd", { circle, big: 1n, failed: new Error("no such host"), none: undefined, nothing: null });
  await log.flush();
  expect(written).toEqual([
    {
      level: "TRACE",
      text: 'odd circle={"self":"[Circular]"} big=1 failed="no such host" nothing=null',
    },
  ]);
});

test("a field can have any name", async () => {
  const { log, written } = collectingLog();
  log.warn("odd", { level: 10, msg: "other", fields: "x" });
  await log.flush();
  expect(written).toEqual([{ level: "WARNING", text: "odd level=10 msg=other fields=x" }]);
});

test("registered secrets never reach the sink, in messages or fields", async () => {
  registerSecret("pa55word-in-log");
  const { log, written } = collectingLog();
  log.info("with pa55word-in-log", { field: "pa55word-in-log", deep: { value: "pa55word-in-log" } });
  await log.flush();
  expect(JSON.stringify(written)).not.toContain("pa55word-in-log");
  expect(written[0]?.text).toContain("[secret]");
});

test("many lines are handed over before the end, in pieces that fit an argument", async () => {
  const { log, written } = collectingLog();
  for (let line = 0; line < 3000; line += 1) log.info(`${line} ${"x".repeat(100)}`);
  await log.flush();
  expect(written.length).toBeGreaterThan(3);
  for (const { text } of written) expect(text.length).toBeLessThan(64 * 1024);
  const lines = written.flatMap(({ text }) => text.split("\n")).map((line) => Number(line.split(" ")[0]));
  expect(lines).toEqual(Array.from({ length: 3000 }, (_, line) => line));
});

test("in a long hook a line is handed over within a second", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { log, written } = collectingLog();
  log.info("a long step begins");
  await vi.advanceTimersByTimeAsync(999);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual([{ level: "INFO", text: "a long step begins" }]);
});

test("a line longer than any argument is cut", async () => {
  const { log, written } = collectingLog();
  log.info("y".repeat(500_000));
  await log.flush();
  expect(written[0]?.text).toMatch(/^y{49152}… \(cut\)$/);
});

test("a sink that fails fails nothing else", async () => {
  let calls = 0;
  const log = createLog(() => {
    calls += 1;
    return Promise.reject(new Error("no agent"));
  });
  const told: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = (text: string | Uint8Array): boolean => told.push(String(text)) > 0;
  try {
    log.info("one");
    log.warn("two");
    await log.flush();
  } finally {
    process.stderr.write = write;
  }
  expect(calls).toBe(2);
  expect(told.join("")).toContain("one");
});
