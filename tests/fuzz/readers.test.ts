import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readers } from "./readers/index.ts";
import { attempts, report } from "./support/attempts.ts";

describe.each(readers.map((reader) => [reader.name, reader] as const))("%s", (_name, reader) => {
  test("is read where nothing is wrong", async () => {
    const { result } = await reader.runValid();
    expect(result.exitCode).toBe(0);
  });

  test.each(reader.corpus.map(({ why, value }) => [why, value] as const))("%s", async (_why, value) => {
    await reader.run(value);
  });

  test("anything else does no harm", async () => {
    report(
      await fc.check(
        fc.asyncProperty(reader.arbitrary, (value) => reader.run(value)),
        attempts(20),
      ),
    );
  });
});
