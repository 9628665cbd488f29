import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InProcess, tinyCharm } from "./support/in-process.ts";

let sandbox: InProcess;
let seen: string[];

/** The tiny charm with several kinds of storage and a resource. */
function richCharm(): string {
  const folder = join(sandbox.folder, "rich");
  cpSync(tinyCharm, folder, { recursive: true });
  writeFileSync(
    join(folder, "metadata.yaml"),
    [
      "name: rich",
      "storage:",
      "  data: {type: filesystem, location: /srv/data}",
      "  logs: {type: filesystem, location: /srv/logs, multiple: {range: 0-2}}",
      "  blobs: {type: filesystem, multiple: {range: 2-}}",
      "resources:",
      "  tool: {type: file, filename: tool.sh, description: A tool.}",
      "",
    ].join("\n"),
  );
  return folder;
}

beforeEach(async () => {
  sandbox = new InProcess();
  seen = [];
  sandbox.dispatch = async (env, tool) => {
    const id = env["JUJU_STORAGE_ID"];
    if (id !== undefined) seen.push(`${id} ${env["JUJU_STORAGE_LOCATION"]}`);
    if (env["JUJU_HOOK_NAME"] === "upgrade-charm") seen.push(await tool("resource-get", "tool"));
    return 0;
  };
  await sandbox.out("add-model rome");
});
afterEach(async () => await sandbox.stop());

test("a unit gets the least of each storage, several instances each at a place of their own", async () => {
  await sandbox.out(`deploy ${richCharm()}`);
  await sandbox.settled();
  expect(seen).toEqual([
    "data/0 /srv/data",
    "blobs/1 /var/lib/juju/storage/blobs/1",
    "blobs/2 /var/lib/juju/storage/blobs/2",
  ]);
  expect(sandbox.runs("rome/0").indexOf("hooks/install")).toBe(3);
});

test("storage that is added later is mounted on the running machine, then told", async () => {
  await sandbox.out(`deploy ${richCharm()}`);
  await sandbox.settled();
  seen.splice(0);
  expect((await sandbox.juju("add-storage rich/0 logs=2")).err).toBe(
    "added storage logs/3 to rich/0\nadded storage logs/4 to rich/0\n",
  );
  await sandbox.until(() => seen.length === 2);
  expect(seen).toEqual(["logs/3 /srv/logs/logs/3", "logs/4 /srv/logs/logs/4"]);
  expect([...(sandbox.machines.get("rome/0")?.mounted ?? [])]).toContainEqual(["logs-3", "/srv/logs/logs/3"]);
  expect(await sandbox.out("storage")).toMatch(
    /rich\/0 {2}logs\/4 +filesystem {2}\/srv\/logs\/logs\/4 +attached\n/,
  );
  expect(JSON.parse(await sandbox.out("show-storage logs/3 --format json"))).toMatchObject({
    "logs/3": { kind: "filesystem", attachments: { units: { "rich/0": { machine: "0" } } } },
  });
});

test("a charm that asks for more than its range allows fails at the flush", async () => {
  await sandbox.out(`deploy ${richCharm()}`);
  await sandbox.settled();
  sandbox.dispatch = async (env, tool) => {
    if (env["JUJU_HOOK_NAME"] === "config-changed") await tool("storage-add", "logs=3");
    return 0;
  };
  await sandbox.out("trust rich");
  await sandbox.until(() => sandbox.unit("rome", "rich/0").agent.status === "error");
  expect(await sandbox.out("debug-log --replay --level ERROR")).toContain(
    'charm "rich" store "logs": at most 2 instances supported, 3 specified',
  );
});

test.each<[string, number, string]>([
  ["add-storage rich/0", 2, "at least one storage directive"],
  ["add-storage rich/0 data", 1, 'charm "rich" store "data": at most 1 instances supported, 2 specified'],
  ["add-storage rich/0 none", 1, 'charm storage "none" not found (there are: blobs, data, logs)'],
  ["add-storage rich/0 logs=1G", 2, "takes a count only"],
  ["show-storage none/0", 1, 'storage "none/0" not found'],
  ["attach-resource rich", 2, "expected name=path format"],
  ["attach-resource rich none=x", 1, 'unrecognized resource "none" (there is: tool)'],
  ["attach-resource rich tool=nowhere", 1, "no such file"],
])("%s is refused", async (line, code, message) => {
  await sandbox.out(`deploy ${richCharm()}`);
  expect(await sandbox.juju(line)).toMatchObject({ code, err: expect.stringContaining(message) });
});

test("a resource is on the unit from the start, and another one is an upgrade", async () => {
  writeFileSync(join(sandbox.folder, "one"), "first");
  writeFileSync(join(sandbox.folder, "two"), "second");
  await sandbox.out(`deploy ${richCharm()} --resource tool=one`);
  await sandbox.settled();
  const path = "/var/lib/juju/agents/unit-rich-0/resources/tool/tool.sh";
  const onDisk = sandbox.machines.get("rome/0")?.path(path) ?? "";
  expect(readFileSync(onDisk, "utf8")).toBe("first");
  expect(sandbox.runs("rome/0")).not.toContain("hooks/upgrade-charm");
  seen.splice(0);
  await sandbox.out("attach-resource rich tool=two");
  await sandbox.until(() => seen.length > 0);
  await sandbox.settled();
  expect(seen).toEqual([path]);
  expect(readFileSync(onDisk, "utf8")).toBe("second");
  expect(sandbox.runs("rome/0")).toEqual(["hooks/upgrade-charm", "hooks/config-changed"]);
  expect(await sandbox.out("resources rich")).toBe(
    "Resource  Supplied by  Revision\ntool      admin        2026-01-02T03:04\n",
  );
});

test("a unit that comes later has the newest resource and no upgrade to make", async () => {
  writeFileSync(join(sandbox.folder, "one"), "first");
  await sandbox.out(`deploy ${richCharm()}`);
  await sandbox.out("attach-resource rich tool=one");
  await sandbox.out("add-unit rich");
  await sandbox.until(() => sandbox.unit("rome", "rich/1").local.started);
  await sandbox.settled();
  expect(sandbox.runs("rome/1")).not.toContain("hooks/upgrade-charm");
});

test("an application is not deployed with a resource that is refused", async () => {
  expect(await sandbox.juju(`deploy ${richCharm()} --resource none=x`)).toMatchObject({ code: 1 });
  expect(sandbox.model("rome").applications).toEqual({});
  expect(existsSync(join(sandbox.folder, "rich"))).toBe(true);
});
