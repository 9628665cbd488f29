import { describe, expect, test } from "vitest";
import { distinct, type Effect } from "../../scripts/crash-matrix/points.ts";
import { heardIn, type Recording, told } from "../../scripts/crash-matrix/tape.ts";

const LOG = `/usr/sbin/mysqld, Version: 9.7.4 (Debian). started with:
Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock
Time                 Id Command    Argument
2026-11-23T09:30:01.000000Z\t   12 Connect\tclusteradmin@10.2.0.11 on  using SSL/TLS
2026-11-23T09:30:01.100200Z\t   12 Query\tSELECT @@GLOBAL.super_read_only
2026-11-23T09:30:01.200300Z\t   12 Query\tALTER USER 'x'@'%'
  IDENTIFIED BY <secret>
2026-11-23T09:30:01.300400Z\t   13 Execute\tINSERT INTO demo.numbered VALUES (7)
2026-11-23T09:30:01.400500Z\t   12 Query\tSET SESSION sql_log_bin = 0
2026-11-23T09:30:01.500600Z\t   12 Query\tSELECT group_replication_set_as_primary('u')
2026-11-23T09:30:01.600700Z\t   14 Query\tSET GLOBAL general_log = OFF
2026-11-23T09:30:01.650000Z\t    9 Query\tCOMMIT /* implicit, from Xid_log_event */
2026-11-23T09:30:01.700800Z\t   12 Quit\t
`;
const T = Date.parse("2026-11-23T09:30:01.000Z");
const SEND = "send 10.1.0.10:3306: encrypted";

const effects = (...these: readonly (readonly [number, string])[]): readonly Effect[] =>
  these.map(([ms, label], index) => ({ role: "first", run: "job", n: index + 1, label, at: T + ms }));
const tapes = (recording: Recording): ReadonlyMap<string, Recording> => new Map([["10.1.0.10", recording]]);

describe("a general query log", () => {
  test("tells what may have changed something, and when", () => {
    expect(heardIn(LOG)).toEqual([
      { at: T + 200, text: "ALTER USER 'x'@'%'\n  IDENTIFIED BY <secret>" },
      { at: T + 500, text: "SELECT group_replication_set_as_primary('u')" },
    ]);
  });
});

describe("a transaction", () => {
  const heard = (...queries: readonly string[]): readonly string[] =>
    heardIn(queries.map((text) => `2026-11-23T09:30:01.100200Z\t   12 Query\t${text}\n`).join("")).map(
      ({ text }) => text,
    );
  const rows = "INSERT INTO t VALUES (1)";

  test("is there when it is committed", () => {
    expect(heard("START TRANSACTION", rows, rows, "COMMIT")).toEqual(["COMMIT"]);
    expect(heard(rows)).toEqual([rows]);
  });

  test("that wrote nothing changes nothing, nor does a lock", () => {
    expect(heard("START TRANSACTION", "SELECT 1", "COMMIT", "SELECT GET_LOCK('a', 1)")).toEqual([]);
  });

  test("ends where a statement commits by itself", () => {
    expect(heard("BEGIN", rows, "CREATE TABLE t (a INT)", rows)).toEqual(["CREATE TABLE t (a INT)", rows]);
  });
});

describe("what is sent over TLS", () => {
  const sent = effects([0, SEND], [50, "juju-log"], [100, SEND], [190, SEND], [300, SEND], [400, "end x"]);
  const heard = [{ at: T + 200, text: "DROP DATABASE d" }];
  const readers = (recording: Recording): readonly number[] =>
    told(sent, tapes(recording)).flatMap(({ n, label }) => (label.endsWith(", reads") ? [n] : []));

  test("only reads when its server heard of no change until the next was sent", () => {
    expect(readers({ since: T - 1, heard })).toEqual([1, 3, 5]);
  });

  test("is not judged to the millisecond: clocks are not that good", () => {
    expect(readers({ since: T - 1, heard: [{ at: T + 191, text: "DROP DATABASE d" }] })).toEqual([1, 5]);
  });

  test("is not judged where the server's words are missing", () => {
    expect(readers({ since: T + 150, heard })).toEqual([5]);
    expect(told(sent, new Map())).toEqual(sent);
  });

  test("is one point with the next effect when it only reads", () => {
    expect(distinct(told(sent, tapes({ since: T - 1, heard })), "inside").map(({ n }) => n)).toEqual([1, 5]);
  });
});
