// The whole sandbox with a charm of a few lines of shell, in real namespaces.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox, type StatusJson, type UnitJson } from "../../../sandbox/client.ts";

const charm = fileURLToPath(new URL("fixtures/tiny", import.meta.url));
const cli = fileURLToPath(new URL("../../../sandbox/cli.ts", import.meta.url));
const name = `e2e-${process.pid}`;
const stateHome = mkdtempSync(join(tmpdir(), "e2e-"));
const patience = { timeoutMs: 30_000 };
let sandbox: Sandbox;
let before: string;

/** What a sandbox could leave on the host: network devices, mounts, and processes of this sandbox. */
function traces(): string {
  const links = readdirSync("/sys/class/net").join(" ");
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n").length;
  const processes = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(name));
  return JSON.stringify({ links, mounts, processes: processes.map(commandOf) });
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

const unit = (status: StatusJson, unitName: string): UnitJson | undefined =>
  Object.values(status.applications)
    .flatMap((app) => Object.entries(app.units ?? {}))
    .find(([known]) => known === unitName)?.[1];
const says = (unitName: string, message: string) => (status: StatusJson) =>
  unit(status, unitName)?.["workload-status"].message === message &&
  unit(status, unitName)?.["juju-status"].current === "idle";
const juju = (line: string): Promise<string> => sandbox.mustJuju(line.split(" "));
const events = async (model: string, unitName: string): Promise<string[]> =>
  (await juju(`ssh -m ${model} ${unitName} cat /var/lib/tiny/events`)).trim().split("\n");
const eventNames = async (model: string, unitName: string): Promise<string[]> =>
  (await events(model, unitName)).map((line) => line.split(" ")[0] ?? "");

beforeAll(async () => {
  before = traces();
  process.env["XDG_STATE_HOME"] = stateHome;
  sandbox = await openSandbox(name);
  await juju("add-model rome");
  await juju("add-model lisbon");
  await juju(`deploy -m rome ${charm} tiny -n 2 --config greeting=ciao`);
  await juju(`deploy -m lisbon ${charm} lis`);
  await sandbox.waitFor((status) => says("tiny/0", "ciao")(status) && says("tiny/1", "ciao")(status), {
    model: "rome",
    ...patience,
  });
  await sandbox.waitFor(says("lis/0", "hello"), { model: "lisbon", ...patience });
}, 120_000);

afterAll(async () => {
  await sandbox?.destroy();
  rmSync(stateHome, { recursive: true, force: true });
});

test("units start in order, with their storage mounted before install", async () => {
  const seen = await eventNames("rome", "tiny/0");
  expect(seen.slice(0, 6)).toEqual([
    "data-storage-attached",
    "install",
    "friends-relation-created",
    "leader-elected",
    "config-changed",
    "start",
  ]);
  expect(await eventNames("rome", "tiny/1")).toContain("leader-settings-changed");
});

test("relation data and a secret cross two models", async () => {
  await juju("offer rome.tiny:source");
  await juju("integrate -m lisbon lis:sink admin/rome.tiny");
  await sandbox.waitFor(says("lis/0", "the token is hush"), { model: "lisbon", ...patience });
  const shown = JSON.parse(await juju("show-unit -m rome tiny/0 --endpoint source --format json"));
  const [relation] = shown["tiny/0"]["relation-info"];
  const [remote] = Object.keys(relation["related-units"]);
  expect(remote).toMatch(/^remote-[0-9a-f]{32}\/0$/);
  expect(relation["related-units"][remote ?? ""].data["seen-by"]).toBe("lis/0");
});

test("actions give results, log on the way, and fail with a reason", async () => {
  const spoken = await sandbox.juju([
    "run",
    "-m",
    "rome",
    "tiny/leader",
    "echo",
    "text=hi",
    "--format",
    "json",
  ]);
  expect(spoken.stderr).toContain("about to speak");
  expect(JSON.parse(spoken.stdout)["tiny/0"]).toMatchObject({
    status: "completed",
    results: { said: { text: "hi", times: "1" }, "return-code": 0 },
  });
  const failed = await sandbox.juju(["run", "-m", "rome", "tiny/1", "give-up"]);
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining("failed: no strength left") });
  expect(failed.stderr).toContain("the following task failed");
});

test("a failing hook is an error, is tried again, and then goes on", async () => {
  await juju("ssh -m rome tiny/1 touch /var/lib/tiny/fail-config-changed");
  await juju("config -m rome tiny greeting=salve");
  const failed = await sandbox.waitFor(
    (status) => unit(status, "tiny/1")?.["workload-status"].current === "error",
    { model: "rome", ...patience },
  );
  expect(unit(failed, "tiny/1")?.["workload-status"].message).toBe('hook failed: "config-changed"');
  expect(await juju("debug-log -m rome --replay --include tiny/1")).toContain(
    "WARNING unit.tiny/1.config-changed told to fail",
  );
  await juju("ssh -m rome tiny/1 rm /var/lib/tiny/fail-config-changed");
  await sandbox.waitFor((status) => unit(status, "tiny/1")?.["workload-status"].current === "active", {
    model: "rome",
    ...patience,
  });
});

