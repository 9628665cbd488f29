// What is said of bytes that go to a MySQL server.
import { describe, expect, test } from "vitest";
import { describeSend } from "../../../sandbox/snaps/catalogue.ts";

const SOCKET = "/var/snap/charmed-mysql/common/var/run/mysqld/mysqld.sock";
const packet = (command: number, text: string, number = 0): Buffer =>
  Buffer.concat([Buffer.from([text.length + 1, 0, 0, number, command]), Buffer.from(text)]);
const query = (sql: string): string | null | undefined => describeSend(SOCKET, packet(3, sql));

describe("a statement", () => {
  test.each([
    ["SET GLOBAL super_read_only = 1", "SET GLOBAL super"],
    ["CREATE USER 'x'@'%' IDENTIFIED BY 'hush'", "CREATE USER"],
    ["/* of a shell */ DROP DATABASE d", "DROP DATABASE d"],
    ["insert into t values (1)", "insert into t"],
    ["SELECT group_replication_set_as_primary('u')", "SELECT group"],
    ["SELECT GET_LOCK('a', 1)", "SELECT GET"],
    ["SET SESSION sql_log_bin = 0, GLOBAL read_only = 1", "SET SESSION sql"],
    ["SET PASSWORD FOR 'x'@'%' = 'hush'", "SET PASSWORD FOR"],
    ["COMMIT", "COMMIT"],
    ["\u0000\u0001ALTER TABLE t ADD n INT", "ALTER TABLE t"],
  ])("%s is said by its first words", (sql, said) => {
    expect(query(sql)).toBe(said);
  });

  test.each([
    "SELECT @@hostname",
    "\u0000\u0001SELECT 1",
    "show variables",
    "  explain select 1",
    "BEGIN",
    "SET SESSION sql_log_bin = 0",
    "SET sql_log_bin = 0",
    "set names utf8mb4",
    "/* a */ SELECT 1",
  ])("%s changes nothing", (sql) => expect(query(sql)).toBeNull());
});

test("logins, pings and quits change nothing; a prepared statement may", () => {
  expect(describeSend(SOCKET, packet(0x85, "login", 1))).toBeNull();
  expect(describeSend(SOCKET, packet(0x03, "a password's proof", 3))).toBeNull();
  expect(describeSend(SOCKET, packet(0x0e, ""))).toBeNull();
  expect(describeSend(SOCKET, packet(0x16, "INSERT INTO t VALUES (?)"))).toBeNull();
  expect(describeSend(SOCKET, packet(0x17, "...."))).toBe("a prepared statement");
});

test("what is encrypted may change anything, but not while keys are agreed on", () => {
  const record = (type: number) => Buffer.from([type, 3, 3, 0, 99]);
  expect(describeSend("10.1.0.10:3306", record(0x17))).toBe("encrypted");
  expect(describeSend("10.1.0.10:3306", record(0x16))).toBeNull();
});

test("of other addresses nothing is known", () => {
  expect(describeSend("10.1.0.10:80", packet(3, "DROP DATABASE d"))).toBeUndefined();
});
