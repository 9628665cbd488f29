import { arch } from "node:os";
import { describe, expect, test } from "vitest";
import type { RunResult } from "../../../lib/index.ts";
import { paths } from "../../../src/machine/paths.ts";
import { SnapFailed } from "../../../src/machine/ports.ts";
import { snapd } from "../../../src/machine/snap.ts";
import { fakeFiles, fakeProcesses } from "../support/fakes.ts";

/** As snapd prints them. */
const listed = `Name           Version  Rev  Tracking    Publisher        Notes
charmed-mysql  8.0.44   159  -           dataplatformbot  held
`;
const notInstalled = "error: no matching snaps installed\n";
const service = (current: string): string => `Service               Startup  Current   Notes
charmed-mysql.mysqld  enabled  ${current}    -
`;
const marked = { [paths.marker]: "" };
const pinned = "159";
const charmDir = "/charm";
const pins = { "/charm/snap-revisions.json": JSON.stringify({ [arch()]: pinned }) };

const answering = (part: Partial<RunResult>) => fakeProcesses(() => part);

describe("what is installed", () => {
  test("nothing", async () => {
    const snap = snapd(answering({ code: 1, stderr: notInstalled }), fakeFiles(marked), charmDir);
    expect(await snap.state()).toEqual({ kind: "absent" });
  });

  test("ours, with its version", async () => {
    const snap = snapd(answering({ stdout: listed }), fakeFiles(marked), charmDir);
    expect(await snap.state()).toEqual({ kind: "installed", version: "8.0.44" });
  });

  test("another's, since the mark is missing", async () => {
    const snap = snapd(answering({ stdout: listed }), fakeFiles(), charmDir);
    expect(await snap.state()).toEqual({ kind: "foreign" });
  });

  test("not wholly, when this charm was cut short as it installed it", async () => {
    const files = fakeFiles(pins);
    const cut = fakeProcesses((argv) => {
      if (argv[1] === "refresh") throw new Error("killed");
      return {};
    });
    await expect(snapd(cut, files, charmDir).install()).rejects.toThrow("killed");
    expect(await snapd(answering({ stdout: listed }), files, charmDir).state()).toEqual({ kind: "absent" });
    await snapd(answering({ stdout: listed }), files, charmDir).install();
    expect(await snapd(answering({ stdout: listed }), files, charmDir).state()).toMatchObject({
      kind: "installed",
    });
    expect([...files.held.keys()]).not.toContain(paths.installing);
  });

  test("unknown, when snapd fails in another way", async () => {
    const stderr = "error: cannot communicate with server: Get http://localhost/v2/snaps: EOF\n";
    const snap = snapd(answering({ code: 1, stderr }), fakeFiles(), charmDir);
    await expect(snap.state()).rejects.toThrow(SnapFailed);
    await expect(snap.state()).rejects.toThrow("cannot communicate with server");
  });

  test("unknown, when the answer does not list it", async () => {
    await expect(
      snapd(answering({ stdout: "Name  Version\n" }), fakeFiles(), charmDir).state(),
    ).rejects.toThrow(SnapFailed);
  });
});

describe("installing", () => {
  test("takes the pinned revision, holds it, and marks it last", async () => {
    const files = fakeFiles(pins);
    const processes = fakeProcesses(() => {
      expect(files.held.has(paths.marker)).toBe(false);
      return {};
    });
    await snapd(processes, files, charmDir).install();
    expect(processes.ran.map(({ argv }) => argv.join(" "))).toEqual([
      `snap install charmed-mysql --revision=${pinned}`,
      "snap refresh --hold charmed-mysql",
      "snap alias charmed-mysql.mysql mysql",
    ]);
    expect(files.held.get(paths.marker)).toMatchObject({ owner: "snap_daemon" });
  });

  test("that fails tells snapd's words and leaves no mark", async () => {
    const files = fakeFiles(pins);
    const processes = answering({ code: 1, stderr: "error: unable to contact snap store\n" });
    await expect(snapd(processes, files, charmDir).install()).rejects.toThrow(
      `snap install charmed-mysql --revision=${pinned}: error: unable to contact snap store`,
    );
    expect(files.held.has(paths.marker)).toBe(false);
  });

  test("that does not end says so", async () => {
    const processes = answering({ code: 143, timedOut: true });
    await expect(snapd(processes, fakeFiles(pins), charmDir).install()).rejects.toThrow(
      "did not end in time",
    );
  });
});

describe("the revision", () => {
  test("that is installed is what snapd's link says, without a process", async () => {
    const files = fakeFiles();
    const processes = answering({});
    expect(await snapd(processes, files, charmDir).revision()).toBeUndefined();
    for (const target of ["158", "/snap/charmed-mysql/158"]) {
      files.links.set(paths.snapRevision, target);
      expect(await snapd(processes, files, charmDir).revision()).toBe("158");
    }
    expect(processes.ran).toEqual([]);
  });

  test.each([undefined, "{}", '{"vax": "1"}'])(
    "that is pinned is not known for this machine with %j",
    async (text) => {
      const files = fakeFiles(text === undefined ? {} : { "/charm/snap-revisions.json": text });
      await expect(snapd(answering({}), files, charmDir).install()).rejects.toThrow(SnapFailed);
    },
  );

  test("is changed and held", async () => {
    const processes = answering({});
    await snapd(processes, fakeFiles(), charmDir).refresh("160");
    expect(processes.ran.map(({ argv }) => argv.join(" "))).toEqual([
      "snap refresh charmed-mysql --revision=160",
      "snap refresh --hold charmed-mysql",
    ]);
  });
});

describe("the service", () => {
  test.each([
    ["active", true],
    ["inactive", false],
  ])("%s", async (current, active) => {
    expect(await snapd(answering({ stdout: service(current) }), fakeFiles(), charmDir).serviceActive()).toBe(
      active,
    );
  });

  test("another service of a longer name does not count", async () => {
    const stdout = "charmed-mysql.mysqld-exporter  enabled  active  -\n";
    expect(await snapd(answering({ stdout }), fakeFiles(), charmDir).serviceActive()).toBe(false);
  });

  test("is enabled when started, and stays enabled when stopped", async () => {
    const processes = answering({});
    const snap = snapd(processes, fakeFiles(), charmDir);
    await snap.start();
    await snap.stop();
    expect(processes.ran.map(({ argv }) => argv.join(" "))).toEqual([
      "snap start --enable charmed-mysql.mysqld",
      "snap stop charmed-mysql.mysqld",
    ]);
  });
});
