// Machines in real namespaces, as root and as a plain user: their life, their isolation and their faults.
import { beforeAll, describe, expect, it } from "vitest";
import { type Observations, runScenario } from "./in-hub.ts";

const SCENARIOS = new URL("scenarios/", import.meta.url);

describe.each(["root", "nobody"] as const)("a machine of %s", (user) => {
  let seen: Observations = {};
  beforeAll(async () => {
    seen = await runScenario(new URL("life.ts", SCENARIOS), user);
  }, 60_000);

  it("has a name, an address and a route of its own", () => {
    expect(seen).toMatchObject({
      hostname: "juju-site1-0\njuju-site1-0\njuju-site1-0",
      "own name resolves to": expect.stringMatching(/^127\.0\.1\.1\s+juju-site1-0$/),
      address: "10.1.0.10/24",
      route: "10.1.0.1",
    });
  });

  it("writes its own files and nothing of the host", () => {
    expect(seen).toMatchObject({
      "can write": "yes",
      "tmp for all": "1777",
      "writes /usr": "no",
      "writes the project": "no",
      "changes the kernel": "no",
      "sees of the host": "nothing",
    });
  });

  it("runs programs with exactly the environment, folder and input that are given", () => {
    expect(seen).toMatchObject({
      "program of the sandbox": "hello",
      environment: "ONLY=this\nPATH=/usr/bin\n",
      folder: "/var/lib",
      input: "typed",
      "exit code": 7,
      "killed by": "SIGKILL",
      "missing program": 127,
    });
  });

  it("ends a program together with its children, and reaps orphans", () => {
    expect(seen).toMatchObject({
      "killed group": { code: null, signal: "SIGTERM" },
      "its child": "gone",
      "orphan's parent": "1",
      "process 1": expect.stringContaining("init.pl"),
    });
  });

  it("is reached by a unix socket that the hub makes in it", () => {
    expect(seen).toMatchObject({ "unix socket": "from the hub" });
  });

  it("keeps files and storages through stop, power cut and start, but not /run, /tmp and processes", () => {
    expect(seen).toMatchObject({
      storage: "mounted",
      "running after stop": false,
      // pgrep finds no process, hence the failure; it comes after the listing.
      "after reboot": expect.stringMatching(
        /^failed with 1: \/etc\/mark\n\/srv\/data\/row\n\/var\/lib\/mark\n/,
      ),
      boots: "boot\nboot",
      "after a power cut": "3",
    });
    expect(seen["after reboot"]).not.toMatch(/^mark$/m);
  });

  it("gives up a storage with its files kept, and leaves nothing when destroyed", () => {
    expect(seen).toMatchObject({
      "without storage": "0",
      "storage's files": true,
      "folder after destroy": false,
    });
  });

  it("says that it is off", () => {
    expect(seen["path while off"]).toBe("<folder>/root/var/lib/x");
    expect(seen["spawn while off"]).toBe("machine site1-0 is off: start it first");
  });
});

describe.each(["root", "nobody"] as const)("faults of machines of %s", (user) => {
  let seen: Observations = {};
  beforeAll(async () => {
    seen = await runScenario(new URL("faults.ts", SCENARIOS), user);
  }, 60_000);

  it("cuts two sites from each other and only them", () => {
    expect(seen).toMatchObject({
      "same site": "yes",
      "other site": "yes",
      cut: ["no", "no", "yes"],
      healed: ["yes", "yes", "yes"],
    });
  });

  it("pulls the cable out and puts it back, the address staying", () => {
    expect(seen).toMatchObject({
      plugged: "1\n10.1.0.11",
      unplugged: "0\n10.1.0.11",
      "plugged again": ["1\n10.1.0.11", "yes"],
    });
  });

  it("lets packets of one peer vanish, through a reboot, until that is healed", () => {
    expect(seen["deaf"]).toEqual([expect.stringMatching(/^no: .*timed out/i), "yes"]);
    expect(seen["deaf after a reboot"]).toBe("1");
    expect(seen["rules afterwards"]).toBe("0");
  });

  it("makes packets of one peer or of all late, by twice the time for a connection to open", () => {
    const ms = (key: string): number[] =>
      [seen[key]].flat().map((text) => Number(/^yes (\d+)$/.exec(String(text))?.[1]));
    expect(ms("late")[0]).toBeGreaterThanOrEqual(300);
    expect(ms("late")[1]).toBeLessThan(300);
    expect(Math.min(...ms("late for all"))).toBeGreaterThanOrEqual(160);
    expect(seen["in time again"]).toMatch(/^yes/);
  });

  it("asks before each effect of a program, and kills it where that is refused", () => {
    expect(seen["effects"]).toEqual({
      asked: [
        "run /bin/sh",
        "open /root/one",
        "write /root/one",
        "run /usr/bin/mv",
        "rename /root/two",
        "end /usr/bin/mv",
        "open /root/three",
      ],
      signal: "SIGKILL",
      said: "",
      left: "two",
    });
  });

  it("freezes and thaws everything inside", () => {
    expect(seen).toMatchObject({ frozen: [true, true], thawed: true, "started while frozen": "late" });
    expect(seen["ended"]).toEqual([true, { code: null, signal: "SIGTERM" }]);
    expect(seen["stops though frozen"]).toBe(true);
  });

  it("frees the address of a machine that is off, whatever is left of its network", () => {
    expect(seen["successor"]).toBe("10.2.0.10");
  });

  it("says why a machine does not boot, and leaves the others alone", () => {
    expect(seen["does not boot"]).toMatch(/^machine site1-5 does not boot: .*"nowhere"/);
    expect(seen["other machine"]).toBe("works");
  });
});
