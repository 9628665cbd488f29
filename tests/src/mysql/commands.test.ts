import { describe, expect, test } from "vitest";
import { commandArguments, commands } from "../../../src/mysql/commands.ts";

describe("the argument list", () => {
  test.each([
    [commands.configureInstance(), ["--", "dba", "configure-instance"]],
    [
      commands.createCluster("rome"),
      ["--", "dba", "create-cluster", "rome", "--communication-stack=MYSQL", "--gtid-set-is-complete=true"],
    ],
    [commands.createClusterSet("empire"), ["--", "cluster", "create-cluster-set", "empire"]],
    [
      commands.setLabel("db-1", "mysql-1"),
      ["--", "cluster", "set-instance-option", "db-1:3306", "label", "mysql-1"],
    ],
    [
      commands.addInstance("db-1", "mysql-1", "clone"),
      [
        "--",
        "cluster",
        "add-instance",
        "db-1:3306",
        "--label=mysql-1",
        "--recovery-method=clone",
        "--recovery-progress=1",
      ],
    ],
    [commands.dissolve(), ["--", "cluster", "dissolve", "--force=true"]],
    [
      commands.createReplicaCluster("192.0.2.7", "lisbon", "clone", "db-2:3306"),
      [
        "--",
        "clusterset",
        "create-replica-cluster",
        "192.0.2.7:3306",
        "lisbon",
        "--recovery-method=clone",
        "--recovery-progress=1",
        "--timeout=0",
        "--communication-stack=MYSQL",
        "--clone-donor=db-2:3306",
      ],
    ],
    [commands.setPrimaryCluster("lisbon"), ["--", "clusterset", "set-primary-cluster", "lisbon"]],
    [commands.removeCluster("lisbon", false), ["--", "clusterset", "remove-cluster", "lisbon"]],
    [
      commands.removeCluster("lisbon", true),
      ["--", "clusterset", "remove-cluster", "lisbon", "--force=true"],
    ],
    [commands.forcePrimaryCluster("lisbon", []), ["--", "clusterset", "force-primary-cluster", "lisbon"]],
    [
      commands.forcePrimaryCluster("lisbon", ["oslo", "porto"]),
      [
        "--",
        "clusterset",
        "force-primary-cluster",
        "lisbon",
        '--invalidate-replica-clusters:json=["oslo","porto"]',
      ],
    ],
    [commands.rejoinCluster("rome"), ["--", "clusterset", "rejoin-cluster", "rome"]],
    [commands.fenceWrites(), ["--", "cluster", "fence-writes"]],
    [commands.unfenceWrites(), ["--", "cluster", "unfence-writes"]],
  ])("%#", (command, expected) => {
    expect(commandArguments(command)).toEqual(expected);
  });

  test("a donor is named for a clone only", () => {
    const command = commands.createReplicaCluster("192.0.2.7", "lisbon", "incremental", "db-2:3306");
    expect(commandArguments(command).join(" ")).not.toContain("donor");
  });
});

test.each(["-x", "--force", "{", "}"])("an argument of %j is refused", (hostile) => {
  expect(() => commandArguments(commands.createCluster(hostile))).toThrow("create-cluster");
  expect(() => commandArguments(commands.setPrimaryCluster(hostile))).toThrow("set-primary-cluster");
});

test("a value of an option cannot become another option", () => {
  const args = commandArguments(commands.addInstance("db-1", "--force x", "clone"));
  expect(args).toContain("--label=--force x");
  expect(args.filter((arg) => arg === "--force")).toEqual([]);
});

test("work on data may take a day, all else ends within minutes", () => {
  expect(commands.addInstance("h", "l", "clone").deadlineSeconds).toBe(86_400);
  expect(commands.createReplicaCluster("h", "n", "clone", undefined).deadlineSeconds).toBe(86_400);
  for (const command of [commands.createCluster("n"), commands.dissolve(), commands.setPrimaryCluster("n")]) {
    expect(command.deadlineSeconds).toBeLessThanOrEqual(240);
  }
});
