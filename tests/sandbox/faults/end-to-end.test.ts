// Faults on request, on a model of a shell charm in real namespaces, as a person asks for them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox, type StatusJson } from "../../../sandbox/client.ts";
import { eventually } from "../../lib/support/programs.ts";
import { crash } from "./support/controller.ts";

const charm = fileURLToPath(new URL("../juju/fixtures/tiny", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "faults-"));
let sandbox: Sandbox;

const juju = (line: string): Promise<string> => sandbox.mustJuju(line.split(" "));
const json = async (line: string) => JSON.parse(await juju(`${line} --format json`));
const on = async (unit: string, command: string): Promise<string> =>
  (await sandbox.mustJuju(["ssh", "-m", "rome", unit, command])).trim();
const events = async (unit: string): Promise<readonly string[]> =>
  (await on(unit, "cat /var/lib/tiny/events")).split("\n").map((line) => line.split(" ")[0] ?? "");
const until = (holds: (status: StatusJson) => boolean, model = "rome"): Promise<StatusJson> =>
  sandbox.waitFor(holds, { model, timeoutMs: 30_000 });
const unitOf = (status: StatusJson, unit: string) => status.applications["tiny"]?.units?.[unit];
const isAt = (unit: string, agent: string) => (status: StatusJson) =>
  unitOf(status, unit)?.["juju-status"].current === agent;
const idle = (...units: readonly string[]) =>
  until((status) => units.every((unit) => isAt(unit, "idle")(status)));
/** The events of a unit after those that it had, once one of them is of that kind. A model that has settled can still move. */
const eventsAfter = (unit: string, before: number, kind: string, times = 1): Promise<readonly string[]> =>
  eventually(`${times} ${kind} on ${unit}`, async () => {
    const found = (await events(unit)).slice(before).filter((event) => event === kind);
    return found.length >= times ? found : undefined;
  });
/** Milliseconds that the opening of a connection to another machine takes; -1 when it does not open within some seconds. */
const dial = async (from: string, model: string, to: string, seconds = 10): Promise<number> => {
  const address = (await sandbox.status(model)).machines[to]?.["dns-name"];
  const script = `use IO::Socket::INET; use Time::HiRes "time"; $t = time; $s = IO::Socket::INET->new(PeerAddr => "${address}:9", Timeout => ${seconds}); print $s || $!{ECONNREFUSED} ? int((time - $t) * 1000) : -1`;
  return Number(await on(from, `perl -MErrno -e '${script}'`));
};

beforeAll(async () => {
  process.env["XDG_STATE_HOME"] = home;
  process.env["SANDBOX_LEASE"] = "2000";
  sandbox = await openSandbox(`faults-${process.pid}`);
  await juju("add-model lisbon");
  await juju(`deploy -m lisbon ${charm} far`);
  await juju("add-model rome");
  await juju(`deploy -m rome ${charm} tiny -n 2`);
  await until((status) => isAt("tiny/0", "idle")(status) && isAt("tiny/1", "idle")(status));
  await sandbox.waitFor(
    (status) => status.applications["far"]?.units?.["far/0"]?.["juju-status"].current === "idle",
    {
      model: "lisbon",
      timeoutMs: 30_000,
    },
  );
}, 120_000);

afterAll(async () => {
  delete process.env["SANDBOX_LEASE"];
  await sandbox?.destroy();
  rmSync(home, { recursive: true, force: true });
});

describe("runs of the charm", () => {
  test("are killed before the n-th hook command, and run again", async () => {
    const before = (await events("tiny/0")).length;
    // config-changed, whether it leads or not: is-leader for the note, is-leader
    expect(await juju("kill-at tiny/0 --command 2 --run config-changed")).toBe(
      "fault 1: kills rome:tiny/0 in config-changed before hook command 2 (0 so far)\n",
    );
    await juju("config tiny greeting=uno");
    expect(await eventsAfter("tiny/0", before, "config-changed", 2)).toHaveLength(2);
    await idle("tiny/0", "tiny/1");
    const log = await juju("debug-log --replay --include tiny/0");
    expect(log).toContain("fault 1 strikes: kills rome:tiny/0 in config-changed before hook command 2");
    expect(log).toContain('hook "config-changed" was killed, running it again');
    expect(await json("faults")).toEqual([]);
  });

  test("lose the lead mid-hook, and another unit has it", async () => {
    await juju("depose-at tiny/0 --command 2 --run config-changed");
    await juju("config tiny greeting=due");
    const status = await until(
      (now) =>
        unitOf(now, "tiny/0")?.["workload-status"].current === "error" ||
        (unitOf(now, "tiny/1")?.leader === true && isAt("tiny/0", "idle")(now)),
    );
    expect(unitOf(status, "tiny/1")?.leader).toBe(true);
    await idle("tiny/0", "tiny/1");
    await juju("move-leader tiny/0");
    await idle("tiny/0", "tiny/1");
  });

  test("whose flush is refused fail, and are tried again", async () => {
    expect(await json("refuse-flush tiny/1 --run config-changed")).toMatchObject({
      kind: "refuse-flush",
      times: 1,
    });
    await juju("config tiny greeting=tre");
    const failed = await until((now) => unitOf(now, "tiny/1")?.["workload-status"].current === "error");
    expect(unitOf(failed, "tiny/1")?.["workload-status"].message).toBe('hook failed: "config-changed"');
    await juju("resolved tiny/1");
    await until((now) => unitOf(now, "tiny/1")?.["workload-status"].current === "active");
  });
});

