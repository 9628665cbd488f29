// The charm's own questions and statements, put to servers of the model.
import { expect, test } from "vitest";
import { Secret } from "../../../lib/index.ts";
import { readChannel } from "../../../src/mysql/channel.ts";
import { commands } from "../../../src/mysql/commands.ts";
import { readGroupFacts } from "../../../src/mysql/group.ts";
import type { Session } from "../../../src/mysql/ports.ts";
import { howToCatchUp, missingHere, readServer } from "../../../src/mysql/topology.ts";
import { checkModel } from "./check.ts";
import { accepts } from "./facts.ts";
import { clientWrite, cut, heal, naturalMoves, powerOff, powerOn } from "./moves.ts";
import { machinePorts } from "./ports.ts";
import { type MysqlState, serverOf } from "./state.ts";
import { cluster, quiet, shell, sites, word } from "./support/site.ts";

async function session(state: MysqlState, host: string, password = word): Promise<Session> {
  const { sql } = machinePorts(state, { host, unit: "unit" }, quiet);
  return await sql.connect({ host }, { user: "serverconfig", password });
}

async function rome(): Promise<MysqlState> {
  const state = sites("rome");
  await cluster(state, "rome");
  return state;
}

const alter = "ALTER USER 'serverconfig'@'%' IDENTIFIED BY 'next' RETAIN CURRENT PASSWORD";

test("a password that is changed with its old one retained opens every member, with both", async () => {
  const state = await rome();
  await using primary = await session(state, "rome-0");
  await primary.run(alter);
  for (const password of ["next", "word"])
    expect(accepts(state, "rome-1", "serverconfig", password)).toBe(true);
  expect((await readServer(primary)).server.oldPasswords).toBe(true);
  await primary.run("ALTER USER 'serverconfig'@'%' DISCARD OLD PASSWORD");
  await expect(session(state, "rome-1")).rejects.toMatchObject({ reason: "denied" });
  await session(state, "rome-1", new Secret("next"));
});

test("a secondary takes no change, a primary without quorum never ends one, a server without power does not answer", async () => {
  const state = await rome();
  await using secondary = await session(state, "rome-1");
  await expect(secondary.run(alter)).rejects.toMatchObject({ reason: "read-only" });
  await using primary = await session(state, "rome-0");
  powerOff(state, "rome-1");
  await expect(primary.run(alter)).rejects.toMatchObject({ reason: "timed-out" });
  expect(clientWrite(state, "rome-0", "row")).toBe("refused");
  await expect(session(state, "rome-1")).rejects.toThrow();
  await expect(primary.run("STOP REPLICA FOR CHANNEL 'clusterset_replication'")).rejects.toMatchObject({
    reason: "failed",
  });
  await expect(primary.run("DROP TABLE t")).rejects.toThrow("the model cannot answer");
});

test("a copied server has no logs of what it got, so that only a copy can follow it", async () => {
  const state = sites("rome");
  await shell(state, "rome-0", commands.createCluster("rome"));
  await shell(state, "rome-0", commands.addInstance("rome-1", "rome-1", "clone"));
  await using copied = await session(state, "rome-1");
  await using first = await session(state, "rome-0");
  const { gtidExecuted } = (await readServer(first)).server;
  expect(await howToCatchUp(first, "")).toBe("from-logs");
  expect(await howToCatchUp(copied, "")).toBe("logs-purged");
  expect(await howToCatchUp(copied, gtidExecuted)).toBe("from-logs");
  expect(await howToCatchUp(first, "other:1-3")).toBe("diverged");
  expect(await missingHere(first, "other:1-3")).toBe("other:1-3");
});

test("a server whose transactions the group does not have stays out of it, in error", async () => {
  const state = await rome();
  powerOff(state, "rome-1");
  await shell(state, "rome-0", commands.forceQuorum("rome-0"));
  const away = serverOf(state, "rome-1");
  away.data.executed["uuid-of-rome-1"] = 1;
  powerOn(state, "rome-1");
  await using out = await session(state, "rome-1");
  expect((await readGroupFacts(out)).isStarting).toBe(true);
  for (const move of naturalMoves(state)) move.apply(state);
  expect((await readServer(out)).member.state).toBe("ERROR");
  expect(checkModel(state)).toEqual([]);
});

