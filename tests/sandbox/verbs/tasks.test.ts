import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InProcess, tinyCharm } from "./support/in-process.ts";

let sandbox: InProcess;

beforeAll(async () => {
  sandbox = new InProcess();
  await sandbox.out("add-model rome");
  await sandbox.out(`deploy ${tinyCharm} -n 2`);
  await sandbox.settled();
  sandbox.dispatch = async (env, tool, print) => {
    if (env["JUJU_ACTION_NAME"] === "echo")
      await tool("action-set", `said=${(await tool("action-get", "text")).trim()}`);
    if (env["JUJU_ACTION_NAME"] === "give-up") await tool("action-fail", "no strength left");
    if (env["JUJU_ACTION_NAME"] === "juju-exec") print(Buffer.from(`I am ${env["JUJU_UNIT_NAME"]}`));
    return 0;
  };
});
afterAll(async () => await sandbox.stop());

test("an action in the background is looked up by its operation or its task", async () => {
  const { code, err } = await sandbox.juju("run tiny/0 echo text=hi --background");
  expect(code).toBe(0);
  const [, operation = "", task = ""] =
    /^Scheduled operation (\d+) with task (\d+)\nCheck operation status with 'show-operation \1'\nCheck task status with 'show-task \2'\n$/.exec(
      err,
    ) ?? [];
  expect(await sandbox.out(`show-task ${task} --watch`)).toBe("said: hi\n");
  expect(JSON.parse(await sandbox.out(`show-operation ${operation} --format json`))).toMatchObject({
    summary: "echo run on unit-tiny-0",
    status: "completed",
    action: { name: "echo", parameters: { text: "hi", times: 1 } },
    tasks: { [task]: { host: "tiny/0", status: "completed", results: { said: "hi", "return-code": 0 } } },
  });
});

test("several units in the background", async () => {
  const { err } = await sandbox.juju("run tiny/0 tiny/1 echo text=hi --background");
  expect(err).toMatch(
    /^Scheduled operation \d+ with 2 tasks\n {2}- task \d+ on tiny\/0\n {2}- task \d+ on tiny\/1\n/,
  );
  expect(err).toContain("Check task status with 'show-task <id>'");
});

test("parameters may come from a file, and the command line wins", async () => {
  writeFileSync(join(sandbox.folder, "params.yaml"), "text: from the file\ntimes: 3\n");
  expect(await sandbox.out("run tiny/0 echo --params params.yaml")).toBe("said: from the file\n");
  expect(await sandbox.out("run tiny/0 echo --params params.yaml text=mine")).toBe("said: mine\n");
  expect(await sandbox.juju("run tiny/0 echo --params nowhere.yaml")).toMatchObject({
    code: 1,
    err: expect.stringContaining("nowhere.yaml: no such file or directory"),
  });
});

test("operations by status, application and action, in a table or for programs", async () => {
  await sandbox.juju("run tiny/1 give-up");
  const table = await sandbox.out("operations --status failed");
  expect(table.split("\n")[0]).toMatch(/^ID {2}Status {2}Started +Finished +Task IDs {2}Summary$/);
  expect(table).toContain("give-up run on unit-tiny-1");
  expect(table).not.toContain("echo");
  expect(
    Object.keys(JSON.parse(await sandbox.out("operations --units tiny/1 --actions give-up --format json"))),
  ).toHaveLength(1);
  expect(await sandbox.out("operations --apps tiny --limit 1 --format yaml")).toContain(
    "summary: echo run on",
  );
  expect(await sandbox.juju("operations --apps other")).toMatchObject({
    code: 0,
    err: "no matching operations\n",
  });
});

test("waiting for an operation has a limit", async () => {
  sandbox.dispatch = (env) => (env["JUJU_ACTION_NAME"] === "echo" ? new Promise<number>(() => {}) : 0);
  const { err } = await sandbox.juju("run tiny/0 echo text=hi --background");
  const operation = /operation (\d+)/.exec(err)?.[1] ?? "";
  const waiting = sandbox.juju(`show-operation ${operation} --wait 5s`);
  await sandbox.until(() => sandbox.unit("rome", "tiny/0").agent.message === "running action echo");
  sandbox.clock.advance(5_000);
  expect(await waiting).toMatchObject({ code: 1, err: "ERROR timeout reached\n" });
  const task = /show-task (\d+)/.exec(err)?.[1] ?? "";
  expect(await sandbox.out(`cancel-task ${task}`)).toContain("status: aborting");
  await sandbox.settled();
  expect(await sandbox.out(`show-operation ${operation}`)).toContain("status: aborted");
});

test.each<[string, number, string]>([
  ["show-operation 999", 1, 'operation "999" not found'],
  ["show-operation x", 2, 'operation ID "x" not valid'],
  ["show-task 999", 1, 'task "999" not found'],
  ["show-task 1 --wait 1s --watch", 1, 'task "1" not found'],
  ["show-operation 1 --wait 1s --watch", 2, "specify either --watch or --wait but not both"],
  ["cancel-task", 2, "no task IDs specified"],
  ["operations --format xml", 2, 'invalid value "xml" for option --format: unknown format "xml"'],
])("%s is refused", async (line, code, message) => {
  expect(await sandbox.juju(line)).toMatchObject({ code, err: expect.stringContaining(message) });
});

test("command lines: one unit's output as it is, several under their names", async () => {
  sandbox.dispatch = (env, _tool, print) => {
    if (env["JUJU_ACTION_NAME"] === "juju-exec") print(Buffer.from(`I am ${env["JUJU_UNIT_NAME"]}`));
    return 0;
  };
  expect(await sandbox.out("exec --unit tiny/0 -- whoami")).toBe("I am tiny/0\n");
  expect(await sandbox.out("exec --application tiny -- whoami")).toBe(
    "tiny/0:\nI am tiny/0\n\ntiny/1:\nI am tiny/1\n\n",
  );
});

test("the actions of an application", async () => {
  expect(await sandbox.out("actions tiny")).toBe(
    "Action   Description\necho     Says something back.\ngive-up  Fails on purpose.\n",
  );
  expect(JSON.parse(await sandbox.out("actions tiny --schema --format json"))["echo"]).toMatchObject({
    title: "echo",
    required: ["text"],
  });
});
