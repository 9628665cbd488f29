import { describe, expect, test } from "vitest";
import { ProcessError, type RunResult, Secret } from "../../../lib/index.ts";
import { commands } from "../../../src/mysql/commands.ts";
import { mysqlShell } from "../../../src/mysql/shell.ts";
import { shellFailure } from "../../../src/mysql/shell-output.ts";
import { MysqlProblem } from "../../../src/problems.ts";
import { type FakeProcesses, fakeProcesses } from "../support/fakes.ts";

const password = "adminpw-7f3a";

function shellOver(answer: () => Partial<RunResult>): {
  readonly processes: FakeProcesses;
  readonly run: () => Promise<void>;
} {
  const processes = fakeProcesses(answer);
  const shell = mysqlShell(processes, async () => new Secret(password));
  return { processes, run: () => shell.run("mysql-0", commands.createCluster("rome")) };
}

async function problemOf(answer: () => Partial<RunResult>): Promise<MysqlProblem> {
  const thrown: unknown = await shellOver(answer)
    .run()
    .catch((error: unknown) => error);
  if (thrown instanceof MysqlProblem) return thrown;
  throw new Error("it was to fail");
}

describe("a run", () => {
  test("is the snap's mysqlsh with an argument list, logged in as the cluster administrator", async () => {
    const { processes, run } = shellOver(() => ({}));
    await run();
    expect(processes.ran.map(({ argv }) => argv)).toEqual([
      [
        "/snap/bin/charmed-mysql.mysqlsh",
        "--json=raw",
        "--no-wizard",
        "--uri",
        "clusteradmin@mysql-0:3306",
        "--",
        "dba",
        "create-cluster",
        "rome",
        "--communication-stack=MYSQL",
        "--gtid-set-is-complete=true",
      ],
    ]);
  });

  test("has the password in its environment, not among its arguments or on its input", async () => {
    const { processes, run } = shellOver(() => ({}));
    await run();
    const [ran] = processes.ran;
    expect(ran?.options.env).toMatchObject({ MYSQL_PWD: password });
    expect(ran?.argv.join(" ")).not.toContain(password);
    expect(ran?.options.stdin).toBeUndefined();
  });

  test("ends at the command's deadline", async () => {
    const { processes, run } = shellOver(() => ({}));
    await run();
    expect(processes.ran[0]?.options.timeoutMs).toBe(180_000);
  });

  test("succeeds by its exit code, whatever it printed", async () => {
    const { run } = shellOver(() => ({ stdout: '{"error":"a warning in disguise\\n"}\n' }));
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("a failure", () => {
  test("carries AdminAPI's words and their meaning", async () => {
    const stdout =
      '{"info":"Locking\\n"}\n{"error":"MYSQLSH 51500: Failed to acquire Cluster lock through primary member \'mysql-0:3306\'\\n"}\n';
    const problem = await problemOf(() => ({ code: 1, stdout }));
    expect(problem.reason).toBe("busy");
    expect(problem.operation).toBe("create-cluster");
    expect(problem.message).toBe(
      "create-cluster: MYSQLSH 51500: Failed to acquire Cluster lock through primary member 'mysql-0:3306'",
    );
  });

  test("without words tells the exit code", async () => {
    const problem = await problemOf(() => ({ code: 139 }));
    expect(problem).toMatchObject({
      reason: "failed",
      message: "create-cluster: MySQL Shell ended with exit code 139",
    });
  });

  test("after the deadline is a failure of its own", async () => {
    const problem = await problemOf(() => ({ code: 143, timedOut: true }));
    expect(problem).toMatchObject({ reason: "timed-out", message: "create-cluster: no end within 180 s" });
  });

  test("to start means that it is not installed", async () => {
    const missing = Object.assign(new Error("spawn"), { code: "ENOENT" });
    const problem = await problemOf(() => {
      throw new ProcessError("mysqlsh", missing);
    });
    expect(problem.reason).toBe("not-installed");
  });

  test("is cut to what a status can hold", () => {
    const failure = shellFailure("dissolve", 1, JSON.stringify({ error: "x".repeat(2_000) }));
    expect(failure?.message.length).toBeLessThan(350);
  });
});

test("a job has the same command, password by the environment, and the deadline", async () => {
  const shell = mysqlShell(
    fakeProcesses(() => ({})),
    async () => new Secret(password),
  );
  const spec = await shell.job(
    "join",
    "mysql-0",
    commands.addInstance("mysql-1", "mysql-1", "clone"),
    "Joining",
  );
  expect(spec).toMatchObject({ name: "join", label: "Joining", deadlineMs: 86_400_000 });
  expect(spec.env).toMatchObject({ MYSQL_PWD: password });
  expect(spec.argv).toContain("add-instance");
  expect(spec.argv.join(" ")).not.toContain(password);
});
