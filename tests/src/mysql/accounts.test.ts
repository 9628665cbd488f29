import { escape as quote } from "mysql2";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../lib/index.ts";
import { newPasswords } from "../../../src/credentials/generate.ts";
import { alterPasswords, changePassword, initStatements } from "../../../src/mysql/accounts.ts";
import type { Version } from "../../../src/mysql/versions.ts";
import { systemUsers } from "../../../src/wire/credentials.ts";

const versions: readonly Version[] = [
  [8, 0, 36],
  [8, 4, 0],
  [9, 7, 0],
];
const passwords = newPasswords();
const lines = (version: Version): readonly string[] =>
  initStatements(passwords, version, quote).trimEnd().split("\n");

describe.each(versions)("the statements for %i.%i.%i", (...version) => {
  test("leave no trace in the binary log", () => {
    expect(lines(version)[0]).toBe("SET SESSION sql_log_bin = 0;");
    expect(lines(version).at(-1)).toBe("SET SESSION sql_log_bin = 1;");
  });

  test("are one to a line, as mysqld's init_file needs", () => {
    for (const line of lines(version)) {
      expect(line).toMatch(/^(?:SET|CREATE USER IF NOT EXISTS|ALTER USER|GRANT|REVOKE) .*;$/);
      expect(line.slice(0, -1)).not.toContain(";");
    }
  });

  test("create each account before anything is granted to it, and set its password either way", () => {
    const all = lines(version);
    for (const user of systemUsers) {
      const name = `'${user}'@'${user === "root" ? "localhost" : "%"}'`;
      const secret = passwords[user].reveal();
      const created = all.indexOf(`CREATE USER IF NOT EXISTS ${name} IDENTIFIED BY '${secret}';`);
      const set = all.indexOf(`ALTER USER ${name} IDENTIFIED BY '${secret}';`);
      expect(created).toBeGreaterThan(0);
      expect(set).toBeGreaterThan(created);
      if (user === "root") continue;
      const granted = all.findIndex((line) => line.startsWith("GRANT") && line.includes(name));
      expect(granted).toBeGreaterThan(set);
    }
  });

  test("give root back what a second run takes from it", () => {
    const all = lines(version);
    const given = all.indexOf("GRANT ALL ON *.* TO 'root'@'localhost' WITH GRANT OPTION;");
    const taken = all.findIndex((line) => line.startsWith("REVOKE") && line.includes("'root'@'localhost'"));
    expect(given).toBeGreaterThan(0);
    expect(taken).toBeGreaterThan(given);
  });
});

test("what only some versions know is granted to those", () => {
  const grants = (version: Version): string => lines(version).join("\n");
  expect(grants([8, 0, 36])).not.toContain("TRANSACTION_GTID_TAG");
  expect(grants([9, 7, 0])).toContain("TRANSACTION_GTID_TAG");
  expect(grants([8, 0, 36])).toContain("SET_USER_ID");
  expect(grants([8, 4, 0])).not.toContain("SET_USER_ID");
});

describe("passwords of any kind stay literals", () => {
  const nasty = "a'b\"c\\d;e\nf\u0000g`h";

  test("in one line", () => {
    const text = initStatements({ ...passwords, root: new Secret(nasty) }, [9, 7, 0], quote);
    for (const line of text.trimEnd().split("\n")) expect(line).toMatch(/;$/);
    expect(text).toContain(`IDENTIFIED BY 'a\\'b\\"c\\\\d;e\\nf\\0g\`h';`);
  });

  test("when one is changed", () => {
    const [current, next] = changePassword("root", new Secret("x' OR '1'='1"), new Secret("x\\"), quote);
    expect(current).toBe("ALTER USER 'root'@'localhost' IDENTIFIED BY 'x\\' OR \\'1\\'=\\'1'");
    expect(next).toBe("ALTER USER 'root'@'localhost' IDENTIFIED BY 'x\\\\' RETAIN CURRENT PASSWORD");
  });

  test("when all are changed, in one statement, by the quoting that is handed in", () => {
    const text = alterPasswords({ ...passwords, root: new Secret("a'b") }, (value) => `<${value.length}>`);
    expect(text).toBe(
      `ALTER USER 'root'@'localhost' IDENTIFIED BY <3>, ${systemUsers
        .filter((user) => user !== "root")
        .map((user) => `'${user}'@'%' IDENTIFIED BY <${passwords[user].reveal().length}>`)
        .join(", ")}`,
    );
  });
});
