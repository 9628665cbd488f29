// The snap command and charmed-mysql on a machine, with a real MySQL server.
import { beforeAll, describe, expect, it } from "vitest";
import { mysqlServer } from "../../../sandbox/snaps/charmed-mysql/server.ts";
import { prepareStore } from "../../../sandbox/snaps/store.ts";
import { type Observations, runScenario } from "../machine/in-hub.ts";

const SCENARIO = new URL("scenarios/mysqld.ts", import.meta.url);
const COMMON = "/var/snap/charmed-mysql/common";

describe("charmed-mysql on a machine", () => {
  let seen: Observations = {};
  let version = "";
  beforeAll(async () => {
    await prepareStore((line) => process.stderr.write(`${line}\n`));
    version = (await mysqlServer()).version;
    seen = await runScenario(SCENARIO);
  }, 300_000);

  it("is refused in the words of snap before it is installed", () => {
    expect(seen["before"]).toEqual([
      "error: no matching snaps installed\n[1]",
      'error: snap "charmed-mysql" not found\n[1]',
      'error: snap "charmed-mysql" not found\n[1]',
      'error: snap "charmed-mysql" is not installed\n[1]',
      'snap "charmed-mysql" is not installed',
      'error: snap "no-such-snap" not found\n[1]',
      "error: unknown flag `bogus'\n[1]",
      expect.stringMatching(/^error: unknown command "frobnicate".*\n\[1\]$/),
    ]);
  });

  it("is installed at a revision, held and listed", () => {
    expect(seen).toMatchObject({
      install: `charmed-mysql ${version} from Canonical** installed`,
      "install again": `snap "charmed-mysql" is already installed, see 'snap help refresh'`,
      hold: 'General refreshes of "charmed-mysql" held indefinitely',
      list: expect.stringMatching(
        /^Name .*Notes\ncharmed-mysql +\S+ +103 +8\.0\/stable +canonical\*\* +held$/,
      ),
    });
  });

  it("has its data below the mounted storage, owned by snap_daemon and without a server's identity", () => {
    expect(seen["storage is mounted"]).toBe("yes");
    expect(seen["paths"]).toBe(
      [
        "var/lib/mysql 750 snap_daemon:root",
        "var/run/mysqld 755 snap_daemon:root",
        "var/log/mysql 755 snap_daemon:root",
        ...["103", "103", "No such"],
      ].join("\n"),
    );
  });

  it("has commands that can be given other names", () => {
    expect(seen["alias"]).toEqual([
      "Added:\n  - charmed-mysql.mysql as mysql",
      "",
      expect.stringMatching(/^error: .*no application "nothing" in snap "charmed-mysql"\n\[1\]$/),
    ]);
    expect(seen["aliases"]).toMatch(/^charmed-mysql\.mysql +mysql +manual$/m);
    expect(seen["unalias"]).toEqual([
      "Removed:\n  - charmed-mysql.mysql as mysql",
      'error: cannot find manual alias "mysql" in any snap\n[1]',
    ]);
  });

  it("has one service, off until it is started", () => {
    expect(seen["services"]).toEqual([
      expect.stringMatching(/^Service .*\ncharmed-mysql\.mysqld +disabled +inactive +-$/),
      'error: snap "charmed-mysql" has no service "nothing"\n[1]',
    ]);
    expect(seen["start"]).toBe("Started.");
    expect(seen["active"]).toMatch(/^charmed-mysql\.mysqld +enabled +active +-$/m);
  });

  it("runs the server as snap_daemon with the charm's settings on top of its own", () => {
    const socket = `${COMMON}/var/run/mysqld/mysqld.sock`;
    expect(seen["server"]).toBe(`${COMMON}/var/lib/mysql/\t${socket}\tjuju-site1-0\t77\troot@localhost`);
    expect(seen["process"]).toBe("snap_daemon\nmysqld");
    expect(seen["parent"]).toBe("1");
  });

  it("brings the server back after RESTART, a crash, a restart, a reboot and a power cut", () => {
    expect(seen).toMatchObject({
      RESTART: "",
      "after RESTART": "kept",
      "restarted as another process": true,
      "after kill -9": "kept",
      restart: "Restarted.",
      "after restart": "kept",
      "after reboot": "kept",
      "after a power cut": "kept",
    });
  });

  it("leaves the server off after stop --disable, its socket gone, through a reboot", () => {
    const off = expect.stringMatching(/^charmed-mysql\.mysqld +disabled +inactive +-$/m);
    expect(seen["stop"]).toBe("Stopped.");
    expect(seen["stopped"]).toEqual([off, ""]);
    expect(seen["stopped after reboot"]).toEqual([off, "none"]);
  });

  it("keeps its settings at another revision", () => {
    expect(seen).toMatchObject({
      refresh: `charmed-mysql ${version} from Canonical** refreshed`,
      "refresh again": 'snap "charmed-mysql" has no updates available',
      "after refresh": "77\t1",
    });
  });

  it("keeps options", () => {
    expect(seen["options"]).toEqual([
      'error: snap "charmed-mysql" has no configuration\n[1]',
      "",
      "watcher\nx=y",
      "",
      'error: snap "charmed-mysql" has no "exporter.user" configuration option\n[1]',
    ]);
  });

  it("is removed but for what is on the storage, which the next install takes over", () => {
    expect(seen["remove"]).toBe("charmed-mysql removed");
    const left = "/snap:\nbin\n\n/snap/bin:\ncommon\n0\n";
    expect(seen["removed"]).toBe(`${left}${COMMON}/var/lib/mysql/ibdata1`);
    expect(seen["install on a used storage"]).toBe(
      `charmed-mysql (8.0/edge) ${version} from Canonical** installed`,
    );
    expect(seen["used storage"]).toEqual(["kept", true]);
  });

  it("stays down when it cannot start", () => {
    expect(seen["cannot start"]).toMatch(
      /^charmed-mysql\.mysqld +disabled +inactive +-\nthe service exited with 1$/,
    );
  });
});
