// The stand-in against real servers: two clusters, a ClusterSet, switchovers, and the way back of one that fails.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hubCommand } from "../../../sandbox/machine/hub.ts";
import { mysqlServer } from "../../../sandbox/snaps/charmed-mysql/server.ts";
import { templateOf } from "../../../sandbox/snaps/charmed-mysql/template.ts";
import { recorded } from "./support/captured.ts";
import type { Ran } from "./support/servers.ts";

let seen: Readonly<Record<string, unknown>> = {};
const ran = (name: string): Ran => seen[name] as Ran;

async function observe(): Promise<Readonly<Record<string, unknown>>> {
  const server = await mysqlServer();
  const template = await templateOf(server);
  const folder = await mkdtemp(join(tmpdir(), "mysqlsh-test-"));
  const scenario = new URL("scenarios/two-clusters.ts", import.meta.url).pathname;
  const [program = "", ...rest] = hubCommand([process.execPath, scenario, folder, server.root, template]);
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
      let out = "";
      let err = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text;
        if (!out.endsWith("\n")) return;
        resolve(JSON.parse(out));
        child.kill("SIGKILL");
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        err += text;
      });
      child.on("error", reject);
      child.on("close", (code) => reject(new Error(`the scenario ended with ${code}: ${err}`)));
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

beforeAll(async () => {
  seen = await observe();
}, 240_000);

const healthy = (primary: string, replica: string, instance: string): object => ({
  domainName: "cities",
  globalPrimaryInstance: instance,
  primaryCluster: primary,
  status: "HEALTHY",
  statusText: "All Clusters available.",
  clusters: {
    [primary]: { clusterRole: "PRIMARY", globalStatus: "OK", primary: instance },
    [replica]: { clusterRole: "REPLICA", clusterSetReplicationStatus: "OK", globalStatus: "OK" },
  },
});

describe("one cluster", () => {
  it("is made on a server that is fit", () => {
    expect(seen["configure"]).toBe(0);
    expect(seen["check"]).toEqual({ status: "ok" });
    expect(ran("create")).toMatchObject({ code: 0, result: { class: "Cluster", name: "rome" } });
    expect(ran("create").lines.slice(-6, -1)).toEqual(
      recorded(
        ["info", ""],
        ["info", "Creating InnoDB Cluster 'rome' on 'r1:3306'...\n"],
        ["info", "Adding Seed Instance..."],
        [
          "info",
          "Cluster successfully created. Use Cluster.addInstance() to add MySQL instances.\nAt least 3 instances are needed for the cluster to be able to withstand up to\none server failure.",
        ],
        ["info", ""],
      ),
    );
  });

  it("is refused where there is none, and twice", () => {
    expect(ran("standalone")).toMatchObject({
      code: 1,
      lines: recorded(
        ["error", "Command not available on an unmanaged standalone instance."],
        ["error", "MYSQLSH 51113: Metadata Schema not found."],
      ),
    });
    expect(ran("create again")).toMatchObject({
      code: 1,
      lines: recorded([
        "error",
        "RuntimeError: Dba.createCluster: Unable to create cluster. The instance 'r1:3306' already belongs to an InnoDB cluster. Use dba.getCluster() to access it.",
      ]),
    });
  });

  it("labels its members", () => {
    expect(ran("label").lines).toEqual(
      recorded(
        ["info", "Setting the value of 'label' to 'rome-0' in the instance: 'r1:3306' ..."],
        ["info", ""],
        ["info", "Successfully set the value of 'label' to 'rome-0' in the cluster member: 'r1:3306'."],
      ),
    );
  });

  it("takes in a server by its binary log", () => {
    expect(ran("undecided")).toMatchObject({ code: 1 });
    expect(ran("undecided").lines.at(-1)).toContain("51167");
    expect(ran("add r2").code).toBe(0);
    expect(seen["cluster status"]).toMatchObject({
      clusterName: "rome",
      groupInformationSourceMember: "r1:3306",
      metadataVersion: "2.4.0",
      defaultReplicaSet: {
        communicationStack: "MYSQL",
        primary: "r1:3306",
        ssl: "REQUIRED",
        status: "OK_NO_TOLERANCE",
        topology: {
          "rome-0": {
            address: "r1:3306",
            memberRole: "PRIMARY",
            mode: "R/W",
            status: "ONLINE",
            fenceSysVars: [],
          },
          "rome-1": {
            address: "r2:3306",
            memberRole: "SECONDARY",
            mode: "R/O",
            status: "ONLINE",
            fenceSysVars: ["read_only", "super_read_only"],
          },
        },
      },
    });
  });
});

