// The program as a whole, as far as it goes without a server: streams, passwords, exit codes.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { clientPassword, run, type World } from "../../../sandbox/snaps/charmed-mysql/mysqlsh/main.ts";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function mysqlsh(words: readonly string[], world: Partial<World> = {}): Promise<Ran> {
  let out = "";
  let err = "";
  const code = await run(words, {
    environment: {},
    readLine: () => undefined,
    readFile: () => "",
    streams: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
    ...world,
  });
  return { code, out, err };
}

/** Nothing listens on port 1, so that connecting fails at once. */
const NOWHERE = "me@127.0.0.1:1";
const REFUSED = `{"error":"MySQL Error 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:1' (111)\\n"}\n`;

describe("mysqlsh", () => {
  it("tells a version in the form of the real one", async () => {
    const { code, out } = await mysqlsh(["--version"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^mysqlsh {3}Ver \d+\.\d+\.\d+ for Linux on \S+ - for MySQL \d+\.\d+\.\d+ /);
  });

  it("refuses what it does not know before it connects", async () => {
    expect(await mysqlsh(["--sql", "-e", "select 1"])).toMatchObject({
      code: 1,
      out: "",
      err: "mysqlsh: unknown option --sql\n",
    });
  });

  it("refuses a badly typed word on stderr, before it connects", async () => {
    const words = ["--json=raw", "--uri", NOWHERE, "--", "clusterset", "set-primary-cluster", "a"];
    expect(await mysqlsh([...words, "--invalidate-replica-clusters:list=gamma"])).toEqual({
      code: 1,
      out: "",
      err: "Error at '--invalidate-replica-clusters:list=gamma'.\nArgument error at '--invalidate-replica-clusters:list=gamma': Array indicated, but value is String\n",
    });
  });

  it("needs an operation and a server", async () => {
    expect((await mysqlsh(["--json=raw", "--uri", NOWHERE])).code).toBe(1);
    expect(await mysqlsh(["--json=raw", "--", "dba", "create-cluster", "x"])).toMatchObject({
      code: 1,
      out: '{"error":"An open session is required to perform this operation.\\n"}\n',
    });
  });

  it("ends with 1 where nobody answers", async () => {
    expect(await mysqlsh(["--json=raw", "--no-wizard", "--uri", NOWHERE, "--", "cluster", "status"])).toEqual(
      {
        code: 1,
        out: REFUSED,
        err: "",
      },
    );
  });

  it("asks on stdout for a password that stdin is to bring, unless it may not ask", async () => {
    const words = ["--json=raw", "--passwords-from-stdin", "--uri", NOWHERE, "--", "cluster", "status"];
    const prompt = `{"prompt":"Please provide the password for '${NOWHERE}': ","type":"password","defaultValue":""}\n`;
    expect((await mysqlsh(words)).out).toBe(prompt + REFUSED);
    expect((await mysqlsh(["--no-wizard", ...words])).out).toBe(REFUSED);
  });

  it("warns of a password in the URI", async () => {
    const { out } = await mysqlsh([
      "--json=raw",
      "--uri",
      "me:secret@127.0.0.1:1",
      "--",
      "cluster",
      "status",
    ]);
    expect(out).toBe(
      `{"warning":"Using a password on the command line interface can be insecure.\\n"}\n${REFUSED}`,
    );
  });

  it("runs under the project's node with a clean exit", () => {
    const main = new URL("../../../sandbox/snaps/charmed-mysql/mysqlsh/main.ts", import.meta.url).pathname;
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "--version"], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("Ver ");
  });
});

describe("the password of an option file", () => {
  it.each([
    ["[client]\npassword=pw\n", "pw"],
    ["[client]\n password = 'p w' \n", "p w"],
    ["[mysqld]\npassword=no\n[client]\nuser=me\n", undefined],
    ["[mysqlsh]\npassword=pw", "pw"],
  ])("%j", (text, password) => {
    expect(clientPassword(text)).toBe(password);
  });
});