test("a member that lacks what no log holds any more falls out again", async () => {
  const state = await rome();
  powerOff(state, "rome-1");
  await shell(state, "rome-0", commands.forceQuorum("rome-0"));
  serverOf(state, "rome-1").data.executed = {};
  serverOf(state, "rome-0").purged = { ...serverOf(state, "rome-0").data.executed };
  powerOn(state, "rome-1");
  for (let moves = naturalMoves(state); moves[0] !== undefined; moves = naturalMoves(state))
    moves[0].apply(state);
  await using out = await session(state, "rome-1");
  expect((await readServer(out)).member.state).toBe("ERROR");
});

test("a channel whose password was changed without it stays connected until it has to log in again", async () => {
  const state = sites("rome", "oslo");
  await cluster(state, "rome");
  await shell(state, "rome-0", commands.createReplicaCluster("10.1.0.10", "oslo", "incremental", "rome-0"));
  const killed = {
    ...quiet,
    before: (effect: string) => {
      if (effect.includes(": follow ")) throw new Error("killed");
    },
  };
  const ports = machinePorts(state, { host: "rome-0", unit: "unit" }, killed);
  const rejoin = ports.shell(async () => word).run("rome-0", commands.rejoinCluster("oslo"));
  await expect(rejoin).rejects.toThrow("killed");
  await using standby = await session(state, "oslo-0");
  expect((await readChannel(standby))?.receiver).toBe("ON");
  cut(state, "rome", "oslo");
  heal(state, "rome", "oslo");
  expect((await readChannel(standby))?.receiver).toBe("CONNECTING");
  await shell(state, "rome-0", commands.rejoinCluster("oslo"));
  expect((await readChannel(standby))?.receiver).toBe("ON");
});

test("the channel moves with the standby's primary, and stops on a server that leaves", async () => {
  const state = sites("rome", "oslo");
  await cluster(state, "rome");
  await shell(state, "rome-0", commands.createReplicaCluster("10.1.0.10", "oslo", "incremental", "rome-0"));
  await shell(state, "oslo-0", commands.addInstance("oslo-1", "oslo-1", "clone"));
  const receivers = async (): Promise<readonly unknown[]> => {
    const found = await Promise.all(
      ["oslo-0", "oslo-1"].map((host) => session(state, host).then(readChannel)),
    );
    return found.map((each) => each?.receiver);
  };
  expect(await receivers()).toEqual(["ON", "OFF"]);
  await shell(state, "oslo-0", commands.setPrimaryInstance("oslo-1"));
  expect(await receivers()).toEqual(["OFF", "ON"]);
  await using leaving = await session(state, "oslo-1");
  await leaving.run("STOP GROUP_REPLICATION");
  expect(await receivers()).toEqual(["ON", "OFF"]);
});

test("metadata that was dropped unlogged comes back by a copy only", async () => {
  const state = await rome();
  await using out = await session(state, "rome-1");
  for (const text of [
    "STOP GROUP_REPLICATION",
    "SET SESSION sql_log_bin = 0",
    "SET GLOBAL super_read_only = OFF",
    "DROP SCHEMA IF EXISTS mysql_innodb_cluster_metadata",
  ])
    await out.run(text);
  await shell(state, "rome-0", commands.removeInstance("rome-1", true));
  await expect(
    shell(state, "rome-0", commands.addInstance("rome-1", "rome-1", "incremental")),
  ).rejects.toMatchObject({ reason: "failed" });
  await out.run("STOP GROUP_REPLICATION");
  await shell(state, "rome-0", commands.addInstance("rome-1", "rome-1", "clone"));
  expect((await readServer(out)).metadata).not.toBe("absent");
});