test("juju-exec on the machine has the unit's hook commands and its exit code", async () => {
  const exec = (command: string) =>
    sandbox.juju(["ssh", "-m", "rome", "tiny/0", `juju-exec tiny/0 '${command}'`]);
  expect(await exec("relation-ids friends; pwd")).toMatchObject({
    code: 0,
    stdout: "friends:0\n/var/lib/juju/agents/unit-tiny-0/charm\n",
  });
  expect((await exec("exit 7")).code).toBe(7);
  await exec("JUJU_DISPATCH_PATH=hooks/custom ./dispatch");
  expect(await eventNames("rome", "tiny/0")).toContain("custom");
});

describe("hook commands as processes", () => {
  test("read standard input and files of the machine, and write there", async () => {
    const script = [
      "printf 'a: from-file\\n' > /tmp/in.yaml",
      "relation-set -r 0 --file /tmp/in.yaml",
      "printf 'b: from-stdin\\n' | relation-set -r 0 --file -",
      "relation-get -r 0 -o /tmp/out.yaml - tiny/0",
      "cat /tmp/out.yaml",
      "relation-set -r 0 --file /tmp/none || echo code $?",
    ].join("; ");
    const { stdout, stderr } = await sandbox.juju(["exec", "-m", "rome", "--unit", "tiny/0", "--", script]);
    expect(stdout).toContain("a: from-file\nb: from-stdin\n");
    expect(`${stdout}${stderr}`).toContain("open /tmp/none: no such file or directory");
    expect(stdout).toContain("code 1");
  });
});

test("a killed dispatch runs again; a killed controller loses nothing", async () => {
  await juju("ssh -m rome tiny/1 touch /var/lib/tiny/hang-update-status");
  await juju("trigger -m rome update-status tiny/1");
  await sandbox.waitFor((status) => unit(status, "tiny/1")?.["workload-status"].message === "hanging", {
    model: "rome",
    ...patience,
  });
  await juju("ssh -m rome tiny/1 rm /var/lib/tiny/hang-update-status");
  await juju("kill-dispatch -m rome tiny/1");
  await sandbox.waitFor(says("tiny/1", "not hanging"), { model: "rome", ...patience });

  const controller = readdirSync("/proc").find(
    (pid) =>
      /^\d+$/.test(pid) &&
      /controller\.ts/.test(commandOf(pid)) &&
      /^\S*node/.test(commandOf(pid)) &&
      commandOf(pid).includes(name),
  );
  process.kill(Number(controller), "SIGKILL");
  const status = await sandbox.waitFor((now) => unit(now, "tiny/0")?.["juju-status"].current === "idle", {
    model: "rome",
    ...patience,
  });
  expect(Object.keys(status.applications["tiny"]?.units ?? {})).toEqual(["tiny/0", "tiny/1"]);
  // Its machines were off: they boot again.
  await juju("wait-for -m rome machine 1");
  await juju("wait-for -m rome machine 0");
});

test("a removed unit leaves, and its machine goes", async () => {
  await juju("remove-unit -m rome tiny/1");
  await sandbox.waitFor((status) => Object.keys(status.machines).length === 1, {
    model: "rome",
    ...patience,
  });
  expect(await events("rome", "tiny/0")).toContainEqual(
    expect.stringContaining("friends-relation-departed remote=tiny/1"),
  );
  expect(existsSync(join(sandbox.folder, "machines", "rome-1"))).toBe(false);
});

test("a refresh brings upgrade-charm, then config-changed", async () => {
  const copy = join(stateHome, "newer");
  execFileSync("cp", ["-r", charm, copy]);
  execFileSync("sh", ["-c", `echo '# newer' >> ${copy}/dispatch`]);
  const known = (await events("rome", "tiny/0")).length;
  await juju(`refresh -m rome tiny --path ${copy}`);
  await sandbox.waitFor((status) => status.applications["tiny"]?.["charm-rev"] === 1, {
    model: "rome",
    ...patience,
  });
  await juju("exec -m rome --unit tiny/0 -- true");
  await sandbox.waitFor((status) => unit(status, "tiny/0")?.["juju-status"].current === "idle", {
    model: "rome",
    ...patience,
  });
  expect((await eventNames("rome", "tiny/0")).slice(known)).toEqual(["upgrade-charm", "config-changed"]);
});

test("the command line prints, refuses and exits as juju does", () => {
  const run = (...argv: readonly string[]) => {
    try {
      return {
        code: 0,
        out: execFileSync(process.execPath, [cli, ...argv], {
          encoding: "utf8",
          stdio: "pipe",
          env: { ...process.env, JUJU_SANDBOX: name },
        }),
      };
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: string };
      return { code: status, out: stderr };
    }
  };
  expect(run("status", "-m", "rome").out).toMatch(/^Model {2}Controller/);
  expect(run("status", "-m", "oslo")).toEqual({
    code: 1,
    out: 'ERROR model "oslo" not found (there are: lisbon, rome)\n',
  });
  expect(run("config", "-m", "rome", "tiny", "count=x")).toMatchObject({
    code: 1,
    out: expect.stringContaining("expected int"),
  });
  expect(run("nonsense")).toMatchObject({ code: 2, out: expect.stringContaining("unrecognized command") });
  expect(run("run", "-m", "rome", "tiny/0", "echo")).toMatchObject({
    code: 1,
    out: expect.stringContaining("validation failed"),
  });
}, 30_000);

test("destroying leaves nothing on the host", async () => {
  await sandbox.destroy();
  expect(existsSync(sandbox.folder)).toBe(false);
  expect(traces()).toBe(before);
}, 30_000);
