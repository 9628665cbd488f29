// What is printed, in the three forms, and the texts of errors.
import { describe, expect, it } from "vitest";
import {
  argument,
  coded,
  errorText,
  logic,
  runtime,
  SqlError,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import { connectError } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/session.ts";
import { capture } from "./support/captured.ts";

describe("--json=raw", () => {
  it("writes one document a line, messages with their line end", () => {
    const { output, lines, err } = capture();
    output.lines("Adding Seed Instance...", "");
    output.note("n");
    output.warning("w");
    output.error("e");
    output.piece("* Waiting for server restart...");
    output.prompt("Please provide the password for 'a@b:1': ");
    expect(lines()).toEqual([
      '{"info":"Adding Seed Instance...\\n"}',
      '{"info":"\\n"}',
      '{"note":"n\\n"}',
      '{"warning":"w\\n"}',
      '{"error":"e\\n"}',
      '{"info":"* Waiting for server restart..."}',
      '{"prompt":"Please provide the password for \'a@b:1\': ","type":"password","defaultValue":""}',
    ]);
    expect(err()).toBe("");
  });

  it("sorts the keys of a result by their bytes, in depth, and leaves out what is undefined", () => {
    const { output, out } = capture();
    output.result({ b: [{ z: 1, A: null }], a: undefined, B: "x" });
    expect(out()).toBe('{"B":"x","b":[{"A":null,"z":1}]}\n');
  });

  it("writes objects, scalars and nothing", () => {
    const { output, lines } = capture();
    output.result({ class: "Cluster", name: "alpha" });
    output.result(3);
    output.result(undefined);
    expect(lines()).toEqual(['{"class":"Cluster","name":"alpha"}', '{"value":3}']);
  });
});

describe("text", () => {
  it("sends messages to stderr and results to stdout, laid out as recorded", () => {
    const { output, out, err } = capture("text");
    output.warning("w");
    output.info("i");
    output.result({ clusters: { alpha: { primary: "h:1", globalStatus: "OK" } }, domainName: "cset" });
    output.result({ class: "ClusterSet", name: "cset" });
    expect(err()).toBe("WARNING: w\ni\n");
    expect(out()).toBe(
      [
        "{",
        '    "clusters": {',
        '        "alpha": {',
        '            "globalStatus": "OK", ',
        '            "primary": "h:1"',
        "        }",
        "    }, ",
        '    "domainName": "cset"',
        "}",
        "<ClusterSet:cset>",
        "",
      ].join("\n"),
    );
  });
});

describe("--json=pretty", () => {
  it("indents by four", () => {
    const { output, out } = capture("pretty");
    output.info("i");
    expect(out()).toBe('{\n    "info": "i\\n"\n}\n');
  });
});

describe("the text of an error", () => {
  it.each([
    [
      coded(51317, "Cluster 'b' is already the PRIMARY cluster"),
      "MYSQLSH 51317: Cluster 'b' is already the PRIMARY cluster",
    ],
    [runtime("The Cluster is ONLINE"), "RuntimeError: The Cluster is ONLINE"],
    [argument("bad"), "ArgumentError: bad"],
    [logic("internal error"), "LogicError: internal error"],
    [new SqlError(1045, "28000", "Access denied"), "MySQL Error 1045 (28000): Access denied"],
    [new SqlError(2003, undefined, "Could not open"), "MySQL Error 2003: Could not open"],
  ])("%o", (error, text) => {
    expect(errorText(error)).toBe(text);
  });

  it.each([
    [{ code: "ECONNREFUSED" }, "MySQL Error 2003 (HY000): Can't connect to MySQL server on 'h:3306' (111)"],
    [{ code: "EHOSTUNREACH" }, "MySQL Error 2003 (HY000): Can't connect to MySQL server on 'h:3306' (113)"],
    [{ code: "ENOTFOUND" }, "MySQL Error 2005 (HY000): Unknown MySQL server host 'h' (-2)"],
    [
      { code: "ETIMEDOUT" },
      "MySQL Error 2013 (HY000): Lost connection to MySQL server at 'waiting for initial communication packet', system error: 110",
    ],
    [
      {
        code: "ER_ACCESS_DENIED_ERROR",
        errno: 1045,
        sqlState: "28000",
        message: "Access denied for user 'u'@'h'",
      },
      "MySQL Error 1045 (28000): Access denied for user 'u'@'h'",
    ],
  ])("of a connection: %j", (error, text) => {
    expect(errorText(connectError(error, "h", 3306))).toBe(text);
  });
});