describe("effects of a run", () => {
  const watched = [
    "echo draft >/var/lib/tiny/file.new",
    "mv /var/lib/tiny/file.new /var/lib/tiny/file",
    "status-set active effected",
    "cat /var/lib/tiny/file >/dev/null",
    "rm /var/lib/tiny/file",
  ].join("\n");
  const run = () => sandbox.juju(["exec", "-m", "rome", "--unit", "tiny/0", "--", watched]);
  const seen = async (): Promise<readonly string[]> =>
    (await juju("debug-log --replay --include tiny/0"))
      .split("\n")
      .flatMap((line) => /sandbox\.fault (\d+: .*) \(juju-exec\)$/.exec(line)?.[1] ?? []);

  test("are counted in their order, whatever program has them", async () => {
    const { id } = await json("count-effects tiny/0 --run juju-exec");
    expect((await run()).code).toBe(0);
    expect(await seen()).toEqual([
      "1: run /bin/bash",
      "2: open /var/lib/tiny/file.new",
      "3: write /var/lib/tiny/file.new",
      "4: run /usr/bin/mv",
      "5: rename /var/lib/tiny/file",
      "6: end /usr/bin/mv",
      "7: status-set",
      "8: run /usr/bin/cat",
      "9: end /usr/bin/cat",
      "10: run /usr/bin/rm",
      "11: remove /var/lib/tiny/file",
      "12: end /usr/bin/rm",
      "13: end /bin/bash",
    ]);
    expect(await json("faults")).toMatchObject([{ id, seen: 13 }]);
    await juju("heal --all");
  });

  test("are where a run can be killed: before or after any of them", async () => {
    await on("tiny/0", "rm -f /var/lib/tiny/file*");
    await juju("kill-at tiny/0 --effect 5 --run juju-exec");
    await run();
    expect(await on("tiny/0", "cd /var/lib/tiny; ls file*; cat file*")).toBe("file.new\ndraft");
    await juju("kill-at tiny/0 --effect 5 --after --run juju-exec");
    await run();
    expect(await on("tiny/0", "cd /var/lib/tiny; ls file*; cat file*")).toBe("file\ndraft");
    await juju("kill-at tiny/0 --effect 3 --run juju-exec");
    await run();
    expect(await on("tiny/0", "cd /var/lib/tiny; stat -c %s file.new")).toBe("0");
    expect(await json("faults")).toEqual([]);
  });

  test("what a run leaves behind goes on, and its effects are seen too", async () => {
    await juju("count-effects tiny/0");
    const { stdout } = await sandbox.juju([
      ...["exec", "-m", "rome", "--unit", "tiny/0", "--", "(sleep 0.3; echo late >/tmp/late) & echo at once"],
    ]);
    expect(stdout).toContain("at once");
    expect(await on("tiny/0", "until test -s /tmp/late; do sleep 0.05; done; cat /tmp/late")).toBe("late");
    expect(await juju("debug-log --replay --include tiny/0")).toMatch(/write \/tmp\/late \(job\)/);
    await juju("heal --all");
  });
});

