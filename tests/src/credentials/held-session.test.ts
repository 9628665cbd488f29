import { describe, expect, test } from "vitest";
import * as z from "zod";
import { holdSession } from "../../../src/credentials/held-session.ts";
import type { Session } from "../../../src/mysql/ports.ts";
import { MysqlProblem } from "../../../src/problems.ts";

const row = z.object({ n: z.string().transform(Number) });

function server(): { readonly session: Session; readonly asked: string[]; closed: number } {
  const seen = { asked: [] as string[], closed: 0 };
  const session: Session = {
    rows: async (schema, text, values = []) => {
      seen.asked.push(`${text} ${values.join()}`);
      if (text === "broken") throw new MysqlProblem("unreachable", "asking", "");
      return [schema.parse({ n: String(seen.asked.length) })];
    },
    run: async (text) => void seen.asked.push(text),
    [Symbol.asyncDispose]: async () => {
      seen.closed += 1;
    },
  };
  return Object.assign(seen, { session });
}

describe("a held session", () => {
  test("asks each question once, and another with other values again", async () => {
    const { session, asked } = server();
    const held = holdSession(Promise.resolve(session));
    for (const _ of [1, 2]) {
      await using shared = await held.share();
      expect(await shared.rows(row, "SELECT ?", [1])).toEqual([{ n: 1 }]);
      expect(await shared.rows(row, "SELECT ?", [2])).toEqual([{ n: 2 }]);
    }
    expect(asked).toEqual(["SELECT ? 1", "SELECT ? 2"]);
  });

  test("forgets all answers when a statement changes something", async () => {
    const { session, asked } = server();
    await using shared = await holdSession(Promise.resolve(session)).share();
    await shared.rows(row, "SELECT n");
    await shared.run("SET n = 2");
    expect(await shared.rows(row, "SELECT n")).toEqual([{ n: 3 }]);
    expect(asked).toHaveLength(3);
  });

  test("is closed by its holder only", async () => {
    const seen = server();
    const held = holdSession(Promise.resolve(seen.session));
    for (const _ of [1, 2]) {
      await using _shared = await held.share();
    }
    expect(seen.closed).toBe(0);
    await held.close();
    expect(seen.closed).toBe(1);
  });

  test("that could not be opened tells everybody so, and can be closed", async () => {
    const held = holdSession(Promise.reject(new MysqlProblem("unreachable", "connecting", "")));
    await expect(held.share()).rejects.toMatchObject({ reason: "unreachable" });
    await expect(held.share()).rejects.toMatchObject({ reason: "unreachable" });
    await held.close();
  });

  test("gives a failed answer to everybody", async () => {
    const { session } = server();
    await using shared = await holdSession(Promise.resolve(session)).share();
    await expect(shared.rows(row, "broken")).rejects.toMatchObject({ reason: "unreachable" });
    await expect(shared.rows(row, "broken")).rejects.toMatchObject({ reason: "unreachable" });
  });
});
