// What the verb wait-for says while it waits, and when it gives up.
import { afterEach, beforeEach, expect, test } from "vitest";
import { InProcess, tinyCharm } from "./support/in-process.ts";

let sandbox: InProcess;
beforeEach(async () => {
  sandbox = new InProcess();
  await sandbox.out("add-model rome");
  await sandbox.out(`deploy ${tinyCharm} db`);
  await sandbox.settled();
});
afterEach(async () => await sandbox.stop());

test("tells each change, and ends when the condition holds", async () => {
  const waiting = sandbox.juju("wait-for unit db/0");
  sandbox.unit("rome", "db/0").workload = { status: "waiting", message: "for a friend", since: "" };
  await sandbox.until(() => true);
  sandbox.unit("rome", "db/0").workload = { status: "active", message: "", since: "" };
  sandbox.store.changed();
  const { code, err } = await waiting;
  expect(code).toBe(0);
  expect(err.replaceAll(/^[\d:]{8} /gm, "")).toBe("db/0 unknown\ndb/0 waiting: for a friend\ndb/0 active\n");
});

test("says how it stands when the time is up", async () => {
  const waiting = sandbox.juju([
    "wait-for",
    "application",
    "db",
    "--query",
    'status=="error"',
    "--timeout=3s",
  ]);
  await sandbox.clock.advance(3_000);
  expect(await waiting).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /ERROR timed out waiting for application "db" after 3s: it is unknown.* \(0 of 1 units active\)\n$/,
    ),
  });
});

test("refuses a question about what there never is", async () => {
  expect(await sandbox.juju("wait-for application db --query status==active")).toMatchObject({
    code: 2,
    err: expect.stringContaining("there is no active; a text is in double quotes"),
  });
});

test("a mistyped flag is refused with the one that was meant", async () => {
  expect(await sandbox.juju("wait-for unit db/0 --timout 3s")).toMatchObject({
    code: 2,
    err: "ERROR option provided but not defined: --timout; did you mean --timeout?\n",
  });
  expect(await sandbox.juju("statsu")).toMatchObject({
    code: 2,
    err: expect.stringContaining("did you mean status?"),
  });
});
