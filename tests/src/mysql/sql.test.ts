import { describe, expect, test } from "vitest";
import { Secret } from "../../../lib/index.ts";
import { mysqlSql } from "../../../src/mysql/sql.ts";
import { MysqlProblem } from "../../../src/problems.ts";

describe("a server that is not there", () => {
  test("is unreachable, and the error holds no password", async () => {
    const password = new Secret("pw-3kf93mf");
    const thrown: unknown = await mysqlSql()
      .connect({ socket: "/nonexistent/mysqld.sock" }, { user: "serverconfig", password })
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(MysqlProblem);
    expect(thrown).toMatchObject({
      reason: "unreachable",
      message: "Connecting to the local MySQL server as serverconfig: ENOENT",
    });
    expect(JSON.stringify(thrown, Object.getOwnPropertyNames(thrown))).not.toContain("pw-3kf93mf");
  });
});

test("quoting makes literals", async () => {
  const quote = await mysqlSql().quoting();
  expect(quote("plain")).toBe("'plain'");
  expect(quote("a'b\\c")).toBe("'a\\'b\\\\c'");
  expect(quote("a\nb")).toBe("'a\\nb'");
});
