import { expect, test } from "vitest";
import { createLog, registerSecret } from "../../lib/index.ts";
import { oneLine, readable } from "../../lib/plain-text.ts";
import { unitStatuses } from "../../lib/unit-settings.ts";

const hostile = "a\u0000b\u001b[31mc\u202ed\u0085e\r\nf\tg";

test("nothing is left that moves a cursor, ends an argument or turns the writing", () => {
  expect(readable(hostile, 100)).toBe("a b [31mc d e\nf\tg");
  expect(oneLine(hostile, 100)).toBe("a b [31mc d e f g");
  expect(oneLine("naïve Ω 🐬", 100)).toBe("naïve Ω 🐬");
});

test("what is too long is cut, and says so", () => {
  expect(oneLine("x".repeat(20), 10)).toBe(`${"x".repeat(10)}…`);
  expect(oneLine("x".repeat(10), 10)).toBe("x".repeat(10));
});

test("a status is one line without secrets, and short enough for an argument", async () => {
  registerSecret("s3cret-in-a-status");
  const told: string[] = [];
  const statuses = unitStatuses({
    statusGet: async () => ({ kind: "active", message: "" }),
    statusSet: async (_target, { message }) => void told.push(message),
  });
  await statuses.set("unit", { kind: "blocked", message: `bad\u0000 s3cret-in-a-status\nend` });
  await statuses.set("app", { kind: "blocked", message: `${"x".repeat(990)} s3cret-in-a-status` });
  await statuses.set("unit", { kind: "waiting", message: "é".repeat(200_000) });
  expect(told).toEqual(["bad  [secret] end", `${"x".repeat(990)} [secret]`, `${"é".repeat(1000)}…`]);
});

test("a log line has no control characters, and a secret is found in it also as JSON", async () => {
  registerSecret('qu"oted\\secret');
  const written: string[] = [];
  const log = createLog(async (_level, text) => void written.push(text));
  log.info("said\u0000 \u001b]0;title\u0007", { told: 'x qu"oted\\secret' });
  await log.flush();
  expect(written).toEqual(['said   ]0;title  told="x [secret]"']);
});