describe("machines", () => {
  test("that are frozen are lost, do nothing and lose the lead; thawed they go on", async () => {
    const before = (await events("tiny/0")).length;
    await on(
      "tiny/0",
      "(while :; do date +%s%N >/tmp/beat.new; mv /tmp/beat.new /tmp/beat; sleep 0.05; done) >/dev/null 2>&1 &",
    );
    expect(await juju("freeze tiny/0")).toMatch(/^fault \d+: rome:0 is frozen\n$/);
    const status = await until((now) => unitOf(now, "tiny/1")?.leader === true);
    expect(unitOf(status, "tiny/0")).toMatchObject({
      "juju-status": { current: "lost" },
      "workload-status": { current: "unknown" },
    });
    expect(status.machines["0"]?.["juju-status"].current).toBe("down");
    await juju("config tiny greeting=quattro");
    expect(await sandbox.juju(["freeze", "tiny/0"])).toMatchObject({ code: 1 });
    expect(await juju("thaw 0")).toMatch(/is frozen/);
    await until(isAt("tiny/0", "idle"));
    expect(
      await on("tiny/0", "a=$(cat /tmp/beat); sleep 0.2; b=$(cat /tmp/beat); test $a != $b && echo beats"),
    ).toBe("beats");
    await eventsAfter("tiny/0", before, "config-changed");
  });

  test("without power are lost and stay off until they get it back", async () => {
    const before = (await events("tiny/1")).length;
    await on("tiny/1", "touch /var/lib/kept /run/lost");
    await juju("power-off 1");
    const status = await sandbox.status("rome");
    expect(unitOf(status, "tiny/1")?.["juju-status"].current).toBe("lost");
    await juju("power-on 1");
    await idle("tiny/1");
    expect(await on("tiny/1", "ls /var/lib/kept /run/lost 2>/dev/null || true")).toBe("/var/lib/kept");
    await eventsAfter("tiny/1", before, "start");
  });

  test("a whole model at once", async () => {
    await juju("freeze rome");
    expect((await sandbox.status("rome")).machines).toMatchObject({
      0: { "juju-status": { current: "down" } },
      1: { "juju-status": { current: "down" } },
    });
    expect(await sandbox.juju(["thaw", "tiny/0"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("as a whole"),
    });
    await juju("heal --all");
    await idle("tiny/0", "tiny/1");
  });
});

describe("the network", () => {
  test("is cut between two machines only, and is slow between two models only", async () => {
    const cut = await json("cut tiny/0 tiny/1");
    const slow = await json("slow rome lisbon --delay 150");
    expect(await dial("tiny/0", "rome", "1", 1)).toBe(-1);
    expect(await dial("tiny/0", "lisbon", "0")).toBeGreaterThanOrEqual(300);
    expect(await juju("faults")).toMatch(
      /cut +nothing passes between rome:0 and rome:1\n.*slow +packets take 150 ms/,
    );
    await juju(`heal ${cut.id} ${slow.id}`);
    expect(await dial("tiny/0", "rome", "1")).toBeGreaterThanOrEqual(0);
    expect(await dial("tiny/0", "lisbon", "0")).toBeLessThan(300);
  });

  test("a model that is cut off is lost, its machines reach each other, and hooks wait for the controller", async () => {
    const before = (await events("tiny/0")).length;
    await juju("cut rome");
    await juju("config tiny greeting=cinque");
    const status = await sandbox.status("rome");
    expect(unitOf(status, "tiny/0")?.["juju-status"].current).toBe("lost");
    expect(await dial("tiny/0", "rome", "1")).toBeGreaterThanOrEqual(0);
    expect(await dial("tiny/0", "lisbon", "0", 1)).toBe(-1);
    expect(await events("tiny/0")).toHaveLength(before);
    await juju("heal --all");
    await idle("tiny/0", "tiny/1");
    await eventsAfter("tiny/0", before, "config-changed");
  });

  test("cuts outlive the sandbox's own end", async () => {
    await juju("cut tiny/0 tiny/1");
    await juju("power-off lisbon:0");
    const { stdout } = await sandbox.juju(["faults", "--format", "json"]);
    expect(crash(`faults-${process.pid}`)).toBe(true);
    for (const machine of ["0", "1"]) await juju(`wait-for machine ${machine}`);
    expect((await sandbox.juju(["faults", "--format", "json"])).stdout).toBe(stdout);
    expect(await dial("tiny/0", "rome", "1", 1)).toBe(-1);
    expect((await sandbox.status("lisbon")).machines["0"]?.["juju-status"].current).toBe("down");
  });
});

test("what does not exist or makes no sense is refused with what does", async () => {
  const refused = async (line: string): Promise<string> => {
    const { code, stderr } = await sandbox.juju(line.split(" "));
    expect(code).toBeGreaterThan(0);
    return stderr;
  };
  expect(await refused("freeze 7")).toContain('machine "7" not found in model');
  expect(await refused("cut rome rome:0")).toContain("not two places");
  expect(await refused("kill-at tiny/0 --command 0")).toContain("from 1");
  expect(await refused("kill-at tiny/0 --command 1 --effect 1")).toContain("either");
  expect(await refused("kill-at nobody/0 --command 1")).toContain("its application is not in model rome");
  expect(await refused("heal 99")).toContain('fault "99" not found');
  expect(await refused("slow rome lisbon")).toContain("--delay");
});
