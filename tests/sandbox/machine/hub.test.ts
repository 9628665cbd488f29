// The hub ends as a whole, and what it needs of the host is named.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkHost, hubCommand, mapsUser } from "../../../sandbox/machine/hub.ts";
import { run } from "../../../sandbox/machine/run.ts";
import { missingTools } from "../../../sandbox/machine/tools.ts";
import { type HubRun, startScenario } from "./in-hub.ts";

const HANG = new URL("scenarios/hang.ts", import.meta.url);

/** Process ids with their start times, so that a number that is used again is not taken for the same process. */
function processTable(): ReadonlyMap<number, { parent: number; started: string; name: string }> {
  const table = new Map<number, { parent: number; started: string; name: string }>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const [, parent = "", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      table.set(Number(entry), { parent: Number(parent), started: rest[17] ?? "", name });
    } catch {
      // It has ended meanwhile.
    }
  }
  return table;
}

function descendants(ancestor: number): readonly number[] {
  const table = processTable();
  const found = new Set([ancestor]);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const [pid, { parent }] of table) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

async function hostDevices(): Promise<string> {
  return (await run(["ip", "-brief", "link"])).stdout;
}

describe("a hub's end", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  });
  let running: HubRun | undefined;
  afterEach(async () => {
    running?.process.kill("SIGKILL");
    await running?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  const victims = {
    "its outer process": (all: readonly number[]) => all[0],
    "its init": (all: readonly number[]) => all.find((pid) => processTable().get(pid)?.parent === all[0]),
    "its program": (all: readonly number[]) =>
      all.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(process.execPath)),
  };

  it.each(Object.entries(victims))(
    "takes every process, mount and network device along when %s is killed",
    async (_, choose) => {
      const before = { mounts: readFileSync("/proc/self/mountinfo", "utf8"), devices: await hostDevices() };
      running = startScenario(HANG, folder);
      await running.observations;
      const { process: hub, ended } = running;
      const sleepers = (): readonly number[] =>
        descendants(hub.pid ?? 0).filter((pid) => processTable().get(pid)?.name === "sleep");
      await expect.poll(sleepers, { timeout: 10_000 }).toHaveLength(4);
      const all = descendants(hub.pid ?? 0);
      const table = processTable();

      process.kill(choose(all) ?? 0, "SIGKILL");
      await ended;

      // The outer process ends at once when it is the victim; the kernel is then still ending the others.
      const alive = (): readonly number[] =>
        all.filter((pid) => processTable().get(pid)?.started === table.get(pid)?.started);
      await expect.poll(alive, { timeout: 10_000 }).toEqual([]);
      expect(readFileSync("/proc/self/mountinfo", "utf8")).toBe(before.mounts);
      expect(await hostDevices()).toBe(before.devices);
    },
    60_000,
  );

  it("passes on how the program ended, and its output", async () => {
    await expect(run(hubCommand(["/bin/sh", "-c", "exit 7"]))).rejects.toMatchObject({ code: 7 });
    expect((await run(hubCommand(["/bin/sh", "-c", "echo $$; id -u"]))).stdout).toBe("2\n0\n");
  });
});

describe("what the hub needs of the host", () => {
  it("is there on this host", async () => {
    await expect(checkHost()).resolves.toBeUndefined();
  });

  const having =
    (...programs: string[]) =>
    (program: string) =>
      programs.includes(program) ? `/usr/bin/${program}` : undefined;

  it("is named with the packages and the command that install it", () => {
    expect(missingTools(["ip", "mount", "setpriv", "unshare"], having("apt-get", "mount"))).toBe(
      "this machine lacks ip, setpriv, unshare: install with: sudo apt-get install -y iproute2 util-linux",
    );
    expect(missingTools(["ip", "perl"], having("dnf"))).toBe(
      "this machine lacks ip, perl: install with: sudo dnf install -y iproute perl-interpreter",
    );
    expect(missingTools(["ip"], having())).toBe(
      "this machine lacks ip: install them with its package manager",
    );
    expect(missingTools(["ip"], having("ip"))).toBeUndefined();
  });

  it("knows whether several users exist", () => {
    expect(mapsUser("         0          0 4294967295\n", 584788)).toBe(true);
    expect(mapsUser("         0       1000          1\n", 584788)).toBe(false);
    expect(mapsUser("0 1000 1\n1 100000 65536\n", 584788)).toBe(false);
    expect(mapsUser("0 1000 1\n1 100000 600000\n", 584788)).toBe(true);
  });
});
