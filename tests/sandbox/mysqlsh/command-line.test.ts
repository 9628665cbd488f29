// The grammar of mysqlsh's own options and of its URIs.
import { describe, expect, it } from "vitest";
import { parseCommandLine, parseUri } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/command-line.ts";

describe("a command line", () => {
  it("is read as the charm writes it", () => {
    const line = parseCommandLine(
      "--json=raw --no-wizard --uri clusteradmin@10.0.0.4:3307 -- clusterset set-primary-cluster lisbon --timeout=9".split(
        " ",
      ),
    );
    expect(line).toEqual({
      version: false,
      format: "raw",
      wizard: false,
      passwordsFromStdin: false,
      defaultsFile: undefined,
      target: { user: "clusteradmin", host: "10.0.0.4", port: 3307 },
      command: { object: "clusterset", operation: "set-primary-cluster", words: ["lisbon", "--timeout=9"] },
    });
  });

  it.each([
    [["--uri=me@db"], { user: "me", host: "db", port: 3306 }],
    [["me@db:3310"], { user: "me", host: "db", port: 3310 }],
    [["--user", "me", "--host=db", "-P", "3310"], { user: "me", host: "db", port: 3310 }],
    [["--uri", "me@db", "--port=1"], { user: "me", host: "db", port: 1 }],
  ])("%j names a server", (words, target) => {
    expect(parseCommandLine([...words, "--", "dba", "x"]).target).toEqual(target);
  });

  it.each([
    [[], "text"],
    [["--json"], "pretty"],
    [["--json=pretty"], "pretty"],
    [["--json=raw"], "raw"],
    [["--json=off"], "text"],
  ])("%j writes %s", (words, format) => {
    expect(parseCommandLine(words).format).toBe(format);
  });

  it("takes --json's value only after =, so that a URI can follow", () => {
    const line = parseCommandLine(["--json", "me@db", "--", "dba", "x"]);
    expect(line.format).toBe("pretty");
    expect(line.target?.host).toBe("db");
  });

  it.each([
    [["--nosuch"], "mysqlsh: unknown option --nosuch"],
    [["--uri"], "mysqlsh: unknown option --uri"],
    [["--json=yaml"], "The value for --json must be either pretty, raw or off."],
    [["--"], "Empty operations are not allowed"],
    [["--", "dba"], "No operation specified for object 'dba'"],
    [["--uri=me@db:70000"], "Invalid URI: the port '70000' is not a number from 1 to 65535"],
    [["--uri=me@d b"], "Invalid URI: d b"],
  ])("%j is refused", (words, message) => {
    expect(() => parseCommandLine(words)).toThrow(message);
  });

  it("asks for the version alone", () => {
    expect(parseCommandLine(["--version"])).toMatchObject({ version: true, command: undefined });
    expect(parseCommandLine(["-V"]).version).toBe(true);
  });
});

describe("a URI", () => {
  it.each([
    ["db", { host: "db", port: 3306 }],
    ["mysql://u@db:1/", { user: "u", host: "db", port: 1 }],
    ["u:p%40ss@db", { user: "u", password: "p@ss", host: "db", port: 3306 }],
    ["u@x:p@db", { user: "u@x", password: "p", host: "db", port: 3306 }],
    [
      "u@localhost?socket=(/run/mysqld.sock)",
      { user: "u", host: "localhost", port: 3306, socket: "/run/mysqld.sock" },
    ],
  ])("%s", (uri, target) => {
    expect(parseUri(uri)).toEqual(target);
  });

  it("never repeats a password in its refusal", () => {
    expect(() => parseUri("u:secret@bad host")).toThrow(/^Invalid URI: bad host$/);
    expect(() => parseUri("u:%zzsecret@db")).toThrow(/^(?!.*secret)/);
  });
});