describe("a ClusterSet", () => {
  it("is made of a cluster, and a replica cluster by clone", () => {
    expect(ran("not in a set").lines).toEqual(
      recorded(["error", "MYSQLSH 51101: No metadata found for the ClusterSet that r1:3306 belongs to."]),
    );
    expect(ran("create set").result).toEqual({ class: "ClusterSet", name: "cities" });
    expect(ran("replica")).toMatchObject({ code: 0, result: { class: "Cluster", name: "lisbon" } });
    expect(ran("name in use").lines.at(-1)).toContain("51610");
    expect(ran("add l2").code).toBe(0);
  });

  it("tells its state through any member", () => {
    expect(seen["set status"]).toMatchObject({
      domainName: "cities",
      globalPrimaryInstance: "r1:3306",
      metadataServer: "r1:3306",
      primaryCluster: "rome",
      status: "HEALTHY",
      clusters: {
        rome: { clusterRole: "PRIMARY", globalStatus: "OK", primary: "r1:3306", status: "OK_NO_TOLERANCE" },
        lisbon: {
          clusterRole: "REPLICA",
          clusterSetReplicationStatus: "OK",
          globalStatus: "OK",
          clusterSetReplication: {
            applierStatus: "APPLIED_ALL",
            receiver: "l1:3306",
            receiverStatus: "ON",
            source: "r1:3306",
          },
          topology: { "l1:3306": { mode: "R/O", memberRole: "PRIMARY" }, "l2:3306": { mode: "R/O" } },
          transactionSetConsistencyStatus: "OK",
          transactionSetErrantGtidSet: "",
        },
      },
    });
    expect(seen["write on replica"]).toContain("super-read-only");
  });

  it("takes back a switchover that cannot be completed", () => {
    const { code, lines } = ran("blocked switch");
    expect(code).toBe(1);
    expect(lines.at(-1)).toContain("MYSQLSH 51157");
    expect(lines.slice(-3, -1)).toEqual(
      recorded(
        ["info", "* Could not complete operation, attempting to revert changes..."],
        ["info", "** Changes reverted"],
      ),
    );
    expect(seen["after blocked switch"]).toEqual(healthy("rome", "lisbon", "r1:3306"));
    expect(seen["write after blocked switch"]).toEqual([]);
  });

  it("lets one operation in at a time", () => {
    expect(ran("locked").code).toBe(1);
    expect(ran("locked").lines.slice(-2)).toEqual(
      recorded(
        [
          "error",
          "The operation cannot be executed because it failed to acquire the Cluster lock through primary member 'l1:3306'. Another operation requiring access to the member is still in progress, please wait for it to finish and try again.",
        ],
        ["error", "MYSQLSH 51500: Failed to acquire Cluster lock through primary member 'l1:3306'"],
      ),
    );
  });

  it("is switched over with the recorded lines, and back", () => {
    const { code, lines } = ran("switch");
    const blank = ["info", ""] as const;
    expect(code).toBe(0);
    expect(lines).toEqual(
      recorded(
        ["info", "Switching the primary cluster of the clusterset to 'lisbon'"],
        ["info", "* Verifying clusterset status"],
        ["info", "** Checking cluster lisbon"],
        ["info", "  Cluster 'lisbon' is available"],
        ["info", "** Checking cluster rome"],
        ["info", "  Cluster 'rome' is available"],
        blank,
        ["info", "** Waiting for the promoted cluster to apply pending received transactions..."],
        ["info", "* Refreshing replication account of demoted cluster"],
        ["info", "* Synchronizing transaction backlog at l1:3306"],
        blank,
        blank,
        blank,
        ["info", "* Updating metadata"],
        blank,
        ["info", "* Updating topology"],
        ["info", "** Changing replication source of r2:3306 to l1:3306"],
        ["info", "** Changing replication source of r1:3306 to l1:3306"],
        ["info", "* Acquiring locks in ClusterSet instances"],
        ["info", "** Pre-synchronizing SECONDARIES"],
        ["info", "** Acquiring global lock at PRIMARY"],
        ["info", "** Acquiring global lock at SECONDARIES"],
        blank,
        ["info", "* Synchronizing remaining transactions at promoted primary"],
        blank,
        blank,
        blank,
        ["info", "* Updating replica clusters"],
        [
          "info",
          "Cluster 'lisbon' was promoted to PRIMARY of the clusterset. The PRIMARY instance is 'l1:3306'",
        ],
        blank,
      ),
    );
    expect(seen["write on lisbon"]).toEqual([]);
    expect(seen["write on rome"]).toContain("super-read-only");
    expect(seen["switched status"]).toEqual(healthy("lisbon", "rome", "l1:3306"));
    expect(ran("already").lines.at(-1)).toContain(
      "MYSQLSH 51317: Cluster 'lisbon' is already the PRIMARY cluster",
    );
    expect(ran("switch back").code).toBe(0);
    expect(seen["rows"]).toEqual(Array.from({ length: 4 }, () => ["1,2,3"]));
  });

  it("describes itself, and elects within a replica cluster", () => {
    expect(seen["describe"]).toEqual({
      domainName: "cities",
      primaryCluster: "rome",
      clusters: {
        rome: {
          clusterRole: "PRIMARY",
          topology: [
            { address: "r1:3306", label: "rome-0", role: "HA" },
            { address: "r2:3306", label: "rome-1", role: "HA" },
          ],
        },
        lisbon: {
          clusterRole: "REPLICA",
          topology: [
            { address: "l1:3306", label: "l1:3306", role: "HA" },
            { address: "l2:3306", label: "l2:3306", role: "HA" },
          ],
        },
      },
    });
    expect(ran("elect").lines.at(-1)).toContain("'l2:3306' was successfully elected as primary.");
  });

  it("is taken apart without a row lost", () => {
    expect(ran("dissolve refused").lines.at(-1)).toContain("part of a ClusterSet with other Clusters");
    expect(ran("remove").code).toBe(0);
    expect(ran("dissolve").code).toBe(0);
    expect(ran("after dissolve").lines.at(-1)).toContain("51113");
    expect(seen["rows after"]).toEqual(Array.from({ length: 4 }, () => ["1,2,3"]));
  });
});
